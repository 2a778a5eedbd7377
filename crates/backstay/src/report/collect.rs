//! What goes into the archive.

use backstay_core::layout::Layout;
use backstay_core::ports::Containers;
use backstay_core::ports::Store;
use backstay_core::release::Catalog;
use backstay_core::store::DiskStore;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::cover::cover;
use super::listing::listing;
use super::redaction::Redaction;
use crate::doctor::{About, Finding};
use crate::ui::encode;

/// The last lines of each container's output.
const LINES: usize = 300;

/// The newest journals.
const JOURNALS: usize = 30;

/// What of the engine's `/info` says something about a problem.
const INFO: [&str; 26] = [
    "ServerVersion",
    "OperatingSystem",
    "OSVersion",
    "OSType",
    "Architecture",
    "KernelVersion",
    "NCPU",
    "MemTotal",
    "Driver",
    "DriverStatus",
    "DockerRootDir",
    "CgroupDriver",
    "CgroupVersion",
    "LoggingDriver",
    "LiveRestoreEnabled",
    "SecurityOptions",
    "DefaultRuntime",
    "Containers",
    "ContainersRunning",
    "ContainersStopped",
    "Images",
    "SystemTime",
    "IndexServerAddress",
    "RegistryConfig",
    "Warnings",
    "Swarm",
];

/// What of a container.
const STATE: [&str; 12] = [
    "/Name",
    "/Id",
    "/Image",
    "/Created",
    "/RestartCount",
    "/Config/Image",
    "/Config/Healthcheck",
    "/State",
    "/HostConfig/RestartPolicy",
    "/HostConfig/NetworkMode",
    "/HostConfig/PortBindings",
    "/Mounts",
];

/// The files of the archive, without secrets.
pub(crate) struct Collected {
    /// Names and contents.
    pub(crate) files: Vec<(String, Vec<u8>)>,
}

/// Collects everything. What can't be had is left out, and said in `errors.txt`.
pub(crate) async fn collect(about: &About, findings: &[Finding], command: &str) -> Collected {
    let mut errors = Vec::new();
    let containers = containers(about, &mut errors).await;
    let redaction = Redaction::new(about, &containers);
    let mut files = Files { redaction, files: Vec::new() };
    let now = Timestamp::now().to_string();
    files.text("report.txt", &cover(about, command, &now).await);
    let lines = findings.iter().filter_map(|finding| serde_json::to_value(finding).ok());
    files.lines("doctor.jsonl", lines);
    if let Some(facts) = about.facts() {
        let known = |key: &&str| Some(((*key).to_owned(), facts.info.get(*key)?.clone()));
        let fields: Map<String, Value> = INFO.iter().filter_map(known).collect();
        files.json("docker-info.json", Value::Object(fields));
    }
    if let Some(model) = &about.model {
        files.json("model.json", model.raw.clone());
    }
    if !containers.is_empty() {
        files.json("containers.json", containers.iter().map(state).collect());
    }
    for container in &containers {
        let text = |key: &str| container.get(key).and_then(Value::as_str).unwrap_or_default();
        match about.engine.logs(text("Id"), LINES).await {
            Ok(lines) => {
                let name = text("Name").trim_start_matches('/');
                files.text(&format!("logs/{}.log", safe(name)), &lines.join("\n"));
            }
            Err(error) => errors.push(error.to_string()),
        }
    }
    if let Some(layout) = about.records() {
        files.text("backup.txt", &listing(layout.root()));
        journals(&layout, &mut files, &mut errors);
        releases(&layout, &mut files, &mut errors);
    }
    if !errors.is_empty() {
        files.text("errors.txt", &errors.join("\n"));
    }
    Collected { files: files.files }
}

struct Files {
    redaction: Redaction,
    files: Vec<(String, Vec<u8>)>,
}

impl Files {
    fn text(&mut self, name: &str, text: &str) {
        self.push(name, self.redaction.text(text));
    }

    fn json(&mut self, name: &str, value: Value) {
        let value = self.redaction.value(value);
        let text = serde_json::to_string_pretty(&value).unwrap_or_default();
        self.push(name, format!("{text}\n"));
    }

    fn lines(&mut self, name: &str, values: impl Iterator<Item = Value>) {
        let lines = values.map(|value| encode(&self.redaction.value(value)) + "\n");
        let text = lines.collect::<String>();
        self.push(name, text);
    }

    /// A container's name may hold a value as well.
    fn push(&mut self, name: &str, text: String) {
        self.files.push((self.redaction.text(name), text.into_bytes()));
    }
}

/// The stack's containers in full.
async fn containers(about: &About, errors: &mut Vec<String>) -> Vec<Value> {
    let (Some(model), Some(_)) = (&about.model, about.facts()) else { return Vec::new() };
    let found = match about.engine.containers(&model.project).await {
        Ok(found) => found,
        Err(error) => {
            errors.push(error.to_string());
            return Vec::new();
        }
    };
    let ids: Vec<String> = found.into_iter().map(|container| container.id).collect();
    about.engine.inspect(&ids).await.unwrap_or_else(|error| {
        errors.push(error.to_string());
        Vec::new()
    })
}

fn state(container: &Value) -> Value {
    let parts = STATE.iter().filter_map(|path| {
        let name = path.rsplit('/').next().unwrap_or_default();
        // The reference and the id of an image have one name.
        let name = if *path == "/Config/Image" { "Reference" } else { name };
        Some((name.to_owned(), container.pointer(path)?.clone()))
    });
    Value::Object(parts.collect())
}

fn journals(layout: &Layout, files: &mut Files, errors: &mut Vec<String>) {
    let names = DiskStore.list(&layout.journals()).unwrap_or_default();
    let journals: Vec<&String> = names.iter().filter(|name| name.ends_with(".jsonl")).collect();
    for name in journals.iter().skip(journals.len().saturating_sub(JOURNALS)) {
        match DiskStore.read(&layout.journals().join(name)) {
            Ok(bytes) => {
                let text = String::from_utf8_lossy(&bytes);
                // A damaged line is a part of the problem: it stays, as text.
                let line = |line: &str| match serde_json::from_str(line) {
                    Ok(value) => value,
                    Err(_) => json!({"damaged": line}),
                };
                files.lines(&format!("journal/{}", safe(name)), text.lines().map(line));
            }
            Err(error) => errors.push(format!("{name}: {error}")),
        }
    }
}

fn releases(layout: &Layout, files: &mut Files, errors: &mut Vec<String>) {
    let catalog = match Catalog::look(layout, &DiskStore) {
        Ok((catalog, flaw)) => {
            errors.extend(flaw.map(|error| error.to_string()));
            catalog
        }
        Err(error) => return errors.push(error.to_string()),
    };
    let entries = catalog.entries.iter().filter_map(|entry| entry.release());
    for folder in entries.chain(&catalog.current) {
        let name = folder.path.file_name().unwrap_or_default().to_string_lossy();
        match serde_json::to_value(&folder.release) {
            Ok(release) => files.json(&format!("releases/{}.json", safe(&name)), release),
            Err(error) => errors.push(error.to_string()),
        }
    }
}

/// A name that is a name on every system.
pub(crate) fn safe(name: &str) -> String {
    let is_safe = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_');
    name.chars().map(|c| if is_safe(c) { c } else { '_' }).collect()
}
