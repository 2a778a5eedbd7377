//! `backstay down`

use backstay_core::ops::down;
use clap::Args;

use super::world::World;
use crate::errors::{CommandError, Exit};
use crate::i18n::t;
use crate::session::Session;

/// Take the whole stack away, its gateway too; the kept releases stay
///
/// As `docker compose down`: containers and networks go, and volumes only where that is said. What is kept stays, so that
/// `backstay deploy` and `backstay rollback` bring the stack back.
#[derive(Debug, Args)]
pub(crate) struct Down {
    /// Remove the stack's named volumes too, with all data in them: no rollback brings that back
    #[arg(long)]
    volumes: bool,

    /// Do not ask; `--force` is the same
    #[arg(short, long, alias = "force")]
    yes: bool,
}

/// Takes it away.
pub(crate) fn run(session: &Session, arguments: &Down) -> Result<Exit, CommandError> {
    let (lang, stack) = (session.lang, session.stack()?);
    let world = World::new(session, &stack);
    session.block_on(async |cancel| {
        let context = world.context(cancel);
        let found = down::look(&context, &stack).await.map_err(|error| session.error(&error))?;
        if !arguments.yes {
            session.needs_somebody()?;
            let (containers, networks) = (found.containers.len(), found.networks.len());
            session.print([t!(lang, "down-outlook", containers = containers, networks = networks)]);
            if arguments.volumes {
                session.print([t!(lang, "down-volumes", volumes = found.volumes.join(", "))]);
            }
            session.confirm(&t!(lang, "ask-down"), &context.cancel).await?;
        }
        let ended = down::run(&context, &stack, arguments.volumes).await;
        if let Some(stuck) = ended.map_err(|error| session.error(&error))? {
            return session.ended(Ok(stuck));
        }
        if session.json() {
            session.print_json(&found);
        } else {
            session.print([t!(lang, "down-done", kept = found.kept)]);
        }
        Ok(Exit::Done)
    })
}
