//! Who leads to a service inside, now and afterwards: the gateway, which has its names, or the names of its own containers.

use std::collections::BTreeSet;

use super::change::Reason;
use super::desired::Running;
use super::inside::Inside;
use crate::engine::Container;

/// What leads to services.
pub(super) struct Led<'a> {
    pub(super) running: &'a Running,
    pub(super) inside: &'a Inside,
}

impl Led<'_> {
    fn live(&self, service: &str) -> impl Iterator<Item = &Container> {
        self.running.containers.iter().filter(move |container| container.service == service)
    }

    /// Whether the gateway that is there has its names.
    fn is_named(&self, service: &str) -> bool {
        let gateway = self.running.gateway.as_ref();
        gateway.is_some_and(|gateway| gateway.inside.contains_key(service))
    }

    fn is_carried(&self, service: &str) -> bool {
        self.inside.carried.contains_key(service)
    }

    /// Why its containers have to be replaced by others, with or without its names. What Compose made by hand has them as the
    /// gateway has: that is right until there is another reason.
    pub(super) fn reason(&self, service: &str) -> Option<Reason> {
        let carried = self.is_carried(service);
        let takes = carried
            && !self.is_named(service)
            && self.live(service).any(|container| !container.inside);
        let gives = !carried && self.live(service).any(|container| container.inside);
        (takes || gives).then_some(Reason::Names { gateway: carried })
    }

    /// Whether those who ask for it find somebody else afterwards, whatever its addresses.
    pub(super) fn changes_hands(&self, service: &str) -> bool {
        self.live(service).any(|container| container.inside != self.is_carried(service))
    }

    /// Whether those who ask for it find the gateway, before as after.
    pub(super) fn is_led(&self, service: &str) -> bool {
        self.is_carried(service) && !self.changes_hands(service)
    }

    /// The services whose names the gateway has, or has afterwards.
    pub(super) fn all(&self) -> BTreeSet<&str> {
        let now = self.running.gateway.iter().flat_map(|gateway| gateway.inside.keys());
        now.chain(self.inside.carried.keys()).map(String::as_str).collect()
    }
}
