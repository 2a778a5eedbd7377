//! What is wrong with the arguments, in the user's language.

use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::{CommandError, Exit};
use crate::i18n::{Language, t};

impl CommandError {
    /// An error of the command line.
    pub(crate) fn of_arguments(lang: Language, error: &clap::Error) -> Self {
        let get = |kind| error.get(kind).map(text).unwrap_or_default();
        let argument = get(ContextKind::InvalidArg);
        let value = get(ContextKind::InvalidValue);
        let is_duration = argument.contains("<DURATION>");
        let message = match error.kind() {
            ErrorKind::UnknownArgument => t!(lang, "usage-unknown", argument = argument),
            ErrorKind::InvalidSubcommand => {
                t!(lang, "usage-unknown-command", command = get(ContextKind::InvalidSubcommand))
            }
            ErrorKind::InvalidValue if value.is_empty() => {
                t!(lang, "usage-no-value", argument = argument)
            }
            ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
                t!(lang, "usage-bad-value", argument = argument, value = value)
            }
            ErrorKind::MissingRequiredArgument => {
                t!(lang, "usage-missing", argument = argument)
            }
            ErrorKind::ArgumentConflict => {
                t!(lang, "usage-conflict", argument = argument, other = get(ContextKind::PriorArg))
            }
            ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
                t!(lang, "usage-no-command")
            }
            ErrorKind::TooManyValues => {
                t!(lang, "usage-too-many", argument = argument, value = value)
            }
            _ => first_line(error),
        };
        let mut found = Self::new(Exit::Usage, message);
        let suggestion = [
            ContextKind::SuggestedSubcommand,
            ContextKind::SuggestedArg,
            ContextKind::SuggestedValue,
        ]
        .map(get);
        if let Some(suggestion) = suggestion.into_iter().find(|text| !text.is_empty()) {
            found = found.hint(t!(lang, "hint-similar", name = suggestion));
        }
        if error.kind() == ErrorKind::ValueValidation && is_duration {
            found = found.hint(t!(lang, "hint-duration"));
        }
        let valid = get(ContextKind::ValidValue);
        if !valid.is_empty() {
            found = found.hint(t!(lang, "hint-valid-values", values = valid));
        }
        found.hint(t!(lang, "hint-help"))
    }

    /// An error of the command line that clap does not see.
    pub(crate) fn usage(message: String) -> Self {
        Self::new(Exit::Usage, message)
    }
}

fn text(value: &ContextValue) -> String {
    match value {
        ContextValue::Strings(all) => all.join(", "),
        other => other.to_string(),
    }
}

fn first_line(error: &clap::Error) -> String {
    let text = error.to_string();
    let line = text.lines().next().unwrap_or_default();
    line.strip_prefix("error: ").unwrap_or(line).to_owned()
}
