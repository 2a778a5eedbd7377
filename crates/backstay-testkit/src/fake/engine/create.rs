//! Creating containers: what Compose does, and how a candidate differs from it until it is live.

use std::collections::BTreeMap;
use std::sync::Arc;

use backstay_core::engine::{CreateRequest, CreateService, Created, EngineErrorKind, EngineResult};
use backstay_core::naming::is_warm;
use backstay_core::stack::Service;

use super::blueprint::{Blueprint, error};
use super::state::{EngineState, FakeContainer, FakeMount, FakeNetwork, FakeVolume, Life, Spec};

impl EngineState {
    /// Creates what is asked for, one after the other; with `half` only the first half.
    pub(in crate::fake) fn create(
        &mut self,
        request: &CreateRequest<'_>,
        blueprints: &BTreeMap<String, Vec<Blueprint>>,
        half: bool,
    ) -> EngineResult<Vec<Created>> {
        let mut jobs: Vec<(&CreateService, Blueprint, u32, bool)> = Vec::new();
        for service in request.services {
            let plans = blueprints.get(&service.service).map(Vec::as_slice).unwrap_or_default();
            for (index, number) in self.numbers(request.project, service, plans).enumerate() {
                let plan = plans.get(index).or(plans.last()).cloned().ok_or_else(|| {
                    error(EngineErrorKind::Other, format!("no such service: {}", service.service))
                })?;
                jobs.push((service, plan.clone(), number, false));
                if service.rehearsal {
                    jobs.push((service, plan, number, true));
                }
            }
        }
        let count = if half { jobs.len() / 2 } else { jobs.len() };
        for (_, plan, ..) in &jobs {
            self.provide(request.project, plan)?;
        }
        let mut created = Vec::new();
        for (service, plan, number, rehearsal) in jobs.into_iter().take(count) {
            created.push(self.create_one(request, service, plan, number, rehearsal)?);
        }
        Ok(created)
    }

    /// The numbers of the new containers: those of the replaced ones first, then the next free ones.
    fn numbers(
        &self,
        project: &str,
        wanted: &CreateService,
        plans: &[Blueprint],
    ) -> impl Iterator<Item = u32> + use<> {
        let own = self.containers.values().filter(|c| {
            c.project.as_deref() == Some(project) && c.service == wanted.service && !c.one_off
        });
        let (replaced, visible): (Vec<_>, Vec<_>) = own
            .filter(|c| !c.rehearsal && !is_warm(&c.name))
            .partition(|c| wanted.replaces.contains(&c.id));
        let count = (wanted.replicas as usize).saturating_sub(visible.len());
        let mut numbers: Vec<u32> = plans.iter().filter_map(|plan| plan.number).collect();
        if numbers.is_empty() {
            numbers = replaced.iter().map(|container| container.number).collect();
        }
        numbers.sort_unstable();
        let taken = visible.iter().map(|c| c.number).chain(numbers.iter().copied()).max();
        let next = taken.unwrap_or(0) + 1;
        numbers.into_iter().chain(next..).take(count)
    }

    /// Makes the networks and volumes that a container needs.
    fn provide(&mut self, project: &str, plan: &Blueprint) -> EngineResult<()> {
        for (name, (_, own)) in &plan.networks {
            if !self.networks.contains_key(name) {
                if !own {
                    let message = format!("network {name} declared as external, but not found");
                    return Err(error(EngineErrorKind::NotFound, message));
                }
                let network = FakeNetwork { project: Some(project.to_owned()) };
                self.networks.insert(name.clone(), network);
            }
        }
        for mount in plan.mounts.iter().filter(|mount| mount.volume && !mount.source.is_empty()) {
            let volume = FakeVolume {
                project: Some(project.to_owned()),
                made_for: None,
                data: format!("rows of {}", mount.source),
                aside: BTreeMap::new(),
            };
            self.volumes.entry(mount.source.clone()).or_insert(volume);
        }
        Ok(())
    }

    fn create_one(
        &mut self,
        request: &CreateRequest<'_>,
        wanted: &CreateService,
        plan: Blueprint,
        number: u32,
        rehearsal: bool,
    ) -> EngineResult<Created> {
        let service = &plan.service;
        let name = service
            .container_name
            .clone()
            .unwrap_or_else(|| format!("{}-{}-{number}", request.project, service.name));
        let full = format!("{name}{}", Created::suffix(request.run, rehearsal));
        if self.containers.values().any(|container| container.name == full) {
            let message = format!("the container name {full:?} is already in use");
            return Err(error(EngineErrorKind::Conflict, message));
        }
        let image = wanted.image.as_ref().map_or(&plan.image, |image| &image.id).clone();
        if !self.images.contains_key(&image) {
            let message = format!("no such image: {}", plan.image_ref);
            return Err(error(EngineErrorKind::NotFound, message));
        }
        let id = self.new_id("container");
        let aliases: BTreeMap<String, Vec<String>> = plan
            .networks
            .iter()
            .map(|(network, (extra, _))| (network.clone(), names(&name, &service.name, extra)))
            .collect();
        let own = |names: &BTreeMap<String, Vec<String>>| {
            names.keys().map(|network| (network.clone(), Vec::new())).collect()
        };
        let (aliases, led) =
            if wanted.inside { (own(&aliases), aliases) } else { (aliases, BTreeMap::new()) };
        let joined = aliases.iter().map(|(network, names)| {
            let quiet = wanted.hidden || rehearsal;
            (network.clone(), if quiet { Vec::new() } else { names.clone() })
        });
        let container = FakeContainer {
            id: id.clone(),
            name: full,
            project: Some(request.project.to_owned()),
            service: service.name.clone(),
            number,
            image,
            image_ref: plan.image_ref.clone(),
            run: Some(request.run.to_owned()),
            fingerprint: Some(wanted.fingerprint.clone()),
            rehearsal,
            replaces: wanted.replaces.clone(),
            inside: wanted.inside && !rehearsal,
            compose_hash: plan.compose_hash.clone(),
            one_off: false,
            spec: Spec {
                ports: if rehearsal { Vec::new() } else { service.ports.clone() },
                restart: if rehearsal {
                    backstay_core::stack::Restart::Never
                } else {
                    service.restart
                },
                healthcheck: service.healthcheck,
                mounts: self.mounts(&id, wanted, &plan, number),
                grace: service.stop_grace,
                lives_in: self.lender(request, service, rehearsal),
                host_network: service.network_mode.as_deref() == Some("host"),
                definition: Arc::new(service.raw.clone()),
            },
            networks: joined.collect(),
            life: Life::new(),
            files: plan.files.clone(),
            logs: Vec::new(),
            created: self.now,
        };
        self.containers.insert(id.clone(), container);
        let service = service.name.clone();
        Ok(Created { id, service, number, name, rehearsal, aliases, led, files: plan.files })
    }

    /// Its mounts, with the anonymous volumes of the container that it replaces.
    fn mounts(
        &mut self,
        id: &str,
        wanted: &CreateService,
        plan: &Blueprint,
        number: u32,
    ) -> Vec<FakeMount> {
        let old = wanted.replaces.iter().filter_map(|id| self.containers.get(id));
        let old = old.filter(|old| old.number == number);
        let inherited: Vec<FakeMount> = old.flat_map(|old| old.spec.mounts.clone()).collect();
        let mut mounts = plan.mounts.clone();
        for mount in mounts.iter_mut().filter(|mount| mount.volume && mount.source.is_empty()) {
            if let Some(old) = inherited.iter().find(|old| old.target == mount.target) {
                mount.source.clone_from(&old.source);
                continue;
            }
            mount.source = self.new_id("volume");
            let volume = FakeVolume {
                project: None,
                made_for: Some(id.to_owned()),
                data: String::new(),
                aside: BTreeMap::new(),
            };
            self.volumes.insert(mount.source.clone(), volume);
        }
        mounts
    }

    /// The container whose network a borrower gets: one of this request, else the one that is live.
    fn lender(
        &self,
        request: &CreateRequest<'_>,
        service: &Service,
        rehearsal: bool,
    ) -> Option<String> {
        let mode = service.network_mode.as_deref()?;
        let name = match mode.strip_prefix("service:") {
            Some(name) => name,
            // The only one that it can borrow from by a container's name.
            None if mode.starts_with("container:") => service.borrows.first()?,
            None => return None,
        };
        let mut found: Vec<&FakeContainer> = self
            .containers
            .values()
            .filter(|c| c.project.as_deref() == Some(request.project) && c.service == name)
            .filter(|c| rehearsal || !c.rehearsal)
            .collect();
        let is_new = |c: &FakeContainer| c.run.as_deref() == Some(request.run);
        found.sort_by_key(|c| (!c.rehearsal, !is_new(c), c.number));
        found.first().map(|container| container.id.clone())
    }
}

fn names(container: &str, service: &str, extra: &[String]) -> Vec<String> {
    let mut names = vec![container.to_owned(), service.to_owned()];
    names.extend(extra.iter().cloned());
    names.sort();
    names.dedup();
    names
}
