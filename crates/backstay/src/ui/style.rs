//! Colour, where it is wanted. Everything reads the same without it.

use std::ffi::OsString;

use clap::ValueEnum;

/// `--color`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum ColorChoice {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl ColorChoice {
    /// Whether to colour what goes to a stream.
    #[must_use]
    pub fn enabled(self, terminal: bool, env: &dyn Fn(&str) -> Option<OsString>) -> bool {
        match self {
            Self::Always => true,
            Self::Never => false,
            Self::Auto => {
                // https://no-color.org: any value but the empty one.
                let refused = env("NO_COLOR").is_some_and(|value| !value.is_empty());
                let dumb = env("TERM").is_some_and(|value| value == "dumb");
                terminal && !refused && !dumb
            }
        }
    }
}

/// Paints text, or leaves it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Style {
    enabled: bool,
}

impl Style {
    /// A style that paints or does not.
    #[must_use]
    pub const fn new(enabled: bool) -> Self {
        Self { enabled }
    }

    /// Good news.
    #[must_use]
    pub fn good(self, text: &str) -> String {
        self.paint("32", text)
    }

    /// Bad news.
    #[must_use]
    pub fn bad(self, text: &str) -> String {
        self.paint("31", text)
    }

    /// What to look at.
    #[must_use]
    pub fn warn(self, text: &str) -> String {
        self.paint("33", text)
    }

    /// The number of a part, a command, a name.
    #[must_use]
    pub fn accent(self, text: &str) -> String {
        self.paint("36", text)
    }

    /// What need not be read.
    #[must_use]
    pub fn faint(self, text: &str) -> String {
        self.paint("2", text)
    }

    /// A heading.
    #[must_use]
    pub fn strong(self, text: &str) -> String {
        self.paint("1", text)
    }

    fn paint(self, code: &str, text: &str) -> String {
        if self.enabled && !text.is_empty() {
            format!("\x1b[{code}m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colour_is_for_terminals_that_did_not_refuse_it() {
        let none = |_: &str| None;
        let refused = |name: &str| (name == "NO_COLOR").then(|| OsString::from("1"));
        assert!(ColorChoice::Auto.enabled(true, &none));
        assert!(!ColorChoice::Auto.enabled(false, &none));
        assert!(!ColorChoice::Auto.enabled(true, &refused));
        assert!(ColorChoice::Always.enabled(false, &refused));
        assert!(!ColorChoice::Never.enabled(true, &none));
    }
}
