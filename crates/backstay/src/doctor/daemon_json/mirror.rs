//! A mirror's address, as the engine accepts it: with any other one it would not start any more.

use std::str::FromStr;

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

impl FromStr for Mirror {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        let rest = rest.ok_or("a mirror begins with `https://` or `http://`")?;
        let host = rest.split('/').next().unwrap_or_default();
        if host.is_empty() {
            return Err("a mirror has a host".to_owned());
        }
        if text.contains(['@', '?', '#', '"', '\\'])
            || text.chars().any(|c| c.is_whitespace() || c.is_control())
        {
            return Err("a mirror has no user, no query and no fragment".to_owned());
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
        for bad in [
            "m.test",
            "ftp://m.test",
            "https://",
            "https://u:p@m.test",
            "https://m.test?a",
            "https://m test",
        ] {
            assert!(bad.parse::<Mirror>().is_err(), "{bad}");
        }
        let mirror: Mirror = "https://M.test/".parse().unwrap();
        assert!(mirror.is("https://m.test") && !mirror.is("https://n.test"));
    }
}
