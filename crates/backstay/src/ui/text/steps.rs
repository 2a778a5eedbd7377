//! Steps: what one does while it runs, what it has done, and what a plan says of it.

use std::path::Path;

use backstay_core::plan::Step;

use super::Wording;
use super::hooks;
use super::lists::names;
use crate::i18n::t;

/// What a step does, in a plan and while it runs.
pub(crate) fn planned(wording: &Wording, step: &Step) -> String {
    let lang = wording.lang;
    match step {
        Step::Observe => t!(lang, "step-observe"),
        Step::Backup => t!(lang, "step-backup"),
        Step::Environment { template } => t!(lang, "step-environment", template = template),
        Step::Certificate { files } => t!(lang, "step-certificate", files = names(wording, files)),
        Step::Directories { paths } => {
            let paths: Vec<String> = paths.iter().map(|p| wording.path(Path::new(p))).collect();
            t!(lang, "step-directories", paths = names(wording, &paths))
        }
        Step::Protect { images } => t!(lang, "step-protect", count = images.len()),
        Step::Files => t!(lang, "step-files"),
        Step::Build { services } => t!(lang, "step-build", services = names(wording, services)),
        Step::Pull { services } => t!(lang, "step-pull", services = names(wording, services)),
        Step::Load { images } => t!(lang, "step-load", count = images.len()),
        Step::Tags => t!(lang, "step-tags"),
        Step::Create { services } => t!(lang, "step-create", services = names(wording, services)),
        Step::Rehearse { waves } => {
            t!(lang, "step-rehearse", services = names(wording, &waves.concat()))
        }
        Step::Follow { services } => t!(lang, "step-follow", services = names(wording, services)),
        Step::Pause { services } => t!(lang, "step-pause", services = names(wording, services)),
        Step::Retire { services } => t!(lang, "step-retire", services = names(wording, services)),
        Step::Replace { services } => t!(lang, "step-replace", services = names(wording, services)),
        Step::Start { services } => t!(lang, "step-start", services = names(wording, services)),
        Step::Remove { services } => t!(lang, "step-remove", services = names(wording, services)),
        Step::Bake { services } => t!(lang, "step-bake", services = names(wording, services)),
        Step::Hook { name, point, service } => hooks::planned(lang, name, *point, service.as_ref()),
        Step::Verify => t!(lang, "step-verify"),
        Step::RestoreData { data } => t!(lang, "step-restore-data", data = names(wording, data)),
        Step::Guard { data } => t!(lang, "step-guard", data = names(wording, data)),
        Step::Open { data } => t!(lang, "step-open", data = names(wording, data)),
        Step::Resume { services } => t!(lang, "step-resume", services = names(wording, services)),
        Step::SaveData { data } => t!(lang, "step-save-data", data = names(wording, data)),
        Step::GatewayFile { path } => t!(lang, "step-gateway-file", path = path),
        Step::Routes { services } => t!(lang, "step-routes", services = names(wording, services)),
        Step::SwitchBack { services } => {
            t!(lang, "step-switch-back", services = names(wording, services))
        }
        Step::MakeGateway => t!(lang, "step-make-gateway"),
        Step::SwitchGateway { on: true } => t!(lang, "step-switch-gateway-on"),
        Step::SwitchGateway { on: false } => t!(lang, "step-switch-gateway-off"),
    }
}

/// What a step has done, where that is worth a line: services and files have lines of their own.
pub(super) fn done(wording: &Wording, step: &Step) -> Option<String> {
    let lang = wording.lang;
    let text = match step {
        Step::Build { services } => t!(lang, "done-build", services = names(wording, services)),
        Step::Pull { services } => t!(lang, "done-pull", services = names(wording, services)),
        Step::Rehearse { waves } if !waves.is_empty() => t!(lang, "done-rehearse"),
        Step::Bake { services } if !services.is_empty() => t!(lang, "done-bake"),
        Step::Remove { services } => t!(lang, "done-remove", services = names(wording, services)),
        Step::Start { services } => t!(lang, "done-start", services = names(wording, services)),
        Step::SwitchBack { services } => {
            t!(lang, "done-switch-back", services = names(wording, services))
        }
        Step::Hook { name, .. } => t!(lang, "done-hook", hook = name),
        Step::SwitchGateway { on: true } => t!(lang, "done-gateway-on"),
        Step::SwitchGateway { on: false } => t!(lang, "done-gateway-off"),
        _ => return None,
    };
    Some(wording.good(&text))
}
