//! Starting an engine that is installed but does not run, and stopping the one we started.

use super::machine;
use super::probe::{self, Finding};
use crate::failure::{Failure, Result};
use crate::{shell, ui};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

const LOG: &str = "/var/log/backstay-dockerd.log";
const OUR_PID: &str = "/run/backstay-dockerd.pid";
/// Where the engine itself writes its process id, whoever started it.
const ANY_PID: &str = "/run/docker.pid";
const START_LIMIT: Duration = Duration::from_secs(60);
const STOP_LIMIT: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_millis(200);

/// Starts the engine and waits until it answers.
pub(super) fn start() -> Result<()> {
    if machine::has_systemd() {
        ui::step("starting the Docker engine with systemctl");
        shell::run_quietly(&mut shell::command("systemctl", &["start", "docker"]))?;
        return wait(None);
    }
    if running(ANY_PID).is_some() {
        ui::step("waiting for a Docker engine that is starting");
        return wait(None);
    }
    ui::step(&format!("starting the Docker engine (its log: {LOG})"));
    let mut child = spawn()?;
    write(OUR_PID, &child.id().to_string())?;
    wait(Some(&mut child))
}

/// Stops the engine if it is the one that `start` has started.
pub(crate) fn stop() -> Result<()> {
    let Some(pid) = running(OUR_PID) else {
        ui::note("no Docker engine runs that was started from here");
        return Ok(());
    };
    ui::step(&format!("stopping the Docker engine (process {pid})"));
    shell::run_quietly(&mut shell::command("kill", &["-TERM", pid.as_str()]))?;
    let deadline = Instant::now() + STOP_LIMIT;
    while running(OUR_PID).is_some() {
        if Instant::now() > deadline {
            return Err(Failure::new(format!("process {pid} has not ended")).hint(log_hint()));
        }
        thread::sleep(POLL);
    }
    fs::remove_file(OUR_PID).map_err(Failure::on(Path::new(OUR_PID)))
}

/// In a session of its own: it must outlive this program, its terminal and its Ctrl-C, and hold
/// none of its pipes open.
fn spawn() -> Result<Child> {
    let log = File::create(LOG).map_err(Failure::on(Path::new(LOG)))?;
    let errors = log.try_clone().map_err(Failure::on(Path::new(LOG)))?;
    let mut command = if shell::exists("setsid") {
        shell::command("setsid", &["dockerd"])
    } else {
        detached_group(Command::new("dockerd"))
    };
    command.current_dir("/").stdin(Stdio::null()).stdout(log).stderr(errors);
    command.spawn().map_err(|e| Failure::new(format!("can't start dockerd: {e}")))
}

#[cfg(unix)]
fn detached_group(mut command: Command) -> Command {
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    command
}

#[cfg(not(unix))]
fn detached_group(command: Command) -> Command {
    command
}

fn wait(mut child: Option<&mut Child>) -> Result<()> {
    let deadline = Instant::now() + START_LIMIT;
    loop {
        let said = match probe::probe() {
            Finding::NotRunning(said) => said,
            _ => return Ok(()),
        };
        if let Some(Ok(Some(status))) = child.as_mut().map(|child| child.try_wait()) {
            return Err(Failure::new(format!("dockerd ended ({status})")).hint(log_hint()));
        }
        if Instant::now() > deadline {
            let what = format!("the Docker engine does not answer: {said}");
            return Err(Failure::new(what).hint(log_hint()));
        }
        thread::sleep(POLL);
    }
}

/// The process id in `file`, if a dockerd still has it.
fn running(file: &str) -> Option<String> {
    let pid = fs::read_to_string(file).ok()?.trim().to_owned();
    let name = fs::read_to_string(PathBuf::from("/proc").join(&pid).join("comm")).ok()?;
    (!pid.is_empty() && name.trim() == "dockerd").then_some(pid)
}

fn log_hint() -> String {
    match fs::read_to_string(LOG) {
        Ok(log) => format!("the end of {LOG}:\n{}", shell::tail(&log)),
        Err(_) => "see the log of the docker service".into(),
    }
}

fn write(file: &str, text: &str) -> Result<()> {
    fs::write(file, text).map_err(Failure::on(Path::new(file)))
}
