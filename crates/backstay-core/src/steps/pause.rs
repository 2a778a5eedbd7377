//! Nothing, between the stop of old containers and the start of new ones: the place that steps have which need the data of a
//! service to themselves. For tests, which see in its mark that neither runs, on the way there and on the way back.

use super::Site;
use super::transaction::Transaction;
use super::trouble::Trouble;
use crate::error::Error;
use crate::event::Failure;
use crate::layout::Layout;
use crate::plan::{Step, Undo};
use crate::run::Run;

/// The file that is there while the step stands.
const MARK: &str = "paused";

impl Transaction<'_> {
    pub(super) async fn pause(
        &self,
        run: &mut Run<'_>,
        services: &[String],
    ) -> Result<(), Failure> {
        let (store, mark) = (run.ctx.store.clone(), mark(&run.layout, &run.state.run));
        let apply = async {
            let written = store.write(&mark, b"", 0o600);
            Ok(written.map_err(|error| Error::io("writing", &mark, error))?)
        };
        run.step(Step::Pause { services: services.to_vec() }, Undo::Pause, apply).await
    }
}

pub(super) fn undo(site: Site<'_>) -> Result<(), Trouble> {
    let mark = mark(site.layout, site.run);
    let removed = site.ctx.store.remove_file(&mark);
    Ok(removed.map_err(|error| Error::io("removing", &mark, error))?)
}

fn mark(layout: &Layout, run: &str) -> std::path::PathBuf {
    layout.work(run).join(MARK)
}
