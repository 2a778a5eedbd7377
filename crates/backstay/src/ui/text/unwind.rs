//! The undoing of a run. It happens newest step first; it is told at its end in the guide's three parts, and only what
//! the events say has happened.

use std::path::Path;

use backstay_core::event::{Failure, RunKind, Undo};
use backstay_core::plan::Step;

use super::Wording;
use super::failure::reason;
use super::steps::planned;
use crate::i18n::t;

/// What has been undone so far.
#[derive(Debug, Default)]
pub(super) struct Unwinding {
    undone: Vec<Undo>,
    failed: Vec<(Step, Undo, String)>,
    restored: Vec<String>,
    files: Vec<String>,
}

impl Unwinding {
    /// A step was undone.
    pub(super) fn undone(&mut self, undo: Undo) {
        self.undone.push(undo);
    }

    /// A step could not be undone.
    pub(super) fn failed(&mut self, step: Step, undo: Undo, error: &str) {
        self.failed.push((step, undo, error.to_owned()));
    }

    /// A service's old containers are live again.
    pub(super) fn restored(&mut self, service: &str) {
        if !self.restored.iter().any(|name| name == service) {
            self.restored.push(service.to_owned());
        }
    }

    /// A file was put back.
    pub(super) fn file(&mut self, path: &str) {
        if !self.files.iter().any(|known| known == path) {
            self.files.push(path.to_owned());
        }
    }

    /// What was restored, without the parts: for a run that another process began.
    pub(super) fn restored_lines(&self, wording: &Wording) -> Vec<String> {
        self.file_lines(wording).chain(self.service_lines(wording)).collect()
    }

    /// The three parts.
    pub(super) fn lines(&self, wording: &Wording, first: bool) -> Vec<String> {
        let lang = wording.lang;
        let heads =
            [t!(lang, "undo-files"), t!(lang, "undo-containers"), t!(lang, "undo-services")];
        let bodies = [self.files(wording), self.containers(wording), self.services(wording, first)];
        let mut lines = Vec::new();
        for (number, (head, body)) in heads.into_iter().zip(bodies).enumerate() {
            let mark = t!(lang, "undo-part", number = number + 1, of = 3_usize);
            lines.push(format!("{} {head}...", wording.style.accent(&format!("[{mark}]"))));
            lines.extend(body);
            lines.extend(self.failures(wording, number));
            lines.push(String::new());
        }
        lines
    }

    fn files(&self, wording: &Wording) -> Vec<String> {
        let mut lines: Vec<String> = self.file_lines(wording).collect();
        let touched = |undo: &Undo| matches!(undo, Undo::Files { .. });
        if self.undone.iter().any(touched) || self.failed.iter().any(|(_, undo, _)| touched(undo)) {
            return lines;
        }
        let unchanged = wording.files.iter().map(|path| {
            let path = wording.path(path);
            wording.good(&t!(wording.lang, "undo-file-unchanged", path = path))
        });
        lines.extend(unchanged);
        lines
    }

    fn file_lines<'a>(&'a self, wording: &'a Wording) -> impl Iterator<Item = String> + 'a {
        self.files.iter().map(|path| {
            let path = wording.path(Path::new(path));
            wording.good(&t!(wording.lang, "undo-file-restored", path = path))
        })
    }

    fn service_lines<'a>(&'a self, wording: &'a Wording) -> impl Iterator<Item = String> + 'a {
        self.restored
            .iter()
            .map(|service| wording.good(&t!(wording.lang, "service-restored", service = service)))
    }

    fn containers(&self, wording: &Wording) -> Vec<String> {
        let lang = wording.lang;
        let mut lines = Vec::new();
        if self.undone.iter().any(|undo| matches!(undo, Undo::Create { .. })) {
            lines.push(wording.good(&t!(lang, "undo-created")));
        } else if !self.failed.iter().any(|(_, undo, _)| part(undo) == 1) {
            lines.push(wording.good(&t!(lang, "undo-created-nothing")));
        }
        let tags = |undo: &Undo| match undo {
            Undo::Tags { before } => !before.is_empty(),
            Undo::BuildTags { tags } => !tags.is_empty(),
            _ => false,
        };
        if self.undone.iter().any(tags) {
            lines.push(wording.good(&t!(lang, "undo-tags")));
        }
        for undo in &self.undone {
            if let Undo::Backup { folder } = undo {
                lines.push(wording.remark(&t!(lang, "undo-backup", folder = folder)));
            }
        }
        lines
    }

    fn services(&self, wording: &Wording, first: bool) -> Vec<String> {
        let lang = wording.lang;
        let touched = |undo: &Undo| matches!(undo, Undo::Replace { .. } | Undo::Start { .. });
        if self.failed.iter().any(|(_, undo, _)| part(undo) == 2) {
            return Vec::new();
        }
        let line = if first {
            wording.remark(&t!(lang, "undo-services-none"))
        } else if self.undone.iter().any(touched) {
            wording.good(&t!(lang, "undo-services-restored"))
        } else {
            wording.good(&t!(lang, "undo-services-untouched"))
        };
        [line].into_iter().chain(self.service_lines(wording)).collect()
    }

    fn failures(&self, wording: &Wording, number: usize) -> Vec<String> {
        let of_part = self.failed.iter().filter(|(_, undo, _)| part(undo) == number);
        of_part
            .map(|(step, _, error)| {
                let step = planned(wording, step);
                wording.bad(&t!(wording.lang, "undo-failed", step = step, error = error))
            })
            .collect()
    }
}

/// The framed line that says that undoing begins, and why.
pub(super) fn banner(wording: &Wording, kind: RunKind, failure: &Failure) -> Vec<String> {
    let (lang, style) = (wording.lang, wording.style);
    let title = match kind {
        RunKind::Deploy => t!(lang, "undo-begins-deploy"),
        RunKind::Update => t!(lang, "undo-begins-update"),
        RunKind::Rollback => t!(lang, "undo-begins-rollback"),
    };
    let cause = t!(lang, "undo-reason", reason = reason(lang, failure));
    wording.banner(&[style.bad(&title), cause])
}

/// Which of the three parts an undo belongs to.
const fn part(undo: &Undo) -> usize {
    match undo {
        Undo::Files { .. } => 0,
        Undo::Replace { .. } | Undo::Start { .. } => 2,
        Undo::Nothing
        | Undo::Backup { .. }
        | Undo::BuildTags { .. }
        | Undo::Tags { .. }
        | Undo::Create { .. } => 1,
    }
}
