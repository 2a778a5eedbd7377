//! The operations, as a process runs them.

use backstay_core::Error;
use std::sync::Arc;

use backstay_core::context::{Cancel, Context};
use backstay_core::ops::deploy::{self, DeployOptions};
use backstay_core::ops::rollback::{self, RollbackOptions};
use backstay_core::ops::{RunReport, backups, data_alone, down, gateway, recover, warm};
use backstay_core::ports::{Reporter, Silent};
use backstay_core::release::Retention;
use backstay_core::stack::StackRef;
use backstay_core::state::find;

use crate::fake::{Ended, Process};

/// An operation.
#[derive(Debug, Clone)]
pub enum Act {
    /// `deploy`, or with services `update`.
    Deploy(DeployOptions),
    /// `rollback`.
    Rollback(RollbackOptions),
    /// `data save`.
    SaveData,
    /// `data restore`, from this backup.
    RestoreData(String),
    /// `recover`.
    Recover,
    /// `backups prune`.
    Prune(Retention),
    /// What ends the old containers that are still up, when it is time.
    EndWarm,
    /// `down`.
    Down,
    /// `gateway upgrade`.
    UpgradeGateway,
}

impl Act {
    /// Runs it as this process. A run's report is the last one of the list.
    pub fn perform(
        &self,
        process: &Process,
        stack: &StackRef,
    ) -> Ended<Result<Vec<RunReport>, Error>> {
        self.perform_before(process, stack, Arc::new(Silent))
    }

    /// The same, where somebody is told.
    pub fn perform_before(
        &self,
        process: &Process,
        stack: &StackRef,
        reporter: Arc<dyn Reporter>,
    ) -> Ended<Result<Vec<RunReport>, Error>> {
        let (canceller, cancel) = Cancel::new();
        let process = process.clone().on_interrupt(move || {
            canceller.cancel();
        });
        let store = process.working_store();
        let ctx = Context { store, reporter, cancel, ..process.context() };
        process.run(async {
            match self {
                Self::Deploy(options) => deploy::run(&ctx, stack, options).await.map(|r| vec![r]),
                Self::Rollback(options) => {
                    rollback::run(&ctx, stack, options).await.map(|r| vec![r])
                }
                Self::SaveData => data_alone::save(&ctx, stack).await.map(|r| vec![r]),
                Self::RestoreData(backup) => {
                    data_alone::restore(&ctx, stack, backup).await.map(|r| vec![r])
                }
                Self::Recover => recover::run(&ctx, stack).await,
                Self::EndWarm => match warm::read(&ctx, stack).await? {
                    None => end_warm(&ctx, stack, ctx.clock.now().timestamp()).await,
                    Some(up) => {
                        let until = up.until().unwrap_or_default();
                        end_warm(&ctx, stack, until).await
                    }
                },
                Self::Down => {
                    down::run(&ctx, stack, false).await.map(|stuck| stuck.into_iter().collect())
                }
                Self::UpgradeGateway => gateway::upgrade(&ctx, stack).await.map(|_| Vec::new()),
                Self::Prune(retention) => {
                    backups::prune(&ctx, stack, Some(*retention), false).await.map(|_| Vec::new())
                }
            }
        })
    }
}

async fn end_warm(
    ctx: &Context,
    stack: &StackRef,
    until: jiff::Timestamp,
) -> Result<Vec<RunReport>, Error> {
    let found = find(ctx, stack).await?;
    warm::end_at(ctx, &found.project, &stack.directory, until).await.map(|()| Vec::new())
}
