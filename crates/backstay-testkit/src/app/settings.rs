//! What the server is told by its environment and by the files of its image.

use super::behaviour::{Behaviour, UnknownWord};
use std::{env, fs};

const MODE_FILE: &str = "/demo.mode";
const VERSION_FILE: &str = "/demo.version";
const HTTP_PORT: u16 = 8080;
const REDIS_PORT: u16 = 6379;

/// Everything that differs between one demo container and another.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `SERVICE`: the first word of the answer to `/`.
    pub service: String,
    /// `VERSION`, or the file `/demo.version`: the second word of the answer to `/`.
    pub version: String,
    /// `PORT`: 8080, or 6379 in redis mode, where it is not set.
    pub port: u16,
    /// `MODE`, or the file `/demo.mode` where that is not set.
    pub behaviour: Behaviour,
}

impl Settings {
    /// Reads the environment.
    ///
    /// # Errors
    /// A mode that is not known: a test that asks for one must not pass by accident.
    pub fn from_environment() -> Result<Self, UnknownWord> {
        let mode = set("MODE").or_else(|| fs::read_to_string(MODE_FILE).ok()).unwrap_or_default();
        let mut behaviour: Behaviour = mode.parse()?;
        behaviour.upstream = set("UPSTREAM").or(behaviour.upstream);
        let default_port = if behaviour.redis { REDIS_PORT } else { HTTP_PORT };
        let port = match set("PORT") {
            None => default_port,
            Some(text) => text.parse().map_err(|_| UnknownWord(format!("PORT={text}")))?,
        };
        Ok(Self {
            service: set("SERVICE").unwrap_or_else(|| "demo".into()),
            version: set("VERSION").or_else(version_of_image).unwrap_or_else(|| "0".into()),
            port,
            behaviour,
        })
    }
}

/// The host's name, which inside a container is its short id.
pub(super) fn hostname() -> String {
    let file = fs::read_to_string("/etc/hostname").unwrap_or_default();
    let name = if file.trim().is_empty() { set("HOSTNAME") } else { Some(file.trim().to_owned()) };
    name.unwrap_or_else(|| "unknown".into())
}

fn version_of_image() -> Option<String> {
    fs::read_to_string(VERSION_FILE).ok().map(|text| text.trim().to_owned())
}

/// An empty variable counts as one that is not set: `MODE: ${MODE:-}` is common in compose files.
fn set(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}
