//! Which language a person reads.

use std::ffi::OsString;

use clap::ValueEnum;

/// A language that Backstay speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, ValueEnum)]
pub enum Language {
    /// English.
    #[value(name = "en")]
    English,
    /// Simplified Chinese.
    #[value(name = "zh-CN", aliases = ["zh", "zh_CN", "zh-Hans", "cn"])]
    Chinese,
}

impl Language {
    /// The language that was asked for, else that of the locale, else English.
    #[must_use]
    pub fn choose(asked: Option<Self>, env: &dyn Fn(&str) -> Option<OsString>) -> Self {
        asked.unwrap_or_else(|| Self::of_locale(&locale(env)))
    }

    /// The language asked for in arguments that are not parsed yet, or that can't be.
    #[must_use]
    pub fn in_arguments(arguments: &[OsString]) -> Option<Self> {
        let mut words = arguments.iter().filter_map(|word| word.to_str());
        while let Some(word) = words.next() {
            let value = match word.strip_prefix("--lang") {
                Some("") => words.next(),
                Some(rest) => rest.strip_prefix('='),
                None if word == "--" => None,
                None => continue,
            };
            return value.and_then(|value| Self::from_str(value, true).ok());
        }
        None
    }

    /// The language's tag, BCP 47.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Chinese => "zh-CN",
        }
    }

    fn of_locale(locale: &str) -> Self {
        let language = locale.split(['-', '_', '.', '@', ':']).next().unwrap_or_default();
        if language.eq_ignore_ascii_case("zh") { Self::Chinese } else { Self::English }
    }
}

/// The locale in the order that POSIX gives, then GNU's list of languages, then what the system itself says.
fn locale(env: &dyn Fn(&str) -> Option<OsString>) -> String {
    ["LC_ALL", "LC_MESSAGES", "LANG", "LANGUAGE"]
        .iter()
        .filter_map(|name| env(name))
        .find(|value| !value.is_empty())
        .map(|value| value.to_string_lossy().into_owned())
        .or_else(of_the_system)
        .unwrap_or_default()
}

/// macOS and Windows do not set the variables.
#[cfg(any(windows, target_os = "macos"))]
fn of_the_system() -> Option<String> {
    sys_locale::get_locale()
}

#[cfg(not(any(windows, target_os = "macos")))]
const fn of_the_system() -> Option<String> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flag_wins_then_the_locale_in_posix_order() {
        let env = |name: &str| match name {
            "LC_ALL" => Some(OsString::new()),
            "LC_MESSAGES" => Some("zh_CN.UTF-8".into()),
            "LANG" => Some("en_GB.UTF-8".into()),
            _ => None,
        };
        assert_eq!(Language::choose(None, &env), Language::Chinese);
        assert_eq!(Language::choose(Some(Language::English), &env), Language::English);
        assert_eq!(Language::choose(None, &|_| Some("C.UTF-8".into())), Language::English);
        let list = |name: &str| (name == "LANGUAGE").then(|| OsString::from("zh:en"));
        assert_eq!(Language::choose(None, &list), Language::Chinese);
    }

    #[test]
    fn the_flag_is_found_in_arguments_that_do_not_parse() {
        let find = |line: &str| {
            let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            Language::in_arguments(&words)
        };
        assert_eq!(find("backstay deply --lang zh-CN"), Some(Language::Chinese));
        assert_eq!(find("backstay --lang=en deploy"), Some(Language::English));
        assert_eq!(find("backstay --language zh"), None);
        assert_eq!(find("backstay -- --lang zh"), None);
        assert_eq!(find("backstay --lang"), None);
    }
}
