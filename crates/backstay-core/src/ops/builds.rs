//! What is built, and in which order: a service whose build begins from another one's image comes after it, and gets the
//! image that this run has built, while the stack's own tags stay where they are.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::io::ErrorKind;
use std::path::Path;

use super::options::DeployOptions;
use crate::engine::{BuildRequest, BuildTarget};
use crate::error::Error;
use crate::event::Failure;
use crate::naming::build_tag;
use crate::plan::Step;
use crate::plan::Undo;
use crate::run::Run;
use crate::stack::{Model, Service, StackRef, build_bases, familiar};

/// What a named context begins with that is another service's image.
const SERVICE: &str = "service:";

/// What a named context begins with that is an image.
const IMAGE: &str = "docker-image://";

/// Builds: one wave after the other, those of a wave at once.
pub(crate) struct Builds {
    pub waves: Vec<BTreeMap<String, BuildTarget>>,
}

impl Builds {
    /// What has to be built for these services. `read` reads a text file.
    pub(crate) fn new(
        model: &Model,
        services: &[&Service],
        tag: &dyn Fn(usize) -> String,
        read: &dyn Fn(&Path) -> Option<String>,
    ) -> Self {
        let chosen = with_contexts(model, services);
        let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
        let mut tags: BTreeMap<&str, String> = BTreeMap::new();
        for service in &chosen {
            // Services that share a reference share the image.
            let next = numbers.len();
            let number = *numbers.entry(&service.image).or_insert(next);
            tags.insert(&service.name, tag(number));
        }
        let order = order(&chosen, read);
        let mut done: Vec<&Service> = Vec::new();
        let mut waves = Vec::new();
        for wave in order {
            let target = |service: &&Service| {
                let target = BuildTarget {
                    tag: tags[service.name.as_str()].clone(),
                    for_one_platform: service.builds_for_many(),
                    contexts: contexts(service, &done, &tags),
                };
                (service.name.clone(), target)
            };
            waves.push(wave.iter().map(target).collect());
            done.extend(wave);
        }
        Self { waves }
    }

    /// The tag of a service's image.
    pub(crate) fn tag(&self, service: &str) -> Option<&str> {
        self.targets().find(|(name, _)| *name == service).map(|(_, target)| target.tag.as_str())
    }

    fn targets(&self) -> impl Iterator<Item = (&String, &BuildTarget)> {
        self.waves.iter().flatten()
    }

    fn names(&self) -> Vec<String> {
        let names: BTreeSet<&String> = self.targets().map(|(name, _)| name).collect();
        names.into_iter().cloned().collect()
    }

    /// The tags, each once.
    fn tags(&self) -> Vec<String> {
        let tags: BTreeSet<&String> = self.targets().map(|(_, target)| &target.tag).collect();
        tags.into_iter().cloned().collect()
    }
}

/// What is built from what, by the Dockerfiles.
fn planned(run: &Run<'_>, model: &Model, wanted: &[&Service]) -> Result<Builds, Failure> {
    let (ctx, state) = (run.ctx, &run.state);
    let tag = |number| build_tag(&state.project, &state.run, number);
    // A Dockerfile that is there and can't be read would be taken for one of another order.
    let unread = RefCell::new(None);
    let read = |path: &Path| match ctx.store.read(path) {
        Ok(bytes) => Some(String::from_utf8_lossy(&bytes).into_owned()),
        Err(error) => {
            let is_absent = matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory);
            let error = (!is_absent).then(|| Error::io("reading", path, error));
            unread.borrow_mut().get_or_insert(error?);
            None
        }
    };
    let builds = Builds::new(model, wanted, &tag, &read);
    match unread.into_inner() {
        Some(error) => Err(Failure::from(&error)),
        None => Ok(builds),
    }
}

/// Builds the application services among these.
pub(crate) async fn build(
    run: &mut Run<'_>,
    stack: &StackRef,
    model: &Model,
    services: &[&Service],
    options: &DeployOptions,
) -> Result<Builds, Failure> {
    let ctx = run.ctx;
    let wanted = services.iter().filter(|service| options.build && service.is_application());
    let wanted: Vec<&Service> = wanted.copied().collect();
    let builds = planned(run, model, &wanted)?;
    if builds.waves.is_empty() {
        return Ok(builds);
    }
    let step = Step::Build { services: builds.names() };
    let undo = Undo::BuildTags { tags: builds.tags() };
    let effect = async {
        for (index, targets) in builds.waves.iter().enumerate() {
            // What begins from an image of this run can't look for a newer one: no registry has it.
            let pull = options.pull && index == 0;
            let request = BuildRequest { stack, targets, no_cache: options.no_cache, pull };
            ctx.engine.build(&request, &*ctx.reporter).await?;
        }
        Ok(())
    };
    run.step(step, undo, effect).await?;
    Ok(builds)
}

/// The services, and those whose images they name as contexts (`service:base`).
fn with_contexts<'a>(model: &'a Model, services: &[&'a Service]) -> Vec<&'a Service> {
    let mut chosen: BTreeMap<&str, &Service> = BTreeMap::new();
    let mut open = services.to_vec();
    while let Some(service) = open.pop() {
        if chosen.insert(&service.name, service).is_some() {
            continue;
        }
        let named = service.build_contexts().into_values();
        let named = named.filter_map(|value| model.services.get(value.strip_prefix(SERVICE)?));
        open.extend(named.filter(|service| service.is_application()));
    }
    chosen.into_values().collect()
}

/// The names under which others may begin from a service's image.
fn names_of(service: &Service) -> BTreeSet<String> {
    let tags = service.build.iter().flat_map(|build| &build.tags);
    tags.chain([&service.image]).map(|name| familiar(name)).collect()
}

/// Services in the order of what they begin from. Those in a circle begin from what is there, as they do for Compose.
fn order<'a>(
    services: &[&'a Service],
    read: &dyn Fn(&Path) -> Option<String>,
) -> Vec<Vec<&'a Service>> {
    let mut builders: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for service in services {
        for name in names_of(service) {
            builders.entry(name).or_default().insert(&service.name);
        }
    }
    let needs: BTreeMap<&str, BTreeSet<&str>> = services
        .iter()
        .map(|service| {
            let own = names_of(service);
            let images = match build_bases(service, read) {
                Some(bases) => bases.into_iter().map(|base| familiar(&base.image)).collect(),
                // Compose builds in the order of dependencies, and so do they whose Dockerfile is not known here.
                None => dependencies(service, services),
            };
            let named = service.build_contexts();
            let named = named.values().filter_map(|value| context_image(value, services));
            let wanted: BTreeSet<String> = images.into_iter().chain(named).collect();
            let builders = wanted.difference(&own).filter_map(|name| builders.get(name));
            (service.name.as_str(), builders.flatten().copied().collect())
        })
        .collect();
    let mut left: Vec<&Service> = services.to_vec();
    let mut waves = Vec::new();
    while !left.is_empty() {
        let names: BTreeSet<&str> = left.iter().map(|service| service.name.as_str()).collect();
        let (ready, waiting): (Vec<&Service>, Vec<&Service>) =
            left.iter().partition(|service| needs[service.name.as_str()].is_disjoint(&names));
        if ready.is_empty() {
            waves.push(waiting);
            break;
        }
        waves.push(ready);
        left = waiting;
    }
    waves
}

fn dependencies(service: &Service, services: &[&Service]) -> BTreeSet<String> {
    let built = services.iter().filter(|other| service.depends_on.contains_key(&other.name));
    built.map(|other| familiar(&other.image)).collect()
}

/// The image that a named context stands for.
fn context_image(value: &str, services: &[&Service]) -> Option<String> {
    if let Some(image) = value.strip_prefix(IMAGE) {
        return Some(familiar(image));
    }
    let name = value.strip_prefix(SERVICE)?;
    let service = services.iter().find(|service| service.name == name)?;
    Some(familiar(&service.image))
}

/// What the names of images mean to a service's build that were built before it.
fn contexts(
    service: &Service,
    done: &[&Service],
    tags: &BTreeMap<&str, String>,
) -> BTreeMap<String, String> {
    let own = names_of(service);
    let mut contexts: BTreeMap<String, String> = BTreeMap::new();
    for other in done {
        let names = names_of(other).into_iter().filter(|name| !own.contains(name));
        contexts.extend(names.map(|name| (name, tags[other.name.as_str()].clone())));
    }
    for (name, value) in service.build_contexts() {
        let image = context_image(&value, done);
        if let Some(tag) = image.and_then(|image| contexts.get(&image).cloned()) {
            contexts.insert(name, tag);
        }
    }
    contexts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn builds(yaml: &str, only: &[&str]) -> Builds {
        let model = Model::parse(&format!("name: shop\nservices:\n{yaml}")).unwrap();
        let services: Vec<&Service> = model
            .services
            .values()
            .filter(|service| service.is_application())
            .filter(|service| only.is_empty() || only.contains(&service.name.as_str()))
            .collect();
        Builds::new(&model, &services, &|number| format!("run-{number}"), &|_| None)
    }

    fn names(builds: &Builds) -> Vec<Vec<&str>> {
        builds.waves.iter().map(|wave| wave.keys().map(String::as_str).collect()).collect()
    }

    #[test]
    fn a_base_comes_first_and_is_handed_on() {
        let built = builds(
            "  app: {image: 'shop-app:1', build: {dockerfile_inline: \"FROM shop-base:1\\nCOPY --from=tools /x /x\"}}\n  \
             base: {image: 'docker.io/library/shop-base:1', build: {dockerfile_inline: 'FROM scratch'}}\n  \
             tools: {image: 'tools:latest', build: {dockerfile_inline: 'FROM scratch'}}\n  \
             other: {build: {dockerfile_inline: 'FROM alpine', platforms: [linux/amd64, linux/arm64]}}\n",
            &[],
        );
        assert_eq!(names(&built), [vec!["base", "other", "tools"], vec!["app"]]);
        let app = &built.waves[1]["app"];
        let tag = |service: &str| built.tag(service).unwrap().to_owned();
        assert_eq!(app.contexts["shop-base:1"], tag("base"));
        assert_eq!(app.contexts["tools"], tag("tools"));
        assert!(built.waves[0].values().all(|target| target.contexts.is_empty()));
        assert!(built.waves[0]["other"].for_one_platform && !app.for_one_platform);
    }

    #[test]
    fn bases_stand_on_bases_and_may_be_named_by_an_argument() {
        let built = builds(
            "  a: {image: a, build: {dockerfile_inline: \"ARG BASE=nothing\\nFROM $$BASE\", args: {BASE: b}}}\n  \
             b: {image: b, build: {dockerfile_inline: 'FROM c AS one', tags: ['b:2']}}\n  \
             c: {image: c, build: {dockerfile_inline: 'FROM scratch'}}\n  \
             d: {image: d, build: {dockerfile_inline: 'FROM b:2'}}\n",
            &[],
        );
        assert_eq!(names(&built), [vec!["c"], vec!["b"], vec!["a", "d"]]);
        assert_eq!(built.waves[2]["d"].contexts["b:2"], built.tag("b").unwrap());
    }

    #[test]
    fn a_named_context_may_be_a_service_that_is_not_asked_for() {
        let yaml = "  app: {build: {dockerfile_inline: 'FROM base', additional_contexts: {base: 'service:one', \
                    two: 'docker-image://shop-two', src: ./src}}}\n  \
                    one: {build: {dockerfile_inline: 'FROM scratch'}}\n  \
                    two: {build: {dockerfile_inline: 'FROM scratch'}}\n";
        let built = builds(yaml, &["app"]);
        assert_eq!(names(&built), [vec!["one"], vec!["app"]]);
        let app = &built.waves[1]["app"];
        assert_eq!(app.contexts["base"], built.tag("one").unwrap());
        assert!(!app.contexts.contains_key("src") && !app.contexts.contains_key("two"));
        let all = builds(yaml, &[]);
        assert_eq!(all.waves[1]["app"].contexts["two"], all.tag("two").unwrap());
    }

    #[test]
    fn a_circle_and_an_own_predecessor_begin_from_what_is_there() {
        let built = builds(
            "  a: {image: a, build: {dockerfile_inline: 'FROM b'}}\n  \
             b: {image: b, build: {dockerfile_inline: 'FROM a'}}\n  \
             c: {image: c, build: {dockerfile_inline: 'FROM c'}}\n",
            &[],
        );
        assert_eq!(names(&built), [vec!["c"], vec!["a", "b"]]);
    }

    #[test]
    fn what_is_fetched_is_built_in_the_order_of_dependencies() {
        let built = builds(
            "  app: {build: 'https://git.test/app.git', depends_on: {base: {condition: service_started}}}\n  \
             base: {image: base, build: {dockerfile_inline: 'FROM scratch'}}\n",
            &[],
        );
        assert_eq!(names(&built), [vec!["base"], vec!["app"]]);
        assert_eq!(built.waves[1]["app"].contexts["base"], built.tag("base").unwrap());
    }

    #[test]
    fn services_with_one_image_have_one_tag() {
        let inline = "build: {dockerfile_inline: 'FROM scratch'}";
        let built =
            builds(&format!("  a: {{image: x, {inline}}}\n  b: {{image: x, {inline}}}\n"), &[]);
        assert_eq!(built.tag("a"), built.tag("b"));
        assert_eq!(built.tags(), ["run-0"]);
    }
}
