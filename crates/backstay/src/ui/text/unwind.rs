//! The undoing of a run. It happens newest step first; it is told at its end in the guide's three parts, and only what
//! the events say has happened.

use std::path::{Path, PathBuf};

use backstay_core::event::{Failure, RunKind};
use backstay_core::plan::Step;
use backstay_core::plan::Undo;

use super::failure::{of_update, reason};
use super::steps::planned;
use super::{Wording, lists};
use crate::i18n::t;

/// What has been undone so far.
#[derive(Debug, Default)]
pub(super) struct Unwinding {
    undone: Vec<Undo>,
    failed: Vec<(Step, Undo, String)>,
    /// The same of steps that another process took, by their places.
    unknown: Vec<(usize, String)>,
    restored: Vec<String>,
    files: Vec<String>,
    removed: Vec<String>,
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

    /// The same of a step that another process took.
    pub(super) fn unknown(&mut self, index: usize, error: &str) {
        self.unknown.push((index, error.to_owned()));
    }

    /// What could not be undone is tried once more.
    pub(super) fn again(&mut self) {
        self.failed.clear();
        self.unknown.clear();
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

    /// A file that the run had made was removed.
    pub(super) fn removed(&mut self, path: &str) {
        if !self.removed.iter().any(|known| known == path) {
            self.removed.push(path.to_owned());
        }
    }

    /// What was restored and what could not be, without the parts: for a run that another process began.
    pub(super) fn restored_lines(&self, wording: &Wording) -> Vec<String> {
        let failed = self.unknown.iter().map(|(index, error)| {
            wording.bad(&t!(wording.lang, "undo-failed-unknown", number = index + 1, error = error))
        });
        self.file_lines(wording).chain(self.service_lines(wording)).chain(failed).collect()
    }

    /// The three parts of a deployment or a rollback.
    pub(super) fn lines(&self, wording: &Wording, first: bool) -> Vec<String> {
        let lang = wording.lang;
        let parts = [
            (t!(lang, "undo-files"), self.files(wording), &[Part::Files][..]),
            (t!(lang, "undo-containers"), self.containers(wording), &[Part::Images, Part::Created]),
            (t!(lang, "undo-services"), self.services(wording, first), &[Part::Services]),
        ];
        self.told(wording, parts)
    }

    /// The two parts of an update of these services.
    pub(super) fn lines_of_update(&self, wording: &Wording, services: &[String]) -> Vec<String> {
        let lang = wording.lang;
        let mut images = self.images_of(wording, services);
        images.extend(self.backup_lines(wording));
        let parts = [
            (t!(lang, "undo-update-images"), images, &[Part::Files, Part::Images][..]),
            (
                t!(lang, "undo-update-services"),
                self.restart_of(wording, services),
                &[Part::Created, Part::Services],
            ),
        ];
        self.told(wording, parts)
    }

    fn told<const N: usize>(
        &self,
        wording: &Wording,
        parts: [(String, Vec<String>, &[Part]); N],
    ) -> Vec<String> {
        let mut lines = Vec::new();
        for (number, (head, body, about)) in parts.into_iter().enumerate() {
            let mark = t!(wording.lang, "undo-part", number = number + 1, of = N);
            lines.push(format!("{} {head}...", wording.style.accent(&format!("[{mark}]"))));
            lines.extend(body);
            lines.extend(self.failures(wording, about));
            lines.push(String::new());
        }
        lines
    }

    fn images_of(&self, wording: &Wording, services: &[String]) -> Vec<String> {
        if self.has_failed(Part::Images) {
            return Vec::new();
        }
        let moved = self.undone.iter().any(moves_images);
        let line = |service: String| match moved {
            true => t!(wording.lang, "image-restored", service = service),
            false => t!(wording.lang, "undo-image-untouched", service = service),
        };
        let told = lists::apart(wording, services).into_iter();
        told.map(|service| wording.good(&line(service))).collect()
    }

    fn restart_of(&self, wording: &Wording, services: &[String]) -> Vec<String> {
        if self.has_failed(Part::Services) {
            return Vec::new();
        }
        let (restored, untouched): (Vec<String>, Vec<String>) =
            services.iter().cloned().partition(|service| self.restored.contains(service));
        let restored = lists::apart(wording, &restored)
            .into_iter()
            .map(|service| t!(wording.lang, "service-restored", service = service));
        let untouched = lists::apart(wording, &untouched)
            .into_iter()
            .map(|service| t!(wording.lang, "undo-service-untouched", service = service));
        restored.chain(untouched).map(|line| wording.good(&line)).collect()
    }

    fn has_failed(&self, about: Part) -> bool {
        self.failed.iter().any(|(_, undo, _)| part(undo) == about)
    }

    fn files(&self, wording: &Wording) -> Vec<String> {
        let mut lines: Vec<String> = self.file_lines(wording).collect();
        let failed: Vec<&String> =
            self.failed.iter().flat_map(|(_, undo, _)| touched(undo)).collect();
        let is_told = |path: &&PathBuf| {
            let mut told = self.files.iter().chain(&self.removed).chain(failed.iter().copied());
            told.any(|known| **path == wording.directory.join(known))
        };
        let unchanged = wording.files.iter().filter(|path| !is_told(path)).map(|path| {
            let path = wording.path(path);
            wording.good(&t!(wording.lang, "undo-file-unchanged", path = path))
        });
        lines.extend(unchanged);
        lines
    }

    fn file_lines<'a>(&'a self, wording: &'a Wording) -> impl Iterator<Item = String> + 'a {
        let shown = |path: &String| wording.path(Path::new(path));
        let restored = self.files.iter().map(move |path| {
            wording.good(&t!(wording.lang, "undo-file-restored", path = shown(path)))
        });
        let removed = self.removed.iter().map(move |path| {
            wording.good(&t!(wording.lang, "undo-file-removed", path = shown(path)))
        });
        restored.chain(removed)
    }

    fn service_lines<'a>(&'a self, wording: &'a Wording) -> impl Iterator<Item = String> + 'a {
        lists::apart(wording, &self.restored)
            .into_iter()
            .map(|service| wording.good(&t!(wording.lang, "service-restored", service = service)))
    }

    fn containers(&self, wording: &Wording) -> Vec<String> {
        let lang = wording.lang;
        let mut lines = Vec::new();
        if self.undone.iter().any(|undo| matches!(undo, Undo::Create { .. })) {
            lines.push(wording.good(&t!(lang, "undo-created")));
        } else if !self.has_failed(Part::Images) && !self.has_failed(Part::Created) {
            lines.push(wording.good(&t!(lang, "undo-created-nothing")));
        }
        if self.undone.iter().any(moves_images) {
            lines.push(wording.good(&t!(lang, "undo-tags")));
        }
        lines.extend(self.backup_lines(wording));
        lines
    }

    fn backup_lines(&self, wording: &Wording) -> Vec<String> {
        let folders = self.undone.iter().filter_map(|undo| match undo {
            Undo::Backup { folder } => Some(folder),
            _ => None,
        });
        folders
            .map(|folder| wording.remark(&t!(wording.lang, "undo-backup", folder = folder)))
            .collect()
    }

    fn services(&self, wording: &Wording, first: bool) -> Vec<String> {
        let lang = wording.lang;
        let touched = |undo: &Undo| {
            matches!(undo, Undo::Retire { .. } | Undo::Replace { .. } | Undo::Start { .. })
        };
        if self.has_failed(Part::Services) {
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

    fn failures(&self, wording: &Wording, about: &[Part]) -> Vec<String> {
        let of_part = self.failed.iter().filter(|(_, undo, _)| about.contains(&part(undo)));
        of_part
            .map(|(step, _, error)| {
                let step = planned(wording, step);
                wording.bad(&t!(wording.lang, "undo-failed", step = step, error = error))
            })
            .collect()
    }
}

/// The framed line that says that undoing begins, and why. `failed` are the services that did.
pub(super) fn banner(
    wording: &Wording,
    kind: RunKind,
    failure: &Failure,
    failed: &[String],
) -> Vec<String> {
    let (lang, style) = (wording.lang, wording.style);
    let title = match kind {
        RunKind::Deploy => t!(lang, "undo-begins-deploy"),
        RunKind::Update => t!(lang, "undo-begins-update"),
        RunKind::Rollback => t!(lang, "undo-begins-rollback"),
        RunKind::DataSave => t!(lang, "undo-begins-data-save"),
        RunKind::DataRestore => t!(lang, "undo-begins-data-restore"),
    };
    let reason = match kind {
        RunKind::Update => of_update(lang, failure, failed),
        _ => reason(lang, failure),
    };
    wording.banner(&[style.bad(&title), t!(lang, "undo-reason", reason = reason)])
}

/// What an undo is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Files,
    Images,
    Created,
    Services,
}

const fn part(undo: &Undo) -> Part {
    match undo {
        Undo::Files { .. } | Undo::Directories { .. } => Part::Files,
        Undo::Pause
        | Undo::Retire { .. }
        | Undo::Replace { .. }
        | Undo::Follow { .. }
        | Undo::KeepUp { .. }
        | Undo::Start { .. }
        | Undo::SaveData { .. }
        | Undo::PutBack { .. }
        | Undo::Hook { .. }
        | Undo::SwitchBack { .. }
        | Undo::SwitchGateway { .. } => Part::Services,
        Undo::Nothing | Undo::Create { .. } | Undo::MakeGateway { .. } => Part::Created,
        Undo::Backup { .. } | Undo::BuildTags { .. } | Undo::Tags { .. } => Part::Images,
    }
}

/// The files that an undo is about.
fn touched(undo: &Undo) -> impl Iterator<Item = &String> {
    let saved = match undo {
        Undo::Files { saved, .. } => Some(saved.keys()),
        _ => None,
    };
    saved.into_iter().flatten()
}

/// Whether image references were put back.
fn moves_images(undo: &Undo) -> bool {
    match undo {
        Undo::Tags { before } => !before.is_empty(),
        Undo::BuildTags { tags } => !tags.is_empty(),
        _ => false,
    }
}
