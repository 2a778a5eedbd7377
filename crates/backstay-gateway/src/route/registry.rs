//! What is alive across generations of routes: the same container keeps its numbers and its connections.

use super::service::{Service, ServiceLive};
use super::table::{ListenerLive, Table};
use super::target::Target;
use backstay_routes::Snapshot;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// How many targets of each service are remembered after they are out of the routes, for the statistics. More, while anything is
/// under way to them.
const REMEMBERED: usize = 8;

/// All of it. Only the control plane looks at it.
#[derive(Debug)]
pub(crate) struct Registry {
    threads: usize,
    pub services: BTreeMap<String, Arc<ServiceLive>>,
    pub listeners: HashMap<u16, Arc<ListenerLive>>,
    /// By service, the oldest first.
    pub targets: BTreeMap<String, Vec<Arc<Target>>>,
}

impl Registry {
    pub(crate) fn new(threads: usize) -> Self {
        Self {
            threads,
            services: BTreeMap::new(),
            listeners: HashMap::new(),
            targets: BTreeMap::new(),
        }
    }

    /// Makes a table of a snapshot, with what is there already.
    pub(crate) fn table(&mut self, snapshot: Snapshot) -> Table {
        let mut services = BTreeMap::new();
        for (name, service) in &snapshot.services {
            let live = Arc::clone(self.services.entry(name.clone()).or_default());
            let known = self.targets.entry(name.clone()).or_default();
            let mut targets = Vec::new();
            for target in &service.targets {
                let found = known.iter().find(|one| one.is(target)).cloned();
                let one = found.unwrap_or_else(|| {
                    let new = Arc::new(Target::new(target, self.threads));
                    known.push(Arc::clone(&new));
                    new
                });
                one.revive();
                targets.push((one, target.weight));
            }
            services.insert(name.clone(), Arc::new(Service::new(name, service, targets, live)));
        }
        Table::new(snapshot, services)
    }

    /// Retires what a table that is in force now does not have.
    pub(crate) fn retire_others(&mut self, table: &Table) {
        for (name, known) in &mut self.targets {
            let current = table.services.get(name);
            let is_current = |one: &Arc<Target>| {
                current.is_some_and(|service| {
                    service.targets.iter().any(|(target, _)| Arc::ptr_eq(target, one))
                })
            };
            known.iter().filter(|one| !is_current(one)).for_each(|one| one.retire());
            let mut spare = known.iter().filter(|one| one.is_retired()).count();
            let live = self.services.entry(name.clone()).or_default();
            known.retain(|one| {
                let forget = one.is_retired() && spare > REMEMBERED && one.load() == 0;
                if forget {
                    spare -= 1;
                    live.past.absorb(&one.counts);
                }
                !forget
            });
        }
    }

    /// All that a request to drain can mean by an id.
    pub(crate) fn targets_of(&self, service: &str, id: &str) -> Vec<Arc<Target>> {
        let known = self.targets.get(service).map_or(&[][..], Vec::as_slice);
        known.iter().filter(|target| target.id == id).cloned().collect()
    }
}
