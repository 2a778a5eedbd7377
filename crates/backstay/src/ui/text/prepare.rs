//! Remarks on what a stack needs around its services: `.env`, the certificate, data directories.

use std::path::Path;

use backstay_core::event::Note;
use backstay_core::ports::CertificateFinding;

use super::Wording;
use super::lists::{self, names};
use crate::i18n::{Language, t};
use crate::ui::time;
use crate::ui::width;

/// What stands in the place of a value.
const HIDDEN: &str = "******";

/// A remark's line, or lines.
pub(super) fn line(wording: &Wording, note: &Note) -> String {
    let lang = wording.lang;
    let path = |path: &str| wording.path(Path::new(path));
    match note {
        Note::EnvironmentPlaced { template, replaced: false } => {
            wording.good(&t!(lang, "note-environment-created", template = template))
        }
        Note::EnvironmentPlaced { template, replaced: true } => {
            wording.good(&t!(lang, "note-environment-replaced", template = template))
        }
        Note::EnvironmentKept => wording.remark(&t!(lang, "note-environment-kept")),
        Note::Variables { names } => variables(wording, names),
        Note::CertificateMade { files, not_after } => {
            let date = time::local(&not_after.to_string());
            let files = names(wording, files);
            wording.good(&t!(lang, "note-certificate-made", files = files, date = date))
        }
        Note::CertificateKept { path: file, not_after: Some(date) } => {
            let date = time::local(&date.to_string());
            let text = t!(lang, "note-certificate-kept", path = path(file), date = date);
            wording.good(&text)
        }
        Note::CertificateKept { path: file, not_after: None } => {
            wording.remark(&t!(lang, "note-certificate-unread", path = path(file)))
        }
        Note::CertificateFound { path: file, finding: found } => {
            let text = finding(lang, found);
            wording.warning(&t!(lang, "note-certificate-found", path = path(file), finding = text))
        }
        Note::CertificatePassword => wording.warning(&t!(lang, "note-certificate-password")),
        Note::DirectoryCreated { path: folder } => folders(wording, &[path(folder)]).join("\n"),
        Note::DirectoryLeft { path: folder } => {
            wording.remark(&t!(lang, "note-directory-left", path = path(folder)))
        }
        Note::DirectoriesPresent => wording.remark(&t!(lang, "note-directories-present")),
        Note::DirectoryNotWritable { path: folder, service, user } => {
            let (folder, user) = (path(folder), user.to_string());
            let key = t!(
                lang,
                "note-directory-not-writable",
                path = folder,
                service = service,
                user = user
            );
            wording.warning(&key)
        }
        Note::DirectoryIsFile { path: file, service } => {
            let file = path(file);
            wording.warning(&t!(lang, "note-directory-is-file", path = file, service = service))
        }
        _ => wording.remark(&t!(lang, "note-no-environment")),
    }
}

/// The folders that were made.
pub(super) fn folders(wording: &Wording, folders: &[String]) -> Vec<String> {
    let told = lists::apart(wording, folders).into_iter();
    told.map(|path| wording.good(&t!(wording.lang, "note-directory-created", path = path)))
        .collect()
}

/// `MYSQL_ROOT_PASSWORD  ******`: that they have values, and not which.
fn variables(wording: &Wording, names: &[String]) -> String {
    let column = names.iter().map(|name| width::width(name)).max().unwrap_or(0);
    let line = |name: &String| format!("  {}  {HIDDEN}", width::pad(name, column));
    lists::lines(wording, "  ", names.iter().map(line).collect()).join("\n")
}

/// What is wrong with a certificate.
pub(crate) fn finding(lang: Language, finding: &CertificateFinding) -> String {
    use CertificateFinding as Found;
    let local = |date: &jiff::Timestamp| time::local(&date.to_string());
    match finding {
        Found::Expired { not_after } => t!(lang, "found-expired", date = local(not_after)),
        Found::NotYetValid { not_before } => {
            t!(lang, "found-not-yet-valid", date = local(not_before))
        }
        Found::EndsSoon { not_after, days_left } => {
            let days = usize::try_from(*days_left).unwrap_or(0);
            t!(lang, "found-ends-soon", date = local(not_after), days = days)
        }
        Found::NameNotCovered { name } => t!(lang, "found-name", name = name),
        Found::KeyMissing => t!(lang, "found-key-missing"),
        Found::KeyMismatch => t!(lang, "found-key-mismatch"),
        Found::Unreadable { problem } => t!(lang, "found-unreadable", problem = problem),
    }
}
