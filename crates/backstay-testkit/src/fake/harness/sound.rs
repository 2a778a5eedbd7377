//! What holds of every release that is said to run, without another run to compare it with.

use backstay_core::engine::Status;
use backstay_core::naming::is_warm;

use super::act::Act;
use super::scenario::Scenario;
use crate::fake::{FakeContainer, Machine, World};

impl Scenario {
    /// What is wrong with the stack as it runs.
    pub(super) fn unsound(&self, machine: &Machine) -> Vec<String> {
        let world = machine.snapshot();
        // A gateway is no service's.
        let own = |c: &&FakeContainer| {
            c.project.as_deref() == Some(self.project.as_str()) && !c.one_off && !is_warm(&c.name)
        };
        let mut found = Vec::new();
        for container in world.engine.containers.values().filter(own) {
            let running = container.life.status == Status::Running;
            if running && !world.engine.is_found(container) {
                found.push(format!("container {} has not its service's name", container.name));
            }
            let image = world.engine.image_id(&container.image_ref);
            // Loading an image does not say under which digest it was once pulled.
            let is_unknown = image.is_none() && container.image_ref.contains('@');
            if !is_unknown && image.as_ref() != Some(&container.image) {
                found.push(format!(
                    "{} is not the image of {}",
                    container.image_ref, container.name
                ));
            }
        }
        // A rollback may restore what the files on the disk did not say even then.
        if matches!(&self.act, Act::Deploy(options) if options.services.is_none()) {
            found.extend(self.changed_by_compose(world));
        }
        found
    }

    /// What a plain `docker compose up` would do.
    fn changed_by_compose(&self, world: World) -> Vec<String> {
        let ids = |world: &World| world.engine.containers.keys().cloned().collect::<Vec<_>>();
        let before = ids(&world);
        let machine = Machine::from_world(world);
        match machine.with(|world| world.compose_up(&self.stack)) {
            Err(error) => vec![format!("`docker compose up` fails: {error}")],
            Ok(()) if machine.with(|world| ids(world)) != before => {
                vec!["`docker compose up` changes it".to_owned()]
            }
            Ok(()) => Vec::new(),
        }
    }
}
