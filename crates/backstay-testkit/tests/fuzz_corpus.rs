//! The corpus of the fuzzer, without a fuzzer: every file of it, and each of them a little wrong.

#![allow(clippy::unwrap_used, clippy::print_stderr)] // helpers of tests are tests too

use std::panic::catch_unwind;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use backstay_testkit::fuzz::{Mutator, TARGETS, Target};

/// How often each file is changed.
const CHANGES: u64 = 12;

/// What takes longer than this is at a limit already, and so is what it is changed to.
const SLOW: Duration = Duration::from_millis(20);

fn corpus(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(name)
}

/// The files of a target with their names, in the order of these.
fn files(name: &str) -> Vec<(String, Vec<u8>)> {
    let folder = corpus(name);
    let entries =
        std::fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let named = |path: PathBuf| path.file_name().unwrap().to_string_lossy().into_owned();
    paths.into_iter().map(|path| (named(path.clone()), std::fs::read(path).unwrap())).collect()
}

/// Runs a target and says what it was, should it not hold.
fn hold(target: Target, bytes: &[u8], what: &str) {
    if let Err(panic) = catch_unwind(|| target(bytes)) {
        eprintln!("{what}, as Rust writes it:\n{}", bytes.escape_ascii());
        std::panic::resume_unwind(panic);
    }
}

#[test]
fn every_target_has_a_corpus_and_every_corpus_a_target() {
    let folders = std::fs::read_dir(corpus("")).unwrap();
    let mut names: Vec<String> =
        folders.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    assert_eq!(names, TARGETS.map(|(name, _)| name));
    for name in names {
        assert!(!files(&name).is_empty(), "the corpus of {name} is empty");
        let shell = corpus("").join("../fuzz_targets").join(format!("{name}.rs"));
        assert!(shell.is_file(), "{}", shell.display());
    }
}

#[test]
fn every_file_of_the_corpus_and_what_is_nearly_one_keeps_the_promises() {
    std::thread::scope(|scope| {
        for (name, target) in TARGETS {
            scope.spawn(move || {
                let files = files(name);
                for (at, (file, bytes)) in files.iter().enumerate() {
                    let begun = Instant::now();
                    hold(target, bytes, &format!("{name}/{file}"));
                    if begun.elapsed() > SLOW {
                        continue;
                    }
                    let mut mutator = Mutator::new(at as u64);
                    for change in 0..CHANGES {
                        let other = &files[(at + change as usize) % files.len()].1;
                        let changed = mutator.change(bytes, other);
                        hold(target, &changed, &format!("{name}/{file}, change {change}"));
                    }
                }
            });
        }
    });
}
