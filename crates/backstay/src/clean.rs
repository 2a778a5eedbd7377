//! Text from outside (logs, labels, the engine's words) made safe to show: without terminal escapes, control
//! characters, and marks that reorder what is on the line.

/// One line: everything that breaks a line becomes a space.
#[must_use]
pub(crate) fn line(text: &str) -> String {
    strip(text, " ").trim_end().to_owned()
}

/// Several lines, each of them clean, without empty ones at the end.
#[must_use]
pub(crate) fn lines(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = text.split('\n').map(last_overwrite).map(line).collect();
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines
}

/// What a terminal would show of a line in which `\r` starts over.
fn last_overwrite(line: &str) -> &str {
    line.trim_end_matches('\r').rsplit('\r').next().unwrap_or_default()
}

fn strip(text: &str, newline: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\n' | '\r' | '\t' | '\u{b}' | '\u{c}' | '\u{2028}' | '\u{2029}' => {
                out.push_str(newline);
            }
            '\x1b' => match chars.next() {
                Some('[') => skip_control_sequence(&mut chars),
                Some(']' | 'P' | 'X' | '^' | '_') => skip_string(&mut chars),
                // `ESC ( B` and its like have one more character.
                Some(' '..='/') => drop(chars.next()),
                _ => {}
            },
            '\u{9b}' => skip_control_sequence(&mut chars),
            '\u{90}' | '\u{98}' | '\u{9d}'..='\u{9f}' => skip_string(&mut chars),
            c if c.is_control() || reorders(c) => {}
            c => out.push(c),
        }
    }
    out
}

/// `CSI … final`.
fn skip_control_sequence(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    while let Some(c) = chars.next_if(|c| (' '..='~').contains(c)) {
        if ('@'..='~').contains(&c) {
            break;
        }
    }
}

/// `OSC … BEL` or `… ST`; no more than the line, for a torn one must not swallow what follows.
fn skip_string(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    while let Some(c) = chars.next_if(|c| *c != '\n') {
        match c {
            '\x07' | '\u{9c}' => break,
            '\x1b' => {
                chars.next_if_eq(&'\\');
                break;
            }
            _ => {}
        }
    }
}

/// Whether a character could do something to a terminal, or to how a line reads.
pub(crate) fn is_harmful(c: char) -> bool {
    c.is_control() || reorders(c) || matches!(c, '\u{2028}' | '\u{2029}')
}

/// Bidirectional controls: with them a line reads differently from what it says.
const fn reorders(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{206f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_taken_out_and_text_stays() {
        for (dirty, clean) in [
            ("\x1b[31mred\x1b[0m", "red"),
            ("\x1b]0;title\x07after", "after"),
            ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
            ("\u{9b}2Jgone", "gone"),
            ("\x1b(Bplain", "plain"),
            ("a\x08\x00b\u{7f}", "ab"),
            ("a\tb\nc", "a b c"),
            ("user\u{202e}txt.exe", "usertxt.exe"),
            ("torn \x1b[", "torn"),
            ("torn \x1b]0;x", "torn"),
            ("部署 ✓", "部署 ✓"),
        ] {
            assert_eq!(line(dirty), clean);
        }
    }

    #[test]
    fn lines_show_what_a_terminal_would_have_left() {
        assert_eq!(lines("10%\r50%\r100%\r\nnext\n\n"), ["100%", "next"]);
        assert_eq!(lines("\x1b]0;torn\nkept"), ["", "kept"]);
    }
}
