//! Differences of texts.

use backstay_core::secrets::scrub;
use similar::{ChangeTag, TextDiff};

use super::{Style, clean};

/// A unified diff, with three lines around each change. What is written like a password is not shown.
pub(crate) fn unified(style: Style, path: &str, before: &str, after: &str) -> Vec<String> {
    let diff = TextDiff::from_lines(before, after);
    let path = clean::line(path);
    let mut lines = vec![format!("--- {path}"), format!("+++ {path}")];
    for hunk in diff.unified_diff().context_radius(3).iter_hunks() {
        lines.push(style.accent(&hunk.header().to_string()));
        for change in hunk.iter_changes() {
            let text = clean::line(&scrub(change.value()));
            lines.push(match change.tag() {
                ChangeTag::Delete => style.bad(&format!("-{text}")),
                ChangeTag::Insert => style.good(&format!("+{text}")),
                ChangeTag::Equal => format!(" {text}"),
            });
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_beside_the_change_is_not_shown() {
        let proxy = "\"http-proxy\": \"http://me:hunter2@proxy\"\n";
        let lines = unified(Style::default(), "/x", proxy, &format!("{proxy}b\n"));
        assert_eq!(lines[3], " \"http-proxy\": \"http://me:[redacted]@proxy\"");
    }

    #[test]
    fn a_line_that_is_added_has_its_surroundings() {
        let lines = unified(Style::default(), "/x", "a\nb\nc\nd\ne\n", "a\nb\nc\nd\ne\nf\n");
        let wanted = ["--- /x", "+++ /x", "@@ -3,3 +3,4 @@", " c", " d", " e", "+f"];
        assert_eq!(lines, wanted);
    }
}
