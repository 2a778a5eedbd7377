//! What the cases need of an engine's surroundings.

use backstay_core::ports::{Clock, Engine};
use backstay_core::stack::StackRef;
use backstay_core::vault::Vault;

use crate::fake::Behaviour;

/// Makes stacks for the cases, and clears away after them.
pub trait Fixture {
    /// The engine under test.
    fn engine(&self) -> &dyn Engine;

    /// Its clock.
    fn clock(&self) -> &dyn Clock;

    /// A vault.
    fn vault(&self) -> Vault;

    /// A project's name that nobody has used.
    fn project(&self) -> String;

    /// A host port that nobody holds.
    fn port(&self) -> u16;

    /// Writes a stack, or its next version: `docker-compose.yml` with this text, and a build context of the service's name
    /// for each service that is wanted.
    fn write(&self, project: &str, compose: &str, services: &[Wanted]) -> StackRef;
}

/// A service that a case wants.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Its name.
    pub name: &'static str,
    /// What its program does.
    pub behaviour: Behaviour,
    /// Told apart by this.
    pub version: &'static str,
    /// The rest of its definition: lines of YAML without indentation.
    pub yaml: String,
}

impl Wanted {
    /// A service that behaves well.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self { name, behaviour: Behaviour::Healthy, version: "1", yaml: String::new() }
    }

    /// The same with this behaviour.
    #[must_use]
    pub const fn does(mut self, behaviour: Behaviour) -> Self {
        self.behaviour = behaviour;
        self
    }

    /// The same with this version.
    #[must_use]
    pub const fn version(mut self, version: &'static str) -> Self {
        self.version = version;
        self
    }

    /// The same with one more line of definition.
    #[must_use]
    pub fn with(mut self, line: &str) -> Self {
        self.yaml.push_str(line);
        self.yaml.push('\n');
        self
    }
}
