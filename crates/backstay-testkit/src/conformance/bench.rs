//! A stack on the bench, and what the cases do with it.

use std::collections::BTreeMap;
use std::time::Duration;

use backstay_core::engine::{
    BuildRequest, BuildTarget, Container, CreateFrom, CreateRequest, CreateService, Created,
    EngineResult, State,
};
use backstay_core::ports::{Engine, Silent};
use backstay_core::stack::StackRef;

use super::fixture::{Fixture, Wanted};

/// A stack on the bench.
pub struct Bench<'a, F> {
    /// Where.
    pub fixture: &'a F,
    /// The project.
    pub project: String,
    /// The stack.
    pub stack: StackRef,
}

impl<'a, F: Fixture> Bench<'a, F> {
    /// Writes a stack and builds its images under the names that Compose itself would give.
    pub async fn new(fixture: &'a F, services: &[Wanted]) -> Self {
        let project = fixture.project();
        let stack = fixture.write(&project, &compose(&project, services), services);
        let bench = Self { fixture, project, stack };
        bench.build(services).await.unwrap();
        bench
    }

    /// The engine.
    pub fn engine(&self) -> &'a dyn Engine {
        self.fixture.engine()
    }

    /// Writes the next version and builds it.
    pub async fn change(&self, services: &[Wanted]) {
        self.fixture.write(&self.project, &compose(&self.project, services), services);
        self.build(services).await.unwrap();
    }

    /// Builds the services' images.
    ///
    /// # Errors
    /// As the engine's.
    pub async fn build(&self, services: &[Wanted]) -> EngineResult<()> {
        let tag = |wanted: &Wanted| format!("{}-{}", self.project, wanted.name);
        let target = |wanted: &Wanted| BuildTarget { tag: tag(wanted), ..BuildTarget::default() };
        let targets: BTreeMap<String, BuildTarget> =
            services.iter().map(|wanted| (wanted.name.to_owned(), target(wanted))).collect();
        let request =
            BuildRequest { stack: &self.stack, targets: &targets, no_cache: false, pull: false };
        self.engine().build(&request, &Silent).await
    }

    /// Creates containers of one service that are live at once.
    pub async fn create(&self, service: &str, replicas: u32) -> Vec<Created> {
        let made = create(self.engine(), &self.stack, &self.project, service, replicas).await;
        for new in &made {
            self.engine().rename(&new.id, &new.name).await.unwrap();
        }
        made
    }

    /// The same, started.
    pub async fn run(&self, service: &str, replicas: u32) -> Vec<Created> {
        let made = self.create(service, replicas).await;
        for new in &made {
            self.engine().start(&new.id).await.unwrap();
        }
        made
    }

    /// A container that has to be there.
    pub async fn look(&self, id: &str) -> Container {
        self.engine().container(id).await.unwrap().unwrap()
    }

    /// Waits until a container's state is as wanted.
    pub async fn until(&self, id: &str, wanted: impl Fn(&State) -> bool) -> State {
        let begun = self.fixture.clock().elapsed();
        loop {
            let state = self.look(id).await.state;
            if wanted(&state) {
                return state;
            }
            let waited = self.fixture.clock().elapsed() - begun;
            assert!(waited < Duration::from_secs(30), "it stays {state:?}");
            self.fixture.clock().sleep(Duration::from_millis(50)).await;
        }
    }
}

/// Creates containers of one service.
pub async fn create(
    engine: &dyn Engine,
    stack: &StackRef,
    project: &str,
    service: &str,
    replicas: u32,
) -> Vec<Created> {
    let services = [CreateService {
        service: service.to_owned(),
        replicas,
        fingerprint: "first".to_owned(),
        replaces: Vec::new(),
        hidden: false,
        rehearsal: false,
        ..CreateService::default()
    }];
    let source = CreateFrom::Compose(stack);
    let request = CreateRequest { source, project, run: "20240129_000001", services: &services };
    engine.create(&request).await.unwrap()
}

/// Creates hidden successors of containers, each with a rehearsal.
pub async fn replace<F: Fixture>(
    bench: &Bench<'_, F>,
    service: &str,
    old: &[Created],
) -> Vec<Created> {
    let services = [CreateService {
        service: service.to_owned(),
        replicas: u32::try_from(old.len()).unwrap(),
        fingerprint: "second".to_owned(),
        replaces: old.iter().map(|old| old.id.clone()).collect(),
        hidden: true,
        rehearsal: true,
        ..CreateService::default()
    }];
    let source = CreateFrom::Compose(&bench.stack);
    let project = &bench.project;
    let request = CreateRequest { source, project, run: "20240129_000002", services: &services };
    bench.engine().create(&request).await.unwrap()
}

fn compose(project: &str, services: &[Wanted]) -> String {
    let greeting = "configs: {greeting: {content: \"hello\\nthere\\n\"}}";
    let mut text = format!("name: {project}\n{greeting}\nservices:\n");
    for wanted in services {
        let name = wanted.name;
        text.push_str(&format!("  {name}:\n    build: ./{name}\n"));
        for line in wanted.yaml.lines() {
            text.push_str(&format!("    {line}\n"));
        }
    }
    text
}
