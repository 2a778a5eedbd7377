//! What a run that starts from files has besides them: nothing, or a backup that the old scripts wrote. That is the compose file,
//! `.env` and a list of containers, or a list of services whose images have the tag `<service>:backup_<time>`: less than a
//! release. What it does say is restored.

use std::collections::BTreeMap;

use serde_json::Value;

use super::certificate::CertificateChoice;
use super::environment::{self, EnvironmentChoice, Placing};
use super::from_release::services_of;
use super::options::{DeployOptions, RollbackOptions};
use super::pulls::Pulling;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::event::{Event, Failure, Note};
use crate::layout::Layout;
use crate::plan::Step;
use crate::release::Entry;
use crate::stack::{Service, StackRef};
use crate::steps::files::{self, FileChange};
use crate::store::Store;
use crate::store::own_file;

/// On what a run from files is based.
pub(crate) enum Basis {
    /// The files as they are.
    Files,
    /// Those of such a backup, and its images.
    Old(OldBackup),
}

impl Basis {
    /// Whether files and images of a backup are brought back.
    pub(crate) const fn is_old(&self) -> bool {
        matches!(self, Self::Old(_))
    }

    /// The backup's folder.
    pub(crate) fn folder(&self) -> Option<String> {
        match self {
            Self::Files => None,
            Self::Old(old) => Some(old.folder.clone()),
        }
    }

    /// The files that are put in place before the stack is read. An update leaves the surroundings of the stack alone.
    pub(crate) fn placing(
        &self,
        stack: &StackRef,
        layout: &Layout,
        options: &DeployOptions,
        store: &dyn Store,
    ) -> Result<Option<Placing>> {
        match self {
            Self::Old(old) if options.services.is_none() => placing(stack, layout, old, store),
            _ if options.services.is_some() => {
                environment::placing(stack, &EnvironmentChoice::Keep, store)
            }
            _ => environment::placing(stack, &options.environment, store),
        }
    }

    /// The variables that the stack can't do without.
    pub(crate) async fn required(
        &self,
        ctx: &Context,
        stack: &StackRef,
        placing: Option<&Placing>,
    ) -> Result<Vec<String>> {
        match self {
            // Compose says so itself when the old files are in place.
            Self::Old(_) => Ok(Vec::new()),
            Self::Files => environment::required(ctx, stack, placing).await,
        }
    }

    /// The images that it has for services, by their names.
    pub(crate) async fn images(
        &self,
        ctx: &Context,
        layout: &Layout,
        services: &[&Service],
    ) -> Result<BTreeMap<String, String>, Failure> {
        match self {
            Self::Files => Ok(BTreeMap::new()),
            Self::Old(old) => images(ctx, layout, old, services).await,
        }
    }
}

impl DeployOptions {
    /// How it is decided what is pulled.
    pub(super) fn pulling(&self, basis: &Basis) -> Pulling {
        Pulling { newer: self.pull, by_policy: !basis.is_old() }
    }
}

/// Such a backup.
pub(crate) struct OldBackup {
    /// Its folder.
    folder: String,
}

impl OldBackup {
    /// What its images' tag begins with after the colon.
    fn tag(&self, service: &str) -> String {
        format!("{service}:backup_{}", self.folder.trim_start_matches("update_"))
    }
}

/// What a run is to do that brings such a backup back: nothing is built, and nothing around the services is touched.
///
/// # Errors
/// [`Error::Incomplete`] where it lacks what it needs.
pub(crate) async fn of_old(
    ctx: &Context,
    stack: &StackRef,
    entry: &Entry,
    options: &RollbackOptions,
) -> Result<(Basis, DeployOptions)> {
    let old = OldBackup { folder: entry.folder.clone() };
    let services = entry.is_update().then(|| services_of(entry)).transpose()?;
    if let Some(services) = &services {
        let known = ctx.engine.all_services(stack).await?;
        let mut missing = Vec::new();
        for service in services {
            if !known.contains(service) {
                missing.push(format!("the compose files have no service `{service}`"));
            } else if ctx.engine.image(&old.tag(service)).await?.is_none() {
                missing.push(format!("no image `{}`", old.tag(service)));
            }
        }
        if !missing.is_empty() {
            return Err(Error::Incomplete { release: entry.folder.clone(), missing });
        }
    }
    let options = DeployOptions {
        services,
        build: false,
        wait_timeout: options.wait_timeout,
        rehearsal: options.rehearsal,
        monitor: options.monitor,
        data: options.data,
        hooks: options.hooks,
        retention: options.retention,
        environment: EnvironmentChoice::Keep,
        certificate: CertificateChoice::Skip,
        ..DeployOptions::default()
    };
    Ok((Basis::Old(old), options))
}

/// The files that it puts in place: of a backup of the whole stack, the compose file and `.env`.
fn placing(
    stack: &StackRef,
    layout: &Layout,
    old: &OldBackup,
    store: &dyn Store,
) -> Result<Option<Placing>> {
    let folder = layout.backup(&old.folder);
    let mut pairs = vec![(".env", stack.dot_env())];
    pairs.extend(stack.files.first().map(|file| ("docker-compose.yml", file.clone())));
    let mut changes = Vec::new();
    for (name, place) in pairs {
        let from = folder.join(name);
        let found = store.metadata(&from).map_err(|error| Error::io("reading", &from, error))?;
        if found.is_none() {
            continue;
        }
        let bytes = own_file(&from, store)?;
        let Ok(path) = place.strip_prefix(&stack.directory) else { continue };
        let before = files::content(&place, store)?;
        if before.as_ref().is_some_and(|(now, _)| *now == bytes) {
            continue;
        }
        let mode = before.as_ref().map_or(0o600, |(_, mode)| *mode);
        let path = path.to_string_lossy().replace('\\', "/");
        changes.push(FileChange { path, content: Some((bytes, mode)), before });
    }
    let name = old.folder.clone();
    Ok((!changes.is_empty()).then_some(Placing { name, text: None, step: Step::Files, changes }))
}

/// The ids of the images that it knows, by service. Where it knows none, the one that the reference points to now is used,
/// and said to be.
async fn images(
    ctx: &Context,
    layout: &Layout,
    old: &OldBackup,
    services: &[&Service],
) -> Result<BTreeMap<String, String>, Failure> {
    let file = layout.backup(&old.folder).join("containers.json");
    let recorded = images_in_containers(&ctx.store.read(&file).unwrap_or_default());
    let mut found = BTreeMap::new();
    for service in services {
        let mut image = ctx.engine.image(&old.tag(&service.name)).await?;
        if let (None, Some(id)) = (&image, recorded.get(&service.name)) {
            image = ctx.engine.image(id).await?;
        }
        if let Some(id) = image {
            found.insert(service.name.clone(), id);
        } else if service.is_application() {
            let (service, reference) = (service.name.clone(), service.image.clone());
            ctx.reporter.report(&Event::Note { note: Note::ImageNotKept { service, reference } });
        }
    }
    Ok(found)
}

/// The image ids by service in a `containers.json`, as `docker inspect` or `docker compose ps` wrote it: a list, or an
/// object a line. What can't be read says nothing.
#[must_use]
pub fn images_in_containers(bytes: &[u8]) -> BTreeMap<String, String> {
    // Windows PowerShell writes one.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let stream = serde_json::Deserializer::from_slice(bytes).into_iter::<Value>();
    let values = stream.map_while(std::result::Result::ok).flat_map(|value| match value {
        Value::Array(list) => list,
        other => vec![other],
    });
    values
        .filter_map(|container| {
            let label = "/Config/Labels/com.docker.compose.service";
            let service = container.get("Service").or_else(|| container.pointer(label))?;
            let image = container.get("Image")?.as_str().filter(|id| id.starts_with("sha256:"))?;
            Some((service.as_str()?.to_owned(), image.to_owned()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn containers_are_read_in_every_form_in_which_they_were_written() {
        let line = r#"{"Service":"web","Image":"sha256:0a"}"#;
        let inspected =
            r#"[{"Image":"sha256:0a","Config":{"Labels":{"com.docker.compose.service":"web"}}}]"#;
        for text in [line, &format!("[{line}]"), &format!("\u{feff}{line}\r\n{{\"x"), inspected] {
            let found = images_in_containers(text.as_bytes());
            assert_eq!(found, BTreeMap::from([("web".into(), "sha256:0a".into())]), "{text}");
        }
    }
}
