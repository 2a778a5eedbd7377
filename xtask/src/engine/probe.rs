//! What of an engine is there.

use crate::shell;

/// Older ones lack `--no-recreate` with scales, `!reset`, and `up --wait` as it is used here.
const MIN_COMPOSE: Version = (2, 20);
const MIN_ENGINE: Version = (20, 10);

type Version = (u32, u32);

/// The first thing that is missing, in the order in which it has to be mended.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Finding {
    NoClient,
    NoCompose,
    ComposeTooOld(String),
    NotRunning(String),
    EngineTooOld(String),
    Ready { engine: String, compose: String },
}

/// Asks the client and, through it, the engine.
pub(super) fn probe() -> Finding {
    if !shell::exists("docker") {
        return Finding::NoClient;
    }
    let Ok(compose) = docker(&["compose", "version", "--short"]) else {
        return Finding::NoCompose;
    };
    if !at_least(&compose, MIN_COMPOSE) {
        return Finding::ComposeTooOld(compose);
    }
    match docker(&["version", "--format", "{{.Server.Version}}"]) {
        Err(said) => Finding::NotRunning(said),
        Ok(engine) if !at_least(&engine, MIN_ENGINE) => Finding::EngineTooOld(engine),
        Ok(engine) => Finding::Ready { engine, compose },
    }
}

fn docker(arguments: &[&str]) -> Result<String, String> {
    let output = shell::output(&mut shell::command("docker", arguments)).map_err(|e| e.what)?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned());
    }
    Err(String::from_utf8_lossy(&output.stderr).trim().to_owned())
}

/// Whether a version as distributions write it (`v2.26.1-4`, `26.1.5+dfsg1`, `1:2.40`) is new
/// enough. One that can't be read is not.
pub(super) fn at_least(text: &str, least: Version) -> bool {
    let text = text.rsplit_once(':').map_or(text, |(_, version)| version);
    let mut numbers = text.trim_start_matches('v').split(|c: char| !c.is_ascii_digit());
    let mut next = || numbers.next().and_then(|number| number.parse::<u32>().ok());
    matches!((next(), next()), (Some(major), Some(minor)) if (major, minor) >= least)
}

/// Whether a package of Compose in this version would do.
pub(super) fn is_new_compose(version: &str) -> bool {
    at_least(version, MIN_COMPOSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_distributions_write_them() {
        for good in ["2.20.0", "v2.26.1", "2.26.1-4", "5.1.0", "1:2.40.3+ds1-0ubuntu1"] {
            assert!(is_new_compose(good), "{good}");
        }
        for bad in ["1.29.2-3", "2.19.9", "", "dev", "2"] {
            assert!(!is_new_compose(bad), "{bad}");
        }
        assert!(at_least("26.1.5+dfsg1", MIN_ENGINE));
    }
}
