//! Where stacks are found, in real folders.

use std::collections::HashMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use backstay_core::Error;
use backstay_core::stack::StackRef;
use clap::Parser;

use super::{LocateError, Surroundings, locate};
use crate::cli::Cli;

struct World {
    root: tempfile::TempDir,
    env: HashMap<&'static str, OsString>,
}

impl World {
    fn new(files: &[(&str, &str)]) -> Self {
        let root = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = root.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        Self { root, env: HashMap::new() }
    }

    fn env(mut self, name: &'static str, value: &str) -> Self {
        self.env.insert(name, value.into());
        self
    }

    fn path(&self, name: &str) -> PathBuf {
        if name.is_empty() { self.root.path().to_owned() } else { self.root.path().join(name) }
    }

    fn locate(&self, from: &str, flags: &str) -> Result<StackRef, LocateError> {
        let words = ["backstay", "status"].into_iter().chain(flags.split_whitespace());
        let cli = Cli::try_parse_from(words).unwrap();
        let env = |name: &str| self.env.get(name).cloned();
        locate(&cli.global, &Surroundings { directory: self.path(from), env: &env })
    }

    fn files(&self, from: &str, flags: &str) -> Vec<String> {
        let stack = self.locate(from, flags).unwrap();
        let name = |path: &PathBuf| {
            path.strip_prefix(self.root.path()).unwrap().to_string_lossy().replace('\\', "/")
        };
        stack.files.iter().map(name).collect()
    }
}

#[test]
fn files_are_found_by_name_here_or_above_with_their_override() {
    let world = World::new(&[
        ("docker-compose.yml", ""),
        ("compose.yml", ""),
        ("docker-compose.override.yml", ""),
        ("sub/deeper/x", ""),
        ("other/docker-compose.yaml", ""),
    ]);
    assert_eq!(world.files("", ""), ["compose.yml", "docker-compose.override.yml"]);
    assert_eq!(world.files("sub/deeper", ""), ["compose.yml", "docker-compose.override.yml"]);
    assert_eq!(world.locate("sub/deeper", "").unwrap().directory, world.path(""));
    assert_eq!(world.files("other", ""), ["other/docker-compose.yaml"]);
    assert_eq!(world.files("", "--project-directory other"), ["other/docker-compose.yaml"]);
}

#[test]
fn flags_come_before_the_environment_and_that_before_the_env_file() {
    let files = [("a.yml", ""), ("b.yml", ""), ("c.yml", ""), (".env", "COMPOSE_FILE=c.yml\n")];
    let world = World::new(&files);
    assert_eq!(world.files("", ""), ["c.yml"]);
    let world =
        World::new(&files).env("COMPOSE_FILE", "b.yml,a.yml").env("COMPOSE_PATH_SEPARATOR", ",");
    assert_eq!(world.files("", ""), ["b.yml", "a.yml"]);
    assert_eq!(world.files("", "-f a.yml -f ./x/../c.yml"), ["a.yml", "c.yml"]);
}

#[test]
fn the_directory_is_that_of_the_first_file_unless_it_is_named() {
    let world = World::new(&[("in/a.yml", ""), ("b.yml", "")]);
    let stack = world.locate("", "-f in/a.yml -f b.yml").unwrap();
    assert_eq!((stack.directory, stack.project_directory), (world.path("in"), None));
    let stack = world.locate("", "-f in/a.yml --project-directory .").unwrap();
    assert_eq!((stack.directory, stack.project_directory), (world.path(""), Some(world.path(""))));
}

#[test]
fn names_profiles_and_env_files_come_from_flags_or_the_environment() {
    let world = World::new(&[("compose.yaml", ""), ("one.env", ""), ("two.env", "")])
        .env("COMPOSE_PROJECT_NAME", "shop")
        .env("COMPOSE_PROFILES", "a, b,a")
        .env("COMPOSE_ENV_FILES", "one.env,two.env");
    let stack = world.locate("", "").unwrap();
    assert_eq!(stack.project_name.as_deref(), Some("shop"));
    assert_eq!(stack.profiles, ["a", "b"]);
    assert_eq!(stack.env_files, [world.path("one.env"), world.path("two.env")]);
    let stack = world.locate("", "-p other --profile c --env-file two.env").unwrap();
    assert_eq!(stack.project_name.as_deref(), Some("other"));
    assert_eq!(stack.profiles, ["c"]);
    assert_eq!(stack.env_files, [world.path("two.env")]);
}

#[test]
fn what_is_missing_or_can_not_be_recorded_is_refused() {
    let world = World::new(&[("x/y", "")]);
    let missing = |flags: &str| match world.locate("x", flags) {
        Err(LocateError::Core(Error::MissingFile { file, user })) => (file, user),
        other => panic!("{other:?}"),
    };
    assert_eq!(missing("-f no.yml"), (world.path("x/no.yml"), "-f".to_owned()));
    assert_eq!(missing("--env-file no").1, "--env-file");
    assert!(matches!(world.locate("x", "-f -"), Err(LocateError::Stdin)));
    let remote = world.locate("x", "-f oci://registry/stack");
    assert!(matches!(remote, Err(LocateError::Remote(_))));
    let nowhere = world.locate("x", "--project-directory /nowhere-at-all");
    let Err(LocateError::Core(Error::NoComposeFile(folder))) = nowhere else { panic!() };
    assert_eq!(folder, Path::new("/nowhere-at-all"));
}
