//! `docker compose up`, `down` and what else a person does by hand.

use std::collections::BTreeMap;

use backstay_core::engine::{
    BuildRequest, BuildTarget, CreateFrom, CreateRequest, CreateService, EngineResult, Status,
};
use backstay_core::ports::Silent;
use backstay_core::stack::{Restart, Service, StackRef};

use super::engine::{EngineState, FakeContainer, blueprint, compose};
use super::machine::World;

impl World {
    /// The stack with the files that Compose finds by their names now.
    fn found(&self, stack: &StackRef) -> StackRef {
        let mut stack = stack.clone();
        if stack.caller.by_name {
            let beside = stack.directory.join("docker-compose.override.yml");
            stack.files.retain(|file| *file != beside);
            stack.files.extend(self.disk.text(&beside).is_some().then_some(beside));
        }
        stack
    }

    /// `docker compose up --detach`: what is missing is built or pulled and created, what differs is replaced.
    ///
    /// # Errors
    /// What Compose would say.
    pub fn compose_up(&mut self, stack: &StackRef) -> EngineResult<()> {
        let stack = &self.found(stack);
        let model = compose::model(&self.disk, stack)?;
        for name in model.order().unwrap_or_default().into_iter().flatten() {
            let service = &model.services[&name];
            self.have_image(stack, service)?;
            self.remove_outdated(&model.project, service);
            let services = [CreateService {
                service: name.clone(),
                replicas: service.replicas,
                fingerprint: String::new(),
                replaces: Vec::new(),
                hidden: false,
                rehearsal: false,
                ..CreateService::default()
            }];
            let source = CreateFrom::Compose(stack);
            let request =
                CreateRequest { source, project: &model.project, run: "", services: &services };
            let plans = blueprint::from_model(&self.engine, &model, &services)?;
            for new in self.engine.create(&request, &plans, false)? {
                if let Some(container) = self.engine.containers.get_mut(&new.id) {
                    container.name = new.name;
                    container.run = None;
                    container.fingerprint = None;
                }
            }
            for id in self.of_service(&model.project, &name) {
                self.engine.start(&id)?;
            }
        }
        Ok(())
    }

    /// The engine is killed, and takes down what runs; when it is back, nothing is started. Returns what ran.
    pub fn kill_engine(&mut self) -> Vec<String> {
        let ran =
            |c: &&FakeContainer| matches!(c.life.status, Status::Running | Status::Restarting);
        let ids: Vec<String> =
            self.engine.containers.values().filter(ran).map(|c| c.id.clone()).collect();
        for id in &ids {
            self.engine.stop(id);
        }
        ids
    }

    /// The engine is stopped and started: what ran and has a restart policy runs again, the rest has ended.
    pub fn restart_engine(&mut self) {
        let ids = self.kill_engine();
        // A container in another one's network comes after it.
        let (borrowers, others): (Vec<&String>, Vec<&String>) =
            ids.iter().partition(|id| self.engine.containers[*id].spec.lives_in.is_some());
        for id in others.into_iter().chain(borrowers) {
            if self.engine.containers[id].spec.restart != Restart::Never {
                // What can't be started stays down, as after a real restart.
                let _ = self.engine.start(id);
            }
        }
    }

    /// `docker compose down`: containers and networks go, volumes stay, and so does a gateway with its networks.
    pub fn compose_down(&mut self, project: &str) {
        let EngineState { containers, networks, gateways, .. } = &mut self.engine;
        let own = |c: &FakeContainer| c.project.as_deref() == Some(project);
        containers.retain(|id, container| !own(container) || gateways.contains_key(id));
        let used = |name: &String| containers.values().any(|c| c.networks.contains_key(name));
        networks.retain(|name, found| found.project.as_deref() != Some(project) || used(name));
    }

    /// The ids of a service's containers.
    #[must_use]
    pub fn of_service(&self, project: &str, service: &str) -> Vec<String> {
        let all = self.engine.containers.values();
        let own = all.filter(|c| c.project.as_deref() == Some(project) && c.service == service);
        own.map(|container| container.id.clone()).collect()
    }

    fn have_image(&mut self, stack: &StackRef, service: &Service) -> EngineResult<()> {
        if self.engine.image_id(&service.image).is_some() {
            return Ok(());
        }
        let model = compose::model(&self.disk, stack)?;
        if !service.is_application() {
            let services = [service.name.clone()];
            let request = backstay_core::engine::PullRequest { stack, services: &services };
            return self.engine.pull(&model, &request, false, &Silent);
        }
        let target = BuildTarget { tag: service.image.clone(), ..BuildTarget::default() };
        let targets = BTreeMap::from([(service.name.clone(), target)]);
        let request = BuildRequest { stack, targets: &targets, no_cache: false, pull: false };
        self.engine.build(&model, &self.disk, &request, false, &Silent)
    }

    fn remove_outdated(&mut self, project: &str, service: &Service) {
        let hash = compose::hash(&service.raw);
        let image = self.engine.image_id(&service.image);
        for id in self.of_service(project, &service.name) {
            let container = &self.engine.containers[&id];
            let same = container.compose_hash.as_ref() == Some(&hash)
                && Some(&container.image) == image.as_ref();
            if !same {
                self.engine.remove(&id, false);
            }
        }
    }
}
