//! `--json`: one object a line, with the version of the format and the time.

use std::sync::Arc;

use backstay_core::event::{Event, Phase};
use backstay_core::ports::Reporter;
use serde::Serialize;

use super::clean;
use super::parts::Parts;
use super::screen::Screen;

/// The version of the lines' format.
pub const VERSION: u32 = 1;

#[derive(Serialize)]
struct Line<'a, T> {
    v: u32,
    time: String,
    #[serde(flatten)]
    body: &'a T,
}

/// Reports each event as a line of JSON.
pub struct JsonReporter {
    screen: Arc<dyn Screen>,
    parts: Parts,
}

/// A part of the run with its number.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
enum Numbered {
    Phase { number: usize, of: usize, phase: Phase },
}

impl JsonReporter {
    /// Writes to this screen.
    #[must_use]
    pub fn new(screen: Arc<dyn Screen>, parts: Parts) -> Self {
        Self { screen, parts }
    }
}

impl Reporter for JsonReporter {
    fn report(&self, event: &Event) {
        let Event::Phase { phase } = *event else { return self.screen.line(&stamped(event)) };
        if let Some((number, of)) = self.parts.place(phase) {
            self.screen.line(&stamped(&Numbered::Phase { number, of, phase }));
        }
    }
}

/// A value as a line of the stream: with version and time.
pub(crate) fn stamped<T: Serialize>(body: &T) -> String {
    encode(&Line { v: VERSION, time: jiff::Timestamp::now().to_string(), body })
}

/// JSON that a terminal can show: serde escapes the ASCII controls, not those of Latin-1, nor what ends or reorders a
/// line.
pub(crate) fn encode<T: Serialize>(value: &T) -> String {
    let json = serde_json::to_string(value).unwrap_or_else(|_| "null".to_owned());
    if !json.chars().any(clean::is_harmful) {
        return json;
    }
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if clean::is_harmful(c) {
            out.push_str(&format!("\\u{:04x}", u32::from(c)));
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::Memory;

    #[test]
    fn a_line_is_the_event_with_version_and_time() {
        let screen = Memory::default();
        let dirty = "a\u{9b}2J\x1b\u{202e}\u{2028}";
        let line = dirty.to_owned();
        let from = backstay_core::event::OutputSource::Build;
        let reporter = JsonReporter::new(Arc::new(screen.clone()), Parts::Update);
        reporter.report(&Event::Output { from, line });
        let text = screen.text();
        assert!(!text.trim_end().chars().any(clean::is_harmful), "{text:?}");
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!((&value["v"], &value["type"]), (&1.into(), &"output".into()));
        assert_eq!(value["line"], dirty);
        assert!(value["time"].as_str().unwrap().ends_with('Z'));
        // This screen has no such part.
        reporter.report(&Event::Phase { phase: Phase::Certificate });
        reporter.report(&Event::Phase { phase: Phase::Verify });
        let text = screen.text();
        let last = text.lines().nth(1).unwrap();
        assert!(last.ends_with(r#""type":"phase","number":4,"of":4,"phase":"verify"}"#), "{last}");
        assert_eq!(text.lines().count(), 2);
    }
}
