//! Versions of Compose, as far as it matters which one it is.

/// From here on a file can take a list away: `!override`.
pub(crate) const OVERRIDES: (u32, u32, u32) = (2, 24, 4);

/// From here on plain `docker compose up` was seen to leave the live container alone while an older one of the service is up,
/// too. Compose 2.26 removes the live one.
pub(crate) const KEEPS_THE_NEWER: (u32, u32, u32) = (2, 40, 0);

/// The numbers of a version; those that are missing are 0.
pub(crate) fn parse(version: &str) -> (u32, u32, u32) {
    let mut parts = version.trim_start_matches('v').split(['.', '-', '+']);
    let mut next = || parts.next().and_then(|part| part.parse::<u32>().ok()).unwrap_or_default();
    (next(), next(), next())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_distributions_write_them() {
        assert_eq!(parse("2.40.3-3"), (2, 40, 3));
        assert_eq!(parse("v2.26.1+ds1"), (2, 26, 1));
        assert_eq!(parse("5"), (5, 0, 0));
        assert!(parse("2.26.1-4") < KEEPS_THE_NEWER && parse("5.0.0") > KEEPS_THE_NEWER);
        assert!(parse("2.24.3") < OVERRIDES);
    }
}
