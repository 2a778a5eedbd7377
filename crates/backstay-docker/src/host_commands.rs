//! Commands on this machine. Each is the head of a group of processes, which ends as a whole where it has to.

mod filter;
#[cfg(target_os = "linux")]
mod left;
mod through;

use std::io::{self, Read, Write};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use async_trait::async_trait;
use backstay_core::engine::Ran;
use backstay_core::ports::{Filtering, HostCommands, Say, Through};
use backstay_core::stack::Hook;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::Command;
use tokio::sync::Mutex;

use crate::lines::Lines;

/// How long the output of a command may be open after its end: something that it has left in the background holds it.
const LATE: Duration = Duration::from_secs(1);

/// This machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct MachineCommands;

#[async_trait]
impl HostCommands for MachineCommands {
    async fn run(&self, folder: &Path, command: &Hook, say: Say<'_>) -> io::Result<Ran> {
        let mut child = prepared(folder, command).spawn().map_err(|error| {
            let program = command.command.first().cloned().unwrap_or_default();
            io::Error::new(error.kind(), format!("starting `{program}`: {error}"))
        })?;
        let group = Group(child.id());
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        let (out, err) = (Mutex::new(Lines::default()), Mutex::new(Lines::default()));
        let status = {
            let mut reading = std::pin::pin!(async {
                tokio::join!(read(stdout, &out, say), read(stderr, &err, say))
            });
            let mut is_read = false;
            let status = loop {
                tokio::select! {
                    _ = &mut reading, if !is_read => is_read = true,
                    status = child.wait() => break status?,
                }
            };
            if !is_read {
                let _ = tokio::time::timeout(LATE, reading).await;
            }
            status
        };
        group.let_go();
        // Errors last: they say why.
        let words = out.into_inner().end(say).into_iter().chain(err.into_inner().end(say));
        Ok(Ran { code: status.code().map(i64::from), words: words.collect() })
    }

    fn filter(
        &self,
        folder: &Path,
        command: &[String],
        out: Box<dyn Write + Send>,
    ) -> io::Result<Filtering> {
        filter::start(folder, command, out)
    }

    fn through(
        &self,
        folder: &Path,
        command: &[String],
        input: Box<dyn Read + Send>,
    ) -> io::Result<Through> {
        through::start(folder, command, input)
    }

    async fn try_through(
        &self,
        folder: &Path,
        command: &[String],
        input: Box<dyn Read + Send>,
    ) -> io::Result<()> {
        // Where nobody waits any more, it ends.
        let Through { mut output, stop: _stop } = through::start(folder, command, input)?;
        let reading = tokio::task::spawn_blocking(move || io::copy(&mut output, &mut io::sink()));
        reading.await.map_err(io::Error::other)?.map(|_| ())
    }

    async fn end(&self, variables: &[String]) -> io::Result<()> {
        #[cfg(target_os = "linux")]
        {
            let variables = variables.to_vec();
            let ended = tokio::task::spawn_blocking(move || left::end(&variables));
            ended.await.map_err(io::Error::other)?
        }
        #[cfg(not(target_os = "linux"))]
        {
            // Other systems do not show the environment of processes.
            let _ = variables;
            Ok(())
        }
    }
}

fn prepared(folder: &Path, hook: &Hook) -> Command {
    let (program, arguments) = hook.command.split_first().map_or(("", &[][..]), |(p, a)| (p, a));
    let mut command = Command::new(program);
    #[cfg(windows)]
    match arguments {
        // The shell reads the text as it is.
        [flag, text] if program == "cmd" && flag == "/C" => {
            command.raw_arg(flag).raw_arg(text);
        }
        arguments => drop(command.args(arguments)),
    }
    #[cfg(not(windows))]
    command.args(arguments).process_group(0);
    let sub = hook.working_dir.as_deref().unwrap_or_default();
    command
        .current_dir(folder.join(sub))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    for variable in &hook.environment {
        match variable.split_once('=') {
            Some((name, value)) => command.env(name, value),
            None => command.env_remove(variable),
        };
    }
    command
}

async fn read(pipe: Option<impl AsyncRead + Unpin>, lines: &Mutex<Lines>, say: Say<'_>) {
    let Some(mut pipe) = pipe else { return };
    let mut lines = lines.lock().await;
    let mut bytes = [0; 8192];
    // A pipe that breaks ends the output; the exit code tells the rest.
    while let Ok(count @ 1..) = pipe.read(&mut bytes).await {
        lines.take(&bytes[..count], say);
    }
}

/// A command with all that it has started: ended when this is dropped.
struct Group(Option<u32>);

impl Group {
    /// It has ended by itself. What it has left in the background was meant to be.
    fn let_go(mut self) {
        self.0 = None;
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        let Some(id) = self.0 else { return };
        #[cfg(unix)]
        if let Some(group) = i32::try_from(id).ok().and_then(rustix::process::Pid::from_raw) {
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
        #[cfg(windows)]
        {
            let id = id.to_string();
            let mut end = std::process::Command::new("taskkill");
            let _ = end.args(["/T", "/F", "/PID", &id]).stdout(Stdio::null()).spawn();
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::sync::Mutex as Lock;

    fn shell(text: &str) -> Hook {
        let command = ["/bin/sh", "-c", text].map(str::to_owned).to_vec();
        let environment = vec!["HOOK_A=1".to_owned(), "HOME".to_owned()];
        Hook { command, environment, ..Hook::default() }
    }

    #[tokio::test]
    async fn a_command_is_run_in_its_folder_with_its_environment() {
        let folder = tempfile::tempdir().unwrap();
        let told = Lock::new(Vec::new());
        let say = |line: &str| told.lock().unwrap().push(line.to_owned());
        let text = "echo $HOOK_A${HOME:-none}; pwd > place; echo why >&2; exit 3";
        let ran = MachineCommands.run(folder.path(), &shell(text), &say).await.unwrap();
        assert_eq!((ran.code, ran.words), (Some(3), vec!["1none".into(), "why".into()]));
        assert!(told.lock().unwrap().contains(&"why".to_owned()));
        assert!(folder.path().join("place").exists());
    }

    #[tokio::test]
    async fn what_a_command_leaves_in_the_background_is_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let begun = std::time::Instant::now();
        let hook = shell("sleep 60 & echo $! > pid; exit 0");
        let ran = MachineCommands.run(folder.path(), &hook, &|_| ()).await.unwrap();
        let pid = std::fs::read_to_string(folder.path().join("pid")).unwrap();
        let alive = is_alive(&pid);
        let _ = std::process::Command::new("kill").arg(pid.trim()).status();
        assert_eq!(ran.code, Some(0));
        assert!(alive && begun.elapsed() < Duration::from_secs(30));
    }

    fn is_alive(pid: &str) -> bool {
        let signal = std::process::Command::new("kill").args(["-0", pid.trim()]).output();
        signal.is_ok_and(|signal| signal.status.success())
    }

    /// Waits until a file has a line in it, and gives that.
    async fn line_of(path: &Path) -> String {
        for _ in 0..2000 {
            match std::fs::read_to_string(path) {
                Ok(text) if text.ends_with('\n') => return text,
                _ => tokio::time::sleep(Duration::from_millis(5)).await,
            }
        }
        panic!("{} never has a line", path.display());
    }

    async fn ends(pid: &str) -> bool {
        for _ in 0..2000 {
            if !is_alive(pid) {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        false
    }

    #[tokio::test]
    async fn a_command_that_is_given_up_ends_with_all_that_it_started() {
        let folder = tempfile::tempdir().unwrap();
        let hook = shell("sleep 300 & echo $! > pid; wait");
        let path = folder.path().join("pid");
        let pid = {
            let run = MachineCommands.run(folder.path(), &hook, &|_| ());
            tokio::select! {
                ran = run => panic!("{ran:?}"),
                pid = line_of(&path) => pid,
            }
        };
        assert!(ends(&pid).await, "{pid} lives on");
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn what_another_process_left_is_found_by_its_variables() {
        let folder = tempfile::tempdir().unwrap();
        let mark = format!("BACKSTAY_RUN=test-{}", std::process::id());
        let start = |mark: &str| {
            let (name, value) = mark.split_once('=').unwrap();
            let mut command = std::process::Command::new("sleep");
            command.arg("300").env(name, value).env("BACKSTAY_PROJECT", "hook-test");
            command.current_dir(folder.path()).spawn().unwrap()
        };
        let (mut mine, mut other) = (start(&mark), start("BACKSTAY_RUN=test-other"));
        let marks = [mark, "BACKSTAY_PROJECT=hook-test".to_owned()];
        MachineCommands.end(&marks).await.unwrap();
        let status = mine.wait().unwrap();
        assert!(!status.success() && other.try_wait().unwrap().is_none());
        other.kill().unwrap();
        other.wait().unwrap();
        MachineCommands.end(&marks).await.unwrap();
    }
}
