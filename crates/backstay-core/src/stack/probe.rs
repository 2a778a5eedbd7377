//! Health checks under a service's `x-backstay.health`: asked from outside, beside what the container says of itself.

use std::fmt;
use std::time::Duration;

use serde_json::{Map, Value};

use super::duration::parse_duration;
use super::place::{Place, number};
use super::port::Port;
use crate::error::Result;

/// A check and its timing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// What is asked.
    pub check: Check,
    /// From the end of one to the beginning of the next.
    pub interval: Duration,
    /// After how long one without an answer has failed.
    pub timeout: Duration,
    /// How many in a row make the container unhealthy.
    pub retries: u32,
    /// How long after the start a failure does not count.
    pub start_period: Duration,
}

/// What a check asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Check {
    /// A `GET` request.
    Http(Http),
    /// A connection to this port of the container.
    Tcp(u16),
    /// A command inside the container that has to end with exit code 0.
    Exec(Vec<String>),
}

/// A `GET` request and the answer that is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Http {
    /// The URL as it stands in the file. Its host is what the request says; the address is the container's own.
    pub url: String,
    /// The container's port.
    pub port: u16,
    /// The status codes that are right, as ranges; without any, 200 to 399.
    pub status: Vec<(u16, u16)>,
    /// What the body has to contain.
    pub body: Option<String>,
    /// Whether any certificate will do.
    pub insecure: bool,
}

impl Http {
    /// Whether this status code is right.
    #[must_use]
    pub fn allows(&self, status: u16) -> bool {
        match self.status.as_slice() {
            [] => (200..400).contains(&status),
            ranges => ranges.iter().any(|(first, last)| (*first..=*last).contains(&status)),
        }
    }
}

impl Probe {
    /// How long it takes at most until it has failed for good.
    #[must_use]
    pub fn budget(&self) -> Duration {
        let probe = self.interval.saturating_add(self.timeout);
        self.start_period.saturating_add(probe.saturating_mul(self.retries))
    }
}

impl fmt::Display for Check {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Http(http) => write!(out, "http {}", http.url),
            Self::Tcp(port) => write!(out, "tcp {port}"),
            Self::Exec(command) => write!(out, "exec {}", command.join(" ")),
        }
    }
}

/// The keys of a check.
const KEYS: [&str; 7] = ["http", "tcp", "exec", "interval", "timeout", "retries", "start_period"];

/// The keys of `http`.
const HTTP_KEYS: [&str; 4] = ["url", "status", "body", "insecure"];

/// Reads `x-backstay.health`: one check or a list of them.
pub(super) fn probes(service: &str, health: Option<&Value>, ports: &[Port]) -> Result<Vec<Probe>> {
    let place = format!("services.{service}.x-backstay.health");
    match health {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(list)) => list
            .iter()
            .enumerate()
            .map(|(at, body)| probe(&Place::new(format!("{place}[{at}]")), body, ports))
            .collect(),
        Some(body) => Ok(vec![probe(&Place::new(place), body, ports)?]),
    }
}

pub(super) fn duration(
    place: &Place,
    map: &Map<String, Value>,
    key: &str,
) -> Result<Option<Duration>> {
    let Some(value) = map.get(key) else { return Ok(None) };
    let text = value.as_u64().map(|seconds| seconds.to_string());
    let text = text.or_else(|| value.as_str().map(str::to_owned));
    let parsed = text.and_then(|text| parse_duration(&text).ok());
    let problem = "must be a duration, as `5s` or `1m30s`, or a number of seconds";
    parsed.map(Some).ok_or_else(|| place.at(key).error(problem))
}

fn probe(place: &Place, body: &Value, ports: &[Port]) -> Result<Probe> {
    let map = place.mapping(body, &KEYS)?;
    let check = match (map.get("http"), map.get("tcp"), map.get("exec")) {
        (Some(value), None, None) => Check::Http(http(&place.at("http"), value, ports)?),
        (None, Some(value), None) => Check::Tcp(tcp(&place.at("tcp"), value, ports)?),
        (None, None, Some(value)) => Check::Exec(command(&place.at("exec"), value)?),
        _ => return Err(place.error("needs exactly one of http, tcp and exec")),
    };
    let retries = match map.get("retries") {
        None => 3,
        Some(value) => number(value)
            .and_then(|retries| u32::try_from(retries).ok())
            .filter(|retries| (1..=1000).contains(retries))
            .ok_or_else(|| place.at("retries").error("must be a whole number, 1 to 1000"))?,
    };
    let timeout = duration(place, map, "timeout")?.unwrap_or(Duration::from_secs(5));
    if timeout.is_zero() {
        return Err(place.at("timeout").error("must be longer than nothing"));
    }
    Ok(Probe {
        check,
        interval: duration(place, map, "interval")?.unwrap_or(Duration::from_secs(1)),
        timeout,
        retries,
        start_period: duration(place, map, "start_period")?.unwrap_or(Duration::from_secs(30)),
    })
}

fn http(place: &Place, value: &Value, ports: &[Port]) -> Result<Http> {
    let body;
    let map = if let Value::String(url) = value {
        body = serde_json::json!({ "url": url });
        place.mapping(&body, &HTTP_KEYS)?
    } else {
        place.mapping(value, &HTTP_KEYS)?
    };
    let at_url = place.at("url");
    let Some(url) = map.get("url").and_then(Value::as_str) else {
        return Err(at_url.error("is missing"));
    };
    let wrong = || at_url.error("must be an `http://` or `https://` URL without a password in it");
    let (scheme, rest) = url.split_once("://").ok_or_else(wrong)?;
    let default = match scheme {
        "http" => 80,
        "https" => 443,
        _ => return Err(wrong()),
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.is_empty() || authority.contains('@') || url.contains(char::is_whitespace) {
        return Err(wrong());
    }
    let named = match authority.rsplit_once(':') {
        Some((_, port)) if !port.ends_with(']') => port.parse().map_err(|_| wrong())?,
        _ => default,
    };
    let insecure = match map.get("insecure") {
        None => false,
        Some(value) => value
            .as_bool()
            .or_else(|| value.as_str().and_then(|text| text.parse().ok()))
            .ok_or_else(|| place.at("insecure").error("must be `true` or `false`"))?,
    };
    let body = match map.get("body") {
        None => None,
        Some(Value::String(text)) => Some(text.clone()),
        Some(_) => return Err(place.at("body").error("must be text; put it in quotes")),
    };
    Ok(Http {
        url: url.to_owned(),
        port: inside(named, ports),
        status: statuses(&place.at("status"), map.get("status"))?,
        body,
        insecure,
    })
}

/// `200`, `200-299`, or a list of them.
fn statuses(place: &Place, value: Option<&Value>) -> Result<Vec<(u16, u16)>> {
    let one = |value: &Value| {
        let text = match value {
            Value::Number(number) => number.to_string(),
            Value::String(text) => text.clone(),
            _ => String::new(),
        };
        let (first, last) = text.split_once('-').unwrap_or((&text, &text));
        let range = first.trim().parse().ok().zip(last.trim().parse().ok());
        range
            .filter(|(first, last): &(u16, u16)| (100..=599).contains(first) && first <= last)
            .ok_or_else(|| place.error("must be status codes, as 200, 200-299 or a list of them"))
    };
    match value {
        None => Ok(Vec::new()),
        Some(Value::Array(list)) => list.iter().map(one).collect(),
        Some(value) => Ok(vec![one(value)?]),
    }
}

/// `6379`, or `host:6379` as other tools write it; only the port counts.
fn tcp(place: &Place, value: &Value, ports: &[Port]) -> Result<u16> {
    let named = match value {
        Value::String(text) => text.rsplit(':').next().and_then(|port| port.parse().ok()),
        value => value.as_u64().and_then(|port| u16::try_from(port).ok()),
    };
    let port = named.filter(|port| *port > 0);
    Ok(inside(port.ok_or_else(|| place.error("must be a port, 1 to 65535"))?, ports))
}

/// A list of words, or one text for the container's shell, as in `healthcheck.test`.
pub(super) fn command(place: &Place, value: &Value) -> Result<Vec<String>> {
    let words: Option<Vec<String>> = match value {
        Value::String(text) if !text.trim().is_empty() => {
            Some(["/bin/sh", "-c", text].map(str::to_owned).to_vec())
        }
        Value::Array(list) => list.iter().map(|word| word.as_str().map(str::to_owned)).collect(),
        _ => None,
    };
    let words = words.filter(|words| words.first().is_some_and(|word| !word.is_empty()));
    words.ok_or_else(|| place.error("must be a command: text, or a list of text"))
}

/// The container's port for one that is written in a check: a host port stands for the one behind it.
fn inside(named: u16, ports: &[Port]) -> u16 {
    let is_tcp = |port: &&Port| port.protocol == "tcp";
    if ports.iter().filter(is_tcp).any(|port| port.target == named) {
        return named;
    }
    let behind = ports.iter().filter(is_tcp).find_map(|port| {
        let (first, last) = port.published?;
        // Of a range for one port, any may be its; a range of ports has come apart into single ones.
        (first..=last).contains(&named).then_some(port.target)
    });
    behind.unwrap_or(named)
}
