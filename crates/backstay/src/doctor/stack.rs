//! The stack: whether its files are there and Compose accepts them.

use backstay_core::engine::EngineErrorKind;
use backstay_core::error::Error;
use backstay_core::ports::Composer;
use backstay_core::stack::Model;
use serde_json::json;

use super::about::About;
use super::finding::Finding;
use crate::errors::{CommandError, Exit};
use crate::i18n::t;

/// Resolves the stack's model.
pub(super) async fn check(about: &mut About) -> Vec<Finding> {
    let lang = about.lang;
    let Some(stack) = &about.stack else {
        return vec![Finding::warning("stack", t!(lang, "doctor-no-stack"))];
    };
    let rendered = about.engine.model(stack).await.map_err(Error::from);
    let model = match rendered.and_then(|rendered| Model::parse(&rendered)) {
        Ok(model) => model,
        // That is told already.
        Err(Error::Engine(error))
            if matches!(
                error.kind,
                EngineErrorKind::NotInstalled
                    | EngineErrorKind::ComposeMissing
                    | EngineErrorKind::ComposeTooOld
            ) =>
        {
            return vec![Finding::warning("stack", t!(lang, "doctor-stack-unread"))];
        }
        Err(error) => return vec![Finding::error("stack", CommandError::of_core(lang, &error))],
    };
    about.secrets.learn(stack, Some(&model), &about.store);
    let names: Vec<String> = stack
        .files
        .iter()
        .map(|file| file.strip_prefix(&stack.directory).unwrap_or(file).display().to_string())
        .collect();
    let files = names.join(", ");
    let message = t!(
        lang,
        "doctor-stack",
        project = &model.project,
        count = model.services.len(),
        files = &files
    );
    let services: Vec<&String> = model.services.keys().collect();
    let data = json!({"project": model.project, "services": services, "files": names});
    let mut findings = vec![Finding::good("stack", message).facts(data)];
    findings.extend(missing_files(about, &model));
    about.model = Some(model);
    findings
}

/// Files of configs and secrets that are not there.
fn missing_files(about: &About, model: &Model) -> Vec<Finding> {
    let lang = about.lang;
    let kinds = [("config", &model.configs), ("secret", &model.secrets)];
    let files = kinds.into_iter().flat_map(|(kind, definitions)| {
        definitions.iter().filter_map(move |(name, definition)| {
            Some((format!("{kind} `{name}`"), definition.file.as_ref()?))
        })
    });
    files
        .filter(|(_, file)| !std::path::Path::new(file).exists())
        .map(|(user, file)| {
            let error = Error::MissingFile { file: file.into(), user };
            // As the run that it would stop.
            let exit = Exit::Machine;
            Finding::error("stack", CommandError { exit, ..CommandError::of_core(lang, &error) })
        })
        .collect()
}
