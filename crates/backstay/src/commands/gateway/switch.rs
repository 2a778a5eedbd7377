//! `backstay gateway enable` and `disable`: runs like a deployment, without builds.

use std::collections::BTreeSet;

use backstay_core::context::Cancel;
use backstay_core::ops::deploy::{self, DeployOptions};
use backstay_core::ops::gateway::{self, Gap, GatewayChoice};
use clap::Args;

use crate::commands::end_warm;
use crate::commands::world::World;
use crate::errors::{CommandError, Exit};
use crate::i18n::t;
use crate::session::Session;

/// Let the gateway hold host ports
///
/// A run like a deployment, without builds: it is undone where it fails. When the gateway takes the ports over, nobody answers
/// on them for about a second.
#[derive(Debug, Args)]
pub(crate) struct Enable {
    /// Services whose host ports it is to hold; without any, all that publish TCP ports
    #[arg(value_name = "SERVICE")]
    services: Vec<String>,

    #[command(flatten)]
    how: How,
}

/// Give the host ports back to the services
///
/// A run like a deployment, without builds. When the services take their ports back, nobody answers on them for about a
/// second.
#[derive(Debug, Args)]
pub(crate) struct Disable {
    /// Services that are to have their host ports themselves again; without any, all
    #[arg(value_name = "SERVICE")]
    services: Vec<String>,

    #[command(flatten)]
    how: How,
}

/// How either goes.
#[derive(Debug, Clone, Copy, Args)]
struct How {
    /// Show the plan and touch nothing
    #[arg(long)]
    dry_run: bool,

    /// Do not ask; `--force` is the same
    #[arg(short, long, alias = "force")]
    yes: bool,
}

/// Turns it on.
pub(super) fn enable(session: &Session, arguments: &Enable) -> Result<Exit, CommandError> {
    let services: BTreeSet<String> = arguments.services.iter().cloned().collect();
    let question = t!(session.lang, "ask-gateway-enable");
    let choice = GatewayChoice::Enable { services };
    switch(session, choice, arguments.how, &question)
}

/// Turns it off.
pub(super) fn disable(session: &Session, arguments: &Disable) -> Result<Exit, CommandError> {
    let services: BTreeSet<String> = arguments.services.iter().cloned().collect();
    let question = t!(session.lang, "ask-gateway-disable");
    let choice = GatewayChoice::Disable { services };
    switch(session, choice, arguments.how, &question)
}

fn switch(
    session: &Session,
    gateway: GatewayChoice,
    how: How,
    question: &str,
) -> Result<Exit, CommandError> {
    let stack = session.stack()?;
    let world = World::new(session, &stack);
    let options = DeployOptions { build: false, gateway, ..DeployOptions::default() };
    session.block_on(async |cancel| {
        let context = world.context(cancel.clone());
        if how.dry_run {
            return session.planned(&stack, deploy::plan(&context, &stack, &options).await);
        }
        let on = matches!(options.gateway, GatewayChoice::Enable { .. });
        // A first one can't be made without its program; where there is one already, it may do. What else goes wrong is for the run
        // to say.
        if on && matches!(gateway::status(&context, &stack, false).await, Ok(None)) {
            let found = world.docker().find_gateway_program().await;
            found.map_err(|error| session.error(&error.into()))?;
        }
        if !how.yes {
            session.needs_somebody()?;
            // What is not known is not said.
            let gap = gateway::gap(&context, &stack, on).await.ok().flatten();
            confirm(session, question, gap, &cancel).await?;
        }
        let ended = deploy::run(&context, &stack, &options).await;
        end_warm::see_to_it(&context, &stack, &ended).await;
        session.ended(ended)
    })
}

async fn confirm(
    session: &Session,
    question: &str,
    gap: Option<Gap>,
    cancel: &Cancel,
) -> Result<(), CommandError> {
    let lang = session.lang;
    let gap = match gap {
        Some(Gap::Hands(ms)) => t!(lang, "gateway-gap-hands", ms = ms),
        Some(Gap::Swap(ms)) => t!(lang, "gateway-gap-swap", ms = ms),
        None => t!(lang, "gateway-gap-unknown"),
    };
    session.print([gap, t!(lang, "gateway-addresses")]);
    session.confirm(question, cancel).await?;
    session.print([String::new()]);
    Ok(())
}
