//! The screen of `doctor`.

use serde_json::{Value, json};
use similar::{ChangeTag, TextDiff};

use super::{Finding, Level, MirrorChange, Unreachable};
use crate::i18n::t;
use crate::ui::{Wording, clean, diff};

/// A finding: one line where all is well, and what to do where it is not.
pub(crate) fn finding(wording: &Wording, finding: &Finding) -> Vec<String> {
    let style = wording.style;
    let text = clean::line(&finding.message);
    let mut lines = vec![match finding.level {
        Level::Good => style.good(&format!("✓ {text}")),
        Level::Warning => style.warn(&format!("! {text}")),
        Level::Bad => style.bad(&format!("✗ {text}")),
    }];
    if finding.level != Level::Good {
        lines.extend(finding.details.iter().map(|line| format!("    {}", clean::line(line))));
        let arrow = style.accent("→");
        lines.extend(finding.hints.iter().map(|hint| format!("    {arrow} {}", clean::line(hint))));
    }
    lines
}

/// The change of `daemon.json`, as a unified diff, and whether it was made.
pub(crate) fn change(
    wording: &Wording,
    change: Option<&MirrorChange>,
    unreachable: &Unreachable,
) -> Vec<String> {
    let (lang, style) = (wording.lang, wording.style);
    let mut lines = vec![String::new()];
    let Some(change) = change else {
        lines.push(t!(lang, "doctor-mirrors-there"));
        return lines;
    };
    let path = change.path.to_string_lossy().into_owned();
    lines.push(match change.made {
        true => style.good(&format!("✓ {}", t!(lang, "doctor-written", path = &path))),
        false => t!(lang, "doctor-would-change", path = &path),
    });
    lines.extend(diff::unified(style, &path, &change.before, &change.after));
    if let Some(copy) = &change.copy {
        lines.push(t!(lang, "doctor-copy", path = copy.to_string_lossy().into_owned()));
    }
    if change.made {
        lines.push(clean::line(&change.restart));
    } else {
        lines.push(t!(lang, "doctor-how-to-fix"));
    }
    if unreachable.others {
        lines.push(t!(lang, "doctor-mirrors-serve-default"));
    }
    lines
}

/// The same for programs.
pub(crate) fn change_json(change: Option<&MirrorChange>) -> Value {
    let Some(change) = change else {
        return json!({"type": "daemon-json", "changed": false, "written": false});
    };
    let diff = TextDiff::from_lines(&change.before, &change.after);
    let added: Vec<&str> = diff
        .iter_all_changes()
        .filter(|line| line.tag() == ChangeTag::Insert)
        .map(|line| line.value().trim_end())
        .collect();
    json!({
        "type": "daemon-json",
        "changed": true,
        "written": change.made,
        "path": change.path,
        "copy": change.copy,
        "added": added,
    })
}

/// How mirrors are named, where none were.
pub(crate) fn no_mirrors(wording: &Wording) -> Vec<String> {
    vec![String::new(), t!(wording.lang, "doctor-no-mirrors")]
}

/// How it stands in all.
pub(crate) fn summary(wording: &Wording, findings: &[Finding]) -> Vec<String> {
    let (lang, style) = (wording.lang, wording.style);
    let count = |level| findings.iter().filter(|finding| finding.level == level).count();
    let (bad, warnings) = (count(Level::Bad), count(Level::Warning));
    let line = match (bad, warnings) {
        (0, 0) => style.good(&t!(lang, "doctor-all-well")),
        (0, _) => t!(lang, "doctor-warnings", count = warnings),
        _ => style.bad(&t!(lang, "doctor-problems", count = bad)),
    };
    vec![String::new(), line]
}
