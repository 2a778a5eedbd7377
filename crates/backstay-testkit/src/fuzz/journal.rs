//! The journal: what a run that was killed left, torn or not.

use std::path::Path;
use std::sync::Arc;

use backstay_core::Error;
use backstay_core::digest::digest;
use backstay_core::event::Event;
use backstay_core::journal::{Journal, Record, load, parse};
use backstay_core::run_state::RunState;

use super::disk::disk;

const FILE: &str = "/j/run.jsonl";

/// What stands before a line's checksum.
const SUM: &str = ",\"sum\":\"";

/// Reads a journal, as it is and with checksums that are right: no fuzzer finds those by itself.
pub fn journal(bytes: &[u8]) {
    read(bytes);
    read(&sealed(bytes));
}

fn read(bytes: &[u8]) {
    let file = Path::new(FILE);
    let lines: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
    match parse(file, bytes) {
        Ok((records, intact)) => {
            let whole = lines.iter().filter(|line| line.ends_with(b"\n")).count();
            assert_eq!(records.len(), whole, "each line that has an end is a record");
            let filled: usize = lines[..whole].iter().map(|line| line.len()).sum();
            assert_eq!(intact, filled as u64, "the records fill other bytes");
            shorter(file, &lines, &records);
            replayed(&records);
            continued(file, bytes, &records);
        }
        Err(Error::Journal { line, file: named, .. }) => {
            assert!((1..=lines.len()).contains(&line), "line {line} of {}", lines.len());
            assert_eq!(named, file);
            let (before, _) = parse(file, &lines[..line - 1].concat()).expect("what comes before");
            assert_eq!(before.len(), line - 1);
        }
        Err(Error::TooNew { found, known, .. }) => assert!(found > known),
        Err(other) => panic!("another error: {other}"),
    }
}

/// The beginning of a journal is one too, with the same records, wherever it is cut.
fn shorter(file: &Path, lines: &[&[u8]], records: &[Record]) {
    for count in 0..records.len() {
        let mut bytes = lines[..count].concat();
        let next = lines[count];
        bytes.extend_from_slice(&next[..next.len() / 2]);
        let (found, _) = parse(file, &bytes).expect("a torn line is no damage");
        assert_eq!(found, records[..count]);
    }
}

/// What can be replayed can be replayed as far as each event, and what can't up to the event that is named.
fn replayed(records: &[Record]) {
    let events = || records.iter().map(|record| record.event.clone());
    let legal = match RunState::replay(events()) {
        Ok(state) => {
            assert_eq!(state.is_none(), records.is_empty());
            if let Some(state) = state {
                let next = state.next_undo();
                assert!(next.is_none_or(|index| index < state.steps.len()));
            }
            records.len()
        }
        Err((index, _)) => {
            assert!(index < records.len(), "event {index} of {}", records.len());
            index
        }
    };
    let before = RunState::replay(events().take(legal)).expect("what comes before is legal");
    assert_eq!(before.is_none(), legal == 0);
}

/// A record can be added, and then all is read as it was. What is read and written again is the same.
fn continued(file: &Path, bytes: &[u8], records: &[Record]) {
    let store = disk(&[(file, bytes)]);
    let (mut journal, opened) =
        Journal::open(file.to_owned(), Arc::clone(&store)).expect("it is readable");
    assert_eq!(opened, records);
    let added = Event::StepFinished { index: 7 };
    journal.append("now".to_owned(), added.clone()).expect("it takes one more");
    let (found, _) = load(file, &*store).expect("still readable");
    assert_eq!(found[..records.len()], *records);
    assert_eq!(found.last().map(|record| &record.event), Some(&added));

    let copy = file.with_extension("copy");
    let mut journal = Journal::create(copy.clone(), Arc::clone(&store));
    for record in records {
        journal.append(record.at.clone(), record.event.clone()).expect("it takes all of them");
    }
    if !records.is_empty() {
        let (again, _) = load(&copy, &*store).expect("what was written is readable");
        let events = |records: &[Record]| -> Vec<(String, Event)> {
            records.iter().map(|record| (record.at.clone(), record.event.clone())).collect()
        };
        assert_eq!(events(&again), events(records));
    }
}

/// The same lines with the checksums that they should have.
fn sealed(bytes: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(bytes);
    let lines = text.split_inclusive('\n').map(|line| {
        let Some(whole) = line.strip_suffix('\n') else { return line.to_owned() };
        let body =
            whole.rsplit_once(SUM).map_or_else(|| whole.trim_end_matches('}'), |(body, _)| body);
        format!("{body}{SUM}{}\"}}\n", &digest(body.as_bytes())[7..23])
    });
    lines.collect::<String>().into_bytes()
}
