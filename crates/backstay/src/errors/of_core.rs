//! What goes wrong before, beside or around a run.

use std::io::ErrorKind;
use std::path::Path;

use backstay_core::Error;
use backstay_core::error::{MissingVariable, Obstacle};
use backstay_core::ports::CertificateError;
use backstay_core::stack::{Unsupportable, Unsupported};

use super::{CommandError, Exit, hints};
use crate::i18n::{Language, t};
use crate::ui::lost::lost;
use crate::ui::size::bytes;
use crate::ui::{clean, time};

impl CommandError {
    /// There is no certificate, and none can be made.
    pub(crate) fn of_certificate(lang: Language, error: &CertificateError) -> Self {
        match error {
            CertificateError::PasswordNotSet { variable } => {
                Self::new(Exit::Stack, t!(lang, "certificate-no-password", variable = variable))
                    .hint(t!(lang, "hint-certificate-no-password", variable = variable))
            }
            CertificateError::Other(problem) => {
                Self::new(Exit::Stack, t!(lang, "certificate-failed"))
                    .details(clean::lines(problem))
                    .hint(t!(lang, "hint-certificate-failed"))
            }
        }
    }

    /// An error of the core.
    pub(crate) fn of_core(lang: Language, error: &Error) -> Self {
        match error {
            Error::Engine(error) => Self::of_engine(lang, error),
            Error::NotReady(obstacles) => not_ready(lang, obstacles),
            Error::Io { path, source, .. } => io(lang, error, path, source.kind()),
            Error::Model(problem) => Self::new(Exit::Stack, t!(lang, "stack-not-valid"))
                .details(clean::lines(problem))
                .hint(t!(lang, "hint-stack-not-valid")),
            Error::Unsupported(parts) => unsupported(lang, parts),
            Error::Gateway(why) => super::of_gateway::refused(lang, why),
            Error::NoComposeFile(folder) => {
                Self::new(Exit::Stack, t!(lang, "no-compose-file", folder = shown(folder)))
                    .hint(t!(lang, "hint-no-compose-file"))
            }
            Error::MissingFile { file, user } => {
                Self::new(Exit::Stack, t!(lang, "missing-file", file = shown(file), user = user))
                    .hint(t!(lang, "hint-missing-file"))
            }
            Error::MissingVariables { variables, env_file } => {
                missing_variables(lang, variables, env_file)
            }
            Error::Certificate(error) => Self::of_certificate(lang, error),
            Error::Locked(holder) => {
                let message = t!(
                    lang,
                    "locked",
                    command = &holder.command,
                    pid = holder.pid.to_string(),
                    host = &holder.host,
                    since = time::local(&holder.since)
                );
                Self::new(Exit::Locked, message).hint(t!(lang, "hint-locked"))
            }
            Error::Journal { file, line, problem } => journal(lang, file, *line, problem),
            Error::Damaged { file, problem } => {
                let message = t!(lang, "damaged", file = shown(file), problem = problem);
                Self::new(Exit::Release, message).hint(match current(file) {
                    Some(folder) => t!(lang, "hint-current-damaged", folder = shown(folder)),
                    None => t!(lang, "hint-other-release"),
                })
            }
            Error::TooNew { file, found, known } => {
                let (found, known) = (found.to_string(), known.to_string());
                let message = t!(lang, "too-new", file = shown(file), found = found, known = known);
                Self::new(Exit::Release, message).hint(t!(lang, "hint-too-new"))
            }
            Error::NoRelease(name) => Self::new(Exit::Release, t!(lang, "no-release", name = name))
                .hint(t!(lang, "hint-no-release")),
            Error::NoEarlierRelease => Self::new(Exit::Release, t!(lang, "no-earlier-release"))
                .hint(t!(lang, "hint-no-release")),
            Error::NothingToSave { declared } => {
                let message = match declared {
                    true => t!(lang, "nothing-has-data"),
                    false => t!(lang, "no-data-declared"),
                };
                Self::new(Exit::Release, message).hint(match declared {
                    true => t!(lang, "hint-nothing-has-data"),
                    false => t!(lang, "hint-no-data-declared"),
                })
            }
            Error::NoData => {
                Self::new(Exit::Release, t!(lang, "no-data")).hint(t!(lang, "hint-no-data"))
            }
            Error::Incomplete { release, missing } => {
                let missing = missing.iter().map(|line| clean::line(line)).collect();
                Self::new(Exit::Release, t!(lang, "incomplete", release = release))
                    .details(missing)
                    .hint(t!(lang, "hint-other-release"))
            }
            Error::NotWhole { release, lost: found } => {
                Self::new(Exit::Release, t!(lang, "not-whole", release = release))
                    .details(found.iter().map(|found| lost(lang, found)).collect())
                    .hint(t!(lang, "hint-not-whole"))
            }
            Error::Pinned(name) => Self::new(Exit::Release, t!(lang, "pinned", name = name))
                .hint(t!(lang, "hint-pinned", name = name)),
            Error::Protected(name) => Self::new(Exit::Release, t!(lang, "protected", name = name))
                .hint(t!(lang, "hint-protected")),
            Error::Claimed { holder, mark } => {
                let message = t!(
                    lang,
                    "claimed",
                    command = &holder.command,
                    pid = holder.pid.to_string(),
                    host = &holder.host,
                    since = time::local(&holder.since)
                );
                Self::new(Exit::Locked, message).hint(t!(lang, "hint-locked")).hint(t!(
                    lang,
                    "hint-claimed",
                    host = &holder.host,
                    mark = mark
                ))
            }
            Error::OtherStack { project, directory, files, services } => {
                let folder = shown(directory);
                let files = files.iter().map(|file| clean::line(&shown(file))).collect();
                let services = services.join(", ");
                let message = t!(
                    lang,
                    "other-stack",
                    project = project,
                    folder = folder,
                    services = services
                );
                Self::new(Exit::Stack, message).details(files).hint(t!(lang, "hint-other-stack"))
            }
            Error::Renamed { was, is, directory } => {
                let folder = shown(directory);
                Self::new(
                    Exit::Stack,
                    t!(lang, "renamed-stack", was = was, is = is, folder = folder),
                )
                .hint(t!(lang, "hint-renamed-keep", was = was))
                .hint(t!(lang, "hint-renamed-new", is = is))
            }
            Error::Linked(path) => {
                Self::new(Exit::Release, t!(lang, "linked-folder", path = shown(path)))
                    .hint(t!(lang, "hint-linked-folder"))
            }
            Error::Outside { path, root } => {
                let (path, root) = (shown(path), shown(root));
                Self::new(Exit::Release, t!(lang, "outside", path = path, root = root))
                    .hint(t!(lang, "hint-no-release"))
            }
            Error::NotImportable { file, problem } => {
                let message = t!(lang, "not-importable", file = shown(file), problem = problem);
                Self::new(Exit::Release, message).hint(t!(lang, "hint-not-importable"))
            }
            Error::OtherProject { file, theirs, ours } => Self::new(
                Exit::Release,
                t!(lang, "other-project", file = shown(file), theirs = theirs, ours = ours),
            )
            .hint(t!(lang, "hint-other-project", theirs = theirs)),
            Error::Interrupted => Self::new(Exit::Declined, t!(lang, "interrupted-early")),
        }
    }
}

fn unsupported(lang: Language, parts: &[Unsupported]) -> CommandError {
    let mut found = CommandError::new(Exit::Stack, t!(lang, "unsupported"));
    for part in parts {
        let key = match &part.service {
            Some(service) => {
                format!("services.{}.{}", clean::line(service), clean::line(&part.key))
            }
            None => clean::line(&part.key),
        };
        let (line, hint) = match &part.reason {
            Unsupportable::NotDone => {
                (t!(lang, "key-not-done", key = key), t!(lang, "hint-key-not-done"))
            }
            Unsupportable::NotKnown => {
                (t!(lang, "key-not-known", key = key), t!(lang, "hint-key-not-known"))
            }
            Unsupportable::NotYet => {
                (t!(lang, "key-not-yet", key = &key), t!(lang, "hint-key-not-yet", key = key))
            }
            Unsupportable::ReadOnly { name } => {
                let name = clean::line(name);
                (t!(lang, "key-read-only", key = key, name = name), t!(lang, "hint-key-read-only"))
            }
        };
        found.details.push(line);
        if !found.hints.contains(&hint) {
            found.hints.push(hint);
        }
    }
    found
}

fn missing_variables(
    lang: Language,
    variables: &[MissingVariable],
    env_file: &Path,
) -> CommandError {
    let line = |variable: &MissingVariable| {
        let (name, file) = (&variable.name, shown(&variable.file));
        match &variable.why {
            Some(why) => t!(lang, "variable-missing-why", name = name, file = file, why = why),
            None => t!(lang, "variable-missing", name = name, file = file),
        }
    };
    CommandError::new(Exit::Stack, t!(lang, "variables-missing"))
        .details(variables.iter().map(line).collect())
        .hint(t!(lang, "hint-variables-missing", file = shown(env_file)))
}

/// A damaged journal, or one that is gone while its run's folder is there: all that is left of the run has to go.
fn journal(lang: Language, file: &Path, line: usize, problem: &str) -> CommandError {
    let (name, folder) = (shown(file), shown(&file.with_extension("")));
    let place = file.parent().map(shown).unwrap_or_default();
    let (line, found) = (line.to_string(), std::fs::symlink_metadata(file));
    let message = t!(lang, "journal-damaged", file = &name, line = line, problem = problem);
    let is_gone = found.is_err_and(|error| error.kind() == ErrorKind::NotFound);
    CommandError::new(Exit::Release, message).hint(match is_gone {
        true => t!(lang, "hint-journal-gone", folder = folder, place = place),
        false => t!(lang, "hint-journal-damaged", file = name, folder = folder, place = place),
    })
}

fn io(lang: Language, error: &Error, path: &Path, kind: ErrorKind) -> CommandError {
    let name = shown(path);
    let new = CommandError::new;
    let found = match kind {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            new(Exit::Machine, t!(lang, "disk-full")).hint(t!(lang, "hint-disk-full"))
        }
        ErrorKind::ReadOnlyFilesystem => new(Exit::Machine, t!(lang, "read-only", path = name))
            .hint(hints::read_only(lang, path)),
        ErrorKind::PermissionDenied => new(Exit::Machine, t!(lang, "not-permitted", path = name))
            .hint(hints::not_permitted(lang, path)),
        _ => new(Exit::Unexpected, t!(lang, "io-failed", path = name)),
    };
    found.details(clean::lines(&error.to_string()))
}

fn not_ready(lang: Language, obstacles: &[Obstacle]) -> CommandError {
    let mut found = CommandError::new(Exit::Machine, t!(lang, "not-ready"));
    for obstacle in obstacles {
        let (line, hint) = match obstacle {
            Obstacle::PortTaken { service, port, holder } => {
                let (holder, hint) = match holder {
                    Some(name) => (
                        t!(lang, "a-container", container = name),
                        t!(lang, "hint-port-container", container = name),
                    ),
                    None => (t!(lang, "another-process"), hints::port(lang, port)),
                };
                let line = t!(lang, "port-taken", port = port, service = service, holder = holder);
                (line, hint)
            }
            Obstacle::DiskFull { path, free, needed } => {
                let (free, needed) = (bytes(*free), bytes(*needed));
                let path = shown(path);
                let line = t!(lang, "disk-too-small", path = path, free = free, needed = needed);
                (line, t!(lang, "hint-disk-full"))
            }
            Obstacle::VaultFull { path, free, needed, reserve, images } => {
                let image =
                    |(service, size): &(String, u64)| format!("{service} ({})", bytes(*size));
                let images: Vec<String> = images.iter().map(image).collect();
                let line = t!(
                    lang,
                    "vault-too-small",
                    path = shown(path),
                    free = bytes(*free),
                    needed = bytes(*needed),
                    reserve = bytes(*reserve),
                    images = clean::line(&images.join(", "))
                );
                (line, t!(lang, "hint-vault-too-small"))
            }
            Obstacle::SourceMissing { path, service } => {
                let line = t!(lang, "source-missing", path = shown(path), service = service);
                (line, t!(lang, "hint-source-missing"))
            }
            Obstacle::FolderForFile { path, is_empty } => {
                let path = shown(path);
                let hint = match is_empty {
                    true => t!(lang, "hint-folder-for-file-empty", path = &path),
                    false => t!(lang, "hint-folder-for-file", path = &path),
                };
                (t!(lang, "folder-for-file", path = path), hint)
            }
            Obstacle::NameTaken { service, name, project } => {
                let holder = match project {
                    Some(project) => t!(lang, "a-project", project = project),
                    None => t!(lang, "no-project"),
                };
                let line = t!(lang, "name-taken", name = name, service = service, holder = holder);
                (line, t!(lang, "hint-name-taken", name = name))
            }
            Obstacle::FileMissing { file, user } => {
                let line = t!(lang, "missing-file", file = shown(file), user = user);
                (line, t!(lang, "hint-missing-file"))
            }
        };
        found.details.push(line);
        if !found.hints.contains(&hint) {
            found.hints.push(hint);
        }
    }
    found
}

/// The record of what runs, where it is that or a file of it. Journals lie beside it; a release may have such a folder of its own.
fn current(file: &Path) -> Option<&Path> {
    file.ancestors().find(|path| {
        let is_named = path.file_name().is_some_and(|name| name == "current");
        is_named && path.with_file_name("journal").is_dir()
    })
}

fn shown(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
