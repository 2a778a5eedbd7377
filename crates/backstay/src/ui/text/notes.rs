//! Remarks on the way.

use std::path::Path;

use backstay_core::event::{Cause, Note, Outcome, Phase};

use super::failure::details;
use super::lists::names;
use super::{Wording, data, hooks, prepare};
use crate::i18n::t;
use crate::ui::lost::lost;
use crate::ui::size::bytes;
use crate::ui::{clean, engine_name, time};

/// A remark's line.
pub(super) fn line(wording: &Wording, note: &Note) -> String {
    let lang = wording.lang;
    match note {
        Note::EngineReady { engine, compose } => {
            let engine = engine_name(engine);
            wording.good(&t!(lang, "note-engine-ready", engine = engine, compose = compose))
        }
        Note::FirstDeployment => wording.remark(&t!(lang, "note-first-deployment")),
        Note::BackupMade { folder } => {
            wording.good(&t!(lang, "note-backup-made", folder = backup_path(folder)))
        }
        Note::DataSaved { .. }
        | Note::NoData { .. }
        | Note::DataAbsent { .. }
        | Note::DataRestored { .. }
        | Note::DataStays { .. } => data::line(wording, note),
        Note::NoHooks { .. }
        | Note::HookLeftOut { .. }
        | Note::HookRuns { .. }
        | Note::HookFailed { .. }
        | Note::HookUndone { .. }
        | Note::HookStays { .. } => hooks::line(wording, note),
        Note::NoBackup => wording.warning(&t!(lang, "note-no-backup")),
        Note::PassedOver { folder, taken } => wording.warning(&t!(
            lang,
            "note-passed-over",
            folder = backup_path(folder),
            taken = backup_path(taken)
        )),
        Note::Adopted => wording.remark(&t!(lang, "note-adopted")),
        Note::AdoptedDiffers { service } => {
            wording.warning(&t!(lang, "note-adopted-differs", service = service))
        }
        Note::NotServing { service, failure } => {
            let service = clean::line(service);
            if failure.cause == Cause::Interrupted {
                return wording.warning(&t!(lang, "note-not-waited", service = service));
            }
            let heading = wording.warning(&t!(lang, "note-not-serving", service = service));
            [heading].into_iter().chain(details(wording, failure)).collect::<Vec<_>>().join("\n")
        }
        Note::UpToDate => wording.good(&t!(lang, "note-up-to-date")),
        Note::Recovered { run, outcome } => match outcome {
            Outcome::Deployed => wording.good(&t!(lang, "note-recovered-forward", run = run)),
            Outcome::RolledBack => wording.good(&t!(lang, "note-recovered-back", run = run)),
            Outcome::Stuck => wording.bad(&t!(lang, "note-recovered-stuck", run = run)),
        },
        Note::NoCertificate => wording.remark(&t!(lang, "note-no-certificate")),
        Note::Skipped { phase } => {
            let flag = if *phase == Phase::Environment { "--skip-env" } else { "--skip-cert" };
            wording.remark(&t!(lang, "note-skipped", flag = flag))
        }
        Note::ImageRestored { service } => {
            wording.good(&t!(lang, "image-restored", service = service))
        }
        Note::EnvironmentPlaced { .. }
        | Note::EnvironmentKept
        | Note::NoEnvironment
        | Note::Variables { .. }
        | Note::CertificateMade { .. }
        | Note::CertificateKept { .. }
        | Note::CertificateFound { .. }
        | Note::CertificatePassword
        | Note::DirectoryCreated { .. }
        | Note::DirectoriesPresent
        | Note::DirectoryNotWritable { .. }
        | Note::DirectoryLeft { .. }
        | Note::DirectoryIsFile { .. } => prepare::line(wording, note),
        Note::FileRemoved { path } => {
            let path = wording.path(Path::new(path));
            wording.good(&t!(lang, "undo-file-removed", path = path))
        }
        Note::RecordElsewhere { place } => {
            wording.remark(&t!(lang, "note-record-elsewhere", place = clean::line(place)))
        }
        Note::Orphan { container, directory } => {
            let name = clean::line(container);
            wording.warning(&match directory {
                Some(folder) => {
                    let folder = clean::line(&folder.to_string_lossy());
                    t!(lang, "note-orphan-of", container = name, folder = folder)
                }
                None => t!(lang, "note-orphan", container = name),
            })
        }
        Note::StateMoved { from, to } => {
            let (from, to) = (wording.path(from), to.to_string_lossy());
            wording.good(&t!(lang, "note-state-moved", from = from, to = clean::line(&to)))
        }
        Note::FileChangedSince { path } => {
            let path = wording.path(Path::new(path));
            wording.warning(&t!(lang, "note-file-changed-since", path = path))
        }
        Note::FolderNotKept { path } => {
            let path = wording.path(Path::new(path));
            wording.warning(&t!(lang, "note-folder-not-kept", path = path))
        }
        Note::FolderTooLarge { path, service } => {
            let path = wording.path(Path::new(path));
            wording.warning(&t!(lang, "note-folder-too-large", path = path, service = service))
        }
        Note::NotBroughtBack { lost: found } => wording.warning(&lost(lang, found)),
        Note::FileOutside { path } => wording.warning(&t!(lang, "note-file-outside", path = path)),
        Note::FileRestored { path } => {
            let path = wording.path(Path::new(path));
            wording.good(&t!(lang, "note-file-restored", path = path))
        }
        Note::CheckOutOfReach { service, check, reason } => wording.warning(&t!(
            lang,
            "note-check-out-of-reach",
            service = service,
            check = clean::line(check),
            reason = clean::line(reason)
        )),
        Note::PortsSilent { service, ports } => {
            let ports: Vec<String> = ports.iter().map(u16::to_string).collect();
            wording.warning(&t!(
                lang,
                "note-ports-silent",
                service = service,
                ports = ports.join(", ")
            ))
        }
        Note::PortMended { service, port } => {
            let service = clean::line(service);
            wording.warning(&t!(lang, "note-port-mended", service = service, port = *port))
        }
        Note::HalfMade { service, places } => {
            let service = clean::line(service);
            wording.warning(&t!(
                lang,
                "note-half-made",
                service = service,
                places = names(wording, places)
            ))
        }
        Note::Visitors { came, failed, held } => {
            let mut text = t!(lang, "note-visitors", came = *came, failed = *failed);
            if *held > 0 {
                text.push_str(&t!(lang, "note-visitors-held", held = *held));
            }
            if *failed == 0 { wording.good(&text) } else { wording.warning(&text) }
        }
        Note::KeptWarm { services, until, command } => wording.remark(&t!(
            lang,
            "note-kept-warm",
            services = names(wording, services),
            until = time::clock(until),
            command = command
        )),
        Note::OnlyRan { services } => {
            wording.remark(&t!(lang, "note-only-ran", services = names(wording, services)))
        }
        Note::ImageNotKept { service, reference } => wording.warning(&t!(
            lang,
            "note-image-not-kept",
            service = service,
            reference = reference
        )),
        Note::NothingToPull { service } => {
            wording.warning(&t!(lang, "note-nothing-to-pull", service = service))
        }
        Note::FailureTolerated { service } => {
            wording.warning(&t!(lang, "note-failure-tolerated", service = service))
        }
        Note::ImageLoaded { image } => wording.good(&t!(lang, "note-image-loaded", image = image)),
        Note::ImageNotSaved { image, reason } => wording.warning(&t!(
            lang,
            "note-image-not-saved",
            image = image,
            reason = clean::line(reason)
        )),
        Note::Storing { images } => wording.remark(&t!(lang, "note-storing", count = *images)),
        Note::ImageWaits { image, reason } => wording.warning(&t!(
            lang,
            "note-image-waits",
            image = image,
            reason = clean::line(reason)
        )),
        Note::ImagesPresent => wording.good(&t!(lang, "note-images-present")),
        Note::Pruned { release } => wording.remark(&t!(lang, "note-pruned", release = release)),
        Note::PrunedForSize { release, limit } => wording.remark(&t!(
            lang,
            "note-pruned-for-size",
            release = release,
            limit = bytes(*limit)
        )),
        Note::RecordDamaged { problem } => {
            wording.warning(&t!(lang, "note-record-damaged", problem = problem))
        }
        Note::NotAsBefore { differences } => {
            let heading = wording.bad(&t!(lang, "note-not-as-before"));
            let lines = differences.iter().map(|line| format!("    {}", clean::line(line)));
            [heading].into_iter().chain(lines).collect::<Vec<_>>().join("\n")
        }
        Note::CleanupFailed { message } => {
            wording.warning(&t!(lang, "note-cleanup-failed", message = message))
        }
    }
}

/// A backup's folder as the guide names it.
fn backup_path(folder: &str) -> String {
    let name = folder.strip_prefix(".backup/").unwrap_or(folder);
    format!(".backup/{name}")
}
