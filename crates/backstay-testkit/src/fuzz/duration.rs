//! Durations: what a user writes in a compose file or after a flag.

use std::time::Duration;

use backstay_core::stack::parse_duration;

/// Reads a duration. What is one is none that a computation with it could overflow, and parts add up.
pub fn duration(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    match parse_duration(&text) {
        Ok(read) => {
            assert!(read.as_nanos() <= i64::MAX as u128, "{text:?} is longer than Compose allows");
            // A number alone is seconds, and no part: what follows it would make it another number.
            let is_part = !text.trim().ends_with(|last: char| last.is_ascii_digit());
            if let (true, Ok(more)) = (is_part, parse_duration(&format!("{}1s", text.trim()))) {
                assert_eq!(more, read + Duration::from_secs(1), "{text:?} and a second");
            }
        }
        Err(named) => assert_eq!(named, text.trim(), "the error names something else"),
    }
}
