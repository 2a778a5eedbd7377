//! What a check has found.

use backstay_core::secrets::Secrets;
use serde::Serialize;
use serde_json::{Value, json};

use crate::errors::{CommandError, Exit};

/// How it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Level {
    /// All is well.
    Good,
    /// Something to look at; a run would go.
    Warning,
    /// A run would fail.
    Bad,
}

/// What a check has found.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "type", rename = "check")]
pub(crate) struct Finding {
    /// The check's name.
    pub(crate) check: &'static str,
    /// How it stands.
    pub(crate) level: Level,
    /// In one line, in the user's language.
    pub(crate) message: String,
    /// More lines.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) details: Vec<String>,
    /// What to do.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) hints: Vec<String>,
    /// The same for programs.
    #[serde(skip_serializing_if = "Value::is_null")]
    pub(crate) facts: Value,
    /// How the program ends for it, where it is bad.
    #[serde(skip)]
    pub(crate) exit: Exit,
}

impl Finding {
    /// Good news.
    pub(crate) fn good(check: &'static str, message: String) -> Self {
        Self::new(check, Level::Good, Exit::Done, message)
    }

    /// Something to look at.
    pub(crate) fn warning(check: &'static str, message: String) -> Self {
        Self::new(check, Level::Warning, Exit::Done, message)
    }

    /// Something that is broken.
    pub(crate) fn bad(check: &'static str, exit: Exit, message: String) -> Self {
        Self::new(check, Level::Bad, exit, message)
    }

    /// An error that a run would end with.
    pub(crate) fn error(check: &'static str, error: CommandError) -> Self {
        let CommandError { exit, message, details, hints } = error;
        Self { details, hints, ..Self::new(check, Level::Bad, exit, message) }
    }

    /// With something to do about it.
    pub(crate) fn hint(mut self, hint: String) -> Self {
        self.hints.push(hint);
        self
    }

    /// With more lines.
    pub(crate) fn details(mut self, details: Vec<String>) -> Self {
        self.details.extend(details);
        self
    }

    /// With the same for programs.
    pub(crate) fn facts(mut self, facts: Value) -> Self {
        self.facts = facts;
        self
    }

    /// Without secrets in the words of others.
    pub(crate) fn without(mut self, secrets: &Secrets) -> Self {
        let texts = self.details.iter_mut().chain(&mut self.hints).chain([&mut self.message]);
        texts.for_each(|text| *text = secrets.text(text));
        self
    }

    fn new(check: &'static str, level: Level, exit: Exit, message: String) -> Self {
        let (details, hints) = (Vec::new(), Vec::new());
        Self { check, level, message, details, hints, facts: json!(null), exit }
    }
}

/// How the program ends: as for the first thing that is broken.
pub(crate) fn exit(findings: &[Finding]) -> Exit {
    let broken = findings.iter().find(|finding| finding.level == Level::Bad);
    broken.map_or(Exit::Done, |finding| finding.exit)
}
