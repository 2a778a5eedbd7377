//! The screen of `status`.

use backstay_core::ops::status::{ContainerStatus, Drift, StatusReport};

use super::state::state;
use super::text::{self, Wording, short_id};
use super::{clean, time, width};
use crate::i18n::{Language, t};

/// What runs, which release it is, and how it differs from it.
pub(crate) fn lines(wording: &Wording, report: &StatusReport) -> Vec<String> {
    let (lang, style) = (wording.lang, wording.style);
    let release = match &report.release {
        Some(release) => {
            let created = time::local(&release.created);
            t!(lang, "status-release", release = &release.id, created = created)
        }
        None if report.damage.is_empty() => t!(lang, "status-no-release"),
        None => t!(lang, "status-damaged"),
    };
    let mut lines = vec![t!(lang, "status-project", project = &report.project), release];
    if wording.verbose {
        let path = report.state.to_string_lossy();
        lines.push(t!(lang, "status-place", path = clean::line(&path)));
    }
    lines.push(String::new());
    if report.containers.is_empty() {
        lines.push(t!(lang, "status-nothing-runs"));
    } else {
        let head = vec![
            t!(lang, "status-service"),
            t!(lang, "status-container"),
            t!(lang, "status-image"),
            t!(lang, "status-state"),
        ];
        let rows = report.containers.iter().map(|container| row(lang, container));
        lines.extend(width::table(&[head].into_iter().chain(rows).collect::<Vec<_>>()));
    }
    lines.push(String::new());
    if let Some(was) = &report.ran_as {
        lines.push(style.warn(&format!("! {}", t!(lang, "status-ran-as", was = was))));
    }
    if report.drift.is_empty() && report.release.is_some() && report.damage.is_empty() {
        lines.push(style.good(&format!("✓ {}", t!(lang, "status-no-drift"))));
    }
    for drift in &report.drift {
        lines.push(style.warn(&format!("! {}", difference(lang, drift))));
    }
    if let Some(warm) = &report.warm {
        let (services, until) = (warm.services.join(", "), time::clock(&warm.until));
        let (release, command) = (clean::line(&warm.release), clean::line(&warm.command));
        lines.push(t!(
            lang,
            "status-warm",
            release = release,
            until = until,
            services = services,
            command = command
        ));
    }
    for run in &report.interrupted {
        lines.push(style.bad(&format!("✗ {}", t!(lang, "status-interrupted", run = run))));
    }
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines
}

fn row(lang: Language, container: &ContainerStatus) -> Vec<String> {
    let (status, health, restarts) = (container.status, container.health, container.restarts);
    vec![
        clean::line(&container.service),
        clean::line(&container.name),
        short_id(&container.image),
        state(lang, status, health, restarts),
    ]
}

fn difference(lang: Language, drift: &Drift) -> String {
    match drift {
        Drift::RecordElsewhere { place } => {
            t!(lang, "drift-record-elsewhere", place = clean::line(place))
        }
        Drift::NotRecorded => t!(lang, "drift-not-recorded"),
        Drift::Missing { service } => t!(lang, "drift-missing", service = service),
        Drift::Extra { service } => t!(lang, "drift-extra", service = service),
        Drift::Orphan { container, directory } => {
            let directory = directory.as_ref().map(|path| clean::line(&path.to_string_lossy()));
            match directory {
                Some(folder) => {
                    t!(lang, "drift-orphan-of", container = container, folder = folder)
                }
                None => t!(lang, "drift-orphan", container = container),
            }
        }
        Drift::Image { container } => t!(lang, "drift-image", container = container),
        Drift::Definition { container } => t!(lang, "drift-definition", container = container),
        Drift::Unwell(unwell) => {
            let state = text::unwell_state(lang, unwell);
            t!(lang, "drift-unwell", container = clean::line(&unwell.container), state = state)
        }
        Drift::Stopped { container } => t!(lang, "drift-stopped", container = container),
        Drift::Gateway { ports } => t!(lang, "drift-gateway", ports = ports.join(", ")),
        Drift::Tag { reference } => t!(lang, "drift-tag", reference = reference),
        Drift::File { path } => t!(lang, "drift-file", path = path),
    }
}
