//! The operations, as a process runs them.

use backstay_core::Error;
use std::sync::Arc;

use backstay_core::context::{Cancel, Context};
use backstay_core::ops::deploy::{self, DeployOptions};
use backstay_core::ops::rollback::{self, RollbackOptions};
use backstay_core::ops::{RunReport, backups, recover};
use backstay_core::ports::{Reporter, Silent};
use backstay_core::release::Retention;
use backstay_core::stack::StackRef;

use crate::fake::{Ended, Process};

/// An operation.
#[derive(Debug, Clone)]
pub enum Act {
    /// `deploy`, or with services `update`.
    Deploy(DeployOptions),
    /// `rollback`.
    Rollback(RollbackOptions),
    /// `recover`.
    Recover,
    /// `backups prune`.
    Prune(Retention),
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
                Self::Recover => recover::run(&ctx, stack).await,
                Self::Prune(retention) => {
                    backups::prune(&ctx, stack, Some(*retention), false).await.map(|_| Vec::new())
                }
            }
        })
    }
}
