//! Who can prove itself before anything is touched: a service whose dependencies are all there, as they are or as they will be.
//!
//! A candidate or twin finds the candidates and twins of what it depends on (see [`crate::steps`]), so that services that need
//! each other's new version are proven together. What depends on a service that can't run twice has to wait until that one was
//! replaced, and is proven then.

use std::collections::{BTreeMap, BTreeSet};

use super::change::{Action, Change};
use super::hazards::linked;
use crate::stack::{Model, Service};

/// The services that can prove themselves before the first old container is touched.
///
/// Those that stand still can't.
pub(super) fn first(
    model: &Model,
    changes: &[Change],
    still: &BTreeSet<String>,
) -> BTreeSet<String> {
    let by_name: BTreeMap<&str, &Change> =
        changes.iter().map(|change| (change.service.as_str(), change)).collect();
    let rehearsed = changes.iter().filter(|change| change.is_rehearsed());
    let able = rehearsed.map(|change| change.service.clone());
    let mut able: BTreeSet<String> = able.filter(|name| !still.contains(name)).collect();
    loop {
        let is_there = |name: &str| match by_name.get(name) {
            Some(change) if change.creates() => able.contains(name),
            Some(change) => change.action != Action::BuildFirst,
            None => true,
        };
        let unable: Vec<String> = able
            .iter()
            .filter_map(|name| model.services.get(name))
            .filter(|service| !needs(service).all(is_there))
            .map(|service| service.name.clone())
            .collect();
        if unable.is_empty() {
            return able;
        }
        able.retain(|name| !unable.contains(name));
    }
}

/// What a service needs to run: its dependencies, what it is linked to, and what it borrows from.
pub(crate) fn needs(service: &Service) -> impl Iterator<Item = &str> {
    let depends = service.depends_on.keys().chain(&service.borrows).map(String::as_str);
    depends.chain(linked(service))
}
