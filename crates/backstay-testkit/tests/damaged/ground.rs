//! Machines with several kept releases, at rest and in the middle of a run.

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use backstay_core::layout::Layout;
use backstay_core::ops::RunReport;
use backstay_core::ops::deploy::DeployOptions;
use backstay_core::ops::rollback::RollbackOptions;
use backstay_core::release::Catalog;
use backstay_core::stack::StackRef;
use backstay_testkit::fake::harness::Act;
use backstay_testkit::fake::{Behaviour, Ended, FakeStack, Fault, Kind, Machine, World};

const MONITOR: Option<Duration> = Some(Duration::from_millis(200));

/// A machine, and the stack on it.
pub(super) struct Ground {
    pub(super) world: World,
    pub(super) stack: StackRef,
    pub(super) layout: Layout,
    undisturbed: RefCell<BTreeMap<String, World>>,
    backups: OnceCell<Vec<(String, Vec<String>)>>,
}

/// A version of a stack with files of every kind.
pub(super) fn shop(version: &str) -> FakeStack {
    let text = format!(
        "services:\n  cache: {{image: \"redis:7\", restart: always, volumes: [\"data:/data\"]}}\n  \
         web:\n    build: ./web\n    restart: always\n    env_file: conf/app.env\n    configs: [c]\n    \
         environment: {{V: \"{version}\"}}\n    \
         healthcheck: {{test: [CMD, x], interval: 100ms, timeout: 100ms, retries: 2}}\n\
         volumes: {{data: }}\nconfigs: {{c: {{file: ./conf/web/app.ini}}}}\n"
    );
    FakeStack::new("/srv/shop")
        .compose(&text)
        .env(&format!("GREETING=hello {version}\n"))
        .file("conf/app.env", &format!("A={version}\n"))
        .file("conf/web/app.ini", &format!("[{version}]\n"))
        .context("web", version, Behaviour::Healthy)
        .registry("redis:7", "7", Behaviour::Healthy)
}

pub(super) fn deploy() -> Act {
    Act::Deploy(DeployOptions { monitor: MONITOR, ..DeployOptions::default() })
}

fn update() -> Act {
    let services = Some(["web".to_owned()].into());
    Act::Deploy(DeployOptions { services, monitor: MONITOR, ..DeployOptions::default() })
}

/// Back to this backup, or to the last good release before this.
pub(super) fn rollback(target: Option<&str>) -> Act {
    let target = target.map(str::to_owned);
    Act::Rollback(RollbackOptions { target, monitor: MONITOR, ..RollbackOptions::default() })
}

pub(super) fn perform(
    machine: &Machine,
    act: &Act,
    stack: &StackRef,
) -> Result<Vec<RunReport>, backstay_core::Error> {
    machine.pass(Duration::from_secs(60));
    let ended = act.perform(&machine.process(), stack);
    machine.pass(Duration::from_secs(60));
    ended.done().unwrap()
}

impl Ground {
    /// Three deployments, a rollback over edited files, an update. All journals are there.
    pub(super) fn at_rest() -> Self {
        let machine = Machine::new();
        let stack = shop("1").reference();
        for version in ["1", "2", "3"] {
            shop(version).write(&machine);
            perform(&machine, &deploy(), &stack).unwrap();
        }
        shop("edited").write(&machine);
        perform(&machine, &rollback(Some("r2")), &stack).unwrap();
        shop("4").write(&machine);
        perform(&machine, &update(), &stack).unwrap();
        shop("5").write(&machine);
        let layout = backstay_testkit::fake::kept(&stack);
        Self::of(machine.snapshot(), stack, layout)
    }

    pub(super) fn of(world: World, stack: StackRef, layout: Layout) -> Self {
        let (undisturbed, backups) = (RefCell::default(), OnceCell::new());
        Self { world, stack, layout, undisturbed, backups }
    }

    /// The machine after an operation, where nothing is damaged.
    pub(super) fn after(&self, act: &Act) -> World {
        let mut known = self.undisturbed.borrow_mut();
        let after = known.entry(format!("{act:?}")).or_insert_with(|| {
            let machine = self.machine();
            perform(&machine, act, &self.stack).unwrap();
            machine.snapshot()
        });
        after.clone()
    }

    /// The same, where a rollback was killed after its first call whose name begins so.
    pub(super) fn killed_at(call: &str) -> Self {
        let ground = Self::at_rest();
        let act = rollback(Some("r1"));
        let tried = ground.machine().process();
        act.perform(&tried, &ground.stack);
        let points = tried.points();
        let at = points.iter().position(|point| point.name.starts_with(call));
        let at = at.unwrap_or_else(|| panic!("no {call} in {points:?}"));
        let machine = ground.machine();
        let process = machine.process().with_fault(Fault { at, kind: Kind::CrashAfter });
        let ended = act.perform(&process, &ground.stack);
        assert!(matches!(ended, Ended::Crashed), "{ended:?}");
        Self::of(machine.snapshot(), ground.stack, ground.layout)
    }

    pub(super) fn machine(&self) -> Machine {
        Machine::from_world(self.world.clone())
    }

    /// The same machine, to which this happened.
    pub(super) fn changed(mut self, change: impl FnOnce(&mut World)) -> Self {
        change(&mut self.world);
        self
    }

    /// The paths below a folder, and the folder itself.
    pub(super) fn below(&self, folder: &Path) -> Vec<PathBuf> {
        let paths = self.world.disk.nodes.keys().filter(|path| path.starts_with(folder));
        paths.cloned().collect()
    }

    /// The backups, newest first, with their images.
    pub(super) fn backups(&self) -> &[(String, Vec<String>)] {
        self.backups.get_or_init(|| {
            let machine = self.machine();
            let entries = Catalog::entries(&self.layout, &machine.process().store()).unwrap();
            let entries = entries.iter().map(|entry| {
                let images = entry.release().unwrap().release.images().map(str::to_owned).collect();
                (entry.folder.clone(), images)
            });
            entries.collect()
        })
    }
}
