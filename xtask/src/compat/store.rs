//! How it went on each engine the last time, below `target/`: all of them take an hour, so that the page is put together from runs
//! of one engine each as well.

use super::kind::Kind;
use super::outcome::Outcome;
use super::trial::Trial;
use crate::beside::Versions;
use crate::cargo;
use crate::failure::{Failure, Result};
use serde_json::{Value, json};
use std::fs;
use std::path::PathBuf;

fn place(kind: Kind) -> Result<PathBuf> {
    let folder = cargo::target()?.join("compat");
    fs::create_dir_all(&folder).map_err(Failure::on(&folder))?;
    Ok(folder.join(format!("{}.json", kind.name())))
}

pub(super) fn write(trial: &Trial) -> Result<()> {
    let (versions, outcome) = (&trial.versions, &trial.outcome);
    let record = json!({
        "engine": versions.engine, "compose": versions.compose, "builder": versions.builder,
        "store": versions.store, "passed": outcome.passed, "failed": outcome.failed,
        "left_out": outcome.left_out, "again": outcome.again,
    });
    let place = place(trial.kind)?;
    fs::write(&place, record.to_string()).map_err(Failure::on(&place))
}

/// Those that were tried, in their order.
pub(super) fn read() -> Result<Vec<Trial>> {
    let mut trials = Vec::new();
    for kind in Kind::ALL {
        let text = fs::read_to_string(place(kind)?).unwrap_or_default();
        let record: Value = serde_json::from_str(&text).unwrap_or_default();
        trials.extend(trial(kind, &record));
    }
    Ok(trials)
}

fn trial(kind: Kind, record: &Value) -> Option<Trial> {
    let text = |key: &str| Some(record.get(key)?.as_str()?.to_owned());
    let names = |key: &str| {
        let list = record.get(key).and_then(Value::as_array).into_iter().flatten();
        list.filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let passed = usize::try_from(record.get("passed")?.as_u64()?).ok()?;
    Some(Trial {
        kind,
        versions: Versions {
            engine: text("engine")?,
            compose: text("compose")?,
            builder: text("builder")?,
            store: text("store")?,
        },
        outcome: Outcome {
            passed,
            failed: names("failed"),
            left_out: names("left_out"),
            again: names("again"),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_record_is_one() {
        let mut record = json!({
            "engine": "Podman 5.4.2", "compose": "2.40.3", "builder": "-", "store": "classic store",
            "passed": 2, "failed": ["a::b"], "left_out": []});
        let found = trial(Kind::Podman, &record).unwrap();
        assert_eq!((found.outcome.passed, found.outcome.failed), (2, vec!["a::b".to_owned()]));
        record["passed"] = Value::Null;
        assert!(trial(Kind::Podman, &record).is_none());
    }
}
