//! What a run begins with.

use crate::context::Context;
use crate::error::Error;
use crate::event::{Event, RunKind};
use crate::layout::Layout;
use crate::observed::Observed;
use crate::release::Catalog;

/// How a run begins.
pub(crate) struct Beginning {
    /// The project; empty where it is not known yet.
    pub project: String,
    /// For a way back, the release or the backup.
    pub target: Option<String>,
    /// What is kept.
    pub catalog: Catalog,
    /// What was found to run; unknown where files have to be in place first.
    pub observed: Option<Observed>,
    /// What is wrong with the record of what runs, where that is no obstacle.
    pub flaw: Option<Error>,
}

impl Beginning {
    /// The first record.
    pub(super) fn first(&self, ctx: &Context, layout: &Layout, kind: RunKind) -> Event {
        let before = self.observed.as_ref().and_then(|observed| observed.snapshot.as_ref());
        Event::RunStarted {
            run: self.catalog.free_name(&*ctx.clock),
            kind,
            project: self.project.clone(),
            directory: Some(layout.directory().to_owned()),
            pid: std::process::id(),
            target: self.target.clone(),
            previous: before.map(|snapshot| snapshot.release.id.clone()),
        }
    }
}
