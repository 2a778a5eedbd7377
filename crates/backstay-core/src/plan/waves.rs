//! The order in which services are switched.

use std::collections::{BTreeMap, BTreeSet};

use super::host_ports::Ports;

/// The order of dependencies, with one more rule: a service comes after the one whose host port it takes over. Services that
/// wait for each other in a circle (they trade ports, or one takes a port from a service that depends on it) are one wave,
/// and all of it is stopped before any of it is started.
pub(super) fn waves(ports: &Ports<'_>) -> Vec<Vec<String>> {
    let services = &ports.desired.model.services;
    let needs: BTreeMap<&str, BTreeSet<&str>> =
        services.keys().map(|name| (name.as_str(), ports.needs(name))).collect();
    let mut left: BTreeSet<&str> = needs.keys().copied().collect();
    let mut waves = Vec::new();
    while !left.is_empty() {
        let mut wave: BTreeSet<&str> =
            left.iter().filter(|name| needs[*name].is_disjoint(&left)).copied().collect();
        if wave.is_empty() {
            // The smallest set that needs nothing but itself is a circle.
            wave = left
                .iter()
                .map(|name| closure(name, &needs, &left))
                .min_by_key(BTreeSet::len)
                .unwrap_or_default();
        }
        left.retain(|name| !wave.contains(name));
        waves.push(wave.into_iter().map(str::to_owned).collect());
    }
    waves
}

/// What a service needs of those that are left, directly or through others, and itself.
fn closure<'a>(
    name: &'a str,
    needs: &BTreeMap<&'a str, BTreeSet<&'a str>>,
    left: &BTreeSet<&'a str>,
) -> BTreeSet<&'a str> {
    let mut found = BTreeSet::from([name]);
    let mut open = vec![name];
    while let Some(next) = open.pop() {
        for need in needs[next].intersection(left) {
            if found.insert(need) {
                open.push(need);
            }
        }
    }
    found
}

pub(super) fn in_waves(order: &[Vec<String>], names: &[String]) -> Vec<Vec<String>> {
    order
        .iter()
        .map(|wave| wave.iter().filter(|name| names.contains(name)).cloned().collect::<Vec<_>>())
        .filter(|wave| !wave.is_empty())
        .collect()
}
