//! `backstay cert create`

use std::path::PathBuf;

use backstay_core::Error;
use backstay_core::ports::Store;
use backstay_core::store::DiskStore;
use clap::Args;
use serde_json::{Value, json};

use super::configured::{Configured, unreadable};
use super::password;
use crate::certificates::made;
use crate::errors::{CommandError, Exit};
use crate::i18n::t;
use crate::session::Session;
use crate::ui::time;

/// Make a self-signed certificate
///
/// Writes the PFX file, and PEM files beside it. What is not said here stands under `x-backstay.certificate`. The password
/// comes from its variable, or is typed on the terminal.
#[derive(Debug, Args)]
pub(crate) struct Create {
    /// PFX file
    #[arg(long, value_name = "PATH")]
    path: Option<PathBuf>,

    /// Name or address that it is good for; can be given more than once
    #[arg(long = "name", value_name = "NAME")]
    names: Vec<String>,

    /// How many days it is good for
    #[arg(long, value_name = "N")]
    days: Option<u32>,

    /// Encrypt it in the old way, for programs that read nothing newer
    #[arg(long)]
    legacy: bool,

    /// Variable that holds the password
    #[arg(long, value_name = "VARIABLE")]
    password_variable: Option<String>,

    /// Replace files that are there
    #[arg(long)]
    force: bool,
}

/// Makes a certificate.
pub(super) fn run(session: &Session, arguments: &Create) -> Result<Exit, CommandError> {
    session.block_on(async |_| {
        let lang = session.lang;
        let mut stack = Configured::find(session, arguments.path.is_some()).await?;
        arguments.put_into(&mut stack);
        let (settings, _) = stack.parsed(session)?;
        let files: Vec<PathBuf> = settings.paths().iter().map(|path| stack.place(path)).collect();
        let there = files.iter().filter(|path| path.symlink_metadata().is_ok());
        let there: Vec<String> = there.map(|path| path.to_string_lossy().into_owned()).collect();
        if !there.is_empty() && !arguments.force {
            let message = t!(lang, "cert-there", files = there.join(", "));
            return Err(
                CommandError::new(Exit::Declined, message).hint(t!(lang, "hint-cert-force"))
            );
        }
        let password = password::chosen(session, &stack, &settings)?;
        let certificate = made(&settings, &password, None, jiff::Timestamp::now());
        let certificate = certificate.map_err(|error| unreadable(session, &error))?;
        for (path, (_, bytes, mode)) in files.iter().zip(&certificate.files) {
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
            let made = folder.map_or(Ok(()), |folder| DiskStore.create_dir(folder));
            made.and_then(|()| DiskStore.write(path, bytes, *mode))
                .map_err(|error| session.error(&Error::io("writing", path, error)))?;
        }
        if session.json() {
            session.print_json(&json!({
                "files": files.iter().map(|path| path.to_string_lossy()).collect::<Vec<_>>(),
                "not_after": certificate.not_after,
            }));
            return Ok(Exit::Done);
        }
        let written =
            |path: &PathBuf| t!(lang, "cert-written", file = path.to_string_lossy().into_owned());
        session.print(files.iter().map(written));
        let date = time::local(&certificate.not_after.to_string());
        let path = files[0].to_string_lossy().into_owned();
        session.print([t!(lang, "cert-good", path = path, date = date)]);
        if !password.is_ascii() {
            session.print([t!(lang, "note-certificate-password")]);
        }
        Ok(Exit::Done)
    })
}

impl Create {
    /// What is said here rules before what the compose file says.
    fn put_into(&self, stack: &mut Configured) {
        let mut put = |key: &str, value: Option<Value>| {
            if let Some(value) = value {
                stack.settings.insert(key.to_owned(), value);
            }
        };
        // A path that is typed begins in the folder where it is typed.
        let path = self.path.as_ref().map(|path| std::path::absolute(path).unwrap_or(path.clone()));
        put("path", path.map(|path| path.to_string_lossy().into()));
        put("names", (!self.names.is_empty()).then(|| self.names.clone().into()));
        put("valid_days", self.days.map(Into::into));
        put("legacy", self.legacy.then(|| true.into()));
        if let Some(variable) = &self.password_variable {
            put("password_variable", Some(variable.as_str().into()));
            stack.settings.remove("password");
        }
    }
}
