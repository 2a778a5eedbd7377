//! From the body of a create call to a candidate and its rehearsal.

use std::collections::{BTreeMap, BTreeSet};

use backstay_core::engine::Created;
use serde_json::{Value, json};

use super::declared::Declared;
use super::endpoints::{endpoints, hide_aliases};
use super::inherit::inherit;
use super::naming::{renumber, with_number};
use super::orders::{Order, Orders};
use super::pointers::point_to_live;
use super::twin::twin;
use crate::container::label;

/// A candidate, about to be created.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) service: String,
    pub(crate) number: u32,
    /// The name it will have when it is live.
    pub(crate) live_name: String,
    /// The name it is created with.
    pub(crate) name: String,
    /// The body that it is created with. What is not known here is as it was.
    pub(crate) body: Value,
    /// The DNS names that it is to have.
    pub(crate) aliases: BTreeMap<String, Vec<String>>,
    /// Name and body of its rehearsal.
    pub(crate) twin: Option<(String, Value)>,
}

/// What has been created before, and what a body may point to.
#[derive(Debug, Default)]
pub(crate) struct Before {
    /// The numbers of the service's containers that stay.
    pub(crate) visible: BTreeSet<u32>,
    /// The rehearsals of containers that were created before.
    pub(crate) twins: BTreeMap<String, String>,
    /// The containers that were created before, by the names that they will have when they are live.
    pub(crate) by_name: BTreeMap<String, String>,
}

impl Draft {
    /// What was created from it.
    pub(crate) fn created(&self, id: &str) -> Created {
        Created {
            id: id.to_owned(),
            service: self.service.clone(),
            number: self.number,
            name: self.live_name.clone(),
            rehearsal: false,
            aliases: self.aliases.clone(),
            files: Vec::new(),
        }
    }

    /// The rehearsal that was created from it.
    pub(crate) fn rehearsed(&self, id: &str) -> Created {
        // Others that are rehearsed find it under these names.
        Created { rehearsal: true, ..self.created(id) }
    }
}

/// Makes a draft; `None` where the body is not a container of a service that was asked for. `declared` is what
/// the image brings.
pub(crate) fn draft(
    orders: &Orders,
    name: &str,
    mut body: Value,
    declared: &Declared,
    before: &Before,
) -> Option<Draft> {
    let labels = body.get("Labels")?;
    let service = labels.get(label::SERVICE)?.as_str()?.to_owned();
    let given: u32 = labels.get(label::NUMBER)?.as_str()?.parse().ok()?;
    let order = orders.services.get(&service)?;
    let number = renumber(given, &before.visible, &order.replaced());
    let live_name = with_number(name, given, number);
    if number != given {
        rename_aliases(&mut body, name, &live_name);
    }
    set_labels(&mut body, orders, order, number);
    if let Some(image) = &order.wanted.image {
        body["Image"] = json!(image.id);
    }
    point_to_live(&mut body, &before.by_name);
    let aliases = aliases(&body);
    if let Some(old) = order.old.get(&number) {
        inherit(&mut body, old, &declared.volumes);
    }
    let rehearsal = order.wanted.rehearsal.then(|| {
        let name = format!("{live_name}{}", Created::suffix(&orders.run, true));
        (name, twin(&body, &before.twins, &declared.labels))
    });
    if order.wanted.hidden {
        for endpoint in endpoints(&mut body) {
            hide_aliases(endpoint);
        }
    }
    let name = format!("{live_name}{}", Created::suffix(&orders.run, false));
    Some(Draft { service, number, live_name, name, body, aliases, twin: rehearsal })
}

fn aliases(body: &Value) -> BTreeMap<String, Vec<String>> {
    let endpoints = body.pointer("/NetworkingConfig/EndpointsConfig").and_then(Value::as_object);
    let names = endpoints.into_iter().flatten().map(|(network, endpoint)| {
        // The id is not known yet, so that no alias can be its short form.
        (network.clone(), crate::container::aliases("", endpoint))
    });
    names.collect()
}

fn rename_aliases(body: &mut Value, from: &str, to: &str) {
    for endpoint in endpoints(body) {
        let aliases = endpoint.get_mut("Aliases").and_then(Value::as_array_mut);
        for alias in aliases.into_iter().flatten().filter(|alias| alias.as_str() == Some(from)) {
            *alias = json!(to);
        }
    }
}

fn set_labels(body: &mut Value, orders: &Orders, order: &Order, number: u32) {
    if let Some(labels) = body.get_mut("Labels").and_then(Value::as_object_mut) {
        labels.retain(|name, _| !name.starts_with(label::OWN));
        labels.insert(label::NUMBER.to_owned(), json!(number.to_string()));
        labels.insert(label::RUN.to_owned(), json!(orders.run));
        labels.insert(label::FINGERPRINT.to_owned(), json!(order.wanted.fingerprint));
        if !order.wanted.replaces.is_empty() {
            labels.insert(label::REPLACES.to_owned(), json!(order.wanted.replaces.join(",")));
        }
        if !orders.state.is_empty() {
            labels.insert(label::STATE.to_owned(), json!(orders.state));
        }
        if !order.wanted.hooks.is_empty()
            && let Ok(hooks) = serde_json::to_string(&order.wanted.hooks)
        {
            labels.insert(label::HOOKS.to_owned(), json!(hooks));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use backstay_core::engine::CreateService;

    /// As Compose 2.26 sends it, shortened.
    fn body() -> Value {
        json!({
            "Hostname": "", "AttachStdout": true, "ExposedPorts": {"80/tcp": {}}, "Image": "shop-web",
            "StopTimeout": 7, "NotKnownHere": {"x": [1, 2]},
            "Labels": {
                "com.docker.compose.config-hash": "a5b7", "com.docker.compose.container-number": "3",
                "com.docker.compose.project": "shop", "com.docker.compose.service": "web",
                "backstay.run": "stale", "backstay.rehearsal": "true"},
            "HostConfig": {
                "Binds": null, "NetworkMode": "shop_back", "PublishAllPorts": false,
                "PortBindings": {"80/tcp": [{"HostIp": "", "HostPort": "18080-18082"}]},
                "RestartPolicy": {"Name": "always", "MaximumRetryCount": 0}, "PidMode": "container:web-id",
                "Mounts": [{"Type": "volume", "Target": "/anon", "VolumeOptions": {}}]},
            "NetworkingConfig": {"EndpointsConfig": {
                "shop_back": {"IPAMConfig": null, "Aliases": ["shop-web-3", "web"], "MacAddress": ""},
                "shop_default": {"IPAMConfig": {"IPv4Address": "10.9.0.7"}, "Aliases": ["shop-web-3", "web", "www"]}}},
        })
    }

    fn orders(hidden: bool, rehearsal: bool, old: BTreeMap<u32, Value>) -> Orders {
        let wanted = CreateService {
            service: "web".to_owned(),
            replicas: 3,
            fingerprint: "f".to_owned(),
            replaces: Vec::new(),
            hidden,
            rehearsal,
            ..CreateService::default()
        };
        Orders {
            project: "shop".to_owned(),
            run: "7".to_owned(),
            state: String::new(),
            services: [("web".to_owned(), Order { wanted, old })].into(),
        }
    }

    fn drafted(orders: &Orders, visible: &[u32]) -> Draft {
        let labels = ["edge.enable", "traefik.http.routers.a.rule", "caddy", "maintainer"];
        let declared = Declared {
            volumes: ["/data".to_owned()].into(),
            labels: labels.map(str::to_owned).into(),
        };
        let twins = BTreeMap::from([("web-id".to_owned(), "twin-id".to_owned())]);
        let visible = visible.iter().copied().collect();
        let before = Before { visible, twins, by_name: BTreeMap::new() };
        draft(orders, "shop-web-3", body(), &declared, &before).unwrap()
    }

    #[test]
    fn a_candidate_has_its_name_and_labels_and_is_else_what_compose_sent() {
        let draft = drafted(&orders(false, false, BTreeMap::new()), &[]);
        assert_eq!(
            (draft.live_name.as_str(), draft.name.as_str()),
            ("shop-web-3", "shop-web-3.new-7")
        );
        let mut expected = body();
        expected["Labels"].as_object_mut().unwrap().remove("backstay.rehearsal");
        expected["Labels"]["backstay.run"] = json!("7");
        expected["Labels"]["backstay.fingerprint"] = json!("f");
        assert_eq!(draft.body, expected);
        assert_eq!(draft.aliases["shop_default"], ["shop-web-3", "web", "www"]);
        assert!(draft.twin.is_none());
    }

    #[test]
    fn a_hidden_candidate_has_no_dns_names_and_remembers_them() {
        let draft = drafted(&orders(true, false, BTreeMap::new()), &[]);
        for network in ["shop_back", "shop_default"] {
            assert_eq!(
                draft.body["NetworkingConfig"]["EndpointsConfig"][network]["Aliases"],
                json!([])
            );
        }
        assert_eq!(draft.aliases["shop_back"], ["shop-web-3", "web"]);
        let kept = &draft.body["NetworkingConfig"]["EndpointsConfig"]["shop_default"]["IPAMConfig"];
        assert_eq!(kept["IPv4Address"], "10.9.0.7");
    }

    #[test]
    fn a_rehearsal_takes_nothing_that_the_live_container_has() {
        let draft = drafted(&orders(false, true, BTreeMap::new()), &[]);
        let (name, twin) = draft.twin.unwrap();
        assert_eq!(name, "shop-web-3.rehearsal-7");
        assert_eq!(twin["Labels"]["backstay.rehearsal"], "true");
        assert_eq!(twin["Labels"]["com.docker.compose.service"], "web");
        assert_eq!(twin["HostConfig"]["PortBindings"], json!({}));
        // What the image has would be there again if nothing took its place.
        assert_eq!(twin["Labels"]["edge.enable"], "");
        assert_eq!(twin["Labels"]["traefik.enable"], "false");
        assert_eq!(twin["Labels"]["caddy"], "http://rehearsal.invalid");
        assert!(twin["Labels"].get("maintainer").is_none());
        assert!(draft.body["Labels"].get("edge.enable").is_none());
        assert_eq!(twin["HostConfig"]["RestartPolicy"]["Name"], "no");
        assert_eq!(twin["HostConfig"]["PidMode"], "container:twin-id");
        let endpoint = &twin["NetworkingConfig"]["EndpointsConfig"]["shop_default"];
        assert_eq!((&endpoint["Aliases"], &endpoint["IPAMConfig"]), (&json!([]), &Value::Null));
        assert_eq!(draft.body["HostConfig"]["PidMode"], "container:web-id");
        assert_eq!(draft.body["HostConfig"]["RestartPolicy"]["Name"], "always");
    }

    #[test]
    fn the_data_of_the_replaced_container_goes_to_the_candidate_and_its_rehearsal() {
        let volume = "7e4a66e859cc967e80c5c3c970add8daaa2238580714096ff0bf815f8a5ed220";
        let old = json!({"Mounts": [{"Type": "volume", "Name": volume, "Destination": "/data", "RW": true}]});
        let draft = drafted(&orders(false, true, [(3, old)].into()), &[]);
        let mounts = draft.body["HostConfig"]["Mounts"].as_array().unwrap();
        assert_eq!(mounts.len(), 2);
        assert_eq!(mounts[1], json!({"Type": "volume", "Source": volume, "Target": "/data"}));
        assert_eq!(
            &draft.twin.unwrap().1["HostConfig"]["Mounts"],
            &draft.body["HostConfig"]["Mounts"]
        );
    }

    #[test]
    fn a_candidate_gets_the_number_of_the_container_that_it_replaces() {
        let draft = drafted(&orders(false, false, [(1, json!({}))].into()), &[2]);
        assert_eq!((draft.number, draft.live_name.as_str()), (1, "shop-web-1"));
        assert_eq!(draft.body["Labels"]["com.docker.compose.container-number"], "1");
        assert_eq!(draft.aliases["shop_back"], ["shop-web-1", "web"]);
    }

    #[test]
    fn a_service_that_nobody_asked_for_is_no_draft() {
        let orders = orders(false, false, BTreeMap::new());
        let mut other = body();
        other["Labels"]["com.docker.compose.service"] = json!("db");
        let (none, set) = (Before::default(), Declared::default());
        assert!(draft(&orders, "shop-db-1", other, &set, &none).is_none());
    }
}
