//! The program's commands: the server itself, its own health checks, and one-shot jobs.
#![allow(clippy::print_stdout, reason = "a container's log is what it prints")]

use super::client;
use super::drain::Drain;
use super::hostile::HOSTILE;
use super::http;
use super::redis::Counter;
use super::routes::Routes;
use super::schema;
use super::server::Server;
use super::settings::Settings;
use super::signals;
use super::worker;
use std::io::{self, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

const COUNTER_FILE: &str = "/data/counter";
const CHECK_TIMEOUT: Duration = Duration::from_secs(2);
const USAGE: &str = "usage: demo-server [healthcheck | ping | oneshot <exit code> | migrate <n> | worker | note <file> <line>]";

/// Runs the command that `arguments` (without the program's name) ask for.
pub fn run(arguments: &[String]) -> ExitCode {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let settings = match Settings::from_environment() {
        Ok(settings) => settings,
        Err(e) => return failed(&e.to_string()),
    };
    match words.as_slice() {
        [] => serve(settings),
        ["healthcheck"] => check(&format!("http://127.0.0.1:{}/healthz", settings.port)),
        ["ping"] => check(&format!("redis://127.0.0.1:{}", settings.port)),
        ["oneshot", code] => match code.parse::<u8>() {
            Ok(code) => {
                if settings.behaviour.hostile {
                    shout();
                }
                println!("{} {}: done", settings.service, settings.version);
                ExitCode::from(code)
            }
            Err(_) => failed(USAGE),
        },
        ["migrate", number] => match number.parse().map(schema::migrate) {
            Ok(Ok(())) => ExitCode::SUCCESS,
            Ok(Err(e)) => failed(&e.to_string()),
            Err(_) => failed(USAGE),
        },
        ["worker"] => match settings.behaviour.exit {
            Some(code) => std::process::exit(code),
            None => worker::work(&settings)
                .map_or_else(|e| failed(&e.to_string()), |()| ExitCode::SUCCESS),
        },
        ["note", file, line] => note(file, line),
        _ => failed(USAGE),
    }
}

/// Adds a line to a file.
fn note(file: &str, line: &str) -> ExitCode {
    let file = std::fs::OpenOptions::new().create(true).append(true).open(file);
    match file.and_then(|mut file| writeln!(file, "{line}")) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(&error.to_string()),
    }
}

fn serve(settings: Settings) -> ExitCode {
    let name = format!("{} {}", settings.service, settings.version);
    if settings.behaviour.hostile {
        shout();
    }
    if let Some(code) = settings.behaviour.exit {
        println!("{name}: exits with {code}, as asked");
        std::process::exit(code);
    }
    if let Err(why) = prepare(&settings) {
        return failed(&format!("{name}: {why}"));
    }
    if let Some(delay) = settings.behaviour.crash_after {
        let name = name.clone();
        thread::spawn(move || {
            thread::sleep(delay);
            println!("{name}: crashes after {delay:?}, as asked");
            std::process::exit(1);
        });
    }
    match listen(settings, &name) {
        Ok(true) => {
            println!("{name}: drained");
            ExitCode::SUCCESS
        }
        Ok(false) => failed("some connections had not ended in time"),
        Err(e) => failed(&format!("{name}: {e}")),
    }
}

/// What has to hold before it serves.
fn prepare(settings: &Settings) -> Result<(), String> {
    let behaviour = &settings.behaviour;
    if let Some(number) = behaviour.migrate {
        schema::migrate(number).map_err(|e| e.to_string())?;
    }
    if let Some(needed) = behaviour.schema.filter(|needed| schema::current() < *needed) {
        return Err(format!("schema {} is older than {needed}", schema::current()));
    }
    match &behaviour.upstream {
        Some(url) if behaviour.needs_upstream => {
            client::ask(url, CHECK_TIMEOUT).map(drop).map_err(|e| format!("{url}: {e}"))
        }
        _ => Ok(()),
    }
}

/// What a container says that means harm, on both of its streams.
fn shout() {
    let line = [HOSTILE, b"\n"].concat();
    // Nobody may be listening any more.
    let _ = io::stdout().write_all(&line).and_then(|()| io::stderr().write_all(&line));
}

fn listen(settings: Settings, name: &str) -> io::Result<bool> {
    let listening = signals::Listening::default();
    signals::install(listening.clone(), settings.behaviour.ignore_term)?;
    if let Some(delay) = settings.behaviour.slow_start {
        println!("{name}: starts in {delay:?}, as asked");
        thread::sleep(delay);
    }
    let server = Server::bind(SocketAddr::from((Ipv4Addr::UNSPECIFIED, settings.port)))?;
    listening.get_or_init(|| server.drain());
    println!("{name}: listens on {}", server.address()?);
    if settings.behaviour.redis {
        let counter = Counter::open(PathBuf::from(COUNTER_FILE));
        server.run(move |stream, drain: &Drain| counter.serve(stream, drain))
    } else {
        let routes = Routes::new(settings)?;
        server.run(move |stream, drain: &Drain| http::serve(stream, drain, &routes))
    }
}

fn check(url: &str) -> ExitCode {
    match client::ask(url, CHECK_TIMEOUT) {
        Ok(answer) if answer.status == 200 => {
            println!("{}", answer.body.trim_end());
            ExitCode::SUCCESS
        }
        Ok(answer) => failed(&format!("{}: {}", answer.status, answer.body.trim_end())),
        Err(e) => failed(&e.to_string()),
    }
}

fn failed(why: &str) -> ExitCode {
    println!("{why}");
    ExitCode::FAILURE
}
