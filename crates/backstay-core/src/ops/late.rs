//! What an engine makes after the run that asked for it was killed: the call was on its way, and nobody takes it back.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::future::try_join_all;
use jiff::{SignedDuration, Timestamp};

use crate::context::Context;
use crate::engine::{Container, EngineResult};
use crate::naming::candidate_suffix;
use crate::plan::Undo;
use crate::run::Run;
use crate::run_state::StepStatus;

/// A run whose last record is older has no call on its way any more.
const FRESH: SignedDuration = SignedDuration::from_secs(60);

/// Between two looks; how long nothing may come before nothing more is expected; and how long that is waited for.
const LOOK: Duration = Duration::from_millis(250);
const QUIET: Duration = Duration::from_secs(1);
const LIMIT: Duration = Duration::from_secs(10);

/// Waits until an engine has made what a run asked for that was killed just now, while it asked.
pub(crate) async fn wait(run: &Run<'_>) -> EngineResult<()> {
    let asked = run.state.steps.iter().any(|record| {
        matches!(record.undo, Undo::Create { .. }) && record.status == StepStatus::Started
    });
    let ctx = run.ctx;
    if !asked || !is_fresh(ctx.clock.now().timestamp(), run.last_record()) {
        return Ok(());
    }
    let (mut count, mut quiet) = (0, Duration::ZERO);
    for _ in 0..LIMIT.as_millis() / LOOK.as_millis() {
        let all = ctx.engine.containers(&run.state.project).await?;
        let made = all.iter().filter(|found| found.run.as_ref() == Some(&run.state.run)).count();
        quiet = if made == count { quiet + LOOK } else { Duration::ZERO };
        count = made;
        if quiet > QUIET {
            break;
        }
        ctx.clock.sleep(LOOK).await;
    }
    Ok(())
}

fn is_fresh(now: Timestamp, last: Option<&str>) -> bool {
    let last = last.and_then(|last| last.parse::<Timestamp>().ok());
    // A clock that was set meanwhile says nothing.
    last.is_some_and(|last| now.duration_since(last).abs() < FRESH)
}

/// Removes candidates that came later still, when their run was over. `ended` are the runs that are, with their projects.
pub(crate) async fn sweep(ctx: &Context, ended: &BTreeMap<String, String>) -> EngineResult<()> {
    let mut projects: Vec<&String> = ended.values().collect();
    projects.sort_unstable();
    projects.dedup();
    for project in projects {
        let all = ctx.engine.containers(project).await?;
        let late = all.iter().filter(|container| is_late(container, ended));
        try_join_all(late.map(|container| ctx.engine.remove(&container.id, true))).await?;
    }
    Ok(())
}

fn is_late(container: &Container, ended: &BTreeMap<String, String>) -> bool {
    let Some(run) = container.run.as_ref().filter(|run| ended.contains_key(*run)) else {
        return false;
    };
    [true, false].iter().any(|twin| container.name.ends_with(&candidate_suffix(run, *twin)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_run_of_just_now_may_have_a_call_on_its_way() {
        let now: Timestamp = "2024-01-29T06:31:52Z".parse().unwrap();
        assert!(is_fresh(now, Some("2024-01-29T06:31:50.311Z")));
        assert!(!is_fresh(now, Some("2024-01-29T06:29:52Z")));
        assert!(!is_fresh(now, Some("2024-01-30T06:31:52Z")), "the clock was set");
        assert!(!is_fresh(now, None));
    }
}
