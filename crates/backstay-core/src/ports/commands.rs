//! Commands that a stack's files name for a place in a run.

use std::io::{self, Read, Write};
use std::path::Path;

use async_trait::async_trait;

use crate::engine::{EngineResult, Ran};
use crate::stack::Hook;

/// Hears each line that a command writes.
pub type Say<'a> = &'a (dyn Fn(&str) + Send + Sync);

/// Commands in containers and beside them.
#[async_trait]
pub trait Commands: Send + Sync {
    /// Runs a command in a running container. Where the call is dropped it may run on.
    async fn run_inside(&self, id: &str, command: &Hook, say: Say<'_>) -> EngineResult<Ran>;

    /// Runs a command in a container of its own, which has the image, the variables, the volumes and the networks of this one, none of
    /// its names, and no entrypoint. Nothing is left of it, except where the call is dropped.
    async fn run_beside(
        &self,
        id: &str,
        command: &Hook,
        run: &str,
        say: Say<'_>,
    ) -> EngineResult<Ran>;

    /// Ends what is left of the containers that a run had made for commands. Idempotent.
    async fn end_beside(&self, run: &str) -> EngineResult<()>;

    /// Whether such a command still runs in a container.
    async fn runs_inside(&self, id: &str, command: &Hook) -> EngineResult<bool>;
}

/// Ends a command when it is dropped. What has ended already is left alone.
pub struct Stop(Box<dyn Fn() + Send + Sync>);

impl Stop {
    /// One that ends it so.
    pub fn new(stop: impl Fn() + Send + Sync + 'static) -> Self {
        Self(Box::new(stop))
    }
}

impl Drop for Stop {
    fn drop(&mut self) {
        (self.0)();
    }
}

/// A command to which something is written.
#[async_trait]
pub trait Filter: Write + Send {
    /// This is the last of it: waits until it has made all of it. Where it fails, the error holds a
    /// [`CommandFailed`](crate::data::CommandFailed).
    async fn end(self: Box<Self>, last: Vec<u8>) -> io::Result<()>;
}

/// A command to which something is written.
pub struct Filtering {
    /// It.
    pub command: Box<dyn Filter>,
    /// Ends it.
    pub stop: Stop,
}

/// A command through which something flows.
pub struct Through {
    /// What it makes of it. Where the command has failed, the end is an error that holds [`CommandFailed`](crate::data::CommandFailed).
    pub output: Box<dyn Read + Send>,
    /// Ends it.
    pub stop: Stop,
}

/// Commands on the machine that Backstay runs on, as its user.
#[async_trait]
pub trait HostCommands: Send + Sync {
    /// Runs a command in a folder. Where the call is dropped it is ended, with all that it has started.
    async fn run(&self, folder: &Path, command: &Hook, say: Say<'_>) -> io::Result<Ran>;

    /// Starts a command in a folder that writes to `out` what it makes of what it gets.
    ///
    /// # Errors
    /// Where it can't be started.
    fn filter(
        &self,
        folder: &Path,
        command: &[String],
        out: Box<dyn Write + Send>,
    ) -> io::Result<Filtering>;

    /// Starts a command in a folder that makes something else of `input`.
    ///
    /// # Errors
    /// Where it can't be started.
    fn through(
        &self,
        folder: &Path,
        command: &[String],
        input: Box<dyn Read + Send>,
    ) -> io::Result<Through>;

    /// Lets a command take all of `input`, and what it makes of it go nowhere.
    async fn try_through(
        &self,
        folder: &Path,
        command: &[String],
        input: Box<dyn Read + Send>,
    ) -> io::Result<()>;

    /// Ends what commands have left running that have these variables in their environment: as far as it can be seen from here. In
    /// containers too, where those run on this machine. Idempotent.
    async fn end(&self, variables: &[String]) -> io::Result<()>;
}
