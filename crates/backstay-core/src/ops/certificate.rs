//! The certificate that `x-backstay.certificate` describes: what is missing is made, what is there is checked.

use std::path::{Component, Path};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::event::{Event, Failure, Note};
use crate::plan::Step;
use crate::plan::Undo;
use crate::ports::{CertificateError, CertificateFinding, Made};
use crate::release::Ground;
use crate::release::normal;
use crate::release::variable;
use crate::run::Run;
use crate::stack::{Model, MountKind, StackRef};
use crate::steps::directories::{self, Folder};
use crate::steps::files::{self, FileChange};
use crate::store::Store;
use crate::store::text_through;

/// What is to become of a certificate that is there. One that is missing is made in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CertificateChoice {
    /// The user said to leave it alone: nothing is made either.
    Skip,
    /// It stays, whatever is wrong with it.
    #[default]
    Keep,
    /// It is replaced where it has ended.
    ReplaceEnded,
    /// It is replaced where it has ended, or is not good for the stack's names.
    Replace,
}

impl CertificateChoice {
    /// Whether a certificate with this finding is replaced.
    #[must_use]
    pub fn replaces(self, finding: &CertificateFinding) -> bool {
        use CertificateFinding as Found;
        match self {
            Self::Skip | Self::Keep => false,
            Self::ReplaceEnded => matches!(finding, Found::Expired { .. }),
            Self::Replace => matches!(
                finding,
                Found::Expired { .. }
                    | Found::NameNotCovered { .. }
                    | Found::KeyMissing
                    | Found::KeyMismatch
            ),
        }
    }
}

/// What has to be done.
pub(crate) struct Plan {
    /// The files that are to be written, as they stand in the settings and relative to the stack's directory.
    write: Vec<(String, String)>,
    /// The certificate and the key that stay.
    kept: Option<Vec<u8>>,
    /// All of the files.
    paths: Vec<String>,
    notes: Vec<Note>,
}

/// The settings of a model's certificate.
pub(crate) fn settings(model: &Model) -> Option<&Value> {
    model.raw.pointer("/x-backstay/certificate").filter(|value| !value.is_null())
}

/// Looks at what is there; `None` where no certificate is configured, or it is to be left alone.
///
/// # Errors
/// [`Error::Certificate`], [`Error::Outside`] for a path that leaves the stack's directory and that no service mounts,
/// [`Error::Io`].
pub(crate) fn plan(
    ctx: &Context,
    stack: &StackRef,
    model: &Model,
    choice: CertificateChoice,
) -> Result<Option<Plan>> {
    let Some(settings) = settings(model).filter(|_| choice != CertificateChoice::Skip) else {
        return Ok(None);
    };
    let store = &*ctx.store;
    let variables = variables(stack, store);
    let outline = ctx.certificates.outline(settings, &variables)?;
    let mut notes = Vec::new();
    if !outline.is_ascii {
        notes.push(Note::CertificatePassword);
    }
    let mut files = Vec::new();
    for written in &outline.paths {
        let path = located(stack, model, written, &ctx.ground(&stack.directory))?;
        let found = files::content(&files::place(&ctx.ground(&stack.directory), &path)?, store)?;
        files.push((written.clone(), path, found.map(|(bytes, _)| bytes)));
    }
    let paths: Vec<String> = files.iter().map(|(_, path, _)| path.clone()).collect();
    let missing = |files: &[(String, String, Option<Vec<u8>>)]| {
        let missing = files.iter().filter(|(_, _, found)| found.is_none());
        missing.map(|(written, path, _)| (written.clone(), path.clone())).collect::<Vec<_>>()
    };
    let all = || files.iter().map(|(written, path, _)| (written.clone(), path.clone())).collect();
    let Some(pfx) = files[0].2.clone() else {
        let pem: Vec<u8> =
            files[1..].iter().filter_map(|(_, _, found)| found.clone()).flatten().collect();
        if !pem.is_empty() {
            // Nothing is begun with a key that can't be used.
            ctx.certificates.make(settings, &variables, Some(&pem), now(ctx))?;
        }
        // A key that is there is not replaced by another one.
        let (write, kept) =
            if pem.is_empty() { (all(), None) } else { (missing(&files), Some(pem)) };
        return Ok(Some(Plan { write, kept, paths, notes }));
    };
    let checked = ctx.certificates.check(settings, &variables, &pfx, now(ctx));
    let path = paths[0].clone();
    let (not_after, findings) = match checked {
        Ok(checked) => (Some(checked.not_after), checked.findings),
        Err(CertificateError::Other(problem)) => {
            (None, vec![CertificateFinding::Unreadable { problem }])
        }
        Err(error) => return Err(error.into()),
    };
    let unreadable = not_after.is_none();
    if findings.iter().any(|finding| choice.replaces(finding)) {
        return Ok(Some(Plan { write: all(), kept: None, paths, notes }));
    }
    notes.push(Note::CertificateKept { path: path.clone(), not_after });
    let found = |finding| Note::CertificateFound { path: path.clone(), finding };
    notes.extend(findings.into_iter().map(found));
    let write = if unreadable { Vec::new() } else { missing(&files) };
    Ok(Some(Plan { write, kept: Some(pfx), paths, notes }))
}

/// The certificate of the stack that is there, with what is wrong with it: for whoever asks before it is replaced. `None`
/// where there is none, or where the model can't be read yet.
pub async fn standing(
    ctx: &Context,
    stack: &StackRef,
) -> Option<(String, Vec<CertificateFinding>)> {
    let is_named = |file| {
        let text = text_through(file, &*ctx.store).ok().flatten();
        text.is_some_and(|text| text.contains("x-backstay") && text.contains("certificate"))
    };
    // Asking Compose takes time, and most stacks have none.
    if !stack.files.iter().any(|file| is_named(file)) {
        return None;
    }
    let (model, _) = super::preflight::model(ctx, stack).await.ok()?;
    let plan = plan(ctx, stack, &model, CertificateChoice::Keep).ok()??;
    let findings = plan.notes.iter().filter_map(|note| match note {
        Note::CertificateFound { finding, .. } => Some(finding.clone()),
        _ => None,
    });
    Some((plan.paths.first()?.clone(), findings.collect()))
}

/// The settings of the stack's certificate, as Compose resolves them.
///
/// # Errors
/// When the model can't be read.
pub async fn configured(ctx: &Context, stack: &StackRef) -> Result<Option<Value>> {
    let (model, _) = super::preflight::model(ctx, stack).await?;
    Ok(settings(&model).cloned())
}

/// The value of a variable for a certificate: the environment's, then the env files'.
///
/// # Errors
/// [`Error::Io`].
pub fn variable_of(stack: &StackRef, name: &str, store: &dyn Store) -> Result<Option<String>> {
    variable(stack, name, store)
}

/// Does what has to be done, and says what is to be said.
pub(crate) async fn apply(
    run: &mut Run<'_>,
    stack: &StackRef,
    model: &Model,
    plan: &Plan,
) -> Result<(), Failure> {
    let ctx = run.ctx;
    let tell = |note: &Note| ctx.reporter.report(&Event::Note { note: note.clone() });
    let Some(settings) = settings(model) else { return Ok(()) };
    plan.notes.iter().for_each(tell);
    if plan.write.is_empty() {
        return Ok(());
    }
    let (changes, not_after) = changes(ctx, stack, settings, plan)?;
    let folders = folders(ctx, stack, &plan.write)?;
    let work = run.layout.work(&run.state.run);
    let saved = files::save(&changes, "certificate-", &work, &*ctx.store);
    let saved = saved?;
    let files: Vec<String> = plan.write.iter().map(|(_, path)| path.clone()).collect();
    let undo = Undo::Files {
        saved,
        written: files::digests(&changes),
        folders: folders.iter().map(|folder| folder.path.clone()).collect(),
    };
    let effect = async {
        directories::apply(ctx, &folders)?;
        files::put_all(&ctx.ground(&stack.directory), &changes).map_err(Failure::from)
    };
    run.step(Step::Certificate { files: files.clone() }, undo, effect).await?;
    tell(&Note::CertificateMade { files, not_after });
    Ok(())
}

impl Plan {
    /// The step, where there is something to do.
    pub(crate) fn step(&self) -> Option<Step> {
        let files: Vec<String> = self.write.iter().map(|(_, path)| path.clone()).collect();
        (!files.is_empty()).then_some(Step::Certificate { files })
    }

    /// The files of the certificate, there or not yet.
    pub(crate) fn paths(&self) -> &[String] {
        &self.paths
    }
}

fn changes(
    ctx: &Context,
    stack: &StackRef,
    settings: &Value,
    plan: &Plan,
) -> Result<(Vec<FileChange>, Timestamp)> {
    let store = &*ctx.store;
    let variables = variables(stack, store);
    let Made { files, not_after } =
        ctx.certificates.make(settings, &variables, plan.kept.as_deref(), now(ctx))?;
    let mut changes = Vec::new();
    for (written, bytes, mode) in files {
        let Some((_, path)) = plan.write.iter().find(|(wanted, _)| *wanted == written) else {
            continue;
        };
        let before = files::content(&files::place(&ctx.ground(&stack.directory), path)?, store)?;
        changes.push(FileChange { path: path.clone(), content: Some((bytes, mode)), before });
    }
    Ok((changes, not_after))
}

/// The folders of these files that are missing. A key is in them: they are for their owner only.
fn folders(ctx: &Context, stack: &StackRef, files: &[(String, String)]) -> Result<Vec<Folder>> {
    let mut folders: Vec<Folder> = Vec::new();
    for (_, path) in files {
        let place = stack.directory.join(path);
        let above = place.parent().unwrap_or(&stack.directory);
        for path in super::directories::missing(above, &*ctx.store)? {
            if folders.iter().all(|known| known.path != path) {
                folders.push(Folder { path, mode: 0o700, owner: None });
            }
        }
    }
    Ok(folders)
}

/// A path of the settings: relative to the stack's directory, or the whole path of one outside of it that the stack mounts
/// from there.
fn located(stack: &StackRef, model: &Model, written: &str, ground: &Ground<'_>) -> Result<String> {
    let Ground { home, store, .. } = *ground;
    let portable = written.replace('\\', "/");
    let refused = match inside(&stack.directory, written) {
        Ok(path) if !portable.starts_with("~/") => return Ok(path),
        Ok(_) => {
            Error::Outside { path: Path::new(written).to_owned(), root: stack.directory.clone() }
        }
        Err(error) => error,
    };
    let path = match portable.strip_prefix("~/") {
        // As Compose reads the sources of mounts.
        Some(rest) => home.map(|home| home.join(rest)),
        None => Some(stack.directory.join(&portable)),
    };
    let Some(path) = path.map(|path| normal(&path)) else { return Err(refused) };
    let binds = model.services.values().flat_map(|service| &service.mounts);
    let mut binds = binds.filter(|mount| mount.kind == MountKind::Bind && mount.source.len() > 1);
    if !binds.any(|mount| path.starts_with(&mount.source)) {
        return Err(refused);
    }
    // The folder may be called by another name; what is written is where it is.
    let real = path.parent().and_then(|above| store.resolve(above).ok()).zip(path.file_name());
    let path = real.map_or(path.clone(), |(above, name)| above.join(name));
    Ok(path.to_string_lossy().into_owned())
}

/// A path of the settings, relative to the stack's directory.
fn inside(directory: &Path, written: &str) -> Result<String> {
    let outside =
        || Error::Outside { path: Path::new(written).to_owned(), root: directory.to_owned() };
    let portable = written.replace('\\', "/");
    let path = Path::new(&portable);
    let path = path.strip_prefix(directory).unwrap_or(path);
    let mut parts: Vec<&str> = Vec::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => drop(parts.pop().ok_or_else(outside)?),
            Component::Normal(part) => parts.extend(part.to_str()),
            Component::RootDir | Component::Prefix(_) => return Err(outside()),
        }
    }
    if parts.is_empty() { Err(outside()) } else { Ok(parts.join("/")) }
}

/// The variables of a stack.
pub(crate) fn variables<'a>(
    stack: &'a StackRef,
    store: &'a dyn Store,
) -> impl Fn(&str) -> Option<String> + 'a {
    |name| variable(stack, name, store).ok().flatten()
}

fn now(ctx: &Context) -> Timestamp {
    ctx.clock.now().timestamp()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_stays_in_the_stacks_folder() {
        let at = |written| inside(Path::new("/srv/shop"), written).ok();
        assert_eq!(at("./cert/shop.pfx").as_deref(), Some("cert/shop.pfx"));
        assert_eq!(at("cert\\shop.pfx").as_deref(), Some("cert/shop.pfx"));
        assert_eq!(at("a/../cert/./shop.pfx").as_deref(), Some("cert/shop.pfx"));
        assert_eq!(at("/srv/shop/shop.pfx").as_deref(), Some("shop.pfx"));
        for bad in ["../shop.pfx", "/etc/shop.pfx", "a/../../b.pfx", "."] {
            assert_eq!(at(bad), None, "{bad}");
        }
    }
}
