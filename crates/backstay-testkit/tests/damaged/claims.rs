//! What has to be true where something is damaged.

use std::collections::BTreeSet;
use std::path::Path;

use backstay_core::Error;
use backstay_core::context::Context;
use backstay_core::event::Outcome;
use backstay_core::ops::{backups, status};
use backstay_testkit::fake::harness::{Act, Findings};
use backstay_testkit::fake::{FakeContainer, Machine, World};

use super::ground::{Ground, perform, rollback};
use super::harm::{Harm, harms};

/// A machine on which something is damaged, and what was found to be wrong with how that is borne.
pub(super) struct Case<'a> {
    pub(super) ground: &'a Ground,
    pub(super) path: &'a Path,
    pub(super) harm: Harm,
    machine: Machine,
    pub(super) problems: Vec<String>,
}

/// One in so many cases is tried where nobody asks for all of them, as `cargo xtask faults` does.
const SAMPLE: usize = 6;

/// Lets each harm happen to each of these paths.
pub(super) fn each(
    ground: &Ground,
    paths: &[std::path::PathBuf],
    mut judge: impl FnMut(&mut Case<'_>),
) {
    let mut findings = Findings::default();
    let mut count = 0;
    let one_in = if std::env::var_os("BACKSTAY_FAULTS").is_some() { 1 } else { SAMPLE };
    for path in paths {
        for harm in harms(&ground.world.disk, path) {
            let machine = ground.machine();
            if !machine.with(|world| harm.happen(&mut world.disk, path)) {
                continue;
            }
            count += 1;
            if (count - 1) % one_in != 0 {
                continue;
            }
            let mut case = Case { ground, path, harm: *harm, machine, problems: Vec::new() };
            judge(&mut case);
            findings.add(&path.display().to_string(), &format!("{harm:?}"), case.problems);
        }
    }
    assert!(count >= paths.len(), "{count} cases for {paths:?}");
    findings.assert_none();
}

impl Case<'_> {
    fn machine(&self) -> Machine {
        Machine::from_world(self.machine.snapshot())
    }

    pub(super) fn finds(&mut self, problem: impl Into<String>) {
        self.problems.push(problem.into());
    }

    fn ask<T>(&self, question: impl AsyncFnOnce(&Context) -> Result<T, Error>) -> Result<T, Error> {
        let process = self.machine().process();
        let ctx = process.context();
        let answer = process.run(question(&ctx)).done().unwrap();
        assert_eq!(process.points(), [], "a question changes something");
        answer
    }

    /// What is in the damaged file.
    pub(super) fn text(&self) -> String {
        self.machine.with(|world| world.disk.text(self.path)).unwrap_or_default()
    }

    /// What `backups verify` says.
    pub(super) fn verified(&self) -> Vec<String> {
        let stack = &self.ground.stack;
        match self.ask(async |ctx| backups::check(ctx, stack).await) {
            Ok(found) => found.damage.iter().map(ToString::to_string).collect(),
            Err(error) => vec![format!("not verified: {error}")],
        }
    }

    /// `backups verify` names the file, or what was in the folder.
    pub(super) fn is_found(&mut self) {
        let found = self.verified();
        let path = self.path.display().to_string();
        if !found.iter().any(|line| line.contains(&path)) {
            self.finds(format!("`verify` does not name it: {found:?}"));
        }
    }

    /// Nothing is wrong with anything but this.
    pub(super) fn is_found_alone(&mut self) {
        self.is_found();
        let path = self.path.display().to_string();
        let others = self.verified().into_iter().filter(|line| !line.contains(&path));
        let others: Vec<String> = others.collect();
        if !others.is_empty() {
            self.finds(format!("`verify` names others: {others:?}"));
        }
    }

    /// The list of backups and the status are shown. Returns what the status says of damage.
    pub(super) fn is_shown(&mut self) -> Vec<String> {
        let stack = &self.ground.stack;
        match self.ask(async |ctx| backups::list(ctx, stack).await) {
            Ok(list) if list.catalog.entries.len() == self.ground.backups().len() => {}
            Ok(list) => {
                self.finds(format!("{} backups are listed", list.catalog.entries.len()));
            }
            Err(error) => self.finds(format!("`backups` ends with {error}")),
        }
        match self.ask(async |ctx| status::read(ctx, stack).await) {
            Ok(report) if report.containers.len() == 2 => {
                report.damage.iter().map(ToString::to_string).collect()
            }
            Ok(report) => {
                self.finds(format!("`status` shows {:?}", report.containers));
                Vec::new()
            }
            Err(error) => {
                self.finds(format!("`status` ends with {error}"));
                Vec::new()
            }
        }
    }

    /// The operation is refused, by the name of the file, and nothing has changed.
    pub(super) fn refuses(&mut self, act: &Act) -> Option<Error> {
        let machine = self.machine();
        let before = machine.snapshot();
        let ended = perform(&machine, act, &self.ground.stack);
        let Err(error) = ended else {
            self.finds(format!("{act:?} ends with {ended:?}"));
            return None;
        };
        let path = self.path.display().to_string();
        if !error.to_string().contains(&path) {
            self.finds(format!("its name is not in: {error}"));
        }
        self.is_unchanged(&before, &machine);
        Some(error)
    }

    fn is_unchanged(&mut self, before: &World, machine: &Machine) {
        let (mut after, mut before) = (machine.snapshot(), before.clone());
        before.advance(after.now);
        // The mark of a run that was killed goes.
        [&mut before, &mut after].into_iter().for_each(|world| world.engine.claims.clear());
        if after.engine != before.engine {
            self.finds("the engine is not as before");
        }
        let lock = self.ground.layout.lock();
        for path in after.disk.changed_paths(&before.disk) {
            if path != lock {
                self.finds(format!("{} is not as before", path.display()));
            }
        }
    }

    /// The operation ends well. Returns the machine after it.
    pub(super) fn goes_through(&mut self, act: &Act) -> Machine {
        let machine = self.machine();
        let ended = perform(&machine, act, &self.ground.stack);
        let is_good = ended.as_ref().is_ok_and(|reports| {
            reports.last().is_some_and(|report| report.outcome == Outcome::Deployed)
        });
        if !is_good {
            self.finds(format!("{act:?} ends with {ended:?}"));
        }
        machine
    }

    /// The same operation on a machine where nothing is damaged leads to the same files and containers.
    pub(super) fn goes_through_as_ever(&mut self, act: &Act) -> Machine {
        let damaged = self.goes_through(act);
        let (is, wanted) = (damaged.snapshot(), self.ground.after(act));
        let kinds = |world: &World| {
            let containers = world.engine.containers.values();
            let kind = |c: &FakeContainer| format!("{} {} {:?}", c.name, c.image, c.life.status);
            containers.map(kind).collect::<BTreeSet<_>>()
        };
        if kinds(&is) != kinds(&wanted) {
            self.finds(format!("{:?} run, not {:?}", kinds(&is), kinds(&wanted)));
        }
        let root = self.ground.layout.root();
        let changed = is.disk.changed_paths(&wanted.disk).into_iter();
        let changed =
            changed.filter(|path| !path.starts_with(root) && !path.starts_with("/outside"));
        for path in changed {
            self.finds(format!("{} is not what it would be", path.display()));
        }
        damaged
    }

    /// The interrupted run ends so. Returns what is on record of it.
    pub(super) fn recovers(&mut self, outcome: Outcome) -> String {
        let machine = self.machine();
        let ended = perform(&machine, &Act::Recover, &self.ground.stack);
        match ended {
            Ok(reports) if reports.last().is_some_and(|report| report.outcome == outcome) => {}
            other => self.finds(format!("a recovery ends with {other:?}")),
        }
        let journals = self.ground.layout.journals();
        let paths = self.ground.below(&journals).into_iter();
        let texts = paths.filter_map(|path| machine.with(|world| world.disk.text(&path)));
        texts.collect()
    }

    /// When a person has put the old files back, a recovery goes through.
    pub(super) fn is_mended_by_hand(&mut self) {
        let machine = self.machine();
        let _ = perform(&machine, &Act::Recover, &self.ground.stack);
        let whole = self.ground.after(&Act::Recover);
        machine.with(|world| {
            let root = self.ground.layout.root();
            let files = whole.disk.nodes.iter().filter(|(path, _)| !path.starts_with(root));
            let files = files.map(|(path, node)| (path.clone(), node.clone()));
            world.disk.nodes.extend(files);
        });
        let again = perform(&machine, &Act::Recover, &self.ground.stack);
        match again {
            Ok(reports) if reports.iter().all(|r| r.outcome == Outcome::RolledBack) => {}
            other => self.finds(format!("with the files put back, a recovery ends with {other:?}")),
        }
    }

    /// All other releases can be restored.
    pub(super) fn others_come_back(&mut self, but: &str) {
        for (folder, _) in self.ground.backups() {
            if folder != but {
                self.goes_through_as_ever(&rollback(Some(folder)));
            }
        }
    }

    /// Without the damaged file, which a person has moved away.
    pub(super) fn moved_away(&self, path: &Path) -> Case<'_> {
        let machine = self.machine();
        machine.with(|world| {
            world.disk.nodes.retain(|other, _| !other.starts_with(path));
        });
        Case {
            ground: self.ground,
            path: self.path,
            harm: self.harm,
            machine,
            problems: Vec::new(),
        }
    }
}
