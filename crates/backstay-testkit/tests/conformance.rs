//! The fake engine does what every engine must do.

use backstay_core::ports::{Clock, Engine};
use std::cell::Cell;
use std::path::Path;
use std::sync::Arc;

use backstay_core::stack::StackRef;
use backstay_core::vault::Vault;
use backstay_testkit::conformance::{self, Fixture, Wanted};
use backstay_testkit::fake::{FakeClock, FakeEngine, FakeStack, Machine, Process};

struct Fake {
    process: Process,
    engine: FakeEngine,
    clock: FakeClock,
    count: Cell<u16>,
}

impl Fake {
    fn new() -> Self {
        let process = Machine::new().process();
        let (engine, clock) = (process.engine(), process.clock());
        Self { process, engine, clock, count: Cell::new(0) }
    }

    fn next(&self) -> u16 {
        self.count.set(self.count.get() + 1);
        self.count.get()
    }
}

impl Fixture for Fake {
    fn engine(&self) -> &dyn Engine {
        &self.engine
    }

    fn clock(&self) -> &dyn Clock {
        &self.clock
    }

    fn vault(&self) -> Vault {
        Vault::new(Path::new("/vault"), Arc::new(self.process.store()))
    }

    fn project(&self) -> String {
        format!("case{}", self.next())
    }

    fn port(&self) -> u16 {
        8000 + self.next()
    }

    fn write(&self, project: &str, compose: &str, services: &[Wanted]) -> StackRef {
        let stack = FakeStack::new(&format!("/srv/{project}")).compose(compose);
        let with = |stack: FakeStack, s: &Wanted| stack.context(s.name, s.version, s.behaviour);
        let stack = services.iter().fold(stack, with);
        stack.write(self.process.machine());
        stack.reference()
    }
}

macro_rules! tests {
    ($($case:ident),* $(,)?) => {$(
        #[test]
        fn $case() {
            let fixture = Fake::new();
            fixture.process.run(conformance::$case(&fixture)).done().unwrap();
        }
    )*};
}

backstay_testkit::for_each_conformance_case!(tests);
