//! Moments as people read them, in their own time zone.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::clean;

/// `2024-01-29 14:30:52` from RFC 3339; what is not that is shown as it is.
pub(crate) fn local(moment: &str) -> String {
    match moment.parse::<Timestamp>() {
        Ok(time) => {
            time.to_zoned_datetime(TimeZone::system()).strftime("%Y-%m-%d %H:%M:%S").to_string()
        }
        Err(_) => clean::line(moment),
    }
}

/// `14:30:52` from RFC 3339, for a moment that is near.
pub(crate) fn clock(moment: &str) -> String {
    match moment.parse::<Timestamp>() {
        Ok(time) => time.to_zoned_datetime(TimeZone::system()).strftime("%H:%M:%S").to_string(),
        Err(_) => clean::line(moment),
    }
}

/// `2024-01-29 14:30:52` from a folder's name, `20240129_143052` or the same after `update_`.
pub(crate) fn of_folder(folder: &str) -> String {
    let stamp = folder.strip_prefix("update_").unwrap_or(folder);
    let part = |from: usize, to: usize| stamp.get(from..to).unwrap_or("??");
    let date = format!("{}-{}-{}", part(0, 4), part(4, 6), part(6, 8));
    format!("{date} {}:{}:{}", part(9, 11), part(11, 13), part(13, 15))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_or_left_alone() {
        assert_eq!(of_folder("update_20240129_143052"), "2024-01-29 14:30:52");
        assert_eq!(of_folder("20240129"), "2024-01-29 ??:??:??");
        assert_eq!(local("soon\x1b[2J"), "soon");
        assert_eq!(local("2024-01-29T14:30:52.5Z").len(), "2024-01-29 14:30:52".len());
    }
}
