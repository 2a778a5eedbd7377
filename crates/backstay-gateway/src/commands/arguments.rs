//! The command line.

use crate::channel::Settings;
use std::path::PathBuf;

pub(super) const USAGE: &str = "\
backstay-gateway serve [--state FOLDER] [--grace-ms N] [--threads N] [--nameserver ADDRESS:PORT]
backstay-gateway ctl [--state FOLDER]            standard input to the control socket, and its answers back
backstay-gateway healthcheck [--state FOLDER]    0: it answers
backstay-gateway receive NAME BYTES [--state FOLDER]
                                                 a program from standard input; prints its path
backstay-gateway version";

/// Where the state lies, unless it is said.
const STATE: &str = "/state";
/// How long requests have after SIGTERM: the engine follows with SIGKILL after ten seconds.
const GRACE_MS: u64 = 8000;

/// What is asked for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Command {
    Serve(Settings),
    Worker,
    Adopt,
    Ctl { state: PathBuf },
    Healthcheck { state: PathBuf },
    Receive { state: PathBuf, name: String, bytes: u64 },
    Version,
}

/// Reads it. An error is for people.
pub(super) fn parse(words: Vec<String>) -> Result<Command, String> {
    let mut words = words.into_iter();
    let verb = words.next().ok_or("what is it to do?")?;
    let mut settings = Settings {
        state: PathBuf::from(STATE),
        nameserver: None,
        grace_ms: GRACE_MS,
        threads: std::thread::available_parallelism().map_or(1, usize::from),
    };
    let mut plain = Vec::new();
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or(format!("`{word}` needs a value"));
        match word.as_str() {
            "--state" => settings.state = value()?.into(),
            "--grace-ms" => settings.grace_ms = number(&word, &value()?)?,
            "--threads" => settings.threads = number(&word, &value()?)?,
            "--nameserver" => settings.nameserver = Some(number(&word, &value()?)?),
            option if option.starts_with("--") => return Err(format!("`{option}` is no option")),
            _ => plain.push(word),
        }
    }
    let state = settings.state.clone();
    match (verb.as_str(), &plain[..]) {
        ("serve", []) => Ok(Command::Serve(settings)),
        ("worker", []) => Ok(Command::Worker),
        ("adopt", []) => Ok(Command::Adopt),
        ("ctl", []) => Ok(Command::Ctl { state }),
        ("healthcheck", []) => Ok(Command::Healthcheck { state }),
        ("receive", [name, bytes]) => {
            let bytes = number("BYTES", bytes)?;
            Ok(Command::Receive { state, name: name.clone(), bytes })
        }
        ("version", []) => Ok(Command::Version),
        _ => Err(format!("`{verb}` with {} words is nothing that it can do", plain.len())),
    }
}

fn number<T: std::str::FromStr>(of: &str, value: &str) -> Result<T, String> {
    value.parse().map_err(|_| format!("`{of}` can't be `{value}`"))
}

#[cfg(test)]
mod tests {
    use super::{Command, parse};

    fn of(line: &str) -> Result<Command, String> {
        parse(line.split_whitespace().map(ToOwned::to_owned).collect())
    }

    #[test]
    fn options_have_their_place_after_the_verb() {
        let Ok(Command::Serve(settings)) = of("serve --state /s --threads 3 --grace-ms 100") else {
            panic!("not understood");
        };
        assert_eq!((settings.threads, settings.grace_ms), (3, 100));
        assert_eq!(settings.state.to_str(), Some("/s"));
    }

    #[test]
    fn what_is_not_understood_is_said() {
        assert!(of("").unwrap_err().contains("what"));
        assert!(of("serve --fast").unwrap_err().contains("--fast"));
        assert!(of("serve --threads many").unwrap_err().contains("many"));
        assert!(of("receive x").unwrap_err().contains("receive"));
    }
}
