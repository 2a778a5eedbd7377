//! Durations as the Compose Specification writes them: `1m30s`, `1.5s`, `500ms`, `2h`; a number alone is seconds.

use std::time::Duration;

/// The longest that Compose knows: 292 years. Times of that size can be added to each other and to the clock.
const LONGEST: Duration = Duration::from_nanos(i64::MAX.unsigned_abs());

/// Reads a duration. Units are `ns`, `us`, `ms`, `s`, `m`, `h`, `d` and `w`; parts add up; a whole number without a unit is
/// seconds, as for `docker compose --wait-timeout`.
///
/// # Errors
/// The text itself, when it is not a duration.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let text = text.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        let seconds = text.parse().map_err(|_| text.to_owned())?;
        let found = Duration::from_secs(seconds);
        return if found <= LONGEST { Ok(found) } else { Err(text.to_owned()) };
    }
    let mut total = Duration::ZERO;
    let mut rest = text;
    if rest.is_empty() {
        return Err(text.to_owned());
    }
    while !rest.is_empty() {
        let digits =
            rest.find(|c: char| !c.is_ascii_digit() && c != '.').ok_or_else(|| text.to_owned())?;
        let (number, tail) = rest.split_at(digits);
        let number: f64 = number.parse().map_err(|_| text.to_owned())?;
        let end = tail.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(end);
        let seconds = match unit {
            "ns" => 1e-9,
            "us" | "µs" | "μs" => 1e-6,
            "ms" => 1e-3,
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3600.0,
            "d" => 86400.0,
            "w" => 604_800.0,
            _ => return Err(text.to_owned()),
        };
        let part = Duration::try_from_secs_f64(number * seconds).map_err(|_| text.to_owned())?;
        total = total
            .checked_add(part)
            .filter(|total| *total <= LONGEST)
            .ok_or_else(|| text.to_owned())?;
        rest = tail;
    }
    Ok(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_add_up() {
        assert_eq!(parse_duration("1m30s"), Ok(Duration::from_secs(90)));
        assert_eq!(parse_duration("1.5s"), Ok(Duration::from_millis(1500)));
        assert_eq!(parse_duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(parse_duration("1h0m5s"), Ok(Duration::from_secs(3605)));
        assert_eq!(parse_duration("0"), Ok(Duration::ZERO));
        assert_eq!(parse_duration("90"), Ok(Duration::from_secs(90)));
    }

    #[test]
    fn what_is_no_duration_is_named() {
        for bad in [
            "",
            "5.",
            "1.5",
            "99999999999",
            "s",
            "1x",
            "1..2s",
            "-1s",
            "99999999999999999999h",
            "106752d",
            "106751d24h",
        ] {
            assert_eq!(parse_duration(bad), Err(bad.to_owned()));
        }
    }
}
