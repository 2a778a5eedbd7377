//! An engine that tests are run on: what they have to be told, and where they have to be started.

use super::home::Home;
use crate::failure::{Failure, Result};
use crate::shell;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

const LIMIT: Duration = Duration::from_secs(60);
const LOOK: Duration = Duration::from_millis(100);

/// In the new network, before the engine is started. Whenever a container comes or goes an engine reads all connections that the
/// kernel remembers, and those that are over are remembered for two minutes: after thousands of visitors that is most of its work.
const NETWORK: &str = "ip link set lo up\n\
                       over=/proc/sys/net/netfilter/nf_conntrack_tcp_timeout_time_wait\n\
                       if [ -w $over ]; then echo 2 > $over; fi\n";

/// Dropping it ends an engine that was started for it.
#[derive(Debug)]
pub(crate) struct Seat {
    variables: Vec<(&'static str, OsString)>,
    engine: Option<Engine>,
}

#[derive(Debug)]
struct Engine {
    child: Child,
    /// Goes after the process, and removes what it leaves.
    home: Home,
}

impl Seat {
    /// The engine that `docker` finds by itself.
    pub(crate) const fn machine() -> Self {
        Self { variables: Vec::new(), engine: None }
    }

    /// Starts an engine with a network of its own, where it can have any port and any firewall, and waits until it answers.
    ///
    /// `script` is run by a shell with `words` as its arguments, and becomes the engine.
    pub(super) fn start(
        home: Home,
        script: &str,
        words: &[OsString],
        mut variables: Vec<(&'static str, OsString)>,
    ) -> Result<Self> {
        let log = home.path("log");
        let output = File::create(&log).map_err(Failure::on(&log))?;
        let errors = output.try_clone().map_err(Failure::on(&log))?;
        // What is mounted in there is seen by the tests too, but for mounts that the script makes private.
        let mut command = shell::command("unshare", &["--net", "sh", "-euc"]);
        command.arg(format!("{NETWORK}{script}")).arg("sh").args(words);
        command.envs(variables.iter().cloned()).current_dir("/");
        command.stdout(output).stderr(errors);
        variables.push(("DOCKER_HOST", home.socket().into()));
        let child = command
            .spawn()
            .map_err(|e| Failure::new(format!("can't run `unshare` for an engine: {e}")))?;
        let pid = home.path("pid");
        fs::write(&pid, child.id().to_string()).map_err(Failure::on(&pid))?;
        let mut seat = Self { variables, engine: Some(Engine { child, home }) };
        seat.wait()?;
        Ok(seat)
    }

    /// `docker`, on this engine.
    pub(crate) fn docker<A: AsRef<OsStr>>(&self, arguments: &[A]) -> Command {
        let mut command = shell::command("docker", arguments);
        // The program is looked for in the new PATH.
        if let Some(place) = self.program("docker") {
            command = shell::command(&place.to_string_lossy(), arguments);
        }
        command.envs(self.variables.iter().cloned());
        command
    }

    /// The same command, told of this engine and in its network.
    pub(crate) fn within(&self, command: &Command) -> Command {
        let mut inner = match &self.engine {
            None => Command::new(command.get_program()),
            Some(engine) => {
                let place = format!("--net=/proc/{}/ns/net", engine.child.id());
                let mut inner = Command::new("nsenter");
                inner.arg(place).arg("--").arg(command.get_program());
                inner
            }
        };
        inner.args(command.get_args()).stdin(Stdio::null());
        inner.envs(self.variables.iter().cloned());
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => inner.env(name, value),
                None => inner.env_remove(name),
            };
        }
        if let Some(folder) = command.get_current_dir() {
            inner.current_dir(folder);
        }
        inner
    }

    fn program(&self, name: &str) -> Option<PathBuf> {
        let (_, path) = self.variables.iter().find(|(variable, _)| *variable == "PATH")?;
        std::env::split_paths(path).map(|folder| folder.join(name)).find(|place| place.is_file())
    }

    fn wait(&mut self) -> Result<()> {
        let until = Instant::now() + LIMIT;
        loop {
            if shell::output(&mut self.docker(&["version"]))?.status.success() {
                return Ok(());
            }
            let Some(engine) = &mut self.engine else { return Ok(()) };
            let ended = engine.child.try_wait().ok().flatten();
            if ended.is_some() || Instant::now() > until {
                let what = match ended {
                    Some(status) => format!("the engine beside the machine's ended ({status})"),
                    None => "the engine beside the machine's does not answer".to_owned(),
                };
                let log = engine.home.log();
                return Err(
                    Failure::new(what).hint(format!("the end of its log:\n{}", shell::tail(&log)))
                );
            }
            thread::sleep(LOOK);
        }
    }
}

impl Drop for Seat {
    /// Some engines leave containers running when they end.
    fn drop(&mut self) {
        if self.engine.is_none() {
            return;
        }
        let ids = shell::capture(&mut self.docker(&["ps", "--all", "--quiet"])).unwrap_or_default();
        if !ids.is_empty() {
            let remove = ["rm", "--force"].into_iter().chain(ids.lines()).collect::<Vec<_>>();
            let _ = shell::output(&mut self.docker(&remove));
        }
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        if let Ok(None) = self.child.try_wait() {
            let pid = self.child.id().to_string();
            let _ = shell::output(&mut shell::command("kill", &["-TERM", pid.as_str()]));
        }
        let _ = self.child.wait();
    }
}
