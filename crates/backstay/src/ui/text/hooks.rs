//! Hooks of a run: what is said of them on the way, and what is wrong with one.

use backstay_core::event::{HookTrouble, Note};
use backstay_core::stack::HookPoint;

use super::Wording;
use crate::clean;
use crate::i18n::{Language, t};

/// A remark's line, or several.
pub(super) fn line(wording: &Wording, note: &Note) -> String {
    let lang = wording.lang;
    match note {
        Note::NoHooks { hooks } => {
            wording.warning(&t!(lang, "note-no-hooks", hooks = hooks.join(", ")))
        }
        Note::HookLeftOut { hook, service } => {
            wording.remark(&t!(lang, "note-hook-left-out", hook = hook, service = service))
        }
        Note::HookRuns { hook } => wording.remark(&t!(lang, "note-hook-runs", hook = hook)),
        Note::HookFailed { hook, trouble: why, lines } => {
            let why = trouble(lang, why);
            let head = wording.warning(&t!(lang, "note-hook-failed", hook = hook, why = why));
            let gutter = wording.style.faint("│");
            let lines = lines.iter().flat_map(|line| clean::lines(line));
            let lines = lines.map(|line| format!("    {gutter} {line}"));
            [head].into_iter().chain(lines).collect::<Vec<_>>().join("\n")
        }
        Note::HookUndone { hook } => wording.good(&t!(lang, "note-hook-undone", hook = hook)),
        Note::HookStays { hook } => wording.warning(&t!(lang, "note-hook-stays", hook = hook)),
        _ => String::new(),
    }
}

/// A hook in a plan and while it runs.
pub(super) fn planned(
    lang: Language,
    name: &str,
    point: HookPoint,
    service: Option<&String>,
) -> String {
    let place = match service {
        Some(service) if point == HookPoint::BeforeSwitch => {
            t!(lang, "hook-beside", service = service)
        }
        Some(service) => t!(lang, "hook-inside", service = service),
        None => t!(lang, "hook-on-host"),
    };
    t!(lang, "step-hook", hook = named(name, point), place = place)
}

/// Its name, with its place in the run where that does not say it.
fn named(name: &str, point: HookPoint) -> String {
    if name.contains(point.key()) { name.to_owned() } else { format!("{} {name}", point.key()) }
}

/// What is wrong with one.
pub(super) fn trouble(lang: Language, trouble: &HookTrouble) -> String {
    match trouble {
        HookTrouble::Off { service } => t!(lang, "hook-off", service = service),
        HookTrouble::Exit { code: Some(code) } => t!(lang, "hook-exit", code = *code),
        HookTrouble::Exit { code: None } => t!(lang, "hook-exit-unknown"),
        HookTrouble::Late { waited } => t!(lang, "hook-late", seconds = waited.as_secs()),
        HookTrouble::Other { message } => clean::line(message),
    }
}
