//! The order in which `docker compose` looks for a stack's files and flags.

use std::path::{Path, PathBuf};

use backstay_core::Error;
use backstay_core::stack::{Caller, StackRef};

use super::dot_env;
use super::paths::absolute;
use super::surroundings::{LocateError, Surroundings};
use crate::flags::Global;

/// File names that Compose looks for, best first.
const NAMES: [&str; 4] =
    ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];

/// Files beside them that Compose merges by itself; only the first that is there.
const OVERRIDES: [&str; 4] = [
    "compose.override.yml",
    "compose.override.yaml",
    "docker-compose.override.yml",
    "docker-compose.override.yaml",
];

/// Finds the stack.
///
/// # Errors
/// When there is none, when a file that was named does not exist, and for files that can't be recorded.
pub(crate) fn locate(flags: &Global, around: &Surroundings<'_>) -> Result<StackRef, LocateError> {
    let here = |path: &Path| absolute(&around.directory, path);
    let project_directory = flags.project_directory.as_deref().map(here);
    let env_files = env_files(flags, around)?;
    let base = match (&project_directory, flags.files.first()) {
        (Some(directory), _) => directory.clone(),
        (None, Some(file)) => folder(&here(file)),
        (None, None) => around.directory.clone(),
    };
    let (files, by_name) = files(flags, around, &env_files, &base)?;
    let first = files.first().map(|file| folder(file)).unwrap_or(base);
    Ok(StackRef {
        directory: project_directory.clone().unwrap_or(first),
        files,
        project_directory,
        project_name: flags.project_name.clone().or_else(|| around.filled("COMPOSE_PROJECT_NAME")),
        profiles: profiles(flags, around),
        env_files,
        caller: Caller::default().finding(by_name),
        ..StackRef::default()
    })
}

/// `--env-file`, else `COMPOSE_ENV_FILES`.
fn env_files(flags: &Global, around: &Surroundings<'_>) -> Result<Vec<PathBuf>, LocateError> {
    let listed = || around.filled("COMPOSE_ENV_FILES");
    let (names, user): (Vec<PathBuf>, &str) = if flags.env_files.is_empty() {
        let names = listed().map(|list| list.split(',').map(PathBuf::from).collect());
        (names.unwrap_or_default(), "COMPOSE_ENV_FILES")
    } else {
        (flags.env_files.clone(), "--env-file")
    };
    names.iter().map(|name| existing(&absolute(&around.directory, name), user)).collect()
}

/// `-f`, else `COMPOSE_FILE` from the environment or the env file, else what is found by its name, which is said.
fn files(
    flags: &Global,
    around: &Surroundings<'_>,
    env_files: &[PathBuf],
    base: &Path,
) -> Result<(Vec<PathBuf>, bool), LocateError> {
    if !flags.files.is_empty() {
        return Ok((named(&flags.files, around, "-f")?, false));
    }
    let dot_env = [base.join(".env")];
    let sources = if env_files.is_empty() { &dot_env } else { env_files };
    let variable = |name: &str| {
        let in_files = || sources.iter().rev().find_map(|file| dot_env::value(file, name));
        around.text(name).or_else(in_files).filter(|value| !value.is_empty())
    };
    if let Some(list) = variable("COMPOSE_FILE") {
        let usual = if cfg!(windows) { ";" } else { ":" };
        let separator = variable("COMPOSE_PATH_SEPARATOR").unwrap_or_else(|| usual.to_owned());
        let names: Vec<PathBuf> = list.split(&separator).map(PathBuf::from).collect();
        return Ok((named(&names, around, "COMPOSE_FILE")?, false));
    }
    Ok((discovered(base)?, true))
}

fn named(
    names: &[PathBuf],
    around: &Surroundings<'_>,
    user: &str,
) -> Result<Vec<PathBuf>, LocateError> {
    let one = |name: &PathBuf| {
        let text = name.to_string_lossy();
        if text == "-" {
            return Err(LocateError::Stdin);
        }
        if text.contains("://") || text.starts_with("git@") {
            return Err(LocateError::Remote(text.into_owned()));
        }
        existing(&absolute(&around.directory, name), user)
    };
    names.iter().map(one).collect()
}

fn discovered(base: &Path) -> Result<Vec<PathBuf>, LocateError> {
    for directory in base.ancestors() {
        let first = |names: &[&str]| {
            names.iter().map(|name| directory.join(name)).find(|path| path.exists())
        };
        if let Some(file) = first(&NAMES) {
            return Ok([file].into_iter().chain(first(&OVERRIDES)).collect());
        }
    }
    Err(Error::NoComposeFile(base.to_owned()).into())
}

/// `--profile`, else `COMPOSE_PROFILES` (the flag does not add to the variable). One in the env file is left to Compose.
fn profiles(flags: &Global, around: &Surroundings<'_>) -> Vec<String> {
    let mut profiles: Vec<String> = Vec::new();
    let listed = around.filled("COMPOSE_PROFILES").unwrap_or_default();
    let of_variable = listed.split(',').map(str::trim).filter(|name| !name.is_empty());
    let all: Vec<&str> = if flags.profiles.is_empty() {
        of_variable.collect()
    } else {
        flags.profiles.iter().map(String::as_str).collect()
    };
    for name in all {
        if !profiles.iter().any(|known| known == name) {
            profiles.push(name.to_owned());
        }
    }
    profiles
}

fn existing(path: &Path, user: &str) -> Result<PathBuf, LocateError> {
    match std::fs::metadata(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Err(Error::MissingFile { file: path.to_owned(), user: user.to_owned() }.into())
        }
        Err(error) => Err(Error::io("reading", path, error).into()),
        Ok(_) => Ok(path.to_owned()),
    }
}

fn folder(file: &Path) -> PathBuf {
    file.parent().map(Path::to_owned).unwrap_or_default()
}
