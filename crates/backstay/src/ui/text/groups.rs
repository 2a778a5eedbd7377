//! Many services in a plan: those of which the same is to be said are told together.

use backstay_core::plan::{Action, Change, Plan};

use super::changes::{alike, describe, title_in};
use super::{Wording, lists};
use crate::i18n::t;
use crate::ui::clean;

/// Services of which the same is to be said.
struct Group<'a> {
    changes: Vec<&'a Change>,
    words: Vec<String>,
}

/// Whether so many changes are told in groups.
pub(super) fn are_told_together(wording: &Wording, count: usize) -> bool {
    !wording.verbose && lists::is_long(count)
}

/// The groups in the order of their first services: a line with the names, and `- …` lines below it.
pub(super) fn lines(wording: &Wording, plan: &Plan, changes: &[&Change]) -> Vec<String> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for change in changes {
        let words = alike(wording, change);
        let same = |group: &&mut Group<'_>| {
            let first = group.changes[0];
            group.words == words
                && title_in(wording, plan, first) == title_in(wording, plan, change)
        };
        match groups.iter_mut().find(same) {
            Some(group) => group.changes.push(change),
            None => groups.push(Group { changes: vec![change], words }),
        }
    }
    groups.iter().flat_map(|group| group.lines(wording, plan)).collect()
}

impl Group<'_> {
    fn lines(&self, wording: &Wording, plan: &Plan) -> Vec<String> {
        let title = title_in(wording, plan, self.changes[0]);
        let (head, body) = match &*self.changes {
            [change] => {
                (format!("  {}: {title}", clean::line(&change.service)), describe(wording, change))
            }
            changes => {
                let names: Vec<String> = changes.iter().map(|c| c.service.clone()).collect();
                let names = lists::names(wording, &names);
                let text = t!(wording.lang, "plan-group", count = changes.len(), names = names);
                let body = [title].into_iter().chain(self.words.iter().cloned());
                (format!("  {text}"), body.collect())
            }
        };
        [head].into_iter().chain(body.iter().map(|line| format!("    - {line}"))).collect()
    }
}

/// How many services change and how many stay, where there are many.
pub(super) fn heading(wording: &Wording, plan: &Plan) -> String {
    let kept = plan.changes.iter().filter(|change| change.action == Action::Keep).count();
    let changed = plan.changes.len() - kept;
    t!(wording.lang, "plan-counts", changed = changed, kept = kept)
}
