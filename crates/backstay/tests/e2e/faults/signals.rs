//! Signals, a terminal that is closed, a pipe that nobody reads from any more.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::ground::{Ended, Ground, Running, Verb, is_boundary};
use super::spread;
use crate::crash::signal;

const LIMIT: Duration = Duration::from_secs(120);
const LOOK: Duration = Duration::from_millis(20);

fn boundaries(ground: &mut Ground, verb: Verb) -> usize {
    let screen = ground.undisturbed(verb, None).screen;
    screen.lines().filter(|line| is_boundary(line)).count()
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn signals_undo_a_run_at_every_step() {
    let Some(mut ground) = Ground::new("s-signal") else { return };
    for (turn, verb) in Verb::some(2).into_iter().enumerate() {
        let chosen = spread(boundaries(&mut ground, verb), 2, turn, 1);
        for (at, number) in chosen.into_iter().enumerate() {
            let name = ["-INT", "-TERM", "-HUP"][(turn + at) % 3];
            let before = ground.ready(verb);
            let run = Running::start(&mut ground.command(verb));
            let line = run.lines.iter().filter(|line| is_boundary(line)).nth(number);
            let at = Instant::now();
            signal(name, &run.id().to_string());
            let ended = run.end();
            assert!(matches!(ended.code, Some(0 | 11)), "{:?}: {}", ended.code, ended.screen);
            let what = format!("{name}: {verb:?}, {}", line.unwrap_or_default());
            ground.judge("signal", &what, before, &ended, at);
        }
    }
    ground.end();
}

/// The reader of `backstay deploy | head` goes away. The run goes on: it has not failed.
#[test]
#[ignore = "long: cargo xtask test --all"]
fn a_pipe_is_closed_at_every_step() {
    let Some(mut ground) = Ground::new("s-pipe") else { return };
    for verb in Verb::some(0) {
        for number in spread(boundaries(&mut ground, verb), 2, 1, 1) {
            let before = ground.ready(verb);
            let (reader, writer) = std::io::pipe().unwrap();
            let mut command = ground.command(verb);
            command.stdout(writer.try_clone().unwrap()).stderr(writer);
            let mut child = command.spawn().unwrap();
            drop(command);
            let mut lines = std::io::BufRead::lines(std::io::BufReader::new(reader));
            let boundary = |line: &String| is_boundary(line);
            let line = lines.by_ref().map_while(Result::ok).filter(boundary).nth(number);
            drop(lines);
            let at = Instant::now();
            let code = child.wait().unwrap().code();
            let ended = Ended { code, screen: String::new() };
            assert_eq!(ended.code, Some(0));
            let what = format!("{verb:?}, {}", line.unwrap_or_default());
            ground.judge("pipe closed", &what, before, &ended, at);
        }
    }
    ground.end();
}

/// `script` gives the run a terminal, and dies.
#[test]
#[ignore = "long: cargo xtask test --all"]
fn a_terminal_is_closed_at_every_step() {
    let Some(mut ground) = Ground::new("s-terminal") else { return };
    for verb in Verb::some(1) {
        for number in spread(boundaries(&mut ground, verb), 2, 0, 1) {
            let before = ground.ready(verb);
            let words =
                format!("{} {}", env!("CARGO_BIN_EXE_backstay"), verb.arguments().join(" "));
            let mut command = Command::new("script");
            command.args(["-qfec", &words, "/dev/null"]).current_dir(ground.stack.path());
            command.env("BACKSTAY_STATE", ground.stack.state());
            command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
            let run = Running::start(&mut command);
            let mut process = None;
            let line = run.lines.iter().filter(|line| is_boundary(line)).inspect(|line| {
                let number = line.split_once("\"pid\":").map(|(_, rest)| rest);
                let digits = number.and_then(|rest| rest.split([',', '}']).next());
                process = process.take().or(digits.map(str::to_owned));
            });
            let line = line.take(number.max(1) + 1).last();
            let at = Instant::now();
            signal("-9", &run.id().to_string());
            let process = Path::new("/proc").join(process.unwrap());
            while process.exists() {
                assert!(at.elapsed() < LIMIT, "{} goes on", process.display());
                std::thread::sleep(LOOK);
            }
            let what = format!("{verb:?}, {}", line.unwrap_or_default());
            let screen = run.end().screen;
            ground.judge("terminal closed", &what, before, &Ended { code: None, screen }, at);
        }
    }
    ground.end();
}
