//! What the engine is asked to make.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{ContainerFile, ImageById};
use crate::stack::{Hooks, StackRef};

/// How one service is built.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BuildTarget {
    /// The tag that its image gets.
    pub tag: String,
    /// Whether it names several platforms, of which only the engine's own is built.
    pub for_one_platform: bool,
    /// Names that its Dockerfile may use for images (`FROM`, `COPY --from`, a named context), and the tags that they stand for.
    pub contexts: BTreeMap<String, String>,
}

/// What to build.
#[derive(Debug)]
pub struct BuildRequest<'a> {
    /// The stack.
    pub stack: &'a StackRef,
    /// The services.
    pub targets: &'a BTreeMap<String, BuildTarget>,
    /// `--no-cache`.
    pub no_cache: bool,
    /// Ask the registry for newer base images.
    pub pull: bool,
}

/// What to pull. It is pulled, whatever the `pull_policy` of the services says.
#[derive(Debug)]
pub struct PullRequest<'a> {
    /// The stack.
    pub stack: &'a StackRef,
    /// The services.
    pub services: &'a [String],
}

/// What containers are created from.
#[derive(Debug)]
pub enum CreateFrom<'a> {
    /// The stack's files, by Compose itself.
    Compose(&'a StackRef),
    /// Containers as `docker inspect` showed them, for a release that was adopted while its files said something else.
    Recorded(&'a [Value]),
}

/// Which containers to create.
#[derive(Debug)]
pub struct CreateRequest<'a> {
    /// From what.
    pub source: CreateFrom<'a>,
    /// The project.
    pub project: &'a str,
    /// The run, for the label and the names.
    pub run: &'a str,
    /// The services, in an order in which each comes after those it depends on.
    pub services: &'a [CreateService],
}

/// One service of a [`CreateRequest`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct CreateService {
    /// The service.
    pub service: String,
    /// How many containers it is to have.
    pub replicas: u32,
    /// The value of the label `backstay.fingerprint`.
    pub fingerprint: String,
    /// The containers that the new ones replace: Compose does not see them, so that numbers and names come out the same,
    /// and the new ones take over their anonymous volumes by number.
    pub replaces: Vec<String>,
    /// Whether the new containers start without the service's DNS names, which are given to them later.
    pub hidden: bool,
    /// Whether the gateway has the service's names, so that the new containers have none but their own.
    #[serde(default)]
    pub inside: bool,
    /// Whether each is to have a rehearsal: a twin that nobody can find, without host ports and restart policy.
    pub rehearsal: bool,
    /// Services whose namespaces or volumes each borrows.
    #[serde(default)]
    pub borrows: Vec<String>,
    /// What is run around the start and the end of each.
    #[serde(default)]
    pub hooks: Hooks,
    /// Whether the model puts files into each that are not mounted: inline configs, configs and secrets of variables.
    #[serde(default)]
    pub injects: bool,
    /// The image by its id, where the engine does not find it by the reference that the files have: one with the digest under
    /// which it was pulled, for an image that came back from the vault.
    #[serde(default)]
    pub image: Option<ImageById>,
}

/// A container that was created.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Created {
    /// Its id.
    pub id: String,
    /// Its service.
    pub service: String,
    /// Its number.
    pub number: u32,
    /// The name it will have when it is live.
    pub name: String,
    /// Whether it is a rehearsal.
    pub rehearsal: bool,
    /// The DNS names that it is to have, by the network's name.
    pub aliases: BTreeMap<String, Vec<String>>,
    /// The names that the gateway has for it instead.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub led: BTreeMap<String, Vec<String>>,
    /// The files that were put into it. Never recorded: they may be secrets.
    #[serde(skip)]
    pub files: Vec<ContainerFile>,
}

impl Created {
    /// The DNS names under which its siblings look for it, its own ones or the gateway's.
    pub(crate) fn names(&self) -> &BTreeMap<String, Vec<String>> {
        if self.led.is_empty() { &self.aliases } else { &self.led }
    }

    /// What a new container's name ends with until it is live.
    #[must_use]
    pub fn suffix(run: &str, rehearsal: bool) -> String {
        crate::naming::candidate_suffix(run, rehearsal)
    }
}
