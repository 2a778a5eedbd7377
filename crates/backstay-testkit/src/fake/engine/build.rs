//! Builds and pulls.

use std::collections::BTreeMap;
use std::path::Path;

use backstay_core::engine::{
    BuildRequest, EngineError, EngineErrorKind, EngineResult, PullRequest,
};
use backstay_core::event::{Event, OutputSource};
use backstay_core::ports::Reporter;
use backstay_core::stack::{Model, Service, build_bases, familiar};
use serde_json::Value;

use super::state::{Content, EngineState};
use crate::fake::behaviour::Behaviour;
use crate::fake::disk::Disk;

impl EngineState {
    /// Builds one service after the other; those before the one that fails have their tags.
    pub(in crate::fake) fn build(
        &mut self,
        model: &Model,
        disk: &Disk,
        request: &BuildRequest<'_>,
        half: bool,
        reporter: &dyn Reporter,
    ) -> EngineResult<()> {
        let count = if half { request.targets.len() / 2 } else { request.targets.len() };
        for (name, target) in request.targets.iter().take(count) {
            let service =
                model.services.get(name).ok_or_else(|| failed(name, "no such service"))?;
            let mut content = recipe(service, disk)?;
            self.put_base_in(&mut content, service, disk, &target.contexts)?;
            say(
                reporter,
                OutputSource::Build,
                format!("{name}: built version {}", content.version),
            );
            if request.no_cache {
                self.serial += 1;
                content.version = format!("{} anew {}", content.version, self.serial);
            }
            let id = self.add_build(content);
            self.tag(&id, &target.tag)?;
        }
        Ok(())
    }

    /// What begins from another image has that one's version in its own.
    fn put_base_in(
        &self,
        content: &mut Content,
        service: &Service,
        disk: &Disk,
        contexts: &BTreeMap<String, String>,
    ) -> EngineResult<()> {
        let read = |path: &Path| disk.text(path);
        let bases = build_bases(service, &read).unwrap_or_default();
        for base in bases.iter().filter(|base| !base.syntax) {
            let image = contexts.get(&familiar(&base.image)).unwrap_or(&base.image);
            let base = self.content(image).map_err(|_| {
                failed(&service.name, &format!("{image}: failed to resolve source metadata"))
            })?;
            content.version = format!("{} on {}", content.version, base.version);
        }
        Ok(())
    }

    /// Pulls one service's image after the other.
    pub(in crate::fake) fn pull(
        &mut self,
        model: &Model,
        request: &PullRequest<'_>,
        half: bool,
        reporter: &dyn Reporter,
    ) -> EngineResult<()> {
        let count = if half { request.services.len() / 2 } else { request.services.len() };
        for name in &request.services[..count] {
            let Some(service) = model.services.get(name) else {
                return Err(error(EngineErrorKind::Pull, "pulling", format!("no service {name}")));
            };
            let reference = super::naming::full(&service.image);
            let Some(content) = self.registry.get(&reference).cloned() else {
                let message = format!("manifest for {reference} not found");
                return Err(error(EngineErrorKind::Pull, "pulling", message));
            };
            say(reporter, OutputSource::Pull, format!("{name}: pulled {reference}"));
            let id = self.add_image(content);
            self.tag(&id, &reference)?;
        }
        Ok(())
    }
}

/// What the build context on the disk makes.
fn recipe(service: &Service, disk: &Disk) -> EngineResult<Content> {
    let build = service.raw.get("build").cloned().unwrap_or_default();
    let text = |key: &str| build.get(key).and_then(Value::as_str);
    let context = Path::new(text("context").unwrap_or("/"));
    let path = context.join(text("dockerfile").unwrap_or("Dockerfile"));
    let dockerfile = disk.text(&path).ok_or_else(|| {
        failed(&service.name, &format!("open {}: no such file or directory", path.display()))
    })?;
    let line =
        |key: &str| dockerfile.lines().find_map(|line| line.strip_prefix(key)).map(str::trim);
    let behaviour: Behaviour = line("# behaviour:")
        .unwrap_or("healthy")
        .parse()
        .map_err(|message: String| failed(&service.name, &message))?;
    if behaviour == Behaviour::BuildFails {
        return Err(failed(
            &service.name,
            "process \"/bin/sh -c make\" did not complete: exit code: 2",
        ));
    }
    let args = build.get("args").map(|args| format!(" {args}")).unwrap_or_default();
    let version = format!("{}{args}", line("# version:").unwrap_or("1"));
    Ok(Content { name: service.name.clone(), version, behaviour })
}

fn say(reporter: &dyn Reporter, from: OutputSource, line: String) {
    reporter.report(&Event::Output { from, line });
}

fn failed(service: &str, message: &str) -> EngineError {
    error(EngineErrorKind::Build, "building", format!("target {service}: {message}"))
}

fn error(kind: EngineErrorKind, action: &str, message: String) -> EngineError {
    EngineError::new(kind, action, message)
}
