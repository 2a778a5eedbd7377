//! What goes wrong with data, and what does not end in its time.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use futures_util::future::{Either, select};

use crate::context::Context;
use crate::engine::{EngineError, EngineErrorKind, EngineResult};
use crate::event::{Cause, DataAction, DataTrouble, Failure};
use crate::stack::{DataSet, Way};

/// Why something did not end well in its time.
pub(crate) enum Stopped {
    Late(Duration),
    Engine(EngineError),
}

/// Waits for it, but not for ever.
pub(crate) async fn within<T>(
    ctx: &Context,
    limit: Duration,
    work: impl Future<Output = EngineResult<T>>,
) -> Result<T, Stopped> {
    match select(pin!(work), pin!(ctx.clock.sleep(limit))).await {
        Either::Left((done, _)) => done.map_err(Stopped::Engine),
        Either::Right(_) => Err(Stopped::Late(limit)),
    }
}

/// As a failure.
pub(crate) fn told(set: &DataSet, action: DataAction, stopped: Stopped) -> Failure {
    match stopped {
        Stopped::Late(waited) => failure(set, action, DataTrouble::Late { waited }),
        Stopped::Engine(error) => match error.kind {
            EngineErrorKind::DiskFull | EngineErrorKind::NotRunning => error.into(),
            _ => failure(set, action, DataTrouble::Other { message: error.message }),
        },
    }
}

pub(super) fn failure(set: &DataSet, action: DataAction, trouble: DataTrouble) -> Failure {
    let failure = Failure::new(Cause::Data { data: set.name.clone(), action, trouble });
    match &set.way {
        Way::Dump(dump) => failure.at(&dump.service),
        Way::Copy(_) => failure,
    }
}
