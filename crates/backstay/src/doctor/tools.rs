//! Compose and buildx.

use backstay_docker::{buildx_version, compose_version};
use serde_json::json;

use super::about::About;
use super::finding::Finding;
use crate::errors::CommandError;
use crate::i18n::t;

/// Asks the plugins for their versions.
pub(super) async fn check(about: &About) -> Vec<Finding> {
    let lang = about.lang;
    let (compose, buildx) = tokio::join!(compose_version(), buildx_version());
    let compose = match compose {
        Ok(version) => Finding::good("compose", t!(lang, "doctor-compose", version = &version))
            .facts(json!({"version": version})),
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
