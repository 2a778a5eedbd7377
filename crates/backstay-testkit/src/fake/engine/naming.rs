//! References of images.

/// A reference with its tag: `shop-web` means `shop-web:latest`.
pub(super) fn full(reference: &str) -> String {
    let last = reference.rsplit('/').next().unwrap_or(reference);
    if last.contains(':') || last.contains('@') {
        reference.to_owned()
    } else {
        format!("{reference}:latest")
    }
}

#[cfg(test)]
mod tests {
    use super::full;

    #[test]
    fn a_reference_without_a_tag_means_latest() {
        assert_eq!(full("shop-web"), "shop-web:latest");
        assert_eq!(full("host:5000/web"), "host:5000/web:latest");
        assert_eq!(full("redis:7"), "redis:7");
    }
}
