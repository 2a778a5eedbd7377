//! The listeners by which a gateway leads to services inside: on their own ports, told apart by the network from which somebody
//! comes.

use std::collections::{BTreeMap, BTreeSet};

use backstay_routes::{Listener, MAX_LISTENERS, Mode, Route, Side, Snapshot, Subnet};

use crate::plan::Inside;
use crate::stack::Model;

/// The ranges of addresses of networks, by their names.
pub(crate) type Subnets = BTreeMap<String, Vec<Subnet>>;

/// The listeners for all that is carried.
pub(crate) fn listeners(model: &Model, inside: &Inside, subnets: &Subnets) -> Vec<Listener> {
    let mut found: BTreeMap<u16, Listener> = BTreeMap::new();
    for (service, carried) in &inside.carried {
        let networks = carried.names.keys().filter_map(|network| subnets.get(network));
        let subnets: Vec<Subnet> = networks.flatten().copied().collect();
        // Without any, a route would lead there from everywhere.
        for port in carried.ports.iter().filter(|_| !subnets.is_empty()) {
            let route = Route { subnets: subnets.clone(), service: service.clone(), to: *port };
            let mode = model.gateway.of(service).mode;
            add(found.entry(*port).or_insert_with(|| listener(*port, mode)), route, mode);
        }
    }
    found.into_values().collect()
}

fn listener(port: u16, mode: Mode) -> Listener {
    Listener { port, mode, side: Side::Inside, label: String::new(), routes: Vec::new() }
}

fn add(listener: &mut Listener, route: Route, mode: Mode) {
    if listener.mode != mode {
        // Services of different networks: what each speaks is seen when it speaks.
        listener.mode = Mode::Auto;
    }
    listener.routes.push(route);
    let label = |route: &Route| format!("{}:{}", route.service, route.to);
    listener.label = listener.routes.iter().map(label).collect::<Vec<_>>().join(", ");
}

/// The ports by which routes lead to each service inside.
pub(crate) fn ports(routes: &Snapshot) -> BTreeMap<String, BTreeSet<u16>> {
    let mut found: BTreeMap<String, BTreeSet<u16>> = BTreeMap::new();
    for listener in routes.listeners.iter().filter(|listener| listener.side == Side::Inside) {
        for route in &listener.routes {
            found.entry(route.service.clone()).or_default().insert(route.to);
        }
    }
    found
}

/// Leads to a service by further ports, where it is led to inside at all. One on which the gateway leads somebody else from the
/// same network is left out: the next plan tells of it.
pub(crate) fn widen(routes: &mut Snapshot, service: &str, ports: &BTreeSet<u16>) {
    let own = |listener: &&Listener| listener.side == Side::Inside;
    let known = routes.listeners.iter().filter(own).find_map(|listener| {
        let route = listener.routes.iter().find(|route| route.service == service)?;
        Some((listener.mode, route.subnets.clone()))
    });
    let Some((mode, subnets)) = known else { return };
    for port in ports {
        let route = Route { subnets: subnets.clone(), service: service.to_owned(), to: *port };
        let has_room = routes.listeners.len() < MAX_LISTENERS;
        match routes.listeners.iter_mut().find(|listener| listener.port == *port) {
            None if has_room => {
                let mut new = listener(*port, mode);
                add(&mut new, route, mode);
                routes.listeners.push(new);
            }
            Some(there) if there.side == Side::Inside => {
                let is_taken = |other: &Route| other.subnets.iter().any(|s| subnets.contains(s));
                if !there.routes.iter().any(is_taken) {
                    add(there, route, mode);
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Carried;

    fn routes() -> Snapshot {
        let model = Model::parse("name: shop\nservices: {}\n").unwrap();
        let carried = |network: &str, port: u16| Carried {
            names: [(network.to_owned(), vec!["x".to_owned()])].into(),
            ports: [port].into(),
        };
        let carried = [("api", carried("back", 80)), ("web", carried("front", 80))];
        let carried = carried.map(|(name, to)| (name.to_owned(), to)).into();
        let inside = Inside { carried, ..Inside::default() };
        let subnets = [("back", "10.1.0.0/16"), ("front", "10.2.0.0/16")];
        let subnets = subnets.map(|(name, range)| (name.to_owned(), vec![range.parse().unwrap()]));
        let listeners = listeners(&model, &inside, &subnets.into());
        Snapshot { listeners, ..Snapshot::empty("shop") }
    }

    #[test]
    fn services_of_different_networks_share_a_port() {
        let routes = routes();
        assert_eq!(routes.listeners.len(), 1);
        assert_eq!(routes.listeners[0].label, "api:80, web:80");
        let of = |service: &str| ports(&routes)[service].iter().copied().collect::<Vec<_>>();
        assert_eq!((of("api"), of("web")), (vec![80], vec![80]));
    }

    #[test]
    fn a_port_more_is_led_to_its_service_from_its_own_network_only() {
        let mut routes = routes();
        widen(&mut routes, "api", &[80, 81].into());
        widen(&mut routes, "nobody", &[82].into());
        assert_eq!(routes.listeners.len(), 2);
        assert_eq!(routes.listeners[0].routes.len(), 2);
        assert_eq!(routes.listeners[1].routes[0].subnets[0].to_string(), "10.1.0.0/16");
        widen(&mut routes, "web", &[81].into());
        assert_eq!(routes.listeners[1].label, "api:81, web:81");
    }
}
