//! Sources of bind mounts that are missing: which of them are meant to be files. The engine would make a folder of each, and
//! nothing but that folder would be there for the container.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::error::{Obstacle, Result};
use crate::release::Release;
use crate::stack::{Model, Mount, MountKind, Service, comes_and_goes, is_machines};
use crate::store::present;
use crate::store::{EntryKind, Store};

/// Endings of names that are files, whether they are there or not.
const ENDINGS: [&str; 59] = [
    "asc",
    "ca",
    "cer",
    "cert",
    "cfg",
    "cnf",
    "conf",
    "config",
    "crt",
    "css",
    "csv",
    "db",
    "env",
    "gpg",
    "hcl",
    "htm",
    "html",
    "ini",
    "j2",
    "jar",
    "jks",
    "js",
    "json",
    "key",
    "keystore",
    "list",
    "lock",
    "log",
    "lua",
    "md",
    "mjs",
    "p12",
    "p8",
    "passwd",
    "pem",
    "pfx",
    "php",
    "pid",
    "pl",
    "properties",
    "pub",
    "py",
    "rb",
    "rules",
    "sh",
    "so",
    "sock",
    "sql",
    "sqlite",
    "sqlite3",
    "template",
    "tmpl",
    "toml",
    "ts",
    "txt",
    "war",
    "xml",
    "yaml",
    "yml",
];

/// Names without an ending that are files.
const NAMES: [&str; 22] = [
    "authorized_keys",
    "Caddyfile",
    "Corefile",
    "crontab",
    "docker.sock",
    "Dockerfile",
    "fstab",
    "group",
    "hostname",
    "hosts",
    "id_ed25519",
    "id_rsa",
    "known_hosts",
    "localtime",
    "machine-id",
    "Makefile",
    "passwd",
    "Procfile",
    "shadow",
    "sudoers",
    "timezone",
    "Vagrantfile",
];

/// What the last word of such a name may be.
const WORDS: [&str; 12] = [
    "cert",
    "certificate",
    "cookie",
    "credential",
    "htaccess",
    "htpasswd",
    "key",
    "passphrase",
    "passwd",
    "password",
    "secret",
    "token",
];

/// Those of them that are files where they stand alone.
const SURE: [&str; 5] = ["htaccess", "htpasswd", "passwd", "password", "token"];

/// Hidden files of settings; other hidden names are folders as often.
const HIDDEN: [&str; 9] = [
    ".bashrc",
    ".env",
    ".htaccess",
    ".htpasswd",
    ".my.cnf",
    ".netrc",
    ".npmrc",
    ".pgpass",
    ".profile",
];

/// Whether a name is one of a file.
pub(crate) fn looks_like_file(path: &str) -> bool {
    if path.ends_with(['/', '\\']) {
        return false;
    }
    let path = Path::new(path);
    let Some(name) = path.file_name().and_then(|name| name.to_str()) else { return false };
    if NAMES.contains(&name) || HIDDEN.contains(&name) || name.starts_with(".env.") {
        return true;
    }
    if let Some(ending) = path.extension().and_then(|ending| ending.to_str()) {
        return ENDINGS.contains(&ending.to_ascii_lowercase().as_str());
    }
    // `cert` alone is a folder as often as not, `db-cert` is none.
    let name = name.trim_start_matches('.').to_ascii_lowercase();
    let last = name.rsplit(['-', '_']).next().unwrap_or_default();
    WORDS.contains(&last) && (last != name || SURE.contains(&last))
}

/// Whether a mount is of a file, as far as names and the release that runs say.
pub(crate) fn is_of_file(mount: &Mount, known: &BTreeSet<PathBuf>) -> bool {
    let means_folder = mount.target.ends_with('/') || mount.source.ends_with('/');
    known.contains(Path::new(&mount.source))
        || !means_folder
            && (looks_like_file(&mount.source)
                || Path::new(&mount.source).extension().is_none() && looks_like_file(&mount.target))
}

/// The files of a release that has a copy of them, or knows their content.
pub(crate) fn files_of(release: &Release) -> BTreeSet<PathBuf> {
    let files = release.files.iter().filter(|file| file.digest.is_some() && file.folder.is_none());
    files.map(|file| release.stack.directory.join(&file.path)).collect()
}

/// What is missing and can't be made: files, and sources that the model forbids to make. `coming` are the files that the run
/// itself puts in place, `known` those that the release which runs has.
pub(crate) fn missing(
    model: &Model,
    only: Option<&BTreeSet<String>>,
    coming: &BTreeSet<PathBuf>,
    known: &BTreeSet<PathBuf>,
    store: &dyn Store,
) -> Result<Vec<Obstacle>> {
    let mut found: Vec<Obstacle> = Vec::new();
    let in_scope = |service: &&Service| only.is_none_or(|only| only.contains(&service.name));
    for service in model.services.values().filter(in_scope) {
        let binds = service.mounts.iter().filter(|mount| mount.kind == MountKind::Bind);
        for mount in binds.filter(|mount| is_looked_for(mount)) {
            let path = PathBuf::from(&mount.source);
            // The machine's own may be there for the engine alone: this program may run in a container.
            if is_machines(&path) || coming.iter().any(|file| file.starts_with(&path)) {
                continue;
            }
            // Through links, as the engine does; a link that leads nowhere is nothing.
            let there = match present(store.resolve(&path), &path)? {
                Some(place) => present(store.metadata(&place), &place)?.flatten(),
                None => None,
            };
            let service = service.name.clone();
            let obstacle = match there {
                None if is_of_file(mount, known) || !mount.create => {
                    Obstacle::SourceMissing { path, service }
                }
                Some(is)
                    if is.kind == EntryKind::Directory
                        && is_of_file(mount, known)
                        && present(store.list(&path), &path)?.is_some_and(|all| all.is_empty()) =>
                {
                    Obstacle::FolderForFile { path, is_empty: true }
                }
                _ => continue,
            };
            if !found.contains(&obstacle) {
                found.push(obstacle);
            }
        }
    }
    Ok(found)
}

/// Whether a missing source is of interest: a socket comes with its service.
pub(super) fn is_looked_for(mount: &Mount) -> bool {
    let path = Path::new(&mount.source);
    path.is_absolute() && !comes_and_goes(path) && !mount.source.ends_with(".sock")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_files_from_folders() {
        for file in [
            "/a/nginx.conf",
            "/a/x.JSON",
            "/a/.env",
            "/a/.env.prod",
            "/a/secret-token",
            "/a/db_password",
            "/a/Caddyfile",
            "/a/data.sqlite3",
        ] {
            assert!(looks_like_file(file), "{file}");
        }
        for folder in [
            "/a/conf.d",
            "/srv/shop.example.com",
            "/a/secrets",
            "/a/cert",
            "/a/secret",
            "/a/keys",
            "/a/data",
            "/a/.config",
            "/a/x.conf/",
        ] {
            assert!(!looks_like_file(folder), "{folder}");
        }
    }
}
