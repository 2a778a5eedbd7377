//! `backstay backups import`

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use backstay_core::Error;
use backstay_core::archive::Incoming;
use backstay_core::ops::import::Import as Place;
use clap::Args;
use serde_json::json;

use super::age;
use crate::commands::world::World;
use crate::errors::{CommandError, Exit};
use crate::i18n::{Language, t};
use crate::session::Session;

/// Take a release from a file that `backups export` wrote
///
/// All of it is checked before it becomes a backup, which is pinned. In a folder without a compose file, `-p` names the project.
/// What such a file says is run by `backstay rollback`: take only files from those whom you trust.
#[derive(Debug, Args)]
pub(crate) struct Import {
    /// The file
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// Decrypt with `age` and the keys in this file; can be given more than once
    #[arg(long = "identity", value_name = "PATH")]
    identities: Vec<PathBuf>,
}

/// Imports a release.
pub(super) fn run(session: &Session, arguments: &Import) -> Result<Exit, CommandError> {
    let lang = session.lang;
    let file = &arguments.file;
    if !arguments.identities.is_empty() {
        age::check(lang)?;
    }
    let core = |error: Error| session.error(&error);
    let input = open(lang, file, &arguments.identities).map_err(core)?;
    let Some(input) = input else {
        let error = Error::NotImportable { file: file.clone(), problem: t!(lang, "age-encrypted") };
        return Err(core(error).hint(t!(lang, "hint-age-encrypted")));
    };
    let incoming = Incoming::begin(file, input).map_err(core)?;
    let stack = session.place()?;
    let world = World::new(session, &stack);
    session.block_on(async |cancel| {
        let context = world.idle();
        let place = Place::begin(&context, &stack, &incoming).await.map_err(core)?;
        let unpacking = place.place(&context);
        // On a thread of its own, so that Ctrl-C is heard.
        let unpacked = tokio::task::spawn_blocking(move || incoming.unpack(&unpacking, &cancel));
        let unpacked = unpacked.await.unwrap_or_else(|error| {
            Err(Error::io("reading", file, io::Error::other(error.to_string())))
        });
        let imported = place.finish(&context, unpacked).map_err(core)?;
        let (folder, release, images) = (imported.folder, imported.release, imported.images);
        if session.json() {
            let value = json!({ "imported": folder, "release": release, "images": images });
            session.print_json(&value);
        } else {
            let line =
                t!(lang, "backups-imported", folder = &folder, release = release, images = images);
            let next = t!(lang, "backups-imported-next", folder = folder);
            session.print([session.wording(Some(&stack)).good(&line), next]);
        }
        Ok(Exit::Done)
    })
}

/// What is in a file, decrypted where that was asked for. `None` where it has to be and was not.
fn open(
    lang: Language,
    file: &Path,
    identities: &[PathBuf],
) -> Result<Option<Box<dyn Read + Send + Sync>>, Error> {
    let io = |error| Error::io("reading", file, error);
    let mut opened = File::open(file).map_err(io)?;
    if !opened.metadata().map_err(io)?.is_file() {
        let problem = t!(lang, "import-no-file");
        return Err(Error::NotImportable { file: file.to_owned(), problem });
    }
    if !identities.is_empty() {
        let decrypted = age::decrypt(lang, opened, identities).map_err(io)?;
        return Ok(Some(Box::new(decrypted)));
    }
    let mut head = Vec::new();
    (&mut opened).take(32).read_to_end(&mut head).map_err(io)?;
    if age::is_encrypted(&head) {
        return Ok(None);
    }
    Ok(Some(Box::new(io::Cursor::new(head).chain(opened))))
}
