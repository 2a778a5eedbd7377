//! What takes the place of what.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::engine::{Created, HoldRequest};

/// The replacement of one container, or the removal or addition of one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "SwapRecord")]
pub struct Swap {
    /// The service.
    pub service: String,
    /// The old container.
    pub old: Option<OldContainer>,
    /// The new container.
    pub new: Option<NewContainer>,
    /// Whether both may run at the same time, so that the old one is back before the new one is stopped.
    pub overlap: bool,
    /// Whether the new one is started only when it is to take over, though both overlap: a twin has proved it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub late: bool,
    /// Whether a step of its own stops the old one before this one, and starts it after this one's undo: between them
    /// neither runs.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub retired: bool,
    /// Whether that step holds those who come, and its undo or the end of the run lets them go: this one does not.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub held: bool,
    /// Whether the old one is not stopped, but stays up for a while after the commit, for a way back.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub warm: bool,
    /// Containers, by id, that the gateway leads to until the new one takes over: those that were still up.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stand_ins: Vec<String>,
    /// What those need who use the service, so that they find the one and not the other.
    pub traffic: Traffic,
    /// The gateway that leads to the service from outside, where one does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub routed: Option<Routed>,
}

/// How a gateway leads to a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Routed {
    /// The id of its container.
    pub gateway: String,
    /// The ports of the service's containers to which it leads.
    pub ports: Vec<u16>,
    /// What the old containers are called in its figures: their release.
    pub former: String,
    /// How many may wait while the service is swapped.
    pub hold_limit: u64,
    /// How long each may wait, in milliseconds.
    pub hold_ms: u64,
    /// How long what is under way may go on at an old container, in milliseconds.
    pub drain_ms: u64,
}

impl Swap {
    /// Whether those who ask for the service find the gateway afterwards and found the container before, or the other way round.
    pub(crate) fn changes_hands(&self) -> bool {
        let Traffic::Names { old, new, .. } = &self.traffic;
        let named = |names: &BTreeMap<String, Vec<String>>| names.values().any(|n| !n.is_empty());
        self.routed.is_some() && self.old.is_some() && named(old) != named(new)
    }
}

impl Routed {
    /// The hold of its service.
    pub(crate) fn hold(&self, service: &str) -> HoldRequest {
        HoldRequest { service: service.to_owned(), limit: self.hold_limit, wait_ms: self.hold_ms }
    }
}

/// A live container that is to be replaced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OldContainer {
    /// Its id.
    pub id: String,
    /// Its name while it is live.
    pub name: String,
    /// Whether it ran.
    pub running: bool,
    /// The containers whose namespaces it lives in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lives_in: Vec<String>,
    /// The containers that live in its namespaces, and have to be started again after it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lends_to: Vec<String>,
}

/// A container that is to be live.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewContainer {
    /// Its id.
    pub id: String,
    /// Its number among the service's containers.
    pub number: u32,
    /// Its name when it is live.
    pub name: String,
}

impl From<&Created> for NewContainer {
    fn from(new: &Created) -> Self {
        Self { id: new.id.clone(), number: new.number, name: new.name.clone() }
    }
}

/// How those who use a service are led from one container to another: what [`crate::ports::Handover`] needs for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "kebab-case")]
pub enum Traffic {
    /// By the names of the containers.
    Names {
        /// The old one's DNS names by network.
        #[serde(default)]
        old: BTreeMap<String, Vec<String>>,
        /// Those of the new one.
        #[serde(default)]
        new: BTreeMap<String, Vec<String>>,
        /// Whether the new one takes over the old one's addresses too, which leaves its networks for it.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        address: bool,
    },
}

/// As it is on record: in journals of format 1 each container had its own names.
#[derive(Deserialize)]
struct SwapRecord {
    service: String,
    old: Option<Named<OldContainer>>,
    new: Option<Named<NewContainer>>,
    overlap: bool,
    #[serde(default)]
    late: bool,
    #[serde(default)]
    retired: bool,
    #[serde(default)]
    held: bool,
    #[serde(default)]
    warm: bool,
    #[serde(default)]
    stand_ins: Vec<String>,
    #[serde(default)]
    address: bool,
    traffic: Option<Traffic>,
    #[serde(default)]
    routed: Option<Routed>,
}

#[derive(Deserialize)]
struct Named<T> {
    #[serde(flatten)]
    container: T,
    #[serde(default)]
    aliases: BTreeMap<String, Vec<String>>,
}

impl From<SwapRecord> for Swap {
    fn from(record: SwapRecord) -> Self {
        let SwapRecord { service, old, new, overlap, late, retired, held, warm, .. } = record;
        let SwapRecord { stand_ins, address, traffic, routed, .. } = record;
        let (old, old_names) = old.map(|old| (old.container, old.aliases)).unzip();
        let (new, new_names) = new.map(|new| (new.container, new.aliases)).unzip();
        let names = || Traffic::Names {
            old: old_names.unwrap_or_default(),
            new: new_names.unwrap_or_default(),
            address,
        };
        let traffic = traffic.unwrap_or_else(names);
        Self { service, old, new, overlap, late, retired, held, warm, stand_ins, traffic, routed }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_of_format_1_is_read() {
        let old = r#"{"service":"web","old":{"id":"a","name":"web-1","running":true,"aliases":{"n":["web"]}},
            "new":{"id":"b","service":"web","number":1,"name":"web-1","rehearsal":false,"aliases":{"n":["web","w"]}},
            "overlap":true,"address":true}"#;
        let swap: Swap = serde_json::from_str(old).unwrap();
        let names = |names: &[&str]| {
            BTreeMap::from([("n".to_owned(), names.iter().map(|n| (*n).to_owned()).collect())])
        };
        assert_eq!(
            swap.traffic,
            Traffic::Names { old: names(&["web"]), new: names(&["web", "w"]), address: true }
        );
        assert_eq!(swap.new.as_ref().unwrap().id, "b");
        let text = serde_json::to_string(&swap).unwrap();
        assert_eq!(serde_json::from_str::<Swap>(&text).unwrap(), swap);
        assert!(!text.contains("aliases"), "{text}");
    }
}
