//! `pull_policy`: when `docker compose up` asks a registry for an image.

use std::time::Duration;

use super::duration::parse_duration;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// When an image is pulled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PullPolicy {
    /// `always`.
    Always,
    /// `never`.
    Never,
    /// `build`: it is built, and nothing of it is pulled.
    Build,
    /// `missing`, `if_not_present`, or nothing said: where the engine does not have it.
    Missing,
    /// `daily`, `weekly`, `every_<duration>`: where it is missing, or was last given its tag so long ago.
    Every(Duration),
}

impl PullPolicy {
    /// Reads it, with `pull_refresh_after`. `None` is what a service has that says nothing. Compose takes what it does not
    /// know for `missing`, and so is it here.
    #[must_use]
    pub fn parse(text: Option<&str>, after: Option<&str>) -> Self {
        match text.unwrap_or_default() {
            "refresh" => {
                let time = after.and_then(|time| parse_duration(time).ok());
                time.map_or(Self::Missing, Self::Every)
            }
            "always" => Self::Always,
            "never" => Self::Never,
            "build" => Self::Build,
            "daily" => Self::Every(DAY),
            "weekly" => Self::Every(7 * DAY),
            other => other
                .strip_prefix("every_")
                .and_then(|time| parse_duration(time).ok())
                .map_or(Self::Missing, Self::Every),
        }
    }

    /// Whether the image is pulled. `age` is the time since its reference was last pointed to it, where it is there and that is
    /// known; `asked` whether the user has asked for newer images.
    #[must_use]
    pub fn pulls(self, is_there: bool, age: Option<Duration>, asked: bool) -> bool {
        match self {
            Self::Never | Self::Build => false,
            Self::Always => true,
            Self::Missing => asked || !is_there,
            Self::Every(time) => asked || !is_there || age.is_none_or(|age| age > time),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_means_what_it_means_to_compose() {
        let policy = |text: &str| PullPolicy::parse(Some(text), None);
        assert_eq!(PullPolicy::parse(None, None), PullPolicy::Missing);
        assert_eq!(policy("refresh"), PullPolicy::Missing);
        assert_eq!(PullPolicy::parse(Some("refresh"), Some("1d")), PullPolicy::Every(DAY));
        assert_eq!(policy("if_not_present"), PullPolicy::Missing);
        assert_eq!(policy("weekly"), PullPolicy::Every(7 * DAY));
        assert_eq!(policy("every_1w2d12h"), PullPolicy::Every(9 * DAY + DAY / 2));
        let hour = Some(Duration::from_secs(3600));
        for (text, absent, present, old, asked) in [
            ("always", true, true, true, true),
            ("never", false, false, false, false),
            ("build", false, false, false, false),
            ("missing", true, false, false, true),
            ("daily", true, false, true, true),
            ("every_2h", true, false, true, true),
        ] {
            let policy = policy(text);
            assert_eq!(policy.pulls(false, None, false), absent, "{text}");
            assert_eq!(policy.pulls(true, hour, false), present, "{text}");
            assert_eq!(policy.pulls(true, Some(DAY * 2), false), old, "{text}");
            assert_eq!(policy.pulls(true, hour, true), asked, "{text}");
        }
    }
}
