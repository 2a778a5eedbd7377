//! The file: its names, its text, and what it says.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::error::Result;
use crate::stack::{HELD, Model, Port, Service, StackRef, can_hold, documents, gateway_entry};
use crate::store::{Store, text_through};

/// How it begins.
const MARK: &str = "# Written by Backstay";

const EXPLANATION: &str = "\
# Written by Backstay: its gateway holds these host ports, so that containers can change behind it.
# `docker compose` reads this file by itself. `backstay gateway disable` takes it away again.
# It is written anew by each deploy: changes belong into the other files.
";

/// The name of a file that the user names as the last of the stack's, where Compose would not find one by itself.
pub(super) const NAMED: &str = "compose.gateway.yaml";

/// The names by which Compose finds a stack, each with that of the file that it reads beside it.
const FOUND: [(&str, &str); 4] = [
    ("compose.yaml", "compose.override.yaml"),
    ("compose.yml", "compose.override.yml"),
    ("docker-compose.yml", "docker-compose.override.yml"),
    ("docker-compose.yaml", "docker-compose.override.yaml"),
];

/// What such a file says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Said {
    /// Whether all services that can be are behind the gateway, those too that are added later.
    pub(super) all: bool,
    /// The services that are.
    pub(super) services: BTreeSet<String>,
}

/// The stack's file for the gateway, where it has one, whether it is there or not.
///
/// # Errors
/// [`crate::Error::Io`].
pub(super) fn of(stack: &StackRef, store: &dyn Store) -> Result<Option<PathBuf>> {
    for file in &stack.files {
        if is_named(file) || text_through(file, store)?.is_some_and(|text| text.starts_with(MARK)) {
            return Ok(Some(file.clone()));
        }
    }
    Ok(None)
}

/// Whether it is the one that the user names.
pub(super) fn is_named(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name == NAMED)
}

/// Where Compose would find one by itself; `None` where the stack's files are named, or there is another one of theirs.
pub(super) fn place(stack: &StackRef) -> Option<PathBuf> {
    let [file] = stack.files.as_slice() else { return None };
    let name = file.file_name()?.to_str()?;
    let (_, beside) = FOUND.iter().find(|(found, _)| stack.caller.by_name && *found == name)?;
    Some(file.with_file_name(beside))
}

/// Reads one. What can't be read says nothing.
///
/// # Errors
/// [`crate::Error::Io`].
pub(super) fn read(path: &Path, store: &dyn Store) -> Result<Said> {
    let text = text_through(path, store)?.unwrap_or_default();
    // Tags say what Compose does with a list, and nothing here.
    let text = text.replace("!override", "").replace("!reset", "");
    let value = documents(&text).ok().and_then(|all| all.into_iter().next()).unwrap_or_default();
    let services = value.get("services").and_then(Value::as_object).into_iter().flatten();
    Ok(Said {
        all: value.pointer(&format!("/{HELD}/all")).and_then(Value::as_bool) == Some(true),
        services: services.map(|(name, _)| name.clone()).collect(),
    })
}

/// The ports of a service that the gateway can hold; none where it can't reach the service.
pub(super) fn ports(service: &Service) -> Vec<&Port> {
    if service.network_mode.is_some() || service.networks.is_empty() {
        return Vec::new();
    }
    service.ports.iter().filter(|port| can_hold(port)).collect()
}

/// The text for these services of the stack as it is without the file.
pub(super) fn text(model: &Model, services: &BTreeSet<String>, all: bool) -> String {
    let mut text = EXPLANATION.to_owned();
    text.push_str(&format!("{HELD}: {}\nservices:\n", json!({ "all": all })));
    for name in services {
        let Some(service) = model.services.get(name) else { continue };
        let held = ports(service);
        let raw = service.raw.get("ports").and_then(Value::as_array);
        // Compose gives them in the order of the model.
        let pairs = service.ports.iter().zip(raw.into_iter().flatten());
        let stays: Vec<&Value> =
            pairs.filter(|(port, _)| !can_hold(port)).map(|(_, raw)| raw).collect();
        // JSON is YAML; a name may be any text.
        text.push_str(&format!("  {}:\n", json!(name)));
        text.push_str(&format!("    ports: !override {}\n", json!(stays)));
        text.push_str(&format!("    {HELD}: {}\n", gateway_entry(&held)));
    }
    text
}

/// The services whose ports can be held.
pub(super) fn able(model: &Model) -> BTreeSet<&str> {
    let able = model.services.iter().filter(|(_, service)| !ports(service).is_empty());
    able.map(|(name, _)| name.as_str()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stack::Caller;
    use crate::store::DiskStore;

    const MODEL: &str = "name: shop\nservices:\n  web:\n    image: x\n    networks: {default: null}\n    ports:\n    - {mode: ingress, target: 80, published: '8080', protocol: tcp}\n    - {mode: ingress, target: 53, published: '53', protocol: udp}\n    - {mode: ingress, target: 81, protocol: tcp}\n  db:\n    image: y\n    networks: {default: null}\n  host:\n    image: z\n    network_mode: host\nnetworks:\n  default: {name: shop_default}\n";

    #[test]
    fn what_is_written_is_read_and_only_named_tcp_ports_are_taken() {
        let model = Model::parse(MODEL).unwrap();
        assert_eq!(able(&model).into_iter().collect::<Vec<_>>(), ["web"]);
        let services = BTreeSet::from(["web".to_owned()]);
        let text = text(&model, &services, true);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("compose.override.yaml");
        std::fs::write(&path, &text).unwrap();
        assert_eq!(read(&path, &DiskStore).unwrap(), Said { all: true, services });
        assert!(text.contains(r#""target":53"#) && text.contains(r#""target":81"#), "{text}");
        assert!(
            text.contains(r#"x-backstay-gateway: {"ports":[{"published":8080,"target":80}]}"#),
            "{text}"
        );
        let stack = StackRef { files: vec![path.clone()], ..StackRef::default() };
        assert_eq!(of(&stack, &DiskStore).unwrap(), Some(path));
    }

    #[test]
    fn it_lies_where_compose_finds_it_or_where_the_user_says() {
        let stack = |files: &[&str], by_name| StackRef {
            files: files.iter().map(PathBuf::from).collect(),
            caller: Caller::default().finding(by_name),
            ..StackRef::default()
        };
        let place = |files: &[&str], by_name| place(&stack(files, by_name));
        assert_eq!(
            place(&["/s/docker-compose.yml"], true),
            Some("/s/docker-compose.override.yml".into())
        );
        assert_eq!(place(&["/s/docker-compose.yml"], false), None);
        assert_eq!(place(&["/s/compose.yaml", "/s/compose.override.yaml"], true), None);
        let named = stack(&["/s/a.yml", "/s/compose.gateway.yaml"], false);
        assert_eq!(of(&named, &DiskStore).unwrap(), Some("/s/compose.gateway.yaml".into()));
    }
}
