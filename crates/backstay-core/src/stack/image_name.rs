//! References of images: which of them mean the same.

/// A reference as the engine shows it: without the default registry, and without `latest`.
#[must_use]
pub fn familiar(reference: &str) -> String {
    let mut name = reference;
    for registry in ["docker.io/", "index.docker.io/"] {
        name = name.strip_prefix(registry).unwrap_or(name);
    }
    match name.strip_prefix("library/") {
        Some(short) if !short.contains('/') => name = short,
        _ => {}
    }
    name.strip_suffix(":latest").unwrap_or(name).to_owned()
}

/// Whether it is a name that can be made to point elsewhere. One with a digest, and an id, never move.
#[must_use]
pub fn is_movable(reference: &str) -> bool {
    !reference.contains('@') && !reference.starts_with("sha256:")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_means_the_same_is_written_alike() {
        for same in ["base", "base:latest", "docker.io/library/base", "library/base:latest"] {
            assert_eq!(familiar(same), "base", "{same}");
        }
        assert_eq!(familiar("docker.io/team/base:2"), "team/base:2");
        assert_eq!(familiar("localhost:5000/library/base"), "localhost:5000/library/base");
    }

    #[test]
    fn what_has_a_digest_does_not_move() {
        assert!(is_movable("shop/web:1") && is_movable("localhost:5000/web"));
        assert!(!is_movable("web:1@sha256:0a") && !is_movable("sha256:0a"));
    }
}
