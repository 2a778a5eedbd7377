//! Whether a snapshot can be carried out.

use crate::refusal::{Refusal, RefusalKind, Result};
use crate::snapshot::{FORMAT, Snapshot};
use std::collections::HashSet;

/// How many listeners there can be: as many sockets pass between two processes in one message.
pub const MAX_LISTENERS: usize = 250;

impl Snapshot {
    /// Refuses what contradicts itself.
    pub fn check(&self) -> Result<()> {
        if self.format == 0 || self.format > FORMAT {
            let message =
                format!("format {} is not known; this gateway knows {FORMAT}", self.format);
            return Err(Refusal::new(RefusalKind::Format, message));
        }
        self.check_listeners().and_then(|()| self.check_targets()).map_err(|message| {
            Refusal::new(RefusalKind::Invalid, format!("the snapshot is not valid: {message}"))
        })
    }

    fn check_listeners(&self) -> Result<(), String> {
        if self.listeners.len() > MAX_LISTENERS {
            let count = self.listeners.len();
            return Err(format!("{count} listeners, of {MAX_LISTENERS} at most"));
        }
        let mut ports = HashSet::new();
        for listener in &self.listeners {
            let port = listener.port;
            if port == 0 {
                return Err(format!("the listener `{}` has port 0", listener.label));
            }
            if !ports.insert(port) {
                return Err(format!("two listeners have port {port}; one can have several routes"));
            }
            if listener.routes.is_empty() {
                return Err(format!("the listener on port {port} has no route"));
            }
            for route in &listener.routes {
                if !self.services.contains_key(&route.service) {
                    let service = &route.service;
                    return Err(format!(
                        "port {port} leads to `{service}`, which is none of the services"
                    ));
                }
                if route.to == 0 {
                    return Err(format!("port {port} leads to port 0 of `{}`", route.service));
                }
            }
        }
        Ok(())
    }

    fn check_targets(&self) -> Result<(), String> {
        for (name, service) in &self.services {
            let mut ids = HashSet::new();
            for target in &service.targets {
                if target.id.is_empty() {
                    return Err(format!("a target of `{name}` has no id"));
                }
                if !ids.insert(&target.id) {
                    return Err(format!("`{name}` has the target `{}` twice", target.id));
                }
                if target.weight > 100 {
                    let (id, weight) = (&target.id, target.weight);
                    return Err(format!("`{id}` of `{name}` has weight {weight}, of 100 at most"));
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::refusal::RefusalKind;
    use crate::snapshot::Snapshot;
    use serde_json::{Value, json};

    fn snapshot() -> Value {
        json!({
            "format": 1, "generation": 3, "project": "shop",
            "services": { "app": {
                "targets": [{ "id": "0123456789abcdef", "name": "shop-app-1", "release": "r1", "weight": 100 }],
                "drain": 10, "stream_drain": 60
            }},
            "listeners": [{
                "port": 8080, "mode": "auto", "side": "outside", "label": "0.0.0.0:8080",
                "routes": [{ "subnets": ["172.18.0.0/16"], "service": "app", "to": 80 }]
            }]
        })
    }

    #[track_caller]
    fn refused(change: impl FnOnce(&mut Value), kind: RefusalKind, words: &str) {
        let mut value = snapshot();
        change(&mut value);
        let refusal = Snapshot::read(value).unwrap_err();
        assert_eq!(refusal.kind, kind, "{refusal}");
        assert!(refusal.message.contains(words), "{refusal}");
    }

    #[test]
    fn a_snapshot_comes_back_as_it_was_written() {
        let read = Snapshot::read(snapshot()).unwrap();
        assert_eq!(Snapshot::read(serde_json::to_value(&read).unwrap()).unwrap(), read);
    }

    #[test]
    fn a_newer_format_is_called_newer_whatever_else_is_in_it() {
        refused(|v| *v = json!({ "format": 2, "else": [] }), RefusalKind::Format, "format 2");
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        refused(|v| v["mirror"] = json!("app"), RefusalKind::Malformed, "mirror");
        refused(|v| v["listeners"][0]["mode"] = json!("quic"), RefusalKind::Malformed, "quic");
        refused(|v| *v = json!([]), RefusalKind::Malformed, "format");
    }

    #[test]
    fn what_contradicts_itself_is_refused() {
        let twice = |v: &mut Value| {
            let first = v["listeners"][0].clone();
            v["listeners"].as_array_mut().unwrap().push(first);
        };
        refused(twice, RefusalKind::Invalid, "two listeners have port 8080");
        let other = |v: &mut Value| v["listeners"][0]["routes"][0]["service"] = json!("web");
        refused(other, RefusalKind::Invalid, "`web`, which is none of the services");
        let none = |v: &mut Value| v["listeners"][0]["routes"] = json!([]);
        refused(none, RefusalKind::Invalid, "no route");
        let heavy = |v: &mut Value| v["services"]["app"]["targets"][0]["weight"] = json!(101);
        refused(heavy, RefusalKind::Invalid, "weight 101");
    }
}
