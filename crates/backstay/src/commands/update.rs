//! `backstay update`

use std::collections::BTreeSet;
use std::time::Duration;

use backstay_core::context::Cancel;
use backstay_core::ops::deploy::{self, DeployOptions};
use backstay_core::ops::services::{self, Services};
use clap::Args;

use super::end_warm;
use super::limits::{Keep, Making, Proving, duration, options};
use super::world::World;
use crate::errors::{CommandError, Exit};
use crate::i18n::t;
use crate::session::Session;
use crate::ui::{Parts, clean};

/// Update some services: all of them run the new version, healthy, or all run as before
///
/// Services that are built are built again, others are pulled where their image is missing. What is not named is not
/// touched. A failure or Ctrl-C undoes the whole update.
#[derive(Debug, Args)]
pub(crate) struct Update {
    /// Services to update; without any, all that are built
    #[arg(value_name = "SERVICE")]
    named: Vec<String>,

    /// Services to update, `a,b`; can be given more than once
    #[arg(long, value_name = "SERVICES", value_delimiter = ',')]
    services: Vec<String>,

    /// Do not ask; `--force` is the same
    #[arg(short, long, alias = "force")]
    yes: bool,

    /// Show the plan and touch nothing
    #[arg(long)]
    dry_run: bool,

    #[command(flatten)]
    making: Making,

    /// Keep no backup of what runs: there will be nothing to go back to by hand
    #[arg(long)]
    no_backup: bool,

    /// Leave the data out that `x-backstay.data` names: it is not saved with the backup
    #[arg(long)]
    no_data: bool,

    /// Do not run the hooks that `x-backstay.hooks` names
    #[arg(long)]
    no_hooks: bool,

    #[command(flatten)]
    proving: Proving,

    /// How long to watch new containers, `5s` or `1m30s`, instead of `update_config.monitor`
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    monitor: Option<Duration>,

    #[command(flatten)]
    keep: Keep,
}

impl Update {
    fn options(&self, services: BTreeSet<String>) -> DeployOptions {
        DeployOptions {
            services: Some(services),
            monitor: self.monitor,
            backup: !self.no_backup,
            data: !self.no_data,
            hooks: !self.no_hooks,
            ..options(self.making, self.proving, self.keep)
        }
    }

    /// The services that are meant, in the order of dependencies.
    fn chosen(&self, session: &Session, known: &Services) -> Result<Vec<String>, CommandError> {
        let lang = session.lang;
        let words = self.named.iter().chain(&self.services).map(|word| word.trim());
        let wanted: BTreeSet<&str> = words.filter(|word| !word.is_empty()).collect();
        let is_known = |name: &&&str| known.all().any(|service| service == **name);
        let list = || known.all().map(String::as_str).collect::<Vec<_>>().join(", ");
        let unknown: Vec<&str> = wanted.iter().filter(|name| !is_known(name)).copied().collect();
        if !unknown.is_empty() {
            let message = t!(lang, "usage-unknown-service", services = unknown.join(", "));
            return Err(CommandError::usage(message).hint(t!(
                lang,
                "hint-known-services",
                services = list()
            )));
        }
        let asked = !self.named.is_empty() || !self.services.is_empty();
        let chosen: Vec<String> = if asked {
            known.all().filter(|name| wanted.contains(name.as_str())).cloned().collect()
        } else {
            known.application.clone()
        };
        if chosen.is_empty() {
            return Err(CommandError::usage(t!(lang, "usage-no-services")).hint(t!(
                lang,
                "hint-known-services",
                services = list()
            )));
        }
        Ok(chosen)
    }
}

/// Updates, or shows what an update would do.
pub(crate) fn run(session: &Session, arguments: &Update) -> Result<Exit, CommandError> {
    let stack = session.stack()?;
    let world = World::of_run(session, &stack, Parts::Update);
    session.block_on(async |cancel| {
        let context = world.context(cancel.clone());
        let needs_answer = !arguments.yes && !arguments.dry_run;
        if needs_answer {
            session.needs_somebody()?;
        }
        let known = services::list(&context, &stack).await;
        let known = known.map_err(|error| session.error(&error))?;
        let chosen = arguments.chosen(session, &known)?;
        if needs_answer {
            confirm(session, &chosen, &cancel).await?;
        }
        let options = arguments.options(chosen.into_iter().collect());
        if arguments.dry_run {
            return session.planned(&stack, deploy::plan(&context, &stack, &options).await);
        }
        let ended = deploy::run(&context, &stack, &options).await;
        end_warm::see_to_it(&context, &stack, &ended).await;
        session.ended(ended)
    })
}

async fn confirm(
    session: &Session,
    services: &[String],
    cancel: &Cancel,
) -> Result<(), CommandError> {
    let lang = session.lang;
    session.print([t!(lang, "update-services")]);
    session.print(services.iter().map(|name| format!("  - {}", clean::line(name))));
    session.print([String::new()]);
    session.confirm(&t!(lang, "ask-update"), cancel).await?;
    session.print([String::new()]);
    Ok(())
}
