//! The command line. Read by hand: a parser's dependencies would double what `xtask` compiles.

use crate::failure::{Failure, Result};
use std::path::PathBuf;

use crate::{bench, compat, demo, engine, faults, fuzz, suite};

pub(crate) const USAGE: &str = "\
usage: cargo xtask <command>

  demo [--quiet] [--keep] [--compose]
                          deploys the example stack, breaks it under load, and shows what it cost
                          (--quiet hides what Backstay says meanwhile, --keep leaves the stack
                          running, --compose does the same with plain `docker compose`)
  test [--no-engine] [--all]
                          runs what a change has to pass: formatting, lints, licences, tests (--all: the
                          long ones on an engine too, and checks for Windows and macOS)
  engine [--check | stop] makes sure that a Docker engine runs; only looks; stops the one it started
  bench deploy [--quick]  measures `backstay deploy` beside `docker compose up`
  bench vault [--quick]   measures what keeping images costs, beside `docker save` and `docker load`
  bench gateway [--quick] measures the gateway beside HAProxy and nginx
  compat [--quick] [--only <engine>] [--again]
                          runs the end-to-end tests on several engines, and writes docs/compatibility.md
                          (--quick takes a sample and writes nothing; --only runs one of: engine-26,
                          engine-28, engine-28-containerd, podman, and leaves the others' results;
                          --again runs what failed the last time, and engines that were not tried)
  faults [--quick] [--no-engine] [--seed <number>] [--walks <number>]
                          makes every fault, in memory and on a real engine, walks at random, and
                          shows how it ended (--quick takes samples; all of it takes hours)
  fuzz [--seconds <number>] [--seed <number>] [target ...]
                          runs the fuzz targets on a copy of their corpus, 10 seconds each
  wine                    runs the Windows program's commands that need no engine under Wine
  lint                    formatting, lints and licences only
  gateway [--to <folder>] builds the gateway's program, and puts it beside Backstay in the folder
  demo-server             builds the program that the demo's images are made of";

pub(crate) enum Command {
    Bench(bench::Options),
    BenchGateway {
        /// One short round in place of five.
        quick: bool,
    },
    BenchVault {
        /// One round in place of three.
        quick: bool,
    },
    Compat(compat::Options),
    Demo(demo::Options),
    DemoServer,
    Engine(engine::Task),
    Faults(faults::Options),
    Fuzz(fuzz::Options),
    Gateway {
        /// Where a copy is wanted.
        to: Option<PathBuf>,
    },
    Help,
    Lint,
    Test(suite::Options),
    Wine,
}

pub(crate) fn parse(words: &[String]) -> Result<Command> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let Some((name, rest)) = words.split_first() else { return Ok(Command::Help) };
    match (*name, rest) {
        ("demo", flags) => {
            let [quiet, keep, compose] = switches(flags, ["--quiet", "--keep", "--compose"])?;
            Ok(Command::Demo(demo::Options { quiet, keep, compose }))
        }
        ("test", flags) => {
            let [no_engine, all] = switches(flags, ["--no-engine", "--all"])?;
            Ok(Command::Test(suite::Options { no_engine, all }))
        }
        ("bench", ["deploy", flags @ ..]) => {
            let [quick] = switches(flags, ["--quick"])?;
            Ok(Command::Bench(bench::Options { quick }))
        }
        ("bench", ["vault", flags @ ..]) => {
            let [quick] = switches(flags, ["--quick"])?;
            Ok(Command::BenchVault { quick })
        }
        ("bench", ["gateway", flags @ ..]) => {
            let [quick] = switches(flags, ["--quick"])?;
            Ok(Command::BenchGateway { quick })
        }
        ("compat", flags) => compat(flags).map(Command::Compat),
        ("engine", []) => Ok(Command::Engine(engine::Task::Ensure)),
        ("engine", ["--check"]) => Ok(Command::Engine(engine::Task::Check)),
        ("engine", ["stop"]) => Ok(Command::Engine(engine::Task::Stop)),
        ("faults", flags) => faults(flags).map(Command::Faults),
        ("fuzz", words) => fuzz(words).map(Command::Fuzz),
        ("lint", []) => Ok(Command::Lint),
        ("gateway", []) => Ok(Command::Gateway { to: None }),
        ("gateway", ["--to", folder]) => Ok(Command::Gateway { to: Some(PathBuf::from(folder)) }),
        ("wine", []) => Ok(Command::Wine),
        ("demo-server", []) => Ok(Command::DemoServer),
        ("help" | "--help" | "-h", _) => Ok(Command::Help),
        _ => Err(Failure::new(format!("no command `{}`", words.join(" "))).hint(USAGE)),
    }
}

/// The flags of `compat`, one of them with a name.
fn compat(mut flags: &[&str]) -> Result<compat::Options> {
    let mut options = compat::Options::default();
    while let [flag, rest @ ..] = flags {
        flags = match (*flag, rest) {
            ("--quick", rest) => {
                options.quick = true;
                rest
            }
            ("--again", rest) => {
                options.again = true;
                rest
            }
            ("--only", [name, rest @ ..]) => {
                let found = compat::Kind::named(name);
                let wrong = || Failure::new(format!("no engine `{name}`")).hint(USAGE);
                options.only = Some(found.ok_or_else(wrong)?);
                rest
            }
            ("--only", []) => return Err(Failure::new("`--only` needs a name").hint(USAGE)),
            _ => return Err(Failure::new(format!("no flag `{flag}` here")).hint(USAGE)),
        };
    }
    Ok(options)
}

/// The flags of `faults`, two of them with a number.
fn faults(mut flags: &[&str]) -> Result<faults::Options> {
    let mut options = faults::Options { quick: false, no_engine: false, seed: 1, walks: None };
    while let [flag, rest @ ..] = flags {
        flags = match (*flag, rest) {
            ("--quick", rest) => {
                options.quick = true;
                rest
            }
            ("--no-engine", rest) => {
                options.no_engine = true;
                rest
            }
            ("--seed", [number, rest @ ..]) => {
                options.seed = parse_number(flag, number)?;
                rest
            }
            ("--walks", [number, rest @ ..]) => {
                options.walks = Some(parse_number(flag, number)?);
                rest
            }
            ("--seed" | "--walks", []) => {
                return Err(Failure::new(format!("`{flag}` needs a number")).hint(USAGE));
            }
            _ => return Err(Failure::new(format!("no flag `{flag}` here")).hint(USAGE)),
        };
    }
    Ok(options)
}

/// The flag of `fuzz`, and the names of targets.
fn fuzz(mut words: &[&str]) -> Result<fuzz::Options> {
    let mut options = fuzz::Options { seconds: fuzz::SECONDS, seed: None, targets: Vec::new() };
    while let [word, rest @ ..] = words {
        words = match (*word, rest) {
            ("--seconds", [number, rest @ ..]) => {
                options.seconds = parse_number(word, number)?;
                rest
            }
            ("--seed", [number, rest @ ..]) => {
                options.seed = Some(parse_number(word, number)?);
                rest
            }
            ("--seconds" | "--seed", []) => {
                return Err(Failure::new(format!("`{word}` needs a number")).hint(USAGE));
            }
            (flag, _) if flag.starts_with('-') => {
                return Err(Failure::new(format!("no flag `{flag}` here")).hint(USAGE));
            }
            (name, rest) => {
                options.targets.push(name.to_owned());
                rest
            }
        };
    }
    if options.seconds == 0 {
        // The fuzzer takes it for "without an end".
        return Err(Failure::new("`--seconds` needs 1 or more").hint(USAGE));
    }
    Ok(options)
}

fn parse_number(flag: &str, text: &str) -> Result<u64> {
    text.parse().map_err(|_| Failure::new(format!("`{flag} {text}` is no number")).hint(USAGE))
}

/// Which of `known` are there; anything else is an error.
fn switches<const N: usize>(given: &[&str], known: [&str; N]) -> Result<[bool; N]> {
    match given.iter().find(|flag| !known.contains(flag)) {
        Some(flag) => Err(Failure::new(format!("no flag `{flag}` here")).hint(USAGE)),
        None => Ok(known.map(|flag| given.contains(&flag))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_belong_to_their_flags() {
        let options = faults(&["--walks", "7", "--quick", "--no-engine", "--seed", "3"]);
        let wanted = faults::Options { quick: true, no_engine: true, seed: 3, walks: Some(7) };
        assert_eq!(options.ok(), Some(wanted));
        for wrong in [&["--walks"][..], &["--seed", "x"], &["--fast"], &["7"]] {
            assert!(faults(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn targets_are_named_anywhere() {
        let options = fuzz(&["journal", "--seconds", "3", "model"]);
        let targets = vec!["journal".to_owned(), "model".to_owned()];
        assert_eq!(options.ok(), Some(fuzz::Options { seconds: 3, seed: None, targets }));
        for wrong in [&["--seconds"][..], &["--seconds", "0"], &["--fast"]] {
            assert!(fuzz(wrong).is_err(), "{wrong:?}");
        }
    }
}
