//! Commands of a run, on a fake machine: `mark x` makes a file of that name on the host, or adds the word to the data of a container;
//! `unmark x` takes it back. Both do nothing where it is so already. With `own` the name is the run's own, `x@<run>.`. `fail` in a command lets it end with exit code 3 after all, `hang` lets
//! it never end, and `say` lets it write its words.

use std::io::{self, Read, Write};
use std::path::Path;

use async_trait::async_trait;
use backstay_core::data::CommandFailed;
use backstay_core::engine::{EngineResult, Ran};
use backstay_core::ports::{Clock, Commands, Filter, Filtering, HostCommands, Say, Stop, Through};
use backstay_core::stack::Hook;

use super::engine::FakeEngine;
use crate::fake::faults::{Call, Why};
use crate::fake::machine::World;
use crate::fake::process::Process;

/// What such a command does.
enum Deed {
    Mark(String),
    Unmark(String),
    Nothing,
}

fn deed(command: &Hook) -> Deed {
    let run = || command.environment.iter().find_map(|told| told.strip_prefix("BACKSTAY_RUN="));
    let name = |name: &str, more: &[&str]| match more.contains(&"own") {
        true => format!("{name}@{}.", run().unwrap_or_default()),
        false => name.to_owned(),
    };
    match command.command.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["mark", said, ref more @ ..] => Deed::Mark(name(said, more)),
        ["unmark", said, ref more @ ..] => Deed::Unmark(name(said, more)),
        _ => Deed::Nothing,
    }
}

/// How it ends, and what it says.
fn ended(command: &Hook, say: Say<'_>) -> Ran {
    let has = |word: &str| command.command.iter().any(|found| found == word);
    let mut words = Vec::new();
    if has("say") {
        words.push(command.command.join(" "));
        words.extend(command.environment.iter().filter(|v| v.starts_with("BACKSTAY_")).cloned());
    }
    words.iter().for_each(|line| say(line));
    Ran { code: Some(if has("fail") { 3 } else { 0 }), words }
}

async fn hang(process: &Process, command: &Hook) {
    if command.command.iter().any(|word| word == "hang") {
        process.clock().sleep(std::time::Duration::from_secs(1_000_000)).await;
    }
}

/// What it does to the data of a container.
fn change(world: &mut World, id: &str, command: &Hook) {
    let data = world.engine.data(id, None);
    let word = |name: &str| format!(", {name}");
    match deed(command) {
        Deed::Mark(name) if !data.contains(&word(&name)) => {
            world.engine.set_data(id, None, &format!("{data}{}", word(&name)));
        }
        Deed::Unmark(name) => world.engine.set_data(id, None, &data.replace(&word(&name), "")),
        _ => {}
    }
}

#[async_trait]
impl Commands for FakeEngine {
    async fn run_inside(&self, id: &str, command: &Hook, say: Say<'_>) -> EngineResult<Ran> {
        let point = format!("run_inside {} {}", self.name(id), command.command.join(" "));
        self.change(point, |world| {
            world.engine.running(id, "running a hook")?;
            change(world, id, command);
            Ok(())
        })
        .await?;
        hang(self.process(), command).await;
        Ok(ended(command, say))
    }

    async fn run_beside(
        &self,
        id: &str,
        command: &Hook,
        _run: &str,
        say: Say<'_>,
    ) -> EngineResult<Ran> {
        let point = format!("run_beside {} {}", self.name(id), command.command.join(" "));
        self.change(point, |world| {
            world.engine.get(id, "running a hook")?;
            change(world, id, command);
            Ok(())
        })
        .await?;
        hang(self.process(), command).await;
        Ok(ended(command, say))
    }

    async fn end_beside(&self, run: &str) -> EngineResult<()> {
        self.change(format!("end_beside {run}"), |_| Ok(())).await
    }

    async fn runs_inside(&self, _: &str, _: &Hook) -> EngineResult<bool> {
        self.read("runs_inside", |_| Ok(false)).await
    }
}

/// The host, as a process reaches it.
#[derive(Debug, Clone)]
pub struct FakeHost {
    process: Process,
}

impl FakeHost {
    pub(in crate::fake) const fn new(process: Process) -> Self {
        Self { process }
    }

    async fn call(
        &self,
        name: String,
        act: impl FnOnce(&mut World) -> io::Result<()> + Send,
    ) -> io::Result<()> {
        let error = |_: &str, _: Why| io::Error::other("injected");
        self.process.call(name, Call::Atomic, |world, _| act(world), error).await
    }
}

#[async_trait]
impl HostCommands for FakeHost {
    async fn run(&self, folder: &Path, command: &Hook, say: Say<'_>) -> io::Result<Ran> {
        let name = format!("host.run {}", command.command.join(" "));
        self.call(name, |world| {
            let now = world.now;
            let path = match deed(command) {
                Deed::Mark(name) => {
                    let path = folder.join(name);
                    world.disk.put(&path, b"marked", 0o644, now)?;
                    path
                }
                Deed::Unmark(name) => {
                    let path = folder.join(name);
                    world.disk.remove_file(&path)?;
                    path
                }
                Deed::Nothing => return Ok(()),
            };
            // That what it did lasts is its own affair.
            world.make_durable(&path);
            Ok(())
        })
        .await?;
        hang(&self.process, command).await;
        Ok(ended(command, say))
    }

    fn filter(
        &self,
        _: &Path,
        command: &[String],
        out: Box<dyn Write + Send>,
    ) -> io::Result<Filtering> {
        let command = Box::new(Encrypting { out, command: command.to_vec() });
        Ok(Filtering { command, stop: Stop::new(|| ()) })
    }

    fn through(
        &self,
        _: &Path,
        command: &[String],
        input: Box<dyn Read + Send>,
    ) -> io::Result<Through> {
        let output = Box::new(Cipher { input, command: command.to_vec() });
        Ok(Through { output, stop: Stop::new(|| ()) })
    }

    async fn try_through(
        &self,
        folder: &Path,
        command: &[String],
        input: Box<dyn Read + Send>,
    ) -> io::Result<()> {
        let mut through = self.through(folder, command, input)?;
        io::copy(&mut through.output, &mut io::sink()).map(|_| ())
    }

    async fn end(&self, _: &[String]) -> io::Result<()> {
        self.call("host.end".to_owned(), |_| Ok(())).await
    }
}

/// How a command fails.
fn ends(command: &[String]) -> io::Result<()> {
    if !command.iter().any(|word| word == "fail") {
        return Ok(());
    }
    let (program, words) = (command[0].clone(), vec!["no key".to_owned()]);
    Err(io::Error::other(CommandFailed { program, code: Some(3), words }))
}

/// What a command makes of what it gets: twice is back again.
struct Encrypting {
    out: Box<dyn Write + Send>,
    command: Vec<String>,
}

impl Write for Encrypting {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write_all(&bytes.iter().map(|byte| byte ^ 0x5a).collect::<Vec<_>>())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[async_trait]
impl Filter for Encrypting {
    async fn end(mut self: Box<Self>, last: Vec<u8>) -> io::Result<()> {
        self.write_all(&last)?;
        ends(&self.command)
    }
}

/// The same of what it reads.
struct Cipher {
    input: Box<dyn Read + Send>,
    command: Vec<String>,
}

impl Read for Cipher {
    fn read(&mut self, part: &mut [u8]) -> io::Result<usize> {
        let count = self.input.read(part)?;
        part[..count].iter_mut().for_each(|byte| *byte ^= 0x5a);
        if count == 0 {
            ends(&self.command)?;
        }
        Ok(count)
    }
}
