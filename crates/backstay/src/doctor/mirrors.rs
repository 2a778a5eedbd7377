//! The change of `daemon.json` that lets the engine pull from mirrors: shown always, made only when it is wished.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::about::About;
use super::daemon_json::{
    BadFile, BadMirror, Kind, Mirror, Place, Problem, back_up, place, with_mirrors, write,
};
use crate::errors::{CommandError, Exit};
use crate::i18n::{Language, t};

/// What the user wants.
pub(crate) struct Wish<'a> {
    /// The file, where it was named.
    pub(crate) file: Option<&'a Path>,
    /// Whether the change is to be made.
    pub(crate) fix: bool,
}

/// The change.
pub(crate) struct MirrorChange {
    pub(crate) path: PathBuf,
    pub(crate) before: String,
    pub(crate) after: String,
    /// Whether it was made.
    pub(crate) made: bool,
    /// The copy of the old file.
    pub(crate) copy: Option<PathBuf>,
    /// How the engine comes to know of it.
    pub(crate) restart: String,
}

impl About {
    /// The mirrors of `x-backstay.registry-mirrors`.
    ///
    /// # Errors
    /// Where they are no list of URLs.
    pub(crate) fn own_mirrors(&self) -> Result<Vec<Mirror>, CommandError> {
        let raw = self.model.as_ref().map(|model| &model.raw);
        let list = raw.and_then(|raw| raw.pointer("/x-backstay/registry-mirrors"));
        let bad = |problem: &str| {
            let text = t!(self.lang, "doctor-bad-mirrors", problem = problem);
            CommandError::new(Exit::Stack, text)
        };
        let wrong = |mirror: BadMirror| bad(&mirror.said(self.lang));
        match list {
            None | Some(Value::Null) => Ok(Vec::new()),
            Some(Value::Array(items)) => items
                .iter()
                .map(|item| item.as_str().unwrap_or_default().parse::<Mirror>().map_err(wrong))
                .collect(),
            // What comes from `${VARIABLE}` is one text.
            Some(Value::String(text)) => {
                text.split(',').map(|url| url.trim().parse::<Mirror>().map_err(wrong)).collect()
            }
            Some(_) => Err(bad("")),
        }
    }
}

/// The change that these mirrors need, made where that is wished; `None` where the file has them all.
///
/// # Errors
/// Where the file is not here, is no JSON, or can't be written: then it is as it was.
pub(crate) fn change(
    about: &About,
    mirrors: &[Mirror],
    wish: &Wish<'_>,
) -> Result<Option<MirrorChange>, CommandError> {
    let lang = about.lang;
    let env = |name: &str| std::env::var_os(name);
    let Some(Place { path, kind }) = place(about.facts(), wish.file, &env) else {
        let host = about.facts().map(|facts| facts.host.as_str()).unwrap_or_default();
        let error =
            CommandError::new(Exit::Machine, t!(lang, "doctor-engine-elsewhere", host = host));
        return Err(error.hint(t!(lang, "doctor-hint-elsewhere")));
    };
    let before = match std::fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(failed(about, "reading", &path, error)),
    };
    let bad = |bad: BadFile| {
        let text = t!(
            lang,
            "doctor-not-json",
            path = path.to_string_lossy().into_owned(),
            line = bad.line.to_string(),
            column = bad.column.to_string(),
            problem = said(lang, &bad.problem)
        );
        CommandError::new(Exit::Machine, text).hint(t!(lang, "doctor-hint-not-json"))
    };
    let before = String::from_utf8(before).map_err(|error| {
        let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = good.iter().filter(|byte| **byte == b'\n').count() + 1;
        let column = good.iter().rev().take_while(|byte| **byte != b'\n').count() + 1;
        bad(BadFile { line, column, problem: Problem::NotUtf8 })
    })?;
    let after = with_mirrors(&before, mirrors).map_err(bad)?;
    if after == before {
        return Ok(None);
    }
    let copy = if wish.fix {
        let copy = back_up(&path).map_err(|error| failed(about, "writing", &path, error))?;
        write(&path, &after).map_err(|error| failed(about, "writing", &path, error))?;
        copy
    } else {
        None
    };
    let restart = match kind {
        Kind::System => t!(lang, "doctor-restart-system"),
        Kind::Rootless => t!(lang, "doctor-restart-rootless"),
        Kind::Desktop => t!(lang, "doctor-restart-desktop"),
    };
    Ok(Some(MirrorChange { path, before, after, made: wish.fix, copy, restart }))
}

/// What is wrong with a file, in the user's language.
fn said(lang: Language, problem: &Problem) -> String {
    match problem {
        Problem::Json(words) => words.clone(),
        Problem::NotUtf8 => t!(lang, "doctor-not-utf8"),
        Problem::NoObject => t!(lang, "doctor-no-object"),
        Problem::NoList => t!(lang, "doctor-no-list"),
    }
}

fn failed(about: &About, action: &'static str, path: &Path, error: std::io::Error) -> CommandError {
    let is_refused = error.kind() == std::io::ErrorKind::PermissionDenied;
    let found = CommandError::of_core(about.lang, &backstay_core::Error::io(action, path, error));
    if is_refused {
        // The hint about a stack's folder does not fit here.
        return CommandError { hints: vec![t!(about.lang, "doctor-hint-root")], ..found };
    }
    found
}
