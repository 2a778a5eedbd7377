//! `backstay backups export`

use std::path::{Path, PathBuf};

use backstay_core::Error;
use backstay_core::archive::Outgoing;
use backstay_core::context::Cancel;
use backstay_core::ops::export;
use backstay_core::ports::Store;
use backstay_core::store::DiskStore;
use clap::Args;
use serde_json::json;

use super::age::{self, Encrypting};
use crate::commands::world::World;
use crate::errors::{CommandError, Exit};
use crate::i18n::{Language, t};
use crate::session::Session;
use crate::ui::clean;
use crate::ui::size::bytes;

/// Write a release with its files and images to one file, for a machine without a registry
///
/// The file has all that the release has, secrets too; only its owner can read it. `backups import` takes it in.
#[derive(Debug, Args)]
pub(crate) struct Export {
    /// Backup: its name, a number of the list, or the path of its folder; `current` is what runs now
    #[arg(value_name = "RELEASE|PATH")]
    release: String,

    /// File to write, such as `shop.tar.zst`
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// Encrypt with `age` for this public key; can be given more than once
    #[arg(long = "recipient", value_name = "AGE1…")]
    recipients: Vec<String>,

    /// Encrypt with `age` for the public keys in this file; can be given more than once
    #[arg(long = "recipients-file", value_name = "PATH")]
    recipients_files: Vec<PathBuf>,
}

/// Exports a release.
pub(super) fn run(session: &Session, arguments: &Export) -> Result<Exit, CommandError> {
    let lang = session.lang;
    let is_secret = |key: &String| key.to_ascii_uppercase().starts_with("AGE-SECRET-KEY-");
    if arguments.recipients.iter().any(is_secret) {
        return Err(CommandError::usage(t!(lang, "age-secret-key")));
    }
    let to = age::recipients(&arguments.recipients, &arguments.recipients_files);
    if !to.is_empty() {
        age::check(lang)?;
    }
    let io = |error| session.error(&Error::io("writing", &arguments.file, error));
    let file = std::path::absolute(&arguments.file).map_err(io)?;
    if file.is_dir() {
        return Err(io(std::io::ErrorKind::IsADirectory.into()));
    }
    let stack = session.place()?;
    let world = World::new(session, &stack);
    session.block_on(async |cancel| {
        let prepared = export::prepare(&world.idle(), &stack, &arguments.release).await;
        let (_guard, outgoing) = prepared.map_err(|error| session.error(&error))?;
        let (folder, release) = (outgoing.folder().to_owned(), outgoing.release().to_owned());
        let (images, place) = (outgoing.images(), file.clone());
        // On a thread of its own, so that Ctrl-C is heard.
        let done = tokio::task::spawn_blocking(move || write(lang, &outgoing, &place, &to, &cancel));
        let done = done.await.map_err(|error| std::io::Error::other(error.to_string()));
        done.map_err(io)?.map_err(|error| session.error(&error))?;
        let size = std::fs::metadata(&file).map_err(io)?.len();
        let shown = clean::line(&arguments.file.display().to_string());
        if session.json() {
            session.print_json(&json!({
                "exported": folder, "release": release, "file": file, "size": size, "images": images,
            }));
        } else {
            let size = bytes(size);
            let line = t!(
                lang,
                "backups-exported",
                folder = folder,
                release = release,
                file = shown,
                size = size,
                images = images
            );
            session.print([session.wording(Some(&stack)).good(&line)]);
        }
        Ok(Exit::Done)
    })
}

/// Under another name first: a file of the wanted name is whole.
fn write(
    lang: Language,
    outgoing: &Outgoing,
    file: &Path,
    to: &[std::ffi::OsString],
    cancel: &Cancel,
) -> Result<(), Error> {
    let io = |error| Error::io("writing", file, error);
    let folder = file.parent().unwrap_or(Path::new("/"));
    let mut staged = DiskStore.stage(folder).map_err(io)?;
    if to.is_empty() {
        outgoing.write(&mut staged, file, cancel)?;
        return staged.publish(file).map_err(io);
    }
    let mut encrypting = Encrypting::start(lang, to, staged).map_err(io)?;
    let written = outgoing.write(&mut encrypting, file, cancel);
    let ended = encrypting.finish();
    match (written, ended) {
        (Err(Error::Interrupted), _) => Err(Error::Interrupted),
        // It says itself what is wrong, where it ended early.
        (_, Err(error)) => Err(io(error)),
        (Err(error), _) => Err(error),
        (Ok(()), Ok(staged)) => staged.publish(file).map_err(io),
    }
}
