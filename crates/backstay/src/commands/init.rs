//! `backstay init`

use std::path::Path;

use backstay_core::Error;
use backstay_core::ports::Store;
use backstay_core::stack::{Model, StackRef};
use backstay_core::store::DiskStore;
use clap::Args;
use serde_json::json;

use crate::commands::world::World;
use crate::doctor::{Finding, screen, suggested};
use crate::errors::{CommandError, Exit};
use crate::i18n::t;
use crate::session::Session;

/// Put the deployment scripts next to the stack
#[derive(Debug, Args)]
pub(crate) struct Init {
    /// Write the scripts for Linux, macOS and Windows that call this program
    #[arg(long, required = true)]
    wrappers: bool,

    /// Replace scripts of these names that are not Backstay's
    #[arg(long)]
    force: bool,
}

macro_rules! wrappers {
    ($($name:literal),+ $(,)?) => {
        /// The scripts by name.
        const WRAPPERS: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("../../../../scripts/", $name)))),+];
    };
}

wrappers!(
    "deploy-linux-with-rollback.sh",
    "deploy-windows-with-rollback.ps1",
    "rollback-deployment.ps1",
    "rollback-deployment.sh",
    "rollback-update.ps1",
    "rollback-update.sh",
    "update-linux-with-rollback.sh",
    "update-windows-with-rollback.ps1",
);

/// Writes the scripts.
pub(crate) fn run(session: &Session, arguments: &Init) -> Result<Exit, CommandError> {
    let (stack, lang) = (session.stack()?, session.lang);
    let directory = &stack.directory;
    let mut new = Vec::new();
    let mut others = Vec::new();
    for (name, text) in WRAPPERS {
        match std::fs::read(directory.join(name)) {
            Ok(found) if found == text.as_bytes() => {}
            // A link that leads nowhere is somebody's, too.
            _ if !arguments.force && directory.join(name).is_symlink() => {
                others.push((*name).to_owned());
            }
            Ok(_) if !arguments.force => others.push((*name).to_owned()),
            _ => new.push((*name, *text)),
        }
    }
    if !others.is_empty() {
        // All or nothing: the user's own scripts of these names may be what the stack is run with.
        let message = t!(lang, "init-others", files = others.join(", "));
        return Err(CommandError::usage(message).hint(t!(lang, "hint-init-force")));
    }
    for (name, text) in &new {
        write(&directory.join(name), text).map_err(|error| session.error(&error))?;
    }
    let written: Vec<&str> = new.iter().map(|(name, _)| *name).collect();
    let hints = data_hints(session, &stack);
    if session.json() {
        let data: Vec<_> = hints.iter().map(|hint| hint.facts.clone()).collect();
        session.print_json(&json!({ "written": written, "data": data }));
        return Ok(Exit::Done);
    }
    if written.is_empty() {
        session.print([t!(lang, "init-nothing")]);
    } else {
        session.print(written.iter().map(|name| t!(lang, "init-written", file = *name)));
    }
    let wording = session.wording(Some(&stack));
    session.print(hints.iter().flat_map(|hint| screen::finding(&wording, hint)));
    Ok(Exit::Done)
}

/// Which data could be saved with releases and is not. Of a stack that can't be read, nobody knows: no error of this command.
fn data_hints(session: &Session, stack: &StackRef) -> Vec<Finding> {
    let world = World::new(session, stack);
    let model = session.wait(async {
        let rendered = world.idle().engine.model(stack).await?;
        Model::parse(&rendered)
    });
    model.map(|model| suggested(session.lang, &model)).unwrap_or_default()
}

/// Takes the place of whatever has the name: what a link leads to stays as it is.
fn write(path: &Path, text: &str) -> Result<(), Error> {
    let mode = if path.extension().is_some_and(|kind| kind == "sh") { 0o755 } else { 0o644 };
    DiskStore.write(path, text.as_bytes(), mode).map_err(|error| Error::io("writing", path, error))
}
