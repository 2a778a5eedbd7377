//! Reading `x-backstay.hooks`.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Map, Value};

use super::dollars::single;
use super::hook::{Hook, environment};
use super::place::Place;
use super::probe::{command, duration};
use super::run_hook::{HookPoint, Operation, RunHook};
use super::service::Service;
use crate::error::Result;

/// How long a hook may take where nothing is said.
const TIMEOUT: Duration = Duration::from_secs(600);

const KEYS: [&str; 11] = [
    "name",
    "run",
    "on",
    "service",
    "user",
    "working_dir",
    "environment",
    "privileged",
    "timeout",
    "undo",
    "operations",
];

/// Those that say something of a container.
const CONTAINER_KEYS: [&str; 2] = ["user", "privileged"];

/// The hooks of a stack: those at its top, then those of its services.
pub(super) fn hooks(raw: &Value, services: &BTreeMap<String, Service>) -> Result<Vec<RunHook>> {
    let mut all = at(raw, &Place::new("x-backstay.hooks"), None, services)?;
    for (name, service) in services {
        let place = Place::new(format!("services.{name}.x-backstay.hooks"));
        all.extend(at(&service.raw, &place, Some(name), services)?);
    }
    for (index, hook) in all.iter().enumerate() {
        if all[..index].iter().any(|other| other.name == hook.name) {
            let place = Place::new(format!("x-backstay.hooks.{}", hook.point.key()));
            return Err(place.error(&format!("has a second hook of the name `{}`", hook.name)));
        }
    }
    Ok(all)
}

/// Those that stand at one place.
fn at(
    raw: &Value,
    place: &Place,
    of: Option<&String>,
    services: &BTreeMap<String, Service>,
) -> Result<Vec<RunHook>> {
    let said = raw.get("x-backstay").and_then(|own| own.get("hooks"));
    let Some(body) = said.filter(|body| !body.is_null()) else { return Ok(Vec::new()) };
    let map = place.mapping(body, &HookPoint::ALL.map(HookPoint::key))?;
    let mut found = Vec::new();
    for point in HookPoint::ALL {
        let here = place.at(point.key());
        let list = match map.get(point.key()) {
            None | Some(Value::Null) => continue,
            Some(Value::Array(list)) => list.iter().collect(),
            Some(one) => vec![one],
        };
        let prefix = of.map(|service| format!("{service}.")).unwrap_or_default();
        for (index, body) in list.iter().enumerate() {
            let (here, name) = match list.len() {
                1 => (place.at(point.key()), format!("{prefix}{}", point.key())),
                _ => (here.item(index), format!("{prefix}{}[{index}]", point.key())),
            };
            found.push(hook(&Around { place: &here, point, of, services }, name, body)?);
        }
    }
    Ok(found)
}

/// Where a hook stands.
struct Around<'a> {
    place: &'a Place,
    point: HookPoint,
    of: Option<&'a String>,
    services: &'a BTreeMap<String, Service>,
}

fn hook(around: &Around<'_>, name: String, body: &Value) -> Result<RunHook> {
    let Around { place, point, of, services } = *around;
    let map = place.mapping(body, &KEYS)?;
    let service = service(place, map, of, services)?;
    if service.is_none()
        && let Some(key) = CONTAINER_KEYS.into_iter().find(|key| said(map, key).is_some())
    {
        return Err(place
            .at(key)
            .error("belongs to a hook in a container; on the host it is that of backstay"));
    }
    let Some(run) = said(map, "run") else { return Err(place.error("needs run: a command")) };
    let words = |key: &str, value: &Value| words(&place.at(key), value, service.is_none());
    let rest = rest(place, map)?;
    let run = Hook { command: words("run", run)?, ..rest.clone() };
    let undo = said(map, "undo").map(|undo| words("undo", undo)).transpose()?;
    if undo.is_some() && !point.is_step() {
        return Err(place
            .at("undo")
            .error("is for hooks before the commit: nothing undoes this one"));
    }
    let timeout = duration(place, map, "timeout")?.unwrap_or(TIMEOUT);
    if timeout.is_zero() {
        return Err(place.at("timeout").error("must be longer than nothing"));
    }
    Ok(RunHook {
        name: text(place, map, "name")?.unwrap_or(name),
        point,
        of: of.cloned(),
        service,
        run,
        undo: undo.map(|command| Hook { command, ..rest }),
        timeout,
        operations: operations(place, map, point)?,
    })
}

fn said<'a>(map: &'a Map<String, Value>, key: &str) -> Option<&'a Value> {
    map.get(key).filter(|value| !value.is_null())
}

fn text(place: &Place, map: &Map<String, Value>, key: &str) -> Result<Option<String>> {
    match said(map, key) {
        None => Ok(None),
        Some(Value::String(text)) if !text.is_empty() => Ok(Some(single(text))),
        Some(Value::Number(number)) => Ok(Some(number.to_string())),
        Some(_) => Err(place.at(key).error("must be a text")),
    }
}

/// In whose container it is run.
fn service(
    place: &Place,
    map: &Map<String, Value>,
    of: Option<&String>,
    services: &BTreeMap<String, Service>,
) -> Result<Option<String>> {
    let named = text(place, map, "service")?;
    match (text(place, map, "on")?.as_deref(), named) {
        (None, None) => Ok(of.cloned()),
        (Some("host"), None) => Ok(None),
        (Some("host"), Some(_)) => {
            Err(place
                .error("is either on the host or in a service: on and service exclude each other"))
        }
        (Some(_), _) => Err(place.at("on").error("must be `host`; for a container, say `service`")),
        (None, Some(service)) if services.contains_key(&service) => Ok(Some(service)),
        (None, Some(service)) => Err(place.at("service").error(&format!(
            "names `{service}`, which is no service of this stack, or of an inactive profile"
        ))),
    }
}

/// A command: a text is for the shell of where it is run.
fn words(place: &Place, value: &Value, on_host: bool) -> Result<Vec<String>> {
    let words = command(place, value)?;
    let words = words.iter().map(|word| single(word));
    if on_host && cfg!(windows) && value.is_string() {
        // `/bin/sh -c` and the text.
        let shell = ["cmd", "/C"].map(str::to_owned).into_iter();
        return Ok(shell.chain(words.skip(2)).collect());
    }
    Ok(words.collect())
}

/// What run and undo have in common.
fn rest(place: &Place, map: &Map<String, Value>) -> Result<Hook> {
    let privileged = match said(map, "privileged") {
        None | Some(Value::Bool(false)) => false,
        Some(Value::Bool(true)) => true,
        Some(Value::String(text)) if text == "true" || text == "false" => text == "true",
        Some(_) => return Err(place.at("privileged").error("must be true or false")),
    };
    let said_environment = said(map, "environment");
    if said_environment.is_some_and(|value| !value.is_object() && !value.is_array()) {
        return Err(place.at("environment").error("must be a mapping or a list"));
    }
    Ok(Hook {
        command: Vec::new(),
        user: text(place, map, "user")?,
        privileged,
        working_dir: text(place, map, "working_dir")?,
        environment: environment(said_environment),
        image: None,
    })
}

/// In which runs it is run. Where nothing is said, a way back does not hang on what a script makes of data that is newer than it; what
/// is to be run after it has a point of its own.
fn operations(place: &Place, map: &Map<String, Value>, point: HookPoint) -> Result<Vec<Operation>> {
    let place = place.at("operations");
    let known = |word: &Value| {
        let found = Operation::ALL.into_iter().find(|known| word.as_str() == Some(known.key()));
        found.ok_or_else(|| place.error("must be a list of deploy, update and rollback"))
    };
    match said(map, "operations") {
        None if point == HookPoint::AfterRollback => Ok(Operation::ALL.to_vec()),
        None => Ok(vec![Operation::Deploy, Operation::Update]),
        Some(Value::Array(list)) if !list.is_empty() => list.iter().map(known).collect(),
        Some(one) => Ok(vec![known(one)?]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stack::Model;

    const SERVICES: &str = "services:\n  web: {image: web}\n  db: {image: db}\n";

    fn parsed(hooks: &str) -> Vec<RunHook> {
        read(hooks).unwrap().hooks
    }

    fn read(hooks: &str) -> Result<Model> {
        Model::parse(&format!("name: shop\n{SERVICES}x-backstay: {{hooks: {hooks}}}\n"))
    }

    fn refused(hooks: &str) -> String {
        read(hooks).unwrap_err().to_string()
    }

    #[test]
    fn a_command_for_the_host_is_enough() {
        let found = parsed("{before_deploy: {run: 'echo $$HOME'}}");
        let hook = &found[0];
        let is = (hook.name.as_str(), hook.point, hook.timeout.as_secs());
        assert_eq!(is, ("before_deploy", HookPoint::BeforeDeploy, 600));
        assert_eq!(hook.run.command.last().unwrap(), "echo $HOME");
        assert_eq!((&hook.service, &hook.undo), (&None, &None));
        assert_eq!(hook.operations, [Operation::Deploy, Operation::Update]);
    }

    #[test]
    fn all_keys_of_a_hook_in_a_container_are_read() {
        let found = parsed(
            "{before_switch: [{run: [a]}, {name: migrate, service: web, run: [/app, up], undo: [/app, down], \
             user: 1000, working_dir: /srv, environment: {A: 1}, privileged: true, timeout: 1m, operations: [deploy, rollback]}]}",
        );
        assert_eq!(found[0].name, "before_switch[0]");
        let hook = &found[1];
        assert_eq!((hook.name.as_str(), hook.service.as_deref()), ("migrate", Some("web")));
        assert_eq!((hook.run.command.join(" "), hook.timeout.as_secs()), ("/app up".into(), 60));
        let undo = hook.undo.as_ref().unwrap();
        assert_eq!(undo.command, ["/app", "down"]);
        for command in [&hook.run, undo] {
            assert_eq!(command.environment, ["A=1"]);
            assert_eq!(command.user.as_deref(), Some("1000"));
            assert!(command.privileged && command.working_dir.as_deref() == Some("/srv"));
        }
        assert_eq!(hook.operations, [Operation::Deploy, Operation::Rollback]);
    }

    #[test]
    fn at_a_service_it_is_run_in_its_container() {
        let yaml = "name: shop\nservices:\n  web:\n    image: web\n    x-backstay:\n      hooks:\n        \
                    after_switch: [{run: [check]}, {run: echo, on: host}]\n";
        let found = Model::parse(yaml).unwrap().hooks;
        let is: Vec<_> = found.iter().map(|h| (h.name.as_str(), h.service.as_deref())).collect();
        assert_eq!(is, [("web.after_switch[0]", Some("web")), ("web.after_switch[1]", None)]);
        assert!(found.iter().all(|hook| hook.of.as_deref() == Some("web")));
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        let cases = [
            ("{before_start: {run: a}}", "`x-backstay.hooks.before_start` is not known"),
            (
                "{before_switch: {run: a, tiemout: 1s}}",
                "`x-backstay.hooks.before_switch.tiemout` is not known",
            ),
            (
                "{before_switch: [{run: a}, {undo: b}]}",
                "`x-backstay.hooks.before_switch[1]` needs run",
            ),
            ("{before_switch: {run: a, service: wbe}}", "names `wbe`, which is no service"),
            ("{before_switch: {run: a, on: web}}", "must be `host`"),
            ("{before_switch: {run: a, on: host, service: web}}", "exclude each other"),
            (
                "{before_deploy: {run: a, user: root}}",
                "`x-backstay.hooks.before_deploy.user` belongs to a hook in a container",
            ),
            (
                "{after_commit: {run: a, undo: b}}",
                "`x-backstay.hooks.after_commit.undo` is for hooks before the commit",
            ),
            ("{after_switch: {run: a, timeout: 0s}}", "must be longer than nothing"),
            (
                "{after_switch: {run: a, operations: [down]}}",
                "must be a list of deploy, update and rollback",
            ),
            (
                "{after_switch: [{run: a, name: x}, {run: b, name: x}]}",
                "a second hook of the name `x`",
            ),
            ("{after_switch: {run: ['', a]}}", "must be a command"),
            ("[a]", "must be a mapping"),
        ];
        for (hooks, wanted) in cases {
            let error = refused(hooks);
            assert!(error.contains(wanted), "{hooks}: {error}");
        }
    }

    #[test]
    fn what_is_run_after_a_rollback_is_run_after_every_kind() {
        let found =
            parsed("{after_rollback: {run: a}, after_commit: {run: a, operations: rollback}}");
        assert_eq!(found[0].operations, [Operation::Rollback]);
        assert_eq!(found[1].operations, Operation::ALL);
    }
}
