//! One target: its folders, and a run of it on a copy of its corpus.

use super::options::Options;
use super::report::{self, Row};
use crate::failure::{Failure, Result};
use crate::{cargo, shell};
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// How long one input may take, in seconds, and how much memory a target may need, in MiB.
const TIMEOUT: &str = "-timeout=10";
const MEMORY: &str = "-rss_limit_mb=2048";

/// The targets that have a corpus, in order.
pub(super) fn all() -> Result<Vec<String>> {
    let folder = corpora();
    Ok(names(&folder)?.iter().map(|name| name.to_string_lossy().into_owned()).collect())
}

/// Runs the target `name`. What it finds stays below `folder`.
pub(super) fn run(program: &Path, name: &str, folder: &Path, options: &Options) -> Result<Row> {
    let seconds = options.seconds;
    let corpus = folder.join("corpus").join(name);
    let artifacts = folder.join("artifacts").join(name);
    for place in [&corpus, &artifacts] {
        let _ = fs::remove_dir_all(place);
        fs::create_dir_all(place).map_err(Failure::on(place))?;
    }
    let own = corpora().join(name);
    for file in names(&own)? {
        let from = own.join(&file);
        fs::copy(&from, corpus.join(&file)).map_err(Failure::on(&from))?;
    }
    let before = names(&corpus)?.len();
    let mut prefix = OsString::from("-artifact_prefix=");
    prefix.push(artifacts.join(""));
    let mut command = Command::new(program);
    command.arg(format!("-max_total_time={seconds}")).args([TIMEOUT, MEMORY]);
    command.args(options.seed.map(|seed| format!("-seed={seed}")));
    command.args(["-print_final_stats=1"]).arg(prefix).arg(&corpus);
    let output = shell::output(&mut command)?;
    let said = String::from_utf8_lossy(&output.stderr);
    let crash = match (output.status.success(), crash(&artifacts)?) {
        (true, _) => None,
        (false, Some(input)) => Some((input, shell::tail(&report::reason(&said)))),
        (false, None) => {
            let what = format!("the target {name} failed ({})", output.status);
            return Err(Failure::new(format!("{what}\n{}", shell::tail(&said))));
        }
    };
    let new = names(&corpus)?.len().saturating_sub(before);
    Ok(Row { target: name.to_owned(), runs: report::runs(&said), seconds, new, crash })
}

/// The input that the target failed with. One that was only slow is none.
fn crash(artifacts: &Path) -> Result<Option<PathBuf>> {
    let found = names(artifacts)?.into_iter();
    let mut found = found.filter(|name| !name.to_string_lossy().starts_with("slow-unit-"));
    Ok(found.next().map(|name| artifacts.join(name)))
}

fn corpora() -> PathBuf {
    cargo::root().join("fuzz").join("corpus")
}

fn names(folder: &Path) -> Result<BTreeSet<OsString>> {
    let entries = fs::read_dir(folder).map_err(Failure::on(folder))?;
    entries.map(|entry| Ok(entry.map_err(Failure::on(folder))?.file_name())).collect()
}
