//! All of a stack that a release stands for, taken from a machine.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use backstay_core::naming::is_warm;
use backstay_core::release::{Catalog, EntryState};
use backstay_core::routes::Target;
use backstay_core::stack::StackRef;

use super::shape::Shape;
use crate::fake::stack::user_files;
use crate::fake::{EngineState, Machine, NodeKind, World, kept, state};

/// A stack: its containers, tags, networks and files, and what is on record of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    containers: BTreeMap<String, Shape>,
    tags: BTreeMap<String, String>,
    networks: BTreeSet<String>,
    pub(super) files: BTreeMap<PathBuf, String>,
    folders: BTreeSet<PathBuf>,
    current: String,
    pub(super) backups: BTreeMap<String, String>,
    pub(super) volumes: BTreeSet<String>,
    /// What is in them.
    pub(super) data: BTreeMap<String, String>,
    /// What was moved aside in them.
    aside: BTreeSet<String>,
    pub(super) anonymous: BTreeSet<String>,
    /// To whom its gateways lead, by gateway and service.
    led: BTreeMap<String, BTreeSet<String>>,
}

impl Picture {
    /// Takes one.
    #[must_use]
    pub fn of(machine: &Machine, stack: &StackRef, project: &str) -> Self {
        let (current, backups) = records(machine, stack);
        machine.with(|world| Self::with_records(world, stack, project, current, backups))
    }

    fn with_records(
        world: &World,
        stack: &StackRef,
        project: &str,
        current: String,
        backups: BTreeMap<String, String>,
    ) -> Self {
        let engine = &world.engine;
        let own = engine.containers.values();
        // Those that are still up for a while are of no release.
        let own = own.filter(|c| c.project.as_deref() == Some(project) && !is_warm(&c.name));
        let tags = engine
            .images
            .iter()
            .flat_map(|(id, image)| image.tags.iter().map(move |tag| (tag.clone(), id.clone())));
        let networks =
            engine.networks.iter().filter(|(_, n)| n.project.as_deref() == Some(project));
        let state = state().root().to_owned();
        let files = user_files(&stack.directory, world.disk.nodes.keys());
        let files = files.into_iter().filter_map(|path| {
            let node = &world.disk.nodes[&path];
            (node.kind != NodeKind::Directory).then(|| (path, format!("{node:?}")))
        });
        // Those of others too: a service may mount them.
        let is_folder = |path: &&PathBuf| world.disk.is_dir(path) && !path.starts_with(&state);
        let folders = world.disk.nodes.keys().filter(is_folder).cloned().collect();
        let named = |named: bool| {
            let volumes = engine.volumes.iter().filter(move |(_, v)| v.project.is_some() == named);
            volumes.map(|(name, _)| name.clone()).collect()
        };
        let data = engine.volumes.iter().filter(|(_, volume)| volume.project.is_some());
        let data: Vec<_> = data.collect();
        let aside = data.iter().flat_map(|(name, volume)| {
            volume.aside.keys().map(move |mark| format!("{name} of {mark}"))
        });
        let aside = aside.collect();
        let data = data.iter().map(|(name, volume)| ((*name).clone(), volume.data.clone()));
        Self {
            containers: own.map(|c| (c.name.clone(), Shape::of(c, engine))).collect(),
            tags: tags.collect(),
            networks: networks.map(|(name, _)| name.clone()).collect(),
            files: files.collect(),
            folders,
            current,
            backups,
            volumes: named(true),
            data: data.collect(),
            aside,
            anonymous: named(false),
            led: led(engine, project),
        }
    }

    /// The ids of its containers.
    #[must_use]
    pub fn ids(&self) -> BTreeSet<String> {
        self.containers.values().map(|shape| shape.id.clone()).collect()
    }

    /// What is there that goes with the whole stack, one line each.
    pub(super) fn left_of_the_stack(&self) -> Vec<String> {
        let containers = self.containers.keys().map(|name| format!("container {name} is there"));
        containers
            .chain(self.networks.iter().map(|name| format!("network {name} is there")))
            .collect()
    }

    /// In what `is` differs from this, one line each. `known` are ids that make two containers the same one.
    #[must_use]
    pub fn differences(&self, is: &Self, known: &BTreeSet<String>) -> Vec<String> {
        let mut found = Vec::new();
        maps(&mut found, "container", &self.containers, &is.containers, |name, a, b| {
            a.differences(b, known).into_iter().map(|d| format!("container {name}: {d}")).collect()
        });
        maps(&mut found, "tag", &self.tags, &is.tags, |name, a, b| {
            vec![format!("tag {name} is {b}, not {a}")]
        });
        maps(&mut found, "file", &shown(&self.files), &shown(&is.files), |name, a, b| {
            vec![format!("file {name} is {b}, not {a}")]
        });
        // Volumes that are new stay.
        let known = is.data.iter().filter(|(name, _)| self.data.contains_key(*name));
        let data = known.map(|(name, data)| (name.clone(), data.clone())).collect();
        maps(&mut found, "data", &self.data, &data, |name, a, b| {
            vec![format!("data of {name} is {b}, not {a}")]
        });
        let left = is.aside.difference(&self.aside);
        found.extend(left.map(|name| format!("what was moved aside in {name} is left over")));
        maps(&mut found, "way to", &self.led, &is.led, |name, a, b| {
            vec![format!("{name} leads to {b:?}, not {a:?}")]
        });
        if self.folders != is.folders {
            found.push(format!("folders are {:?}, not {:?}", is.folders, self.folders));
        }
        if self.networks != is.networks {
            found.push(format!("networks are {:?}, not {:?}", is.networks, self.networks));
        }
        if self.current != is.current {
            found.push(format!("on record is {}, not {}", is.current, self.current));
        }
        found
    }
}

impl Picture {
    /// The same, where another run made the containers and the release.
    pub(super) fn differences_in_kind(&self, is: &Self) -> Vec<String> {
        let current = is.current.clone();
        let mut wanted = Self { current, ..self.clone() };
        for (name, shape) in &mut wanted.containers {
            if let Some(is) = is.containers.get(name) {
                shape.made_like(is);
            }
        }
        wanted.differences(is, &BTreeSet::new())
    }
}

/// The names of the containers to which the gateways of a project lead. Who is not there any more is led to by nobody.
fn led(engine: &EngineState, project: &str) -> BTreeMap<String, BTreeSet<String>> {
    // One that Compose has made anew by hand is found by its name.
    let name = |to: &Target| {
        let by_name = || engine.containers.values().find(|found| found.name == to.name);
        engine.containers.get(&to.id).or_else(by_name).map(|found| found.name.clone())
    };
    let mine = engine.gateways.iter().filter_map(|(id, gateway)| {
        let container = engine.containers.get(id)?;
        (container.project.as_deref() == Some(project)).then_some((&container.name, gateway))
    });
    let ways = mine.flat_map(|(gateway, found)| {
        found.routes.services.iter().map(move |(service, to)| {
            let to = to.targets.iter().filter_map(name).collect();
            (format!("{service} by {gateway}"), to)
        })
    });
    ways.collect()
}

fn shown(files: &BTreeMap<PathBuf, String>) -> BTreeMap<String, String> {
    files.iter().map(|(path, text)| (path.display().to_string(), text.clone())).collect()
}

fn maps<T: PartialEq>(
    found: &mut Vec<String>,
    what: &str,
    wanted: &BTreeMap<String, T>,
    is: &BTreeMap<String, T>,
    compare: impl Fn(&str, &T, &T) -> Vec<String>,
) {
    for (name, wanted) in wanted {
        match is.get(name) {
            None => found.push(format!("{what} {name} is missing")),
            Some(is) if is == wanted => {}
            Some(is) => found.extend(compare(name, wanted, is)),
        }
    }
    let extra = is.keys().filter(|name| !wanted.contains_key(*name));
    found.extend(extra.map(|name| format!("{what} {name} is left over")));
}

/// The release on record, and the backups with the release that each keeps.
fn records(machine: &Machine, stack: &StackRef) -> (String, BTreeMap<String, String>) {
    let layout = kept(stack);
    let store = machine.process().store();
    match Catalog::read(&layout, &store) {
        Err(error) => (format!("unreadable: {error}"), BTreeMap::new()),
        Ok(catalog) => {
            let current = catalog.current.map_or("nothing".to_owned(), |c| c.release.id);
            let backups = catalog.entries.into_iter().map(|entry| {
                let what = match entry.state {
                    EntryState::Release(folder) => folder.release.id,
                    EntryState::Plain => "plain".to_owned(),
                    EntryState::Damaged(problem) => format!("damaged: {problem}"),
                };
                (entry.folder, what)
            });
            (current, backups.collect())
        }
    }
}
