//! The engine: whether it answers, and which one it is.

use jiff::Timestamp;
use serde_json::json;

use super::about::About;
use super::finding::Finding;
use crate::errors::CommandError;
use crate::i18n::t;
use crate::ui::engine_name;

/// Asks the engine for its facts.
pub(super) async fn check(about: &mut About) -> Vec<Finding> {
    let lang = about.lang;
    let facts = match about.engine.facts().await {
        Ok(facts) => facts,
        Err(error) => return vec![Finding::error("engine", CommandError::of_engine(lang, &error))],
    };
    let (version, api, host) = (&facts.version, &facts.api, &facts.host);
    let name = &engine_name(version);
    let message = match &facts.context {
        Some(context) => t!(
            lang,
            "doctor-engine-context",
            version = name,
            api = api,
            host = host,
            context = context
        ),
        None => t!(lang, "doctor-engine", version = name, api = api, host = host),
    };
    let data = json!({"version": version, "api": api, "host": host, "context": facts.context});
    about.facts = Some((facts, Timestamp::now()));
    vec![Finding::good("engine", message).facts(data)]
}
