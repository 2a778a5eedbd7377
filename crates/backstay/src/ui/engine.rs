//! What an engine is called.

/// The name with the version: an engine that says no more than its version is Docker's.
pub(crate) fn engine_name(engine: &str) -> String {
    let is_bare = engine.starts_with(|first: char| first.is_ascii_digit()) || engine.is_empty();
    if is_bare { format!("Docker {engine}") } else { engine.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_docker_goes_without_a_name() {
        assert_eq!(engine_name("26.1.5+dfsg1"), "Docker 26.1.5+dfsg1");
        assert_eq!(engine_name("Podman 5.4.2"), "Podman 5.4.2");
    }
}
