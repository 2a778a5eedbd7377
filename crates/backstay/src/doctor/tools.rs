//! Compose and buildx.

use backstay_docker::{buildx_version, compose_version};
use serde_json::json;

use super::about::About;
use super::finding::Finding;
use crate::errors::CommandError;
use crate::i18n::{Language, t};

/// Asks the plugins for their versions.
pub(super) async fn check(about: &About) -> Vec<Finding> {
    let lang = about.lang;
    let (compose, buildx) = tokio::join!(compose_version(), buildx_version());
    let compose = match compose {
        Ok(version) => judged(lang, &version).facts(json!({"version": version})),
        Err(error) => Finding::error("compose", CommandError::of_engine(lang, &error)),
    };
    let buildx = match buildx {
        Some(version) => Finding::good("buildx", t!(lang, "doctor-buildx", version = &version))
            .facts(json!({"version": version})),
        None => Finding::warning("buildx", t!(lang, "doctor-no-buildx"))
            .hint(t!(lang, "doctor-hint-buildx")),
    };
    vec![compose, buildx]
}

/// The newest Compose that all tests were run with, major and minor number: see `docs/compatibility.md`.
const TRIED: (u32, u32) = (2, 40);

fn judged(lang: Language, version: &str) -> Finding {
    let told = t!(lang, "doctor-compose", version = version);
    if !is_newer(version) {
        return Finding::good("compose", told);
    }
    let tried = format!("{}.{}", TRIED.0, TRIED.1);
    let message = t!(lang, "doctor-compose-newer", version = version, tried = &tried);
    Finding::warning("compose", message).hint(t!(lang, "doctor-hint-compose-newer"))
}

/// Whether a version is newer than those that were tried. One that can't be read is not said to be.
fn is_newer(version: &str) -> bool {
    let mut parts = version.trim_start_matches('v').split(['.', '-', '+']);
    let mut number = || parts.next().and_then(|part| part.parse().ok());
    matches!((number(), number()), (Some(major), Some(minor)) if (major, minor) > TRIED)
}

#[cfg(test)]
mod tests {
    use super::super::finding::Level;
    use super::*;

    #[test]
    fn a_compose_that_nobody_tried_is_told() {
        for newer in ["2.41.0", "v2.100.1", "5.0.0-rc.1"] {
            assert_eq!(judged(Language::English, newer).level, Level::Warning, "{newer}");
        }
        for known in ["2.40.3-3", "2.40.9", "2.26.1", "dev"] {
            assert_eq!(judged(Language::English, known).level, Level::Good, "{known}");
        }
    }
}
