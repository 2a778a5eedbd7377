//! Env files: the templates beside the compose file, which one takes the place of `.env`, and the variables that the stack
//! can't do without.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::context::Context;
use crate::engine::EngineErrorKind;
use crate::error::{Error, MissingVariable, Result};
use crate::event::{Event, Failure, Note};
use crate::plan::Step;
use crate::release::variable_with;
use crate::release::{in_env_files, sources};
use crate::run::Run;
use crate::stack::{StackRef, required_variables};
use crate::steps::files::{self, FileChange};
use crate::store::{EntryKind, Store};
use crate::store::{contained, read_through, text_through};

/// How the name of a template begins.
const PREFIX: &str = ".env.";

/// The permission bits of a new `.env`.
const PRIVATE: u32 = 0o600;

/// What is to become of `.env`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum EnvironmentChoice {
    /// The user said to leave it alone.
    Skip,
    /// It stays as it is.
    #[default]
    Keep,
    /// It is made from a template if it is missing.
    Create {
        /// The template's name: `linux` for `.env.linux`.
        template: String,
    },
    /// A template takes its place.
    Put {
        /// The template's name.
        template: String,
    },
}

/// What there is to choose from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Templates {
    /// Whether there is an `.env`.
    pub has_file: bool,
    /// The templates by name, each with whether `.env` differs from it.
    pub names: BTreeMap<String, bool>,
}

impl Templates {
    /// Looks at the stack's directory. There is nothing to choose where other env files are named.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn of(stack: &StackRef, store: &dyn Store) -> Result<Self> {
        let mut found = Self { has_file: false, names: BTreeMap::new() };
        if !stack.env_files.is_empty() {
            return Ok(found);
        }
        let directory = &stack.directory;
        let io = |error| Error::io("reading", directory, error);
        let now = read_through(&stack.dot_env(), store)?;
        found.has_file = store.metadata(&stack.dot_env()).map_err(io)?.is_some();
        for name in store.list(directory).map_err(io)? {
            let Some(short) = name.strip_prefix(PREFIX).filter(|short| !short.is_empty()) else {
                continue;
            };
            let path = directory.join(&name);
            let entry = store.metadata(&path).map_err(io)?;
            if entry.is_some_and(|e| matches!(e.kind, EntryKind::File | EntryKind::Link)) {
                let differs = now != read_through(&path, store)?;
                found.names.insert(short.to_owned(), differs);
            }
        }
        Ok(found)
    }
}

/// Files that are put in place before the model is read: a template in the place of `.env`, or those of an old backup.
pub(crate) struct Placing {
    /// Where they come from.
    pub name: String,
    /// What `.env` will say, where it comes from a template.
    pub text: Option<String>,
    /// The step that puts them in place.
    pub step: Step,
    /// What changes.
    pub changes: Vec<FileChange>,
}

/// What has to be done for a choice; `None` where `.env` stays as it is.
pub(crate) fn placing(
    stack: &StackRef,
    choice: &EnvironmentChoice,
    store: &dyn Store,
) -> Result<Option<Placing>> {
    let (EnvironmentChoice::Create { template } | EnvironmentChoice::Put { template }) = choice
    else {
        return Ok(None);
    };
    if !stack.env_files.is_empty() {
        return Ok(None);
    }
    let dot_env = stack.dot_env();
    let found = store.metadata(&dot_env).map_err(|error| Error::io("reading", &dot_env, error))?;
    match found.map(|found| found.kind) {
        Some(_) if matches!(choice, EnvironmentChoice::Create { .. }) => return Ok(None),
        Some(EntryKind::File) | None => {}
        Some(_) => {
            let problem = "`.env` is a link or no file: put the template in place by hand";
            return Err(Error::Model(problem.to_owned()));
        }
    }
    let before = files::content(&dot_env, store)?;
    let template = format!("{PREFIX}{template}");
    let path = contained(&stack.directory, &template)?;
    let Some(bytes) = read_through(&path, store)? else {
        return Err(Error::MissingFile { file: path, user: "--env".to_owned() });
    };
    if before.as_ref().is_some_and(|(now, _)| *now == bytes) {
        return Ok(None);
    }
    let mode = before.as_ref().map_or(PRIVATE, |(_, mode)| *mode);
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let change = FileChange { path: ".env".to_owned(), content: Some((bytes, mode)), before };
    let step = Step::Environment { template: template.clone() };
    Ok(Some(Placing { name: template, text: Some(text), step, changes: vec![change] }))
}

/// Puts the template in place.
pub(crate) async fn place(
    run: &mut Run<'_>,
    stack: &StackRef,
    placing: &Placing,
) -> Result<(), Failure> {
    super::placing::put(run, stack, "env-", placing.step.clone(), &placing.changes).await
}

/// The variables that the stack can't do without, in the order of their names. Whether one that its compose files require
/// has a value is Compose's own answer.
///
/// # Errors
/// [`Error::MissingVariables`] with those that have no value, or what Compose or the engine says.
pub(crate) async fn required(
    ctx: &Context,
    stack: &StackRef,
    placing: Option<&Placing>,
) -> Result<Vec<String>> {
    let (names, mut missing) = look(stack, placing, &*ctx.store)?;
    if missing.iter().any(|variable| !variable.is_listed) {
        let mut asked = stack.clone();
        if let Some(placing) = placing.filter(|placing| placing.text.is_some()) {
            // As it will be when the template is in place.
            asked.env_files = vec![stack.directory.join(&placing.name)];
        }
        ctx.secrets.learn(&asked, None, &*ctx.store);
        match ctx.engine.model(&asked).await {
            Ok(_) => missing.retain(|variable| variable.is_listed),
            Err(error) if error.kind == EngineErrorKind::InvalidStack => {
                // It names the first that it misses; where it misses none of these, it says itself what is wrong.
                let said = error.to_string();
                if !missing.iter().any(|variable| said.contains(&variable.name)) {
                    missing.retain(|variable| variable.is_listed);
                }
            }
            Err(error) => return Err(error.into()),
        }
    }
    if missing.is_empty() {
        return Ok(names);
    }
    let mut told = BTreeSet::new();
    missing.retain(|variable| told.insert(variable.name.clone()));
    let env_file = match placing {
        Some(placing) => stack.directory.join(&placing.name),
        None => stack.interpolation_files().pop().unwrap_or_else(|| stack.dot_env()),
    };
    Err(Error::MissingVariables { variables: missing, env_file })
}

/// The variables that are required, and those of them that seem to have no value.
fn look(
    stack: &StackRef,
    placing: Option<&Placing>,
    store: &dyn Store,
) -> Result<(Vec<String>, Vec<MissingVariable>)> {
    let dot_env = placing.and_then(|placing| placing.text.as_deref());
    let mut names = BTreeSet::new();
    let mut missing: Vec<MissingVariable> = Vec::new();
    let compose_files = sources(stack, store)?.into_iter().filter(|source| source.base.is_some());
    for source in compose_files {
        let Some(text) = text_through(&source.path, store)? else { continue };
        for wanted in required_variables(&text) {
            let mut value = variable_with(stack, &wanted.name, store, dot_env)?;
            if value.is_none() && !stack.environment.contains_key(&wanted.name) {
                value = in_env_files(&source.env_files, &wanted.name, store)?;
            }
            let is_there = value.is_some_and(|value| wanted.may_be_empty || !value.is_empty());
            let is_known = |known: &MissingVariable| {
                known.name == wanted.name && known.is_listed == wanted.is_listed
            };
            if !is_there && !missing.iter().any(is_known) {
                let (name, file) = (wanted.name.clone(), source.path.clone());
                let (why, is_listed) = (wanted.why, wanted.is_listed);
                missing.push(MissingVariable { name, file, why, is_listed });
            }
            names.insert(wanted.name);
        }
    }
    Ok((names.into_iter().collect(), missing))
}

/// Says what became of `.env`, and which variables it had to have.
pub(crate) fn tell(run: &Run<'_>, stack: &StackRef, placed: Option<&Placing>, required: &[String]) {
    let tell = |note| run.ctx.reporter.report(&Event::Note { note });
    match placed {
        Some(placed) => tell(Note::EnvironmentPlaced {
            template: placed.name.clone(),
            replaced: placed.changes.iter().any(|change| change.before.is_some()),
        }),
        None if matches!(run.ctx.store.metadata(&stack.dot_env()), Ok(Some(_))) => {
            tell(Note::EnvironmentKept);
        }
        None => tell(Note::NoEnvironment),
    }
    if !required.is_empty() {
        tell(Note::Variables { names: required.to_vec() });
    }
}
