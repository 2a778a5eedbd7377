//! Reading `x-backstay.data`.

mod copy;

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Map, Value};

use copy::{copy, copy_of_mount};

use super::data::{Consistency, Copy, DataSet, Dump, Encrypt, PRESETS, Preset, Way};
use super::dollars::single;
use super::place::{Place, number};
use super::probe::{command, duration};
use super::service::{Mount, Service};
use super::vault::bytes;
use crate::error::{Error, Result};

/// How long saving may take where nothing is said.
const TIMEOUT: Duration = Duration::from_secs(3600);

/// What is wrong with another one.
const SUFFIX: &str = "must consist of letters, digits, dots and `_`";

/// What the name of an encrypted file ends with where nothing is said.
const ENCRYPTED: &str = "enc";

const KEYS: [&str; 8] =
    ["dump", "copy", "keep_last", "max_size", "on_failure", "writers", "timeout", "encrypt"];
const DUMP_KEYS: [&str; 7] = ["preset", "file", "command", "restore", "end", "suffix", "compress"];
const ENCRYPT_KEYS: [&str; 3] = ["command", "decrypt", "suffix"];

/// Reads what stands at a service.
pub(super) fn of_service(
    service: &str,
    data: Option<&Value>,
    mounts: &[Mount],
) -> Result<Option<DataSet>> {
    let place = Place::new(format!("services.{service}.x-backstay.data"));
    let Some((rules, map)) = rules(&place, service, data)? else { return Ok(None) };
    let way = match (said(map, "dump"), said(map, "copy")) {
        (Some(body), None) => Way::Dump(dump(&place.at("dump"), service, body)?),
        (None, Some(body)) => Way::Copy(copy_of_mount(&place.at("copy"), body, mounts)?),
        _ => return Err(place.error("needs exactly one of dump and copy")),
    };
    Ok(Some(DataSet { way, ..rules }))
}

/// Reads what stands at a volume.
fn of_volume(volume: &str, body: &Value) -> Result<Option<DataSet>> {
    let place = Place::new(format!("volumes.{volume}.x-backstay.data"));
    let data = body.get("x-backstay").and_then(|own| own.get("data"));
    let Some((rules, map)) = rules(&place, volume, data)? else { return Ok(None) };
    if said(map, "dump").is_some() {
        return Err(place.at("dump").error("belongs to a service: a volume can only be copied"));
    }
    let Some(body) = said(map, "copy") else { return Err(place.error("needs copy")) };
    let (consistency, compress, path) = copy(&place.at("copy"), body)?;
    if path.is_some() {
        return Err(place.at("copy.path").error("belongs to a service: of a volume all is copied"));
    }
    let way = Way::Copy(Copy { source: volume.to_owned(), volume: true, consistency, compress });
    Ok(Some(DataSet { way, ..rules }))
}

/// All sets of a stack, by name.
pub(super) fn sets(
    services: &BTreeMap<String, Service>,
    volumes: &BTreeMap<String, Value>,
) -> Result<BTreeMap<String, DataSet>> {
    let mut sets = BTreeMap::new();
    for (volume, body) in volumes {
        sets.extend(of_volume(volume, body)?.map(|set| (volume.clone(), set)));
    }
    for (name, service) in services {
        let Some(set) = &service.data else { continue };
        if sets.insert(name.clone(), set.clone()).is_some() {
            let problem = "is said of a service and of a volume of the same name: of one of them \
                           only, or give the volume another key";
            let place = Place::new(format!("services.{name}.x-backstay.data"));
            return Err(place.error(problem));
        }
    }
    for set in sets.values() {
        if let Way::Dump(dump) = &set.way
            && set.restores
            && set.writers.iter().all(|name| *name == dump.service)
            && !services.values().any(|service| service.depends_on.contains_key(&dump.service))
        {
            let problem = format!(
                "`x-backstay.data` of `{}`: `on_failure: restore` needs to know who writes, and no service depends on \
                 `{}`; name them in `writers`, or use `copy: stop`",
                set.name, dump.service
            );
            return Err(Error::Model(problem));
        }
        if let Some(unknown) = set.writers.iter().find(|name| !services.contains_key(*name)) {
            let problem =
                format!("`x-backstay.data.writers` of `{}`: no service `{unknown}`", set.name);
            return Err(Error::Model(problem));
        }
    }
    Ok(sets)
}

/// What a key says, where it says anything.
fn said<'a>(map: &'a Map<String, Value>, key: &str) -> Option<&'a Value> {
    map.get(key).filter(|value| !value.is_null())
}

/// What both kinds have in common. The way is still to be read.
fn rules<'a>(
    place: &Place,
    name: &str,
    data: Option<&'a Value>,
) -> Result<Option<(DataSet, &'a Map<String, Value>)>> {
    let map = match data {
        None | Some(Value::Null) => return Ok(None),
        Some(body) => place.mapping(body, &KEYS)?,
    };
    let keep_last = said(map, "keep_last").map(|value| {
        let count = number(value).filter(|count| *count > 0);
        let count = count.and_then(|count| usize::try_from(count).ok());
        count.ok_or_else(|| place.at("keep_last").error("must be a whole number, 1 or more"))
    });
    let max_size = said(map, "max_size").map(|value| {
        let problem = "must be a number of bytes, or a text as `500mb` or `2gb`";
        bytes(value).ok_or_else(|| place.at("max_size").error(problem))
    });
    let restores = match said(map, "on_failure").map(Value::as_str) {
        None | Some(Some("keep")) => false,
        Some(Some("restore")) => true,
        Some(_) => return Err(place.at("on_failure").error("must be `keep` or `restore`")),
    };
    let writers = match said(map, "writers") {
        None => Vec::new(),
        Some(Value::Array(list)) => list
            .iter()
            .map(|name| name.as_str().map(str::to_owned))
            .collect::<Option<_>>()
            .ok_or_else(|| place.at("writers").error("must be a list of services"))?,
        Some(_) => return Err(place.at("writers").error("must be a list of services")),
    };
    let timeout = duration(place, map, "timeout")?.unwrap_or(TIMEOUT);
    if timeout.is_zero() {
        return Err(place.at("timeout").error("must be longer than nothing"));
    }
    let encrypt =
        said(map, "encrypt").map(|body| encrypt(&place.at("encrypt"), body)).transpose()?;
    if restores && encrypt.as_ref().is_some_and(|encrypt| encrypt.decrypt.is_empty()) {
        return Err(place.error("has on_failure: restore, which needs encrypt.decrypt"));
    }
    let set = DataSet {
        name: name.to_owned(),
        // Whoever asks puts the right one in its place.
        way: Way::Copy(Copy {
            source: String::new(),
            volume: true,
            consistency: Consistency::Stop,
            compress: true,
        }),
        keep_last: keep_last.transpose()?,
        max_size: max_size.transpose()?,
        restores,
        writers,
        timeout,
        encrypt,
    };
    Ok(Some((set, map)))
}

fn dump(place: &Place, service: &str, body: &Value) -> Result<Dump> {
    let names = || PRESETS.map(|preset| preset.name).join(", ");
    let preset = |place: &Place, name: &str| {
        let problem = format!("is not known; the presets are {}", names());
        Preset::named(name).ok_or_else(|| place.error(&problem))
    };
    let text_of = |map: &Map<String, Value>, key: &str| match said(map, key) {
        None => Ok(None),
        Some(Value::String(text)) if !text.is_empty() => Ok(Some(single(text))),
        Some(_) => Err(place.at(key).error("must be a text")),
    };
    let nothing = Map::new();
    let (preset, map) = match body {
        Value::String(name) => (Some(preset(place, name)?), &nothing),
        _ => {
            let map = place.mapping(body, &DUMP_KEYS)?;
            let name = text_of(map, "preset")?;
            let found = name.map(|name| preset(&place.at("preset"), &name)).transpose()?;
            (found, map)
        }
    };
    let words = |key: &str| {
        let found = said(map, key).map(|value| command(&place.at(key), value)).transpose()?;
        let words = found.unwrap_or_default();
        Ok::<_, Error>(words.iter().map(|word| single(word)).collect::<Vec<_>>())
    };
    let compress = flag(place, map)?;
    let (own, restore, file) = (words("command")?, words("restore")?, text_of(map, "file")?);
    let (end, suffix) = (text_of(map, "end")?, text_of(map, "suffix")?);
    if let Some(suffix) = &suffix
        && !is_suffix(suffix)
    {
        return Err(place.at("suffix").error(SUFFIX));
    }
    let Some(preset) = preset else {
        if own.is_empty() {
            return Err(place.error("needs a preset, or a command"));
        }
        if file.is_some() {
            return Err(place.at("file").error("belongs to the preset sqlite"));
        }
        return Ok(Dump {
            service: service.to_owned(),
            command: own,
            restore,
            end: end.unwrap_or_default(),
            suffix: suffix.unwrap_or_else(|| "dump".to_owned()),
            compress: compress.unwrap_or(true),
        });
    };
    if !own.is_empty() || !restore.is_empty() || end.is_some() || suffix.is_some() {
        return Err(place.error("has a preset: command, restore, end and suffix stand without one"));
    }
    match (&file, preset.of_file) {
        (None, true) => {
            let problem =
                format!("needs file: where the file of {} is in the container", preset.name);
            return Err(place.error(&problem));
        }
        (Some(_), false) => {
            return Err(place.at("file").error("belongs to the preset sqlite"));
        }
        _ => {}
    }
    Ok(Dump {
        service: service.to_owned(),
        command: Preset::command(preset.dump, file.as_deref()),
        restore: Preset::command(preset.restore, file.as_deref()),
        end: preset.end.to_owned(),
        suffix: preset.suffix.to_owned(),
        compress: compress.unwrap_or(preset.compress),
    })
}

fn encrypt(place: &Place, body: &Value) -> Result<Encrypt> {
    let words = |place: &Place, value: &Value| {
        let words = command(place, value)?;
        Ok::<_, Error>(words.iter().map(|word| single(word)).collect::<Vec<_>>())
    };
    let Value::Object(_) = body else {
        let (command, decrypt) = (words(place, body)?, Vec::new());
        return Ok(Encrypt { command, decrypt, suffix: ENCRYPTED.to_owned() });
    };
    let map = place.mapping(body, &ENCRYPT_KEYS)?;
    let of = |key: &str| said(map, key).map(|value| words(&place.at(key), value)).transpose();
    let Some(command) = of("command")?.filter(|words| !words.is_empty()) else {
        return Err(place.error("needs command"));
    };
    let suffix = match said(map, "suffix") {
        None => ENCRYPTED,
        Some(Value::String(text)) if !text.is_empty() && is_suffix(text) => text,
        Some(_) => return Err(place.at("suffix").error(SUFFIX)),
    };
    Ok(Encrypt { command, decrypt: of("decrypt")?.unwrap_or_default(), suffix: suffix.to_owned() })
}

fn is_suffix(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_alphanumeric() || c == '.' || c == '_')
}

fn flag(place: &Place, map: &Map<String, Value>) -> Result<Option<bool>> {
    match said(map, "compress") {
        None => Ok(None),
        Some(Value::Bool(flag)) => Ok(Some(*flag)),
        Some(Value::String(text)) if text == "true" => Ok(Some(true)),
        Some(Value::String(text)) if text == "false" => Ok(Some(false)),
        Some(_) => Err(place.at("compress").error("must be true or false")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stack::Model;

    fn model(service: &str, volume: &str) -> Result<Model> {
        Model::parse(&format!(
            "name: shop\nservices:\n  db:\n    image: x\n    volumes: [{{type: volume, source: rows, \
             target: /rows}}]\n    x-backstay: {{data: {service}}}\n  web: {{image: y}}\n\
             volumes:\n  rows: {{name: shop_rows, x-backstay: {{data: {volume}}}}}\n"
        ))
    }

    fn set(service: &str) -> DataSet {
        model(service, "null").unwrap().data["db"].clone()
    }

    #[test]
    fn a_preset_is_a_word() {
        let found = set("{dump: mysql}");
        assert_eq!(found.file(), "db_backup.sql");
        let Way::Dump(dump) = &found.way else { panic!("{found:?}") };
        assert_eq!((dump.end.as_str(), dump.compress), ("-- Dump completed", false));
        assert_eq!(dump.command[..2], ["sh", "-c"]);
        assert_eq!(set("{dump: postgres}").file(), "db_backup.sql.zst");
        assert_eq!(set("{dump: {preset: postgres, compress: false}}").file(), "db_backup.sql");
        let found = set("{dump: {preset: sqlite, file: /rows/app.db}}");
        let Way::Dump(dump) = &found.way else { panic!("{found:?}") };
        assert_eq!(dump.command.last().map(String::as_str), Some("/rows/app.db"));
    }

    #[test]
    fn own_commands_and_all_rules_are_read() {
        let found =
            set("{dump: {command: save $$HOME, restore: [load, '-'], end: DONE, suffix: txt}, \
             keep_last: 3, max_size: 2gb, on_failure: restore, writers: [web], timeout: 90s}");
        let Way::Dump(dump) = &found.way else { panic!("{found:?}") };
        assert_eq!(dump.command, ["/bin/sh", "-c", "save $HOME"]);
        assert_eq!(dump.restore, ["load", "-"]);
        assert_eq!(found.file(), "db_backup.txt.zst");
        assert_eq!((found.keep_last, found.max_size), (Some(3), Some(2 << 30)));
        assert!(found.restores && found.writers == ["web"]);
        assert_eq!(found.timeout, Duration::from_secs(90));
    }

    #[test]
    fn a_volume_and_a_mount_are_copied() {
        let found = model("null", "{copy: pause}").unwrap().data["rows"].clone();
        let Way::Copy(copy) = &found.way else { panic!("{found:?}") };
        assert_eq!(copy.consistency, Consistency::Pause);
        assert_eq!(found.file(), "rows_backup.tar.zst");
        let found = set("{copy: {path: /rows/, consistency: none, compress: false}}");
        let Way::Copy(copy) = &found.way else { panic!("{found:?}") };
        assert_eq!((copy.source.as_str(), copy.volume), ("rows", true));
        assert_eq!(found.file(), "db_backup.tar");
    }

    #[test]
    fn what_is_not_known_is_refused_by_name() {
        for (service, name) in [
            ("{}", "services.db.x-backstay.data` needs exactly one of dump and copy"),
            ("{dump: mysql, copy: stop}", "needs exactly one of dump and copy"),
            ("{dump: oracle}", "data.dump` is not known; the presets are mysql, mariadb"),
            ("{dump: {preset: sqlite}}", "needs file"),
            ("{dump: {preset: mysql, file: /x}}", "data.dump.file"),
            ("{dump: {restore: x}}", "needs a preset, or a command"),
            ("{dump: {preset: mysql, command: x}}", "has a preset"),
            ("{dump: {command: x, suffix: ../y}}", "data.dump.suffix"),
            ("{dump: mysql, keep_last: 0}", "data.keep_last"),
            ("{dump: mysql, max_size: much}", "data.max_size"),
            ("{dump: mysql, on_failure: pray}", "data.on_failure"),
            ("{dump: mysql, timeout: soon}", "data.timeout"),
            ("{dump: mysql, writers: [nobody]}", "no service `nobody`"),
            ("{dump: mysql, on_failure: restore}", "needs to know who writes"),
            ("{dump: mysql, on_failure: restore, writers: [db]}", "needs to know who writes"),
            ("{dump: mysql, keep: 1}", "data.keep` is not known"),
            ("{copy: {consistency: maybe}}", "data.copy.consistency"),
            ("{copy: {path: /elsewhere}}", "data.copy` needs as path one of"),
            ("[]", "must be a mapping"),
        ] {
            let error = model(service, "null").unwrap_err().to_string();
            assert!(error.contains(name), "{service}: {error}");
        }
        for (volume, name) in [
            ("{dump: mysql}", "volumes.rows.x-backstay.data.dump"),
            ("{copy: {path: /x}}", "data.copy.path"),
            ("{keep_last: 1}", "needs copy"),
        ] {
            let error = model("null", volume).unwrap_err().to_string();
            assert!(error.contains(name), "{volume}: {error}");
        }
        let both = "name: s\nservices: {a: {image: x, x-backstay: {data: {dump: mysql}}}}\n\
                    volumes: {a: {x-backstay: {data: {copy: stop}}}}\n";
        let error = Model::parse(both).unwrap_err().to_string();
        assert!(error.contains("of a service and of a volume"), "{error}");
    }
}
