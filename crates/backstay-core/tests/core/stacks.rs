//! A stack with what runs of it, made to be planned.

use std::collections::{BTreeMap, BTreeSet};

use backstay_core::engine::{Container, Gateway, HostPort, NamesInside, State, Status};
use backstay_core::plan::{
    Action, Change, Desired, Facts, Manner, Memory, Method, Plan, Running, Step,
};
use backstay_core::stack::{Model, Service};

/// A deploy with rehearsals.
pub(crate) const DEPLOY: Manner = Manner { rehearsal: true, rollback: false };

/// What should run and what runs.
#[derive(Debug, Clone)]
pub(crate) struct World {
    pub(crate) model: Model,
    pub(crate) images: BTreeMap<String, Option<String>>,
    pub(crate) fingerprints: BTreeMap<String, String>,
    pub(crate) only: Option<BTreeSet<String>>,
    pub(crate) facts: BTreeMap<String, Facts>,
    pub(crate) memory: Option<Memory>,
    pub(crate) running: Running,
}

impl World {
    /// The services of a model, of which nothing runs.
    pub(crate) fn empty(services: &str) -> Self {
        Self::of(parse(services))
    }

    /// The services of a model, all of which run as they should.
    pub(crate) fn up(services: &str) -> Self {
        let mut world = Self::empty(services);
        for service in world.model.services.values() {
            for number in 1..=service.replicas {
                let container = live(service, number, "1");
                world.running.containers.push(container);
            }
        }
        world
    }

    pub(crate) fn of(model: Model) -> Self {
        let names: Vec<String> = model.services.keys().cloned().collect();
        Self {
            model,
            images: names.iter().map(|name| (name.clone(), Some(image(name, "1")))).collect(),
            fingerprints: names.iter().map(|name| (name.clone(), definition(name, "1"))).collect(),
            only: None,
            facts: BTreeMap::new(),
            memory: None,
            running: Running::default(),
        }
    }

    /// The same containers under another model.
    pub(crate) fn becomes(self, services: &str) -> Self {
        Self { running: self.running, ..Self::empty(services) }
    }

    /// With the gateway that the model asks for, which has these names.
    pub(crate) fn gateway(mut self, inside: NamesInside) -> Self {
        self.running.gateway = Some(Gateway {
            id: "g".to_owned(),
            name: "shop-backstay-gateway".to_owned(),
            run: None,
            running: true,
            ports: self.model.gateway.ports.clone(),
            networks: ["shop_default".to_owned()].into(),
            inside,
            program: String::new(),
        });
        self
    }

    /// With a new image for this service.
    pub(crate) fn new_image(mut self, service: &str) -> Self {
        self.images.insert(service.to_owned(), Some(image(service, "2")));
        self
    }

    /// With a new definition of this service.
    pub(crate) fn new_definition(mut self, service: &str) -> Self {
        self.fingerprints.insert(service.to_owned(), definition(service, "2"));
        self
    }

    /// With each container of this service in this state.
    pub(crate) fn with_status(mut self, service: &str, status: Status, code: i64) -> Self {
        for container in self.of_service_mut(service) {
            container.state.status = status;
            container.state.exit_code = code;
        }
        self
    }

    pub(crate) fn only(mut self, services: &[&str]) -> Self {
        self.only = Some(services.iter().map(|name| (*name).to_owned()).collect());
        self
    }

    pub(crate) fn of_service_mut(&mut self, service: &str) -> Vec<&mut Container> {
        self.running.containers.iter_mut().filter(|c| c.service == service).collect()
    }

    pub(crate) fn desired(&self) -> Desired<'_> {
        Desired {
            images: self.images.clone(),
            fingerprints: self.fingerprints.clone(),
            only: self.only.clone(),
            facts: self.facts.clone(),
            memory: self.memory.clone(),
            ..Desired::of(&self.model)
        }
    }

    pub(crate) fn plan(&self) -> Plan {
        self.plan_with(DEPLOY)
    }

    pub(crate) fn plan_with(&self, manner: Manner) -> Plan {
        Plan::build(&self.desired(), &self.running, manner)
    }
}

/// Reads services in the form that `docker compose config` gives them.
pub(crate) fn parse(services: &str) -> Model {
    Model::parse(&format!("name: shop\n{services}")).unwrap()
}

pub(crate) fn image(service: &str, version: &str) -> String {
    format!("sha256:{service}-{version}")
}

pub(crate) fn definition(service: &str, version: &str) -> String {
    format!("definition-{service}-{version}")
}

/// A running container as a deploy of that version leaves it.
pub(crate) fn live(service: &Service, number: u32, version: &str) -> Container {
    let name = &service.name;
    let ports = service.ports.iter().filter_map(|port| {
        let (first, last) = port.published?;
        let wanted = first.saturating_add(u16::try_from(number).unwrap_or(u16::MAX) - 1);
        Some(HostPort {
            address: port.host_ip.clone().unwrap_or_default(),
            port: wanted.min(last),
            protocol: port.protocol.clone(),
        })
    });
    Container { ports: ports.collect(), ..container(name, number, version) }
}

/// A running container without ports.
pub(crate) fn container(service: &str, number: u32, version: &str) -> Container {
    Container {
        id: format!("{service}-{number}-{version}"),
        name: format!("shop-{service}-{number}"),
        service: service.to_owned(),
        number,
        image: image(service, version),
        image_ref: format!("shop-{service}"),
        run: None,
        fingerprint: Some(definition(service, version)),
        rehearsal: false,
        compose_hash: None,
        state: State {
            status: Status::Running,
            exit_code: 0,
            restarts: 0,
            started_at: String::new(),
            oom_killed: false,
            error: String::new(),
            health: None,
            health_log: Vec::new(),
        },
        networks: BTreeMap::new(),
        addresses: BTreeMap::new(),
        labels: BTreeMap::new(),
        ports: Vec::new(),
        created: String::new(),
        replaces: Vec::new(),
        inside: false,
        kept_at: None,
        directory: None,
        files: Vec::new(),
    }
}

/// The change of a service; it must be part of the plan.
pub(crate) fn change<'a>(plan: &'a Plan, service: &str) -> &'a Change {
    plan.change(service).unwrap_or_else(|| panic!("the plan does not speak of {service}: {plan:?}"))
}

pub(crate) fn action<'a>(plan: &'a Plan, service: &str) -> &'a Action {
    &change(plan, service).action
}

pub(crate) fn method(plan: &Plan, service: &str) -> Method {
    change(plan, service).method
}

/// The services that are named by a plan's steps, each with the place of its step.
pub(crate) fn services_of(step: &Step) -> Vec<&str> {
    match step {
        Step::Build { services }
        | Step::Pull { services }
        | Step::Create { services }
        | Step::Follow { services }
        | Step::Pause { services }
        | Step::Retire { services }
        | Step::Replace { services }
        | Step::Start { services }
        | Step::Remove { services }
        | Step::Routes { services }
        | Step::Resume { services }
        | Step::SwitchBack { services }
        | Step::Bake { services } => services.iter().map(String::as_str).collect(),
        Step::Rehearse { waves } => waves.iter().flatten().map(String::as_str).collect(),
        Step::Observe
        | Step::Backup
        | Step::Protect { .. }
        | Step::Environment { .. }
        | Step::Certificate { .. }
        | Step::Directories { .. }
        | Step::Files
        | Step::Load { .. }
        | Step::Tags
        | Step::GatewayFile { .. }
        | Step::MakeGateway
        | Step::SwitchGateway { .. }
        | Step::Hook { .. }
        | Step::SaveData { .. }
        | Step::RestoreData { .. }
        | Step::Guard { .. }
        | Step::Open { .. }
        | Step::Verify => Vec::new(),
    }
}

/// The place of the step in which containers of this service take over, come or go.
pub(crate) fn turn(plan: &Plan, service: &str) -> usize {
    let mut turns = plan.steps.iter().enumerate().filter(|(_, step)| {
        matches!(step, Step::Replace { .. } | Step::Remove { .. } | Step::Start { .. })
            && services_of(step).contains(&service)
    });
    let (index, _) = turns.next().unwrap_or_else(|| panic!("{service} has no turn: {plan:?}"));
    assert!(turns.next().is_none(), "{service} has more than one turn: {plan:?}");
    index
}

/// The kinds of a plan's steps, in short.
pub(crate) fn kinds(plan: &Plan) -> Vec<&'static str> {
    plan.steps
        .iter()
        .map(|step| match step {
            Step::Observe => "observe",
            Step::Backup => "backup",
            Step::Protect { .. } => "protect",
            Step::Environment { .. } => "environment",
            Step::Certificate { .. } => "certificate",
            Step::Directories { .. } => "directories",
            Step::Files => "files",
            Step::Build { .. } => "build",
            Step::Pull { .. } => "pull",
            Step::Load { .. } => "load",
            Step::GatewayFile { .. } => "gateway-file",
            Step::MakeGateway => "make-gateway",
            Step::Routes { .. } => "routes",
            Step::SwitchBack { .. } => "switch-back",
            Step::SwitchGateway { on: true } => "gateway-on",
            Step::SwitchGateway { on: false } => "gateway-off",
            Step::Tags => "tags",
            Step::Create { .. } => "create",
            Step::Rehearse { .. } => "rehearse",
            Step::Follow { .. } => "follow",
            Step::Pause { .. } => "pause",
            Step::Retire { .. } => "retire",
            Step::Replace { .. } => "replace",
            Step::Start { .. } => "start",
            Step::Remove { .. } => "remove",
            Step::Bake { .. } => "bake",
            Step::Hook { .. } => "hook",
            Step::SaveData { .. } => "save-data",
            Step::RestoreData { .. } => "restore-data",
            Step::Guard { .. } => "guard",
            Step::Open { .. } => "open",
            Step::Resume { .. } => "resume",
            Step::Verify => "verify",
        })
        .collect()
}
