//! A call of Compose for a stack: its flags, its environment, and its end.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};

use backstay_core::engine::{EngineError, EngineErrorKind, EngineResult};
use backstay_core::stack::StackRef;
use tokio::process::Command;

use super::output::{classify, last_words};
use super::program::Program;
use crate::connection::not_started;

/// What the stack's flags already say, and what would change Compose's output.
const CLEARED: [&str; 6] = [
    "COMPOSE_FILE",
    "COMPOSE_PROJECT_NAME",
    "COMPOSE_PROFILES",
    "COMPOSE_ENV_FILES",
    "COMPOSE_STATUS_STDOUT",
    "COMPOSE_PROGRESS",
];

/// A call that is being put together.
pub(crate) struct Compose<'a> {
    stack: &'a StackRef,
    override_file: Option<PathBuf>,
    flags: Vec<OsString>,
    arguments: Vec<OsString>,
    docker_host: Option<String>,
}

/// How a call ended.
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl<'a> Compose<'a> {
    /// A call for this stack.
    pub(crate) const fn new(stack: &'a StackRef) -> Self {
        Self {
            stack,
            override_file: None,
            flags: Vec::new(),
            arguments: Vec::new(),
            docker_host: None,
        }
    }

    /// Merges one more file over the stack's own. It comes last, so that the project directory does not change.
    pub(crate) fn overridden_by(mut self, file: &Path) -> Self {
        self.override_file = Some(file.to_owned());
        self
    }

    /// Adds a flag of Compose itself.
    pub(crate) fn flags<T: Into<OsString>>(mut self, flags: impl IntoIterator<Item = T>) -> Self {
        self.flags.extend(flags.into_iter().map(Into::into));
        self
    }

    /// Adds the command and its arguments.
    pub(crate) fn run<T: Into<OsString>>(mut self, words: impl IntoIterator<Item = T>) -> Self {
        self.arguments.extend(words.into_iter().map(Into::into));
        self
    }

    /// Lets it talk to another address than the user's engine.
    pub(crate) fn through(mut self, docker_host: String) -> Self {
        self.docker_host = Some(docker_host);
        self
    }

    /// The command, ready to be started.
    pub(crate) fn command(self, action: &str) -> EngineResult<Command> {
        let missing = || {
            let message = "neither `docker` nor Compose is installed";
            EngineError::new(EngineErrorKind::NotInstalled, action, message)
        };
        let program = Program::find().ok_or_else(missing)?;
        let mut command = Command::new(&program.path);
        command
            .args(&program.arguments)
            .args(self.words())
            .current_dir(&self.stack.directory)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        for (name, value) in self.environment() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        Ok(command)
    }

    /// Runs it to its end.
    pub(crate) async fn output(self, action: &str) -> EngineResult<Ended> {
        let directory = self.stack.directory.clone();
        let output = self.command(action)?.output().await.map_err(|error| {
            if directory.is_dir() {
                return not_started(action, &error);
            }
            let message = format!("the directory `{}` does not exist", directory.display());
            EngineError::new(EngineErrorKind::FileMissing, action, message)
        })?;
        Ok(Ended {
            status: output.status,
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        })
    }

    /// Runs it and returns its standard output. What it says on standard error counts only when it fails.
    pub(crate) async fn stdout(self, action: &str) -> EngineResult<String> {
        let ended = self.output(action).await?;
        if ended.status.success() {
            return Ok(ended.stdout);
        }
        let message = last_words(&ended.stderr);
        Err(EngineError::new(classify(ended.status.code(), &message), action, message))
    }

    fn words(&self) -> Vec<OsString> {
        let stack = self.stack;
        let mut words: Vec<OsString> = vec!["--ansi".into(), "never".into()];
        let mut add = |flag: &str, value: OsString| words.extend([flag.into(), value]);
        if let Some(directory) = &stack.project_directory {
            add("--project-directory", directory.into());
        }
        for file in stack.files.iter().chain(&self.override_file) {
            add("-f", file.into());
        }
        if let Some(name) = &stack.project_name {
            add("-p", name.into());
        }
        for profile in &stack.profiles {
            add("--profile", profile.into());
        }
        for file in &stack.env_files {
            add("--env-file", file.into());
        }
        words.extend(self.flags.iter().chain(&self.arguments).cloned());
        words
    }

    /// What is set (`Some`) or taken out (`None`) in the caller's environment.
    fn environment(&self) -> Vec<(String, Option<String>)> {
        let mut changes: Vec<(String, Option<String>)> =
            self.stack.environment.iter().map(|(k, v)| (k.clone(), v.clone())).collect();
        changes.extend(CLEARED.iter().map(|name| ((*name).to_owned(), None)));
        // Set and not cleared: the stack's `.env` may say otherwise, and the environment goes before it.
        for (name, value) in
            [("COMPOSE_IGNORE_ORPHANS", "true"), ("COMPOSE_REMOVE_ORPHANS", "false")]
        {
            changes.push((name.to_owned(), Some(value.to_owned())));
        }
        if let Some(host) = &self.docker_host {
            changes.push(("DOCKER_HOST".to_owned(), Some(host.clone())));
            for name in ["DOCKER_CONTEXT", "DOCKER_TLS", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH"] {
                changes.push((name.to_owned(), None));
            }
        }
        changes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stack_becomes_flags_in_their_order() {
        let stack = StackRef {
            directory: "/srv/shop".into(),
            files: vec!["/srv/shop/a.yml".into(), "/srv/shop/b.yml".into()],
            project_directory: Some("/srv/other".into()),
            project_name: Some("shop".to_owned()),
            profiles: vec!["x".to_owned(), "y".to_owned()],
            env_files: vec!["/srv/shop/prod.env".into()],
            ..StackRef::default()
        };
        let words = Compose::new(&stack)
            .overridden_by(Path::new("/tmp/o.yml"))
            .flags(["--progress", "plain"])
            .run(["build", "web"])
            .words();
        let words: Vec<&str> = words.iter().filter_map(|word| word.to_str()).collect();
        assert_eq!(
            words.join(" "),
            "--ansi never --project-directory /srv/other -f /srv/shop/a.yml -f /srv/shop/b.yml \
             -f /tmp/o.yml -p shop --profile x --profile y --env-file /srv/shop/prod.env \
             --progress plain build web"
        );
    }

    #[test]
    fn what_the_flags_say_is_not_said_again_by_the_environment() {
        let mut stack = StackRef::default();
        stack.environment.insert("TAG".to_owned(), Some("2".to_owned()));
        stack.environment.insert("GONE".to_owned(), None);
        stack.environment.insert("COMPOSE_FILE".to_owned(), Some("x".to_owned()));
        let changes = Compose::new(&stack).through("unix:///p".to_owned()).environment();
        let last = |name: &str| changes.iter().rev().find(|(key, _)| key == name).cloned();
        let is = |name: &str, value: Option<&str>| {
            assert_eq!(last(name), Some((name.to_owned(), value.map(str::to_owned))));
        };
        is("TAG", Some("2"));
        is("GONE", None);
        is("COMPOSE_FILE", None);
        is("DOCKER_HOST", Some("unix:///p"));
        is("DOCKER_CONTEXT", None);
    }
}
