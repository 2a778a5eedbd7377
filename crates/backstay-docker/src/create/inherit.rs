//! Anonymous volumes: data that has no name of its own, and follows the container from one to the next, as it does when
//! Compose recreates one.

use std::collections::BTreeSet;

use serde_json::{Value, json};

/// An anonymous volume of a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Anonymous {
    pub(crate) name: String,
    pub(crate) target: String,
    pub(crate) writable: bool,
}

/// The anonymous volumes of a container, from what `docker inspect` prints.
pub(crate) fn anonymous_volumes(inspect: &Value) -> Vec<Anonymous> {
    let mounts = inspect.get("Mounts").and_then(Value::as_array);
    let volumes = mounts.into_iter().flatten().filter(|mount| mount["Type"] == "volume");
    let anonymous = volumes.filter_map(|mount| {
        let name = mount.get("Name")?.as_str()?;
        Some(Anonymous {
            name: name.to_owned(),
            target: clean(mount.get("Destination")?.as_str()?),
            writable: mount.get("RW").and_then(Value::as_bool).unwrap_or(true),
        })
    });
    anonymous.filter(|volume| is_anonymous(&volume.name)).collect()
}

/// Mounts the old container's anonymous volumes where the new one would get empty ones: `declared` by the image, or wanted by
/// the body itself.
pub(super) fn inherit(body: &mut Value, old: &Value, declared: &BTreeSet<String>) {
    for volume in anonymous_volumes(old) {
        let wanted = declared.contains(&volume.target) || has_key(body, "/Volumes", &volume.target);
        mount(body, &volume, wanted);
    }
}

/// Mounts an anonymous volume by its name, unless something else is mounted there. `wanted` tells whether an empty one would
/// be mounted there otherwise; an entry of `Mounts` without a source says so too.
pub(super) fn mount(body: &mut Value, volume: &Anonymous, wanted: bool) {
    if is_bound(body, &volume.target) {
        return;
    }
    let Some(host) = body.get_mut("HostConfig").and_then(Value::as_object_mut) else { return };
    let mounts = host.entry("Mounts").or_insert_with(|| json!([]));
    if mounts.is_null() {
        *mounts = json!([]);
    }
    let Some(mounts) = mounts.as_array_mut() else { return };
    let own = mounts.iter_mut().find(|mount| target(mount).as_deref() == Some(&volume.target));
    if let Some(own) = own {
        if own["Type"] == "volume" && source(own).is_empty() {
            own["Source"] = json!(volume.name);
        }
    } else if wanted {
        let mut mount = json!({"Type": "volume", "Source": volume.name, "Target": volume.target});
        if !volume.writable {
            mount["ReadOnly"] = json!(true);
        }
        mounts.push(mount);
    }
}

/// The engine names such volumes with 64 hexadecimal digits.
fn is_anonymous(name: &str) -> bool {
    name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Whether `Binds` or `Tmpfs` mount something there.
fn is_bound(body: &Value, place: &str) -> bool {
    let binds = body.pointer("/HostConfig/Binds").and_then(Value::as_array);
    let bound = binds.into_iter().flatten().filter_map(Value::as_str).any(|bind| {
        // `source:target[:mode]`; a source on Windows has a colon of its own.
        bind.split(':').skip(1).find(|part| part.starts_with('/')).map(clean).as_deref()
            == Some(place)
    });
    bound || has_key(body, "/HostConfig/Tmpfs", place)
}

fn has_key(body: &Value, pointer: &str, place: &str) -> bool {
    let keys = body.pointer(pointer).and_then(Value::as_object);
    keys.into_iter().flatten().any(|(target, _)| clean(target) == place)
}

fn target(mount: &Value) -> Option<String> {
    mount.get("Target").and_then(Value::as_str).map(clean)
}

fn source(mount: &Value) -> &str {
    mount.get("Source").and_then(Value::as_str).unwrap_or_default()
}

pub(super) fn clean(path: &str) -> String {
    let trimmed = path.trim_end_matches('/');
    if trimmed.is_empty() { "/".to_owned() } else { trimmed.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::create::Declared;

    const NAME: &str = "7e4a66e859cc967e80c5c3c970add8daaa2238580714096ff0bf815f8a5ed220";

    fn old(targets: &[&str]) -> Value {
        let mounts: Vec<Value> = targets
            .iter()
            .map(
                |target| json!({"Type": "volume", "Name": NAME, "Destination": target, "RW": true}),
            )
            .collect();
        json!({"Mounts": mounts})
    }

    fn inherited(mut body: Value, old: &Value, declared: &[&str]) -> Value {
        inherit(&mut body, old, &declared.iter().map(|&target| target.to_owned()).collect());
        body["HostConfig"]["Mounts"].clone()
    }

    #[test]
    fn a_volume_of_the_image_is_inherited() {
        let body = json!({"HostConfig": {"Mounts": null}});
        let mount = json!([{"Type": "volume", "Source": NAME, "Target": "/data"}]);
        assert_eq!(inherited(body, &old(&["/data"]), &["/data"]), mount);
        let image = json!({"Config": {"Volumes": {"/data/": {}}}});
        assert_eq!(Declared::read(&image).volumes, BTreeSet::from(["/data".to_owned()]));
    }

    #[test]
    fn an_anonymous_mount_of_the_service_gets_its_source() {
        let body = json!({"HostConfig": {"Mounts": [{"Type": "volume", "Target": "/anon", "VolumeOptions": {}}]}});
        let mounts = inherited(body, &old(&["/anon"]), &[]);
        assert_eq!(mounts[0]["Source"], NAME);
    }

    #[test]
    fn what_is_mounted_otherwise_now_stays_so() {
        let bound = json!({"HostConfig": {"Binds": ["/srv/data:/data:ro"], "Mounts": []}});
        assert_eq!(inherited(bound, &old(&["/data"]), &["/data"]), json!([]));
        let tmpfs = json!({"HostConfig": {"Tmpfs": {"/data": ""}, "Mounts": []}});
        assert_eq!(inherited(tmpfs, &old(&["/data"]), &["/data"]), json!([]));
        let named = json!({"HostConfig": {"Mounts": [{"Type": "volume", "Source": "n", "Target": "/data"}]}});
        assert_eq!(inherited(named, &old(&["/data"]), &["/data"])[0]["Source"], "n");
    }

    #[test]
    fn named_volumes_and_places_that_are_gone_are_not_inherited() {
        let named =
            json!({"Mounts": [{"Type": "volume", "Name": "shop_data", "Destination": "/data"}]});
        let body = || json!({"HostConfig": {"Mounts": []}});
        assert_eq!(inherited(body(), &named, &["/data"]), json!([]));
        assert_eq!(inherited(body(), &old(&["/gone"]), &["/data"]), json!([]));
    }
}
