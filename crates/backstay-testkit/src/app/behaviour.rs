//! How the server is asked to behave: words in `MODE` or in the image's `/demo.mode`.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// What the server does besides answering. The default behaves well.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Behaviour {
    /// `exit:<code>`: exits with this code instead of starting.
    pub exit: Option<i32>,
    /// `crash-after:<ms>`: exits with code 1 that long after the start.
    pub crash_after: Option<Duration>,
    /// `never-healthy` (zero) or `unhealthy-after:<ms>`: `/healthz` answers 503 from then on.
    pub unhealthy_after: Option<Duration>,
    /// `slow-start:<ms>`: does not listen before.
    pub slow_start: Option<Duration>,
    /// `ignore-term`: goes on serving after SIGTERM.
    pub ignore_term: bool,
    /// `redis`: speaks a few words of the redis protocol instead of HTTP.
    pub redis: bool,
    /// `hostile`: says words that are meant for a terminal, and answers `/healthz` with them.
    pub hostile: bool,
    /// `resolve-once`: looks the upstream's name up when it starts, and never again; exits where it has no address.
    pub resolve_once: bool,
    /// `migrate:<n>`: brings the schema in its data to this version before it listens.
    pub migrate: Option<u64>,
    /// `schema:<n>`: exits where its data has an older schema than this.
    pub schema: Option<u64>,
    /// `needs-upstream`: exits where the upstream does not answer when it starts.
    pub needs_upstream: bool,
    /// `upstream=<url>`: what `/via` asks; `http://host:port/path` or `redis://host:port`.
    pub upstream: Option<String>,
}

/// A word that names no behaviour.
#[derive(Debug, PartialEq, Eq)]
pub struct UnknownWord(pub String);

impl fmt::Display for UnknownWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unknown mode `{}`", self.0)
    }
}

impl std::error::Error for UnknownWord {}

impl FromStr for Behaviour {
    type Err = UnknownWord;

    /// Words are separated by white space; a line that begins with `#` is a comment.
    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        let mut behaviour = Self::default();
        let lines = text.lines().filter(|line| !line.trim_start().starts_with('#'));
        for word in lines.flat_map(str::split_whitespace) {
            behaviour.add(word).ok_or_else(|| UnknownWord(word.to_owned()))?;
        }
        Ok(behaviour)
    }
}

impl Behaviour {
    fn add(&mut self, word: &str) -> Option<()> {
        if let Some(url) = word.strip_prefix("upstream=") {
            self.upstream = Some(url.to_owned());
            return Some(());
        }
        match word.split_once(':') {
            None => match word {
                "ok" => {}
                "never-healthy" => self.unhealthy_after = Some(Duration::ZERO),
                "ignore-term" => self.ignore_term = true,
                "hostile" => self.hostile = true,
                "redis" => self.redis = true,
                "resolve-once" => self.resolve_once = true,
                "needs-upstream" => self.needs_upstream = true,
                _ => return None,
            },
            Some(("migrate", number)) => self.migrate = Some(number.parse().ok()?),
            Some(("schema", number)) => self.schema = Some(number.parse().ok()?),
            Some(("exit", code)) => self.exit = Some(code.parse().ok()?),
            Some(("crash-after", ms)) => self.crash_after = Some(millis(ms)?),
            Some(("unhealthy-after", ms)) => self.unhealthy_after = Some(millis(ms)?),
            Some(("slow-start", ms)) => self.slow_start = Some(millis(ms)?),
            Some(_) => return None,
        }
        Some(())
    }
}

fn millis(text: &str) -> Option<Duration> {
    text.parse().ok().map(Duration::from_millis)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_said_is_good_behaviour() {
        assert_eq!(" \n# a comment, exit:1\n ok".parse(), Ok(Behaviour::default()));
    }

    #[test]
    fn words_add_up() {
        let got: Behaviour =
            "crash-after:3000 ignore-term\nupstream=http://redis:1/x".parse().unwrap();
        assert_eq!(got.crash_after, Some(Duration::from_secs(3)));
        assert!(got.ignore_term);
        assert_eq!(got.upstream.as_deref(), Some("http://redis:1/x"));
    }

    #[test]
    fn a_typing_error_is_not_good_behaviour() {
        assert_eq!("crash-afer:1".parse::<Behaviour>(), Err(UnknownWord("crash-afer:1".into())));
        assert!("exit:soon".parse::<Behaviour>().is_err());
    }
}
