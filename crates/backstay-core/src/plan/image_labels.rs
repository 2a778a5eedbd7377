//! Labels of an image: its containers have them too, besides those of the service.

/// First words of labels that only describe an image: domains that are written backwards, and what the builders of images
/// write.
const DESCRIBING: [&str; 11] =
    ["app", "backstay", "co", "com", "de", "desktop", "dev", "io", "net", "org", "uk"];

/// Those that begin in such a way and are read all the same.
const READ: [&str; 2] = ["com.github.jrcs.", "com.github.nginx-proxy."];

/// Whether a program that reads labels may route by this one, or act on it, when it is an image's. Most labels of images
/// say only who made them, and when.
#[must_use]
pub fn is_routed_by(label: &str) -> bool {
    let (first, rest) = label.split_once('.').unwrap_or((label, ""));
    let is_caddys = first == "caddy" || first.starts_with("caddy_");
    is_caddys
        || READ.iter().any(|read| label.starts_with(read))
        || !rest.is_empty() && !DESCRIBING.contains(&first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_describes_an_image_is_no_route() {
        for label in ["traefik.enable", "edge.enable", "caddy", "caddy_1.reverse_proxy"] {
            assert!(is_routed_by(label), "{label}");
        }
        assert!(is_routed_by("com.github.nginx-proxy.nginx-proxy.keepalive"));
        for label in ["maintainer", "version", "org.opencontainers.image.title", "io.k8s.name"] {
            assert!(!is_routed_by(label), "{label}");
        }
    }
}
