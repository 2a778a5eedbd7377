//! `backstay gateway status` and `upgrade`

use backstay_core::ops::gateway;
use clap::Args;

use crate::commands::world::World;
use crate::errors::{CommandError, Exit};
use crate::i18n::t;
use crate::session::Session;
use crate::ui;

/// Show what the gateway holds, where it leads, and what came through
#[derive(Debug, Args)]
pub(crate) struct Status {
    /// Print the figures in Prometheus' text format
    #[arg(long)]
    prometheus: bool,
}

/// Shows it.
pub(super) fn run(session: &Session, arguments: &Status) -> Result<Exit, CommandError> {
    let stack = session.stack()?;
    let world = World::new(session, &stack);
    session.block_on(async |cancel| {
        let found = gateway::status(&world.context(cancel), &stack, arguments.prometheus).await;
        let found = found.map_err(|error| session.error(&error))?;
        if arguments.prometheus {
            let text = found.and_then(|found| found.metrics).unwrap_or_default();
            session.print(text.lines().map(str::to_owned));
        } else if session.json() {
            session.print_json(&ui::gateway::json(found.as_ref()));
        } else {
            match &found {
                Some(found) => session.print(ui::gateway::lines(&session.wording(None), found)),
                None => session.print([t!(session.lang, "gateway-none")]),
            }
        }
        Ok(Exit::Done)
    })
}

/// Let the gateway go on with the program that lies beside this one
///
/// It hands its sockets over: no connection is refused and none is cut. Where the new program does not come up, nothing has
/// changed.
#[derive(Debug, Args)]
pub(crate) struct Upgrade {}

/// Upgrades it.
pub(super) fn upgrade(session: &Session, _arguments: &Upgrade) -> Result<Exit, CommandError> {
    let stack = session.stack()?;
    let world = World::new(session, &stack);
    session.block_on(async |cancel| {
        let version = gateway::upgrade(&world.context(cancel), &stack).await;
        let version = version.map_err(|error| session.error(&error))?;
        if session.json() {
            session.print_json(&serde_json::json!({ "version": version }));
        } else {
            session.print([match version {
                Some(version) => t!(session.lang, "gateway-upgraded", version = version),
                None => t!(session.lang, "gateway-none"),
            }]);
        }
        Ok(Exit::Done)
    })
}
