//! `backstay backups list`

use backstay_core::ops::backups::{self, Detail};
use backstay_core::release::{Entry, EntryState, Release};
use clap::Args;
use serde_json::{Value, json};

use crate::commands::world::World;
use crate::errors::{CommandError, Exit};
use crate::session::Session;
use crate::ui::{self, clean};

/// List the backups, newest first
#[derive(Debug, Args)]
pub(crate) struct List {}

/// Lists the backups.
pub(super) fn run(session: &Session, _arguments: &List) -> Result<Exit, CommandError> {
    let stack = session.place()?;
    let world = World::new(session, &stack);
    let found = session.wait(async { backups::list(&world.idle(), &stack).await })?;
    let details = backups::details(&world.idle(), &found);
    let (catalog, flaw) = (found.catalog, found.flaw);
    let flaw = flaw.map(|error| clean::line(&session.error(&error).message));
    if session.json() {
        let entries = catalog.entries.iter().zip(&details).enumerate();
        let entries: Vec<Value> = entries.map(entry).collect();
        let current = catalog.current.as_ref().map(|folder| brief(&folder.release));
        let mut value = json!({ "current": current, "backups": entries });
        if let Some(flaw) = flaw {
            value["damaged"] = flaw.into();
        }
        session.print_json(&value);
    } else {
        let wording = session.wording(Some(&stack));
        session.print(ui::backups::list(&wording, &catalog, &details, flaw.as_deref()));
    }
    Ok(Exit::Done)
}

fn entry((at, (entry, detail)): (usize, (&Entry, &Detail))) -> Value {
    let mut value = json!({ "number": at + 1, "folder": entry.folder });
    match &entry.state {
        EntryState::Release(folder) => {
            value["release"] = brief(&folder.release);
            value["size"] = json!({ "own": detail.size.own, "shared": detail.size.shared });
            value["pinned"] = detail.pinned.into();
        }
        EntryState::Plain => value["plain"] = true.into(),
        EntryState::Damaged(problem) => value["damaged"] = problem.as_str().into(),
    }
    value
}

fn brief(release: &Release) -> Value {
    let images = release.services.iter().map(|(name, service)| (name, &service.image));
    json!({
        "id": release.id,
        "sequence": release.sequence,
        "created": release.created,
        "origin": release.origin,
        "services": images.collect::<std::collections::BTreeMap<_, _>>(),
    })
}
