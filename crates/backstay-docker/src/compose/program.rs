//! Which program Compose is.
//!
//! The CLI plugin is started directly where it is found, as the docker CLI would start it: that saves the time of one more
//! process for every call, and a call that is given up ends at once, while a plugin outlives a docker CLI that is killed.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use serde_json::Value;

use crate::connection::config_folder;

/// How Compose is started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Program {
    /// The program.
    pub(crate) path: PathBuf,
    /// What comes before Compose's own arguments.
    pub(crate) arguments: Vec<&'static str>,
}

impl Program {
    /// The plugin, else `docker compose`, else a `docker-compose` of its own.
    pub(crate) fn find() -> Option<&'static Self> {
        static FOUND: OnceLock<Option<Program>> = OnceLock::new();
        FOUND.get_or_init(Self::search).as_ref()
    }

    fn search() -> Option<Self> {
        if let Some(plugin) = Self::plugin("docker-compose") {
            return Some(plugin);
        }
        if let Some(docker) = Self::docker() {
            return Some(Self { arguments: vec!["compose"], ..docker });
        }
        let path = in_path(file("docker-compose").as_ref())?;
        Some(Self { path, arguments: Vec::new() })
    }

    /// The docker CLI.
    pub(crate) fn docker() -> Option<Self> {
        let path = in_path(file("docker").as_ref())?;
        Some(Self { path, arguments: Vec::new() })
    }

    /// A plugin of the docker CLI.
    pub(crate) fn plugin(name: &str) -> Option<Self> {
        let file = file(name);
        let mut places = plugin_folders().into_iter().map(|folder| folder.join(&file));
        let path = places.find(|path| is_program(path))?;
        Some(Self { path, arguments: Vec::new() })
    }
}

fn file(name: &str) -> String {
    format!("{name}{}", std::env::consts::EXE_SUFFIX)
}

/// Where the docker CLI looks for plugins, in its order.
fn plugin_folders() -> Vec<PathBuf> {
    let mut folders = Vec::new();
    if let Some(config) = config_folder() {
        folders.push(config.join("cli-plugins"));
        let text = std::fs::read_to_string(config.join("config.json")).unwrap_or_default();
        folders.extend(extra_folders(&text));
    }
    if cfg!(windows) {
        for name in ["ProgramData", "ProgramFiles"] {
            let root = std::env::var_os(name).map(PathBuf::from);
            folders.extend(root.map(|root| root.join("Docker").join("cli-plugins")));
        }
    } else {
        for root in ["/usr/local/lib", "/usr/local/libexec", "/usr/lib", "/usr/libexec"] {
            folders.push(Path::new(root).join("docker").join("cli-plugins"));
        }
    }
    folders
}

fn extra_folders(config: &str) -> Vec<PathBuf> {
    let config: Value = serde_json::from_str(config).unwrap_or_default();
    let extra = config.get("cliPluginsExtraDirs").and_then(Value::as_array);
    extra.into_iter().flatten().filter_map(Value::as_str).map(PathBuf::from).collect()
}

fn in_path(file: &OsStr) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(file)).find(|path| is_program(path))
}

#[cfg(unix)]
fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata().is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_program(path: &Path) -> bool {
    path.is_file()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extra_plugin_folders_are_read_from_the_config() {
        let config = r#"{"cliPluginsExtraDirs": ["/opt/plugins"]}"#;
        assert_eq!(extra_folders(config), [PathBuf::from("/opt/plugins")]);
        assert!(extra_folders("").is_empty());
    }
}
