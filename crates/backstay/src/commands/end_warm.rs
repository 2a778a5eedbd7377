//! `backstay end-warm`, which people do not type: a run that leaves old containers up starts it as a process of its own, which ends
//! them when it is time. Where it is killed, the next run does.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use backstay_core::Error;
use backstay_core::context::Context;
use backstay_core::ops::{RunReport, warm};
use backstay_core::stack::StackRef;
use backstay_core::state::find;
use clap::Args;
use jiff::Timestamp;

use super::world::World;
use crate::errors::{CommandError, Exit};
use crate::session::Session;

/// End old containers that are still up, when it is time
#[derive(Debug, Args)]
pub(crate) struct EndWarm {
    /// Project
    #[arg(long, value_name = "NAME")]
    of: String,

    /// Folder of the stack
    #[arg(long, value_name = "PATH")]
    directory: PathBuf,

    /// When, RFC 3339
    #[arg(long, value_name = "TIME")]
    until: Timestamp,
}

/// Waits, and ends them.
pub(crate) fn run(session: &Session, arguments: &EndWarm) -> Result<Exit, CommandError> {
    // The end of the terminal is none of its concern. Where it has a session of its own already, there is nothing to do.
    #[cfg(unix)]
    let _ = rustix::process::setsid();
    let stack = StackRef { directory: arguments.directory.clone(), ..StackRef::default() };
    let world = World::new(session, &stack);
    let context = world.idle();
    let (project, directory) = (&arguments.of, &arguments.directory);
    session.wait(async {
        warm::end_at(&context, project, directory, arguments.until).await.map(|()| Exit::Done)
    })
}

/// Starts it where a run has left containers up. Where it can't be started, the next run ends them.
pub(super) async fn see_to_it(
    context: &Context,
    stack: &StackRef,
    ended: &Result<RunReport, Error>,
) {
    let Ok(report) = ended else { return };
    let (Ok(Some(up)), Ok(found)) = (warm::read(context, stack).await, find(context, stack).await)
    else {
        return;
    };
    let Some(until) = up.until().filter(|_| up.run == report.run) else { return };
    let Ok(program) = std::env::current_exe() else { return };
    let mut command = Command::new(program);
    command
        .arg("--state")
        .arg(context.state.root())
        .arg("end-warm")
        .args(["--of", &found.project, "--until", &until.to_string(), "--directory"])
        .arg(&stack.directory)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    #[cfg(unix)]
    command.current_dir("/");
    #[cfg(windows)]
    {
        use std::os::windows::process::CommandExt;
        /// Without a console, in a group of its own.
        const DETACHED: u32 = 0x0000_0008 | 0x0000_0200;
        command.creation_flags(DETACHED);
    }
    // It is nobody's to wait for.
    let _ = command.spawn();
}
