//! `backstay deploy`

use std::time::Duration;

use backstay_core::ops::deploy::{self, DeployOptions};
use clap::Args;

use super::asking::Asking;
use super::end_warm;
use super::limits::{Keep, Making, Proving, duration, options};
use super::world::World;
use crate::errors::{CommandError, Exit};
use crate::session::Session;

/// Deploy the stack: the new release runs, healthy, or what ran before is as it was
///
/// Everything is built, pulled and proven before anything that runs is touched. A failure or Ctrl-C undoes the whole
/// run.
#[derive(Debug, Args)]
pub(crate) struct Deploy {
    /// Show the plan and touch nothing
    #[arg(long)]
    dry_run: bool,

    #[command(flatten)]
    making: Making,

    #[command(flatten)]
    proving: Proving,

    /// How long to watch new containers, `5s` or `1m30s`, instead of `update_config.monitor`
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    monitor: Option<Duration>,

    /// Keep no backup of what runs: there will be nothing to go back to by hand
    #[arg(long)]
    no_backup: bool,

    /// Leave the data out that `x-backstay.data` names: it is not saved with the backup
    #[arg(long)]
    no_data: bool,

    /// Do not run the hooks that `x-backstay.hooks` names
    #[arg(long)]
    no_hooks: bool,

    /// Template for `.env`: `prod` is `.env.prod`; otherwise `.env.linux`, on Windows `.env.windows`
    #[arg(long, value_name = "NAME", conflicts_with = "skip_env")]
    env: Option<String>,

    /// Leave the env file as it is: skip step 3
    #[arg(long)]
    skip_env: bool,

    /// Leave the certificate as it is: skip step 4
    #[arg(long)]
    skip_cert: bool,

    /// Remove containers of the project that are no service of the files, as `docker compose up --remove-orphans`
    #[arg(long)]
    remove_orphans: bool,

    /// Do not ask; `--force` is the same
    #[arg(short, long, alias = "force")]
    yes: bool,

    #[command(flatten)]
    keep: Keep,
}

impl Deploy {
    fn options(&self) -> DeployOptions {
        DeployOptions {
            monitor: self.monitor,
            backup: !self.no_backup,
            data: !self.no_data,
            hooks: !self.no_hooks,
            remove_orphans: self.remove_orphans,
            ..options(self.making, self.proving, self.keep)
        }
    }
}

/// Deploys, or shows what a deployment would do.
pub(crate) fn run(session: &Session, arguments: &Deploy) -> Result<Exit, CommandError> {
    let stack = session.stack()?;
    let mut options = arguments.options();
    let world = World::new(session, &stack);
    session.block_on(async |cancel| {
        let context = world.context(cancel);
        let asking = Asking {
            session,
            context: &context,
            stack: &stack,
            is_settled: arguments.yes || arguments.dry_run,
        };
        let (env, skip) = (arguments.env.as_deref(), arguments.skip_env);
        options.environment = asking.environment(env, skip).await?;
        options.certificate = asking.certificate(arguments.skip_cert).await?;
        if arguments.dry_run {
            return session.planned(&stack, deploy::plan(&context, &stack, &options).await);
        }
        let ended = deploy::run(&context, &stack, &options).await;
        end_warm::see_to_it(&context, &stack, &ended).await;
        session.ended(ended)
    })
}
