//! What the program in an image does once it runs.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use backstay_core::stack::parse_duration;

/// What a container of an image does. Written in a build context's `Dockerfile` as `# behaviour: crash-after 3s`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Behaviour {
    /// It runs, and every probe passes.
    Healthy,
    /// It ends at once with this code.
    ExitAtStart(i64),
    /// It is healthy and ends with code 1 after so long.
    CrashAfter(Duration),
    /// It runs, and no probe passes.
    NeverHealthy,
    /// It runs, and probes pass after so long.
    SlowHealthy(Duration),
    /// It is healthy for so long; then no probe passes any more.
    SickAfter(Duration),
    /// It ends with code 1 after each start, until so long after it was created; then it is healthy.
    CrashUntil(Duration),
    /// It does its work and ends with this code.
    Completes(i64),
    /// It runs, probes pass, and it has to be killed.
    IgnoresTerm,
    /// The engine can't start it.
    CannotStart,
    /// The image can't be built.
    BuildFails,
}

impl Behaviour {
    /// After how long in life it ends by itself, and with which exit code.
    #[must_use]
    pub const fn end(self) -> Option<(Duration, i64)> {
        match self {
            Self::CrashUntil(_) => Some((Duration::from_millis(200), 1)),
            Self::ExitAtStart(code) => Some((Duration::from_millis(20), code)),
            Self::CrashAfter(after) => Some((after, 1)),
            Self::Completes(code) => Some((Duration::from_millis(100), code)),
            _ => None,
        }
    }

    /// Whether one that was started so long after it was created ends by itself.
    #[must_use]
    pub fn ends_when_started(self, after: Duration) -> bool {
        !matches!(self, Self::CrashUntil(until) if after >= until)
    }

    /// Whether a probe passes at this age.
    #[must_use]
    pub fn passes(self, age: Duration) -> bool {
        match self {
            Self::NeverHealthy => false,
            Self::SlowHealthy(after) => age >= after,
            Self::SickAfter(after) => age < after,
            _ => true,
        }
    }

    /// Whether a verdict of this kind is the last one, so that no further probe need be imagined.
    #[must_use]
    pub const fn is_settled(self, healthy: bool) -> bool {
        match self {
            Self::NeverHealthy => !healthy,
            Self::SickAfter(_) => !healthy,
            _ => healthy,
        }
    }
}

impl fmt::Display for Behaviour {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Healthy => write!(out, "healthy"),
            Self::ExitAtStart(code) => write!(out, "exit-at-start {code}"),
            Self::CrashAfter(after) => write!(out, "crash-after {}ms", after.as_millis()),
            Self::NeverHealthy => write!(out, "never-healthy"),
            Self::SlowHealthy(after) => write!(out, "slow-healthy {}ms", after.as_millis()),
            Self::SickAfter(after) => write!(out, "sick-after {}ms", after.as_millis()),
            Self::CrashUntil(until) => write!(out, "crash-until {}ms", until.as_millis()),
            Self::Completes(code) => write!(out, "completes {code}"),
            Self::IgnoresTerm => write!(out, "ignores-term"),
            Self::CannotStart => write!(out, "cannot-start"),
            Self::BuildFails => write!(out, "build-fails"),
        }
    }
}

impl FromStr for Behaviour {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (word, rest) = text.trim().split_once(' ').unwrap_or((text.trim(), ""));
        let code = || rest.parse().map_err(|_| format!("`{text}` has no exit code"));
        let time = || parse_duration(rest).map_err(|_| format!("`{text}` has no duration"));
        Ok(match word {
            "healthy" => Self::Healthy,
            "exit-at-start" => Self::ExitAtStart(code()?),
            "crash-after" => Self::CrashAfter(time()?),
            "never-healthy" => Self::NeverHealthy,
            "slow-healthy" => Self::SlowHealthy(time()?),
            "sick-after" => Self::SickAfter(time()?),
            "crash-until" => Self::CrashUntil(time()?),
            "completes" => Self::Completes(code()?),
            "ignores-term" => Self::IgnoresTerm,
            "cannot-start" => Self::CannotStart,
            "build-fails" => Self::BuildFails,
            _ => return Err(format!("`{text}` is no behaviour")),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        for behaviour in [
            Behaviour::Healthy,
            Behaviour::ExitAtStart(3),
            Behaviour::CrashAfter(Duration::from_secs(3)),
            Behaviour::SlowHealthy(Duration::from_millis(1500)),
            Behaviour::Completes(0),
            Behaviour::BuildFails,
        ] {
            assert_eq!(behaviour.to_string().parse(), Ok(behaviour));
        }
        assert!("lives forever".parse::<Behaviour>().is_err());
    }
}
