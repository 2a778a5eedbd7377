//! An error as the user gets it.

use std::process::ExitCode;

use backstay_core::secrets::Secrets;
use serde::Serialize;

use super::Exit;
use crate::i18n::{Language, t};
use crate::ui::{Style, clean, direct, stamped};

/// An error as the user gets it: what failed, on what, and what to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CommandError {
    /// How the program ends.
    pub(crate) exit: Exit,
    /// What failed, in the user's language.
    pub(crate) message: String,
    /// More lines: the words of Docker, the things that are missing.
    pub(crate) details: Vec<String>,
    /// What to do about it.
    pub(crate) hints: Vec<String>,
}

/// How errors are shown.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Show {
    lang: Language,
    json: bool,
    style: Style,
}

impl Show {
    /// In colour where `style` has it, as JSON where that was asked for.
    pub(crate) const fn new(lang: Language, json: bool, style: Style) -> Self {
        Self { lang, json, style }
    }

    /// Without colour.
    pub(crate) fn plain(lang: Language, json: bool) -> Self {
        Self::new(lang, json, Style::default())
    }
}

/// The error's line of JSON.
#[derive(Serialize)]
#[serde(rename = "error", tag = "type")]
struct Line<'a> {
    code: u8,
    name: &'a str,
    message: &'a str,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    details: &'a [String],
    #[serde(skip_serializing_if = "String::is_empty")]
    hint: String,
}

impl CommandError {
    /// An error without further lines.
    pub(crate) fn new(exit: Exit, message: String) -> Self {
        Self { exit, message, details: Vec::new(), hints: Vec::new() }
    }

    /// With something to do about it.
    #[must_use]
    pub(crate) fn hint(mut self, hint: String) -> Self {
        self.hints.push(hint);
        self
    }

    /// With further lines.
    #[must_use]
    pub(crate) fn details(mut self, details: Vec<String>) -> Self {
        self.details.extend(details.into_iter().filter(|line| !line.is_empty()));
        self
    }

    /// Without secrets in the words of others.
    #[must_use]
    pub(crate) fn without(mut self, secrets: &Secrets) -> Self {
        let texts = self.details.iter_mut().chain(&mut self.hints).chain([&mut self.message]);
        texts.for_each(|text| *text = secrets.text(text));
        self
    }

    /// Shows it on stderr and gives the exit code.
    pub(crate) fn report(&self, show: Show) -> ExitCode {
        direct::complain(&self.render(show));
        self.exit.code()
    }

    /// The text that is shown.
    pub(crate) fn render(&self, show: Show) -> String {
        if show.json {
            return stamped(&Line {
                code: self.exit as u8,
                name: self.exit.name(),
                message: &self.message,
                details: &self.details,
                hint: self.hints.join("\n"),
            });
        }
        let error = show.style.bad(&t!(show.lang, "error-label"));
        let hint = show.style.accent(&t!(show.lang, "hint-label"));
        // Whatever is quoted in them has been cleaned where it came in; what was forgotten there ends here.
        let mut lines = vec![format!("{error} {}", clean::line(&self.message))];
        lines.extend(self.details.iter().map(|line| format!("  {line}")));
        if !self.hints.is_empty() {
            lines.push(String::new());
            lines.extend(self.hints.iter().map(|text| format!("{hint} {}", clean::line(text))));
        }
        lines.join("\n")
    }
}
