//! `x-backstay.gateway`: what the gateway does for services, and, in the file that Backstay writes beside the user's own, the host
//! ports that it holds for them.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use backstay_routes::Mode;
use serde_json::{Map, Value};

use super::duration::parse_duration;
use super::held_port::HeldPort;
use super::place::{Place, number};
use super::port::Port;
use crate::error::Result;

/// The key of the file that Backstay writes: no user's file has it.
pub const HELD: &str = "x-backstay-gateway";

/// The first port on which a gateway listens for the host's ports.
const FIRST: u16 = 20000;

/// The most ports that a gateway listens on.
const MOST: usize = backstay_routes::MAX_LISTENERS;

const KEYS: [&str; 9] = [
    "enabled",
    "inside",
    "mode",
    "drain",
    "stream_drain",
    "hold",
    "hold_limit",
    "keep_warm",
    "proxy_protocol",
];

/// What the gateway is to do for a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GatewaySettings {
    /// Whether it is wanted; `None` leaves it to `backstay gateway enable`.
    pub enabled: Option<bool>,
    /// Whether it is to have the service's names in the stack; `None` leaves it to what is known of the service.
    pub inside: Option<bool>,
    /// What is spoken.
    pub mode: Mode,
    /// How long requests may go on at an old container; `None`: `stop_grace_period`.
    pub drain: Option<Duration>,
    /// How long streams may go on there; `None`: as long as requests.
    pub stream_drain: Option<Duration>,
    /// How long each request may wait while the service is swapped.
    pub hold: Duration,
    /// How many may wait.
    pub hold_limit: u64,
    /// How long old containers stay up after the commit.
    pub keep_warm: Duration,
    /// Whether the service gets a PROXY header, version 2.
    pub proxy_protocol: bool,
}

impl GatewaySettings {
    /// How long requests, and how long streams, may go on at an old container of a service with this `stop_grace_period`.
    #[must_use]
    pub fn drains(&self, grace: Duration) -> (Duration, Duration) {
        let requests = self.drain.unwrap_or(grace);
        (requests, self.stream_drain.unwrap_or(requests))
    }
}

impl Default for GatewaySettings {
    fn default() -> Self {
        Self {
            enabled: None,
            inside: None,
            mode: Mode::Auto,
            drain: None,
            stream_drain: None,
            hold: Duration::from_secs(10),
            hold_limit: 1000,
            keep_warm: Duration::from_secs(60),
            proxy_protocol: false,
        }
    }
}

/// What a model says of the gateway.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GatewayRules {
    /// What holds for each service that says something, and for all others under no name.
    settings: BTreeMap<Option<String>, GatewaySettings>,
    /// The host ports that it holds, in their order.
    pub ports: Vec<HeldPort>,
    /// Whether it is for the whole stack, services without host ports too.
    pub whole: bool,
}

impl GatewayRules {
    /// What holds for a service.
    #[must_use]
    pub fn of(&self, service: &str) -> GatewaySettings {
        let own = self.settings.get(&Some(service.to_owned()));
        own.or_else(|| self.settings.get(&None)).cloned().unwrap_or_default()
    }

    /// Whether it holds a port for a service.
    #[must_use]
    pub fn holds_for(&self, service: &str) -> bool {
        self.ports.iter().any(|port| port.service == service)
    }
}

/// Reads it from a model.
pub(super) fn gateway(model: &Value) -> Result<GatewayRules> {
    let own = |raw: &Value| raw.get("x-backstay").and_then(|own| own.get("gateway")).cloned();
    let mut rules = GatewayRules::default();
    let all = match own(model) {
        None | Some(Value::Null) => GatewaySettings::default(),
        Some(body) => settings("x-backstay.gateway", &body, &GatewaySettings::default())?,
    };
    rules.settings.insert(None, all.clone());
    let said = model.get(HELD).and_then(|own| own.get("all")).and_then(truth);
    rules.whole = said == Some(true) || all.enabled == Some(true);
    let services = model.get("services").and_then(Value::as_object);
    for (name, service) in services.into_iter().flatten() {
        if let Some(body) = own(service).filter(|body| !body.is_null()) {
            let place = format!("services.{name}.x-backstay.gateway");
            rules.settings.insert(Some(name.clone()), settings(&place, &body, &all)?);
        }
        rules.ports.extend(held(name, service)?);
    }
    rules.ports.sort();
    let place = Place::new(HELD);
    if rules.ports.len() > MOST {
        return Err(place.error(&format!("holds more than {MOST} host ports")));
    }
    // A service that is led to inside is found at its own ports.
    let own = declared(model, &rules.ports);
    for (port, at) in rules.ports.iter_mut().zip((FIRST..).filter(|at| !own.contains(at))) {
        port.at = at;
    }
    Ok(rules)
}

/// The ports that services say they listen on.
fn declared(model: &Value, held: &[HeldPort]) -> BTreeSet<u16> {
    let services = model.get("services").and_then(Value::as_object);
    let mut ports: BTreeSet<u16> = held.iter().map(|port| port.target).collect();
    for service in services.into_iter().flatten().map(|(_, service)| service) {
        let list = |key: &str| service.get(key).and_then(Value::as_array).into_iter().flatten();
        let published = list("ports").filter_map(|port| port.get("target").and_then(number));
        let exposed = list("expose").filter_map(number);
        ports.extend(published.chain(exposed).filter_map(|port| u16::try_from(port).ok()));
    }
    ports
}

fn settings(place: &str, body: &Value, all: &GatewaySettings) -> Result<GatewaySettings> {
    let place = Place::new(place);
    if let Some(enabled) = truth(body) {
        return Ok(GatewaySettings { enabled: Some(enabled), ..all.clone() });
    }
    let body = place.mapping(body, &KEYS)?;
    let time = |key: &str, usual: Option<Duration>| match body.get(key) {
        None | Some(Value::Null) => Ok(usual),
        Some(value) => {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let wrong = |_| place.at(key).error("must be a duration, such as `10s` or `1m30s`");
            parse_duration(&text).map(Some).map_err(wrong)
        }
    };
    let said = |key: &str| match body.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => {
            let wrong = || place.at(key).error("must be `true` or `false`");
            truth(value).map(Some).ok_or_else(wrong)
        }
    };
    let flag = |key: &str, usual: bool| said(key).map(|said| said.unwrap_or(usual));
    let mode = match body.get("mode").map(Value::as_str) {
        None => all.mode,
        Some(Some("auto")) => Mode::Auto,
        Some(Some("http")) => Mode::Http,
        Some(Some("tcp")) => Mode::Tcp,
        Some(_) => return Err(place.at("mode").error("must be `auto`, `http` or `tcp`")),
    };
    let hold_limit = match body.get("hold_limit") {
        None | Some(Value::Null) => all.hold_limit,
        Some(value) => number(value)
            .ok_or_else(|| place.at("hold_limit").error("must be a whole number, 0 or more"))?,
    };
    Ok(GatewaySettings {
        enabled: Some(flag("enabled", true)?),
        inside: said("inside")?.or(all.inside),
        mode,
        drain: time("drain", all.drain)?,
        stream_drain: time("stream_drain", all.stream_drain)?,
        hold: time("hold", Some(all.hold))?.unwrap_or(all.hold),
        hold_limit,
        keep_warm: time("keep_warm", Some(all.keep_warm))?.unwrap_or(all.keep_warm),
        proxy_protocol: flag("proxy_protocol", all.proxy_protocol)?,
    })
}

/// Compose makes texts of what comes from a variable.
fn truth(value: &Value) -> Option<bool> {
    value.as_bool().or_else(|| value.as_str().and_then(|text| text.parse().ok()))
}

/// The ports that stand at a service of the file that Backstay writes.
fn held(service: &str, raw: &Value) -> Result<Vec<HeldPort>> {
    let place = Place::new(format!("services.{service}.{HELD}"));
    let list = raw.get(HELD).and_then(|own| own.get("ports")).and_then(Value::as_array);
    list.into_iter()
        .flatten()
        .map(|port| {
            let port16 = |key: &str| port.get(key).and_then(number).and_then(|n| n.try_into().ok());
            let host_ip = port.get("host_ip").and_then(Value::as_str).map(str::to_owned);
            let (Some(host), Some(target)) = (port16("published"), port16("target")) else {
                let problem = "can't be read: run `backstay gateway enable`, which writes it anew";
                return Err(place.error(problem));
            };
            Ok(HeldPort { service: service.to_owned(), host_ip, host, target, at: 0 })
        })
        .collect()
}

/// Whether the gateway can hold a published port: one TCP port that is named.
#[must_use]
pub(crate) fn can_hold(port: &Port) -> bool {
    port.protocol == "tcp" && port.published.is_some_and(|(first, last)| first == last)
}

/// What stands at a service of the file that Backstay writes, for these ports.
#[must_use]
pub(crate) fn entry(ports: &[&Port]) -> Value {
    let one = |port: &&Port| {
        let mut body = Map::new();
        if let Some(ip) = &port.host_ip {
            body.insert("host_ip".to_owned(), Value::from(ip.clone()));
        }
        let published = port.published.map(|(first, _)| first).unwrap_or_default();
        body.insert("published".to_owned(), Value::from(published));
        body.insert("target".to_owned(), Value::from(port.target));
        Value::Object(body)
    };
    serde_json::json!({ "ports": ports.iter().map(one).collect::<Vec<_>>() })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_service_says_it_for_itself_and_the_stack_for_all() {
        let rules = gateway(&json!({
            "x-backstay": {"gateway": {"drain": "30s", "hold_limit": 5, "keep_warm": "0s"}},
            "services": {
                "web": {"x-backstay-gateway": {"ports": [{"published": "8080", "target": 80}]}},
                "api": {"x-backstay": {"gateway": {"mode": "tcp", "hold": 3}},
                    "x-backstay-gateway": {"ports": [{"host_ip": "::1", "published": 7000, "target": 7000}]}},
                "db": {"x-backstay": {"gateway": false}}}}))
        .unwrap();
        assert_eq!(rules.of("web").keep_warm, Duration::ZERO);
        assert_eq!(rules.of("web").drain, Some(Duration::from_secs(30)));
        assert_eq!((rules.of("web").enabled, rules.of("db").enabled), (Some(true), Some(false)));
        let api = rules.of("api");
        assert_eq!((api.mode, api.hold, api.hold_limit), (Mode::Tcp, Duration::from_secs(3), 5));
        let held: Vec<_> = rules.ports.iter().map(|port| (port.label(), port.at)).collect();
        assert_eq!(held, [("[::1]:7000".to_owned(), 20000), ("0.0.0.0:8080".to_owned(), 20001)]);
        assert!(rules.holds_for("web") && !rules.holds_for("db"));
        assert!(rules.whole);
    }

    #[test]
    fn its_own_ports_are_none_that_services_say_they_listen_on() {
        let rules = gateway(&json!({
            "x-backstay-gateway": {"all": true},
            "services": {
                "web": {"x-backstay-gateway": {"ports": [{"published": 8080, "target": 20000}]},
                    "x-backstay": {"gateway": {"inside": false}}},
                "api": {"expose": ["20001"]}}}))
        .unwrap();
        assert_eq!(rules.ports[0].at, 20002);
        assert!(rules.whole);
        assert_eq!((rules.of("web").inside, rules.of("api").inside), (Some(false), None));
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        let wrong = |body: Value| {
            let model = json!({"services": {"web": {"x-backstay": {"gateway": body}}}});
            gateway(&model).unwrap_err().to_string()
        };
        for (body, words) in [
            (json!({"mode": "quic"}), "services.web.x-backstay.gateway.mode"),
            (json!({"drain": "soon"}), "gateway.drain"),
            (json!({"drein": 3}), "gateway.drein"),
            (json!({"hold_limit": -1}), "gateway.hold_limit"),
            (json!([]), "must be a mapping"),
        ] {
            assert!(wrong(body).contains(words), "{words}");
        }
    }
}
