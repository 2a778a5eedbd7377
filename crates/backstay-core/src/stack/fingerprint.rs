//! A service's fingerprint: equal as long as its containers need not be replaced for anything but their image.
//!
//! It covers what Compose's own hash covers, so that a plain `docker compose up` after a deploy finds nothing to do, and
//! what Compose does not see: the content of configs, secrets and mounted files, and the names of networks and volumes.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use super::folder::{FolderState, Tree, tree};
use super::model::Model;
use super::service::{MountKind, Service};
use crate::digest::digest;
use crate::error::Result;
use crate::store::{EntryKind, Store};
use crate::store::{present, read_through};

/// The keys of a service that Compose leaves out of its hash, too: they say how to make or roll out a container, not
/// what it is.
const NOT_PART_OF_IT: [&str; 5] = ["build", "depends_on", "profiles", "pull_policy", "scale"];

/// The largest writable mounted file that still counts as configuration, in bytes.
const LARGEST_CONFIG: u64 = 1 << 20;

impl Model {
    /// The fingerprint of a service, with the content of its files read from `store`. `variables` gives the value of an
    /// environment variable, for secrets and configs that come from one.
    ///
    /// # Errors
    /// A file or a variable can't be read. One that is absent, or that belongs to somebody else, has no content.
    pub fn fingerprint(
        &self,
        service: &Service,
        store: &dyn Store,
        variables: &dyn Fn(&str) -> Result<Option<String>>,
    ) -> Result<String> {
        let mut definition = service.raw.as_object().cloned().unwrap_or_default();
        definition
            .retain(|key, _| !NOT_PART_OF_IT.contains(&key.as_str()) && !key.starts_with("x-"));
        if let Some(deploy) = definition.get_mut("deploy").and_then(Value::as_object_mut) {
            deploy.remove("replicas");
        }
        let files: Map<String, Value> = self
            .config_files(service, store)?
            .into_iter()
            .map(|file| Ok((file.to_string_lossy().into_owned(), json!(content(&file, store)?))))
            .collect::<Result<_>>()?;
        let defined =
            |names: &[String],
             of: &std::collections::BTreeMap<String, super::model::Definition>| {
                let values = names.iter().filter_map(|name| {
                    let definition = of.get(name)?;
                    let value = match (&definition.content, &definition.environment) {
                        (Some(content), _) => Some(content.clone()),
                        (None, Some(name)) => match variables(name) {
                            Ok(value) => value,
                            Err(error) => return Some(Err(error)),
                        },
                        _ => None,
                    };
                    Some(Ok((name.clone(), json!(value))))
                });
                values.collect::<Result<Map<String, Value>>>()
            };
        let networks: Vec<&str> = service
            .networks
            .keys()
            .filter_map(|key| self.networks.get(key).map(|network| network.name.as_str()))
            .collect();
        let volumes: Vec<&Value> = service
            .mounts
            .iter()
            .filter_map(|mount| self.volumes.get(&mount.source)?.get("name"))
            .collect();
        let whole = json!({
            "definition": definition,
            "files": files,
            "configs": defined(&service.configs, &self.configs)?,
            "secrets": defined(&service.secrets, &self.secrets)?,
            "networks": networks,
            "volumes": volumes,
        });
        Ok(digest(whole.to_string().as_bytes()))
    }

    /// The files whose content is part of a service: its configs and secrets, and mounted files that are configuration. A
    /// mounted file counts as such when the container can't write it, or when it is text of at most 1 MiB; others are data.
    /// So do all files of a folder that no service can write, where they are few and small.
    ///
    /// # Errors
    /// A mounted file can't be read.
    pub fn config_files(&self, service: &Service, store: &dyn Store) -> Result<Vec<PathBuf>> {
        let configs = service.configs.iter().filter_map(|name| self.configs.get(name));
        let secrets = service.secrets.iter().filter_map(|name| self.secrets.get(name));
        let mut files: Vec<PathBuf> = configs
            .chain(secrets)
            .filter_map(|definition| definition.file.as_ref())
            .map(PathBuf::from)
            .collect();
        for mount in service.mounts.iter().filter(|mount| mount.kind == MountKind::Bind) {
            let path = Path::new(&mount.source);
            let Some(found) = present(store.metadata(path), path)?.flatten() else { continue };
            let is_config = found.kind == EntryKind::File
                && (mount.read_only
                    || found.len <= LARGEST_CONFIG
                        && present(store.read(path), path)?.is_some_and(|bytes| {
                            !bytes.contains(&0) && std::str::from_utf8(&bytes).is_ok()
                        }));
            if is_config {
                files.push(path.to_owned());
            }
        }
        for (folder, state) in self.folders(service, store)? {
            if state == FolderState::Kept
                && let Tree::Small(inside) = tree(&folder, store)?
            {
                files.extend(inside);
            }
        }
        files.sort();
        files.dedup();
        Ok(files)
    }
}

/// The digest of a file's content, or `None` where there is none to be had.
fn content(path: &Path, store: &dyn Store) -> Result<Option<String>> {
    Ok(read_through(path, store)?.map(|bytes| digest(&bytes)))
}
