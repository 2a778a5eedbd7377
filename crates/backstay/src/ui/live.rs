//! A few rows of progress under the lines, drawn over again in place. No cursor is hidden and no mode is set, so
//! that there is nothing to restore when the program is killed.

use std::fmt::Write;
use std::time::Instant;

use super::screen::Row;
use super::width;

/// The most rows that are shown.
const MOST: usize = 5;

const SPINNER: [char; 4] = ['|', '/', '-', '\\'];

/// The rows and where they are on the screen.
#[derive(Default)]
pub(super) struct Live {
    rows: Vec<Row>,
    since: Option<Instant>,
    drawn: usize,
    turn: usize,
}

impl Live {
    /// Whether there is nothing to draw and nothing to erase.
    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty() && self.drawn == 0
    }

    /// Replaces the rows; the next frame shows them.
    pub(super) fn set(&mut self, rows: Vec<Row>) {
        self.rows = rows;
        self.since = Some(Instant::now());
    }

    /// What to write: the old rows erased, the new lines, the rows as they are now.
    pub(super) fn frame(&mut self, lines: &str, size: Option<(u16, u16)>) -> String {
        let mut out = String::new();
        if self.drawn > 0 {
            let _ = write!(out, "\x1b[{}A\r\x1b[J", self.drawn);
        }
        out.push_str(lines);
        let (columns, height) = size.map_or((80, 24), |(w, h)| (usize::from(w), usize::from(h)));
        let room = MOST.min(height.saturating_sub(2));
        let waited = self.since.map(|since| since.elapsed()).unwrap_or_default();
        self.drawn = self.rows.len().min(room);
        self.turn = self.turn.wrapping_add(1);
        let sign = SPINNER[self.turn % SPINNER.len()];
        for row in self.rows.iter().take(room) {
            let seconds = (row.elapsed + waited).as_secs();
            let time = if seconds == 0 { String::new() } else { format!("  {seconds}s") };
            // One column stays free: a full row wraps on some terminals, and could not be erased.
            let columns = columns.saturating_sub(width::width(&time) + 5);
            let _ = writeln!(out, "  {sign} {}{time}", width::fit(&row.text, columns));
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn row(text: &str, seconds: u64) -> Row {
        Row { text: text.to_owned(), elapsed: Duration::from_secs(seconds) }
    }

    #[test]
    fn rows_are_erased_before_lines_and_drawn_after_them() {
        let mut live = Live::default();
        live.set(vec![row("web", 0), row("等待服务启动的长文字", 3)]);
        assert_eq!(live.frame("one\n", Some((20, 24))), "one\n  / web\n  / 等待服务启…  3s\n");
        live.set(Vec::new());
        assert_eq!(live.frame("two\n", Some((20, 24))), "\x1b[2A\r\x1b[Jtwo\n");
        assert!(live.is_empty());
        assert_eq!(live.frame("three\n", None), "three\n");
    }

    #[test]
    fn a_small_terminal_is_not_overrun() {
        let mut live = Live::default();
        live.set((0..9).map(|n| row(&n.to_string(), 0)).collect());
        assert_eq!(live.frame("", Some((40, 5))).lines().count(), 3);
    }
}
