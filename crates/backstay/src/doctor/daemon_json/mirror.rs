//! A mirror's address, as the engine accepts it: with any other one it would not start any more.

use std::fmt;
use std::str::FromStr;

use crate::i18n::{Language, t};

/// The URL of a mirror.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mirror(String);

impl Mirror {
    /// The URL.
    pub(crate) fn url(&self) -> &str {
        &self.0
    }

    /// Whether an entry of `registry-mirrors` is this one.
    pub(super) fn is(&self, entry: &str) -> bool {
        entry.trim_end_matches('/').eq_ignore_ascii_case(self.0.trim_end_matches('/'))
    }
}

/// Why a text is no mirror.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BadMirror {
    /// It is no URL of HTTP.
    Scheme,
    /// It names no host.
    Host,
    /// It has more than scheme, host and path, or characters that no URL has.
    Rest,
}

impl BadMirror {
    /// In the user's language.
    pub(crate) fn said(self, lang: Language) -> String {
        match self {
            Self::Scheme => t!(lang, "mirror-scheme"),
            Self::Host => t!(lang, "mirror-host"),
            Self::Rest => t!(lang, "mirror-rest"),
        }
    }
}

impl fmt::Display for BadMirror {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.said(Language::English))
    }
}

impl std::error::Error for BadMirror {}

impl FromStr for Mirror {
    type Err = BadMirror;

    fn from_str(text: &str) -> Result<Self, BadMirror> {
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        let host = rest.ok_or(BadMirror::Scheme)?.split('/').next().unwrap_or_default();
        if host.is_empty() {
            return Err(BadMirror::Host);
        }
        if text.contains(['@', '?', '#', '"', '\\'])
            || text.chars().any(|c| c.is_whitespace() || c.is_control())
        {
            return Err(BadMirror::Rest);
        }
        Ok(Self(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_engine_accepts_is_a_mirror() {
        for good in ["https://m.test", "http://10.0.0.1:5000/", "https://m.test/path"] {
            assert_eq!(good.parse::<Mirror>().unwrap().url(), good);
        }
        for (bad, why) in [
            ("m.test", BadMirror::Scheme),
            ("ftp://m.test", BadMirror::Scheme),
            ("https://", BadMirror::Host),
            ("https://u:p@m.test", BadMirror::Rest),
            ("https://m.test?a", BadMirror::Rest),
            ("https://m test", BadMirror::Rest),
        ] {
            assert_eq!(bad.parse::<Mirror>(), Err(why), "{bad}");
        }
        let mirror: Mirror = "https://M.test/".parse().unwrap();
        assert!(mirror.is("https://m.test") && !mirror.is("https://n.test"));
    }
}
