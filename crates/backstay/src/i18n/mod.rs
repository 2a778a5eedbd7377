//! Two languages for everything that a person reads. Messages are Fluent files under `locales/`, built
//! into the program and parsed only when the first one is needed.

mod catalog;
mod help;
mod language;

pub(crate) use catalog::{Value, text};
pub(crate) use help::translate;
pub use language::Language;

/// A message in a language: `t!(lang, "deploy-done", seconds = 3)`. Control characters are taken out of
/// the arguments, for they come from logs, labels and the engine.
macro_rules! t {
    ($lang:expr, $key:literal $(,)?) => {
        $crate::i18n::text($lang, $key, &[])
    };
    ($lang:expr, $key:literal, $($name:ident = $value:expr),+ $(,)?) => {
        $crate::i18n::text(
            $lang,
            $key,
            &[$((stringify!($name), $crate::i18n::Value::from($value))),+],
        )
    };
}
pub(crate) use t;
