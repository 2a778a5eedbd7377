//! One thing that is tried: what is expected of it, and what came of it.

use super::shop::Shop;
use crate::failure::Result;
use crate::tool::{Ending, Tool};
use crate::{interrupt, table, ui};
use backstay_testkit::load::{Load, LoadReport};
use std::time::Duration;

/// Exit code of a run that failed and was undone.
const ROLLED_BACK: i32 = 10;
/// How long visitors are watched after the tool has ended: long enough for a late crash to show.
const AFTERMATH: Duration = Duration::from_secs(3);

pub(super) struct Attempt {
    pub(super) name: &'static str,
    pub(super) action: Action,
    /// What both applications are to answer in the end.
    pub(super) serves: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    Deploy,
    /// A deploy that has to fail and to cost nothing.
    DeployInVain,
    RollBack,
}

pub(super) struct Outcome {
    row: Vec<String>,
    /// What was promised and is not so.
    pub(super) broken: Vec<String>,
}

impl Attempt {
    /// Does it and looks at what is there afterwards.
    pub(super) fn run(
        &self,
        shop: &Shop,
        tool: &Tool,
        load: &Load,
        quiet: bool,
    ) -> Result<Outcome> {
        ui::step(self.name);
        load.lap();
        let before = shop.state()?;
        let ending = match self.action {
            Action::RollBack => tool.roll_back(&shop.stack.folder, quiet)?,
            _ => tool.deploy(&shop.stack.folder, quiet)?,
        };
        interrupt::pause(AFTERMATH)?;
        let after = shop.state()?;
        let report = load.lap();
        let serves = shop.serves();
        let is_ours = matches!(tool, Tool::Backstay { .. });
        let broken = self.check(&ending, &report, &serves, [&before, &after], is_ours);
        if quiet && !broken.is_empty() {
            ui::note(&ending.tail);
        }
        let end = match ending.code {
            Some(0) if self.action == Action::RollBack => "restored".to_owned(),
            Some(0) => "deployed".to_owned(),
            Some(ROLLED_BACK) => "rolled back".to_owned(),
            Some(code) => format!("exit code {code}"),
            None => "killed".to_owned(),
        };
        let end = format!("{end}; {} serve", serves.join(" and "));
        let numbers = [
            report.requests().to_string(),
            report.failures().to_string(),
            format!("{} ms", report.longest_outage().as_millis()),
            format!("{:.1}", ending.took.as_secs_f64()),
        ];
        let row = [self.name.to_owned(), end].into_iter().chain(numbers).collect();
        Ok(Outcome { row, broken })
    }

    fn check(
        &self,
        ending: &Ending,
        report: &LoadReport,
        serves: &[String],
        [before, after]: [&[String]; 2],
        is_ours: bool,
    ) -> Vec<String> {
        let in_vain = self.action == Action::DeployInVain;
        let expected_code = if in_vain { ROLLED_BACK } else { 0 };
        let mut broken = Vec::new();
        let mut promise = |kept: bool, what: String| {
            if !kept {
                broken.push(format!("{}: {what}", self.name));
            }
        };
        promise(
            ending.code == Some(expected_code),
            format!("ended with {:?} and not with {expected_code}", ending.code),
        );
        promise(
            serves.iter().all(|version| version == self.serves),
            format!("{} serve and not {}", serves.join(" and "), self.serves),
        );
        let untouched = if in_vain { before == after } else { redis(before) == redis(after) };
        promise(untouched, format!("containers and tags were {before:?} and are {after:?}"));
        promise(
            // Behind its gateway nobody notices anything, whatever becomes of the release.
            (!in_vain && !is_ours) || report.failures() == 0,
            format!("{} requests failed: {:?}", report.failures(), report.errors()),
        );
        broken
    }
}

/// The table of all that was tried.
pub(super) fn summary(outcomes: &[Outcome]) -> String {
    let head =
        ["what was tried", "how it ended", "requests", "failed", "longest outage", "seconds"];
    let rows: Vec<_> = outcomes.iter().map(|outcome| outcome.row.clone()).collect();
    table::render(&head, &rows, 2)
}

fn redis(state: &[String]) -> Vec<&String> {
    state.iter().filter(|line| line.starts_with("redis ")).collect()
}
