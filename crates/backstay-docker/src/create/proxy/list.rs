//! Which containers Compose gets to see.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::container::label;
use backstay_core::naming::{is_temporary, live_name};

use crate::create::Orders;

/// A filtered list, and the numbers of the containers that Compose sees of each ordered service.
pub(super) struct Seen {
    pub(super) list: Vec<Value>,
    pub(super) numbers: BTreeMap<String, BTreeSet<u32>>,
}

/// Takes the containers away that Compose must not count: those that are replaced, rehearsals, and candidates that were not
/// made here. Of an ordered service it never sees more than the service is to have: it would remove the others.
pub(super) fn filter(orders: &Orders, made_here: &BTreeSet<String>, list: Vec<Value>) -> Seen {
    let mut numbers: BTreeMap<String, BTreeSet<u32>> = BTreeMap::new();
    let mut list: Vec<Value> =
        list.into_iter().filter(|container| is_seen(orders, made_here, container)).collect();
    list.sort_by_key(number);
    let live: BTreeSet<String> = list
        .iter()
        .filter(|container| !names(container).any(is_temporary))
        .filter_map(|container| Some(text(container, label::SERVICE)?.to_owned()))
        .collect();
    let mut count: BTreeMap<String, u32> = BTreeMap::new();
    list.retain_mut(|container| {
        let Some((name, order)) = ordered(orders, container) else {
            // Beside a live container, a candidate would count as one too many.
            let beside = text(container, label::SERVICE).is_some_and(|name| live.contains(name));
            return !(beside
                && is_of_project(orders, container)
                && names(container).any(is_temporary));
        };
        let count = count.entry(name.to_owned()).or_default();
        *count += 1;
        if *count > order.wanted.replicas {
            return false;
        }
        if made_here.contains(id(container)) {
            name_as_live(container);
        } else {
            numbers.entry(name.to_owned()).or_default().insert(number(container));
        }
        true
    });
    Seen { list, numbers }
}

/// Compose makes links of names, and they have to hold when the container is live.
fn name_as_live(container: &mut Value) {
    let names = container.get_mut("Names").and_then(Value::as_array_mut);
    for name in names.into_iter().flatten() {
        if let Some(live) = name.as_str().map(|name| live_name(name).to_owned()) {
            *name = Value::String(live);
        }
    }
}

fn is_seen(orders: &Orders, made_here: &BTreeSet<String>, container: &Value) -> bool {
    if text(container, label::REHEARSAL) == Some("true") {
        return false;
    }
    let Some((_, order)) = ordered(orders, container) else { return true };
    let id = id(container);
    if order.wanted.replaces.iter().any(|replaced| replaced == id) {
        return false;
    }
    made_here.contains(id) || !names(container).any(is_temporary)
}

fn ordered<'a>(
    orders: &'a Orders,
    container: &Value,
) -> Option<(&'a str, &'a crate::create::Order)> {
    if !is_of_project(orders, container) {
        return None;
    }
    let found = orders.services.get_key_value(text(container, label::SERVICE)?)?;
    Some((found.0.as_str(), found.1))
}

/// Whether it is one of the project's own containers, and not made by `compose run`.
fn is_of_project(orders: &Orders, container: &Value) -> bool {
    text(container, label::PROJECT) == Some(orders.project.as_str())
        && text(container, label::ONEOFF) != Some("True")
}

fn text<'a>(container: &'a Value, name: &str) -> Option<&'a str> {
    container.get("Labels")?.get(name)?.as_str()
}

fn id(container: &Value) -> &str {
    container.get("Id").and_then(Value::as_str).unwrap_or_default()
}

fn number(container: &Value) -> u32 {
    text(container, label::NUMBER).and_then(|number| number.parse().ok()).unwrap_or(0)
}

fn names(container: &Value) -> impl Iterator<Item = &str> {
    let names = container.get("Names").and_then(Value::as_array).into_iter().flatten();
    names.filter_map(Value::as_str).map(|name| name.trim_start_matches('/'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use backstay_core::engine::{CreateFrom, CreateRequest, CreateService};
    use serde_json::json;

    fn container(id: &str, service: &str, name: &str, number: u32) -> Value {
        json!({"Id": id, "Names": [format!("/{name}")], "Labels": {
            "com.docker.compose.project": "shop", "com.docker.compose.service": service,
            "com.docker.compose.oneoff": "False",
            "com.docker.compose.container-number": number.to_string()}})
    }

    fn seen(replicas: u32, replaces: &[&str], made_here: &[&str], list: &[Value]) -> Vec<String> {
        let services = [CreateService {
            service: "web".to_owned(),
            replicas,
            fingerprint: String::new(),
            replaces: replaces.iter().map(|&id| id.to_owned()).collect(),
            ..CreateService::default()
        }];
        let request = CreateRequest {
            source: CreateFrom::Recorded(&[]),
            project: "shop",
            run: "7",
            services: &services,
        };
        let made_here = made_here.iter().map(|&id| id.to_owned()).collect();
        let seen = filter(&Orders::new(&request, &[], ""), &made_here, list.to_vec());
        seen.list.iter().map(|container| id(container).to_owned()).collect()
    }

    #[test]
    fn what_is_replaced_and_what_others_left_behind_is_not_seen() {
        let list = [
            container("old", "web", "shop-web-1", 1),
            container("aside", "web", "shop-web-1.old-6", 1),
            container("stale", "web", "shop-web-1.new-6", 1),
            container("mine", "web", "shop-web-2.new-7", 2),
            container("db", "db", "shop-db-1", 1),
            container("db-new", "db", "shop-db-1.new-7", 1),
        ];
        assert_eq!(seen(3, &["old"], &["mine"], &list), ["db", "mine"]);
        // The only container of another service may be needed, live or not.
        assert_eq!(seen(3, &["old"], &["mine"], &list[5..]), ["db-new"]);
    }

    #[test]
    fn rehearsals_of_any_service_are_not_seen() {
        let mut twin = container("twin", "db", "shop-db-1.rehearsal-7", 1);
        twin["Labels"]["backstay.rehearsal"] = json!("true");
        assert!(seen(1, &[], &["twin"], &[twin]).is_empty());
    }

    #[test]
    fn containers_that_stay_are_seen_and_more_than_are_wanted_are_not() {
        let list: Vec<Value> =
            [3, 1, 2].map(|n| container(&n.to_string(), "web", &format!("shop-web-{n}"), n)).into();
        assert_eq!(seen(3, &[], &[], &list), ["1", "2", "3"]);
        assert_eq!(seen(2, &[], &[], &list), ["1", "2"]);
    }

    #[test]
    fn one_off_containers_and_other_projects_are_left_alone() {
        let mut run = container("run", "web", "shop-web-run-1.new-6", 1);
        run["Labels"]["com.docker.compose.oneoff"] = json!("True");
        let mut other = container("other", "web", "x.new-6", 1);
        other["Labels"]["com.docker.compose.project"] = json!("y");
        assert_eq!(seen(1, &[], &[], &[run, other]), ["run", "other"]);
    }
}
