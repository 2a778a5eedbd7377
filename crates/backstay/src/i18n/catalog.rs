//! The messages of each language, parsed at first use.

use std::sync::OnceLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};

use super::Language;
use crate::clean;

/// An argument of a message.
pub(crate) enum Value {
    /// Text, made safe to show.
    Text(String),
    /// A count.
    Number(f64),
}

macro_rules! from_number {
    ($($kind:ty),+) => {
        $(impl From<$kind> for Value {
            #[allow(clippy::cast_precision_loss)] // counts that people read
            fn from(value: $kind) -> Self {
                Self::Number(value as f64)
            }
        })+
    };
}

from_number!(u16, u32, u64, usize, i64);

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(clean::line(value))
    }
}

impl From<&String> for Value {
    fn from(value: &String) -> Self {
        Self::from(value.as_str())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::from(value.as_str())
    }
}

type Bundle = FluentBundle<FluentResource>;

/// The files of both languages, side by side.
macro_rules! files {
    ($($name:literal),+ $(,)?) => {
        /// The English files.
        pub(super) const ENGLISH: &[&str] =
            &[$(include_str!(concat!("../../locales/en/", $name, ".ftl"))),+];
        /// The Chinese files.
        pub(super) const CHINESE: &[&str] =
            &[$(include_str!(concat!("../../locales/zh-CN/", $name, ".ftl"))),+];
    };
}

files!(
    "run", "prepare", "undo", "cause", "plan", "lists", "update", "errors", "doctor", "report",
    "usage", "data", "gateway", "hooks",
);

/// The Chinese help texts; the English ones are the doc comments of the arguments.
pub(super) const CHINESE_HELP: &str = include_str!("../../locales/zh-CN/help.ftl");

/// A message.
pub(crate) fn text(lang: Language, key: &str, arguments: &[(&'static str, Value)]) -> String {
    // A key that does not exist is found by a test; here it must not cost a run its end.
    lookup(lang, key, arguments).unwrap_or_else(|| key.to_owned())
}

/// A message, where there is one of that name.
pub(super) fn lookup(
    lang: Language,
    key: &str,
    arguments: &[(&'static str, Value)],
) -> Option<String> {
    let bundle = bundle(lang);
    let pattern = bundle.get_message(key)?.value()?;
    let arguments: FluentArgs<'_> = arguments
        .iter()
        .map(|(name, value)| {
            let value = match value {
                Value::Text(text) => FluentValue::from(text.as_str()),
                Value::Number(number) => FluentValue::from(*number),
            };
            (*name, value)
        })
        .collect();
    Some(bundle.format_pattern(pattern, Some(&arguments), &mut Vec::new()).into_owned())
}

fn bundle(lang: Language) -> &'static Bundle {
    static BUNDLES: [OnceLock<Bundle>; 2] = [OnceLock::new(), OnceLock::new()];
    let (slot, files, help) = match lang {
        Language::English => (&BUNDLES[0], ENGLISH, None),
        Language::Chinese => (&BUNDLES[1], CHINESE, Some(&CHINESE_HELP)),
    };
    slot.get_or_init(|| {
        let tags = lang.tag().parse().into_iter().collect();
        let mut bundle = Bundle::new_concurrent(tags);
        // The marks would be printed as odd boxes by many terminals, and both languages run left to right.
        bundle.set_use_isolating(false);
        for file in files.iter().chain(help) {
            // Broken entries are found by a test; the good ones are used.
            let resource = FluentResource::try_new((*file).to_owned());
            bundle.add_resource_overriding(resource.unwrap_or_else(|(good, _)| good));
        }
        bundle
    })
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
