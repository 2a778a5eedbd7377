//! The measurements. What Backstay takes for a part of a run stands in the run's journal.

use super::Round;
use super::image::{self, Imported};
use crate::failure::{Failure, Result};
use crate::stack::Stack;
use crate::tool::Tool;
use crate::{interrupt, shell, ui};
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

const FLAGS: [&str; 3] = ["--no-rehearsal", "--monitor", "0s"];

/// Makes releases of one image. Returns the vault's size after the first and after the last, and what the changes held.
pub(super) fn releases(
    program: &Path,
    demo_server: &Path,
    count: usize,
) -> Result<(u64, u64, u64)> {
    let stack = Stack::new("bench-vault")?;
    image::write_context(&stack.folder, demo_server)?;
    stack.write(
        "docker-compose.yml",
        "services:\n  web:\n    build: .\n    stop_grace_period: 1s\n",
    )?;
    let tool = backstay(program, &FLAGS);
    let mut first = 0;
    for release in 1..=count {
        interrupt::check()?;
        ui::step(&format!("release {release} of {count}"));
        image::change(&stack.folder, release)?;
        deploy(&tool, &stack)?;
        if release == 1 {
            first = size(&stack.folder.join(".backup/../vault"))?;
        }
    }
    let last = size(&stack.folder.join(".backup/../vault"))?;
    Ok((first, last, (image::SMALL * (count - 1)) as u64))
}

/// Stores and restores the image once with each, and deploys it with and without a vault; another one begins in each round.
pub(super) fn round(
    program: &Path,
    demo_server: &Path,
    image: &Imported,
    round: usize,
) -> Result<Round> {
    let mut times = [Duration::ZERO; 6];
    for turn in 0..3 {
        interrupt::check()?;
        match (round + turn) % 3 {
            0 => {
                let line =
                    format!("docker save {} | zstd -3 -q -f -o {}", image.name, image.packed());
                times[0] = timed(&["sh", "-c", &line])?;
            }
            1 => {
                let (commit, store, restore) = kept(program, demo_server, image)?;
                (times[4], times[1], times[3]) = (commit, store, restore);
                remove(image)?;
                times[2] = timed(&["docker", "load", "-q", "-i", &image.tar()])?;
            }
            _ => times[5] = not_kept(program, image)?,
        }
    }
    let [save, store, load, restore, commit, bare_commit] = times;
    Ok(Round { save, store, load, restore, commit, bare_commit })
}

/// Deploys the image, another one, and goes back when the engine has lost the first one. Returns the times to the commit, for
/// storing, and for restoring.
fn kept(
    program: &Path,
    demo_server: &Path,
    image: &Imported,
) -> Result<(Duration, Duration, Duration)> {
    let stack = Stack::new("bench-kept")?;
    stack.write("docker-compose.yml", &compose_file(&image.name))?;
    let tool = backstay(program, &FLAGS);
    deploy(&tool, &stack)?;
    let journal = journal(&stack)?;
    let begun = moment(&journal, "run-started", "")?;
    let committed = moment(&journal, "committed", "")?;
    let finished = moment(&journal, "finished", "")?;
    let other = stack.folder.join("other");
    fs::create_dir(&other).map_err(Failure::on(&other))?;
    fs::copy(demo_server, other.join("demo-server")).map_err(Failure::on(demo_server))?;
    let dockerfile = "FROM scratch\nCOPY demo-server /demo-server\nENTRYPOINT [\"/demo-server\"]\n";
    stack.write("other/Dockerfile", dockerfile)?;
    stack.write(
        "docker-compose.yml",
        "services:\n  web:\n    build: other\n    stop_grace_period: 1s\n",
    )?;
    deploy(&tool, &stack)?;
    remove(image)?;
    let ending = tool.roll_back(&stack.folder, true)?;
    if ending.code != Some(0) {
        return Err(Failure::new(format!("a rollback failed\n{}", ending.tail)));
    }
    let journal = self::journal(&stack)?;
    let loading = moment(&journal, "step-started", "load")?;
    let index = loading.1;
    let loaded = journal.iter().find(|record| {
        record["event"]["type"] == "step-finished" && record["event"]["index"] == index
    });
    let loaded = loaded.map(at).ok_or_else(|| Failure::new("no image was loaded"))??;
    Ok((committed.0 - begun.0, finished.0 - committed.0, loaded - loading.0))
}

/// Deploys the image without a backup. Returns the time to the commit.
fn not_kept(program: &Path, image: &Imported) -> Result<Duration> {
    let stack = Stack::new("bench-bare")?;
    stack.write("docker-compose.yml", &compose_file(&image.name))?;
    deploy(&backstay(program, &[&FLAGS[..], &["--no-backup"]].concat()), &stack)?;
    let journal = journal(&stack)?;
    Ok(moment(&journal, "committed", "")?.0 - moment(&journal, "run-started", "")?.0)
}

fn backstay(program: &Path, flags: &[&'static str]) -> Tool {
    Tool::Backstay { program: program.to_owned(), flags: flags.to_vec() }
}

fn compose_file(image: &str) -> String {
    format!(
        "services:\n  web:\n    image: {image}\n    pull_policy: never\n    stop_grace_period: 1s\n"
    )
}

fn deploy(tool: &Tool, stack: &Stack) -> Result<()> {
    let ending = tool.deploy(&stack.folder, true)?;
    if ending.code == Some(0) {
        return Ok(());
    }
    Err(Failure::new(format!("a deploy ended with {:?}\n{}", ending.code, ending.tail)))
}

/// Takes the image off the engine, whatever ran it.
fn remove(image: &Imported) -> Result<()> {
    let filter = format!("ancestor={}", image.name);
    let ids = shell::capture(&mut shell::command("docker", &["ps", "-aq", "--filter", &filter]))?;
    if !ids.is_empty() {
        let ids: Vec<&str> = ids.lines().collect();
        shell::run_quietly(shell::command("docker", &["rm", "--force"]).args(ids))?;
    }
    let id = ["image", "inspect", "--format", "{{.Id}}", &image.name];
    let id = shell::capture(&mut shell::command("docker", &id))?;
    shell::run_quietly(&mut shell::command("docker", &["rmi", "--force", &id]))
}

fn timed(words: &[&str]) -> Result<Duration> {
    let began = Instant::now();
    shell::run_quietly(&mut shell::command(words[0], &words[1..]))?;
    Ok(began.elapsed())
}

/// The records of the newest journal.
fn journal(stack: &Stack) -> Result<Vec<Value>> {
    let folder = stack.folder.join(".backup/../journal");
    let files = fs::read_dir(&folder).map_err(Failure::on(&folder))?;
    let names = files.filter_map(|file| Some(file.ok()?.path()));
    let newest = names.filter(|path| path.extension().is_some_and(|end| end == "jsonl")).max();
    let newest = newest.ok_or_else(|| Failure::new("there is no journal"))?;
    let text = fs::read_to_string(&newest).map_err(Failure::on(&newest))?;
    let records = text.lines().map(serde_json::from_str::<Value>);
    records.collect::<std::result::Result<_, _>>().map_err(|error| Failure::new(error.to_string()))
}

/// When such an event was recorded, and which step it is about.
fn moment(journal: &[Value], kind: &str, step: &str) -> Result<(Duration, Value)> {
    let is_it = |record: &&Value| {
        let event = &record["event"];
        event["type"] == kind && (step.is_empty() || event["step"]["type"] == step)
    };
    let record = journal.iter().find(is_it);
    let record =
        record.ok_or_else(|| Failure::new(format!("the journal has no `{kind} {step}`")))?;
    Ok((at(record)?, record["event"]["index"].clone()))
}

/// The time of day of a record: `2024-01-29T14:30:52.123456789Z`. No measurement goes over midnight unnoticed: it would fail.
fn at(record: &Value) -> Result<Duration> {
    let text = record["at"].as_str().unwrap_or_default();
    let wrong = || Failure::new(format!("`{text}` is no time"));
    let clock = text.split_once('T').ok_or_else(wrong)?.1.trim_end_matches('Z');
    let parts: Vec<f64> = clock.split(':').filter_map(|part| part.parse().ok()).collect();
    let [hours, minutes, seconds] = parts[..] else { return Err(wrong()) };
    Ok(Duration::from_secs_f64((hours * 60.0 + minutes).mul_add(60.0, seconds)))
}

/// Bytes of all files below a folder.
fn size(folder: &Path) -> Result<u64> {
    let mut sum = 0;
    for entry in fs::read_dir(folder).map_err(Failure::on(folder))? {
        let entry = entry.map_err(Failure::on(folder))?;
        let found = entry.metadata().map_err(Failure::on(folder))?;
        sum += if found.is_dir() { size(&entry.path())? } else { found.len() };
    }
    Ok(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_from_records() {
        let record = serde_json::json!({"at": "2024-01-29T01:02:03.5Z"});
        assert_eq!(at(&record).unwrap(), Duration::from_millis(3_723_500));
        assert!(at(&serde_json::json!({"at": "soon"})).is_err());
    }
}
