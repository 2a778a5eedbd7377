//! Data that goes with a release: what is said of it on the way, and what is wrong with it.

use backstay_core::event::{DataAction, DataTrouble, Note};

use super::Wording;
use crate::clean;
use crate::i18n::{Language, t};
use crate::ui::size::bytes;
use crate::ui::time;

/// A remark's line.
pub(super) fn line(wording: &Wording, note: &Note) -> String {
    let lang = wording.lang;
    match note {
        Note::DataSaved { data, file, size, took } => {
            let (size, took) = (bytes(*size), format!("{:.1}", took.as_secs_f64()));
            let line =
                t!(lang, "note-data-saved", data = data, file = file, size = size, took = took);
            wording.good(&line)
        }
        Note::NoData { data } => wording.warning(&t!(lang, "note-no-data", data = data.join(", "))),
        Note::DataAbsent { data } => {
            wording.remark(&t!(lang, "note-data-absent", data = clean::line(data)))
        }
        Note::DataRestored { data, at } => {
            let at = time::local(at);
            wording.good(&t!(lang, "note-data-restored", data = clean::line(data), at = at))
        }
        Note::DataStays { data, folder } => {
            let (data, folder) = (clean::line(data), clean::line(folder));
            wording.warning(&t!(lang, "note-data-stays", data = data, folder = folder))
        }
        _ => String::new(),
    }
}

/// What could not be done.
pub(super) fn reason(lang: Language, action: DataAction) -> String {
    match action {
        DataAction::Save => t!(lang, "failed-data-save"),
        DataAction::Restore => t!(lang, "failed-data-restore"),
    }
}

/// Why not.
pub(super) fn trouble(lang: Language, trouble: &DataTrouble) -> String {
    match trouble {
        DataTrouble::Off { service } => t!(lang, "data-off", service = service),
        DataTrouble::Exit { code: Some(code) } => t!(lang, "data-exit", code = *code),
        DataTrouble::Exit { code: None } => t!(lang, "data-exit-unknown"),
        DataTrouble::Empty => t!(lang, "data-empty"),
        DataTrouble::Cut => t!(lang, "data-cut"),
        DataTrouble::Late { waited } => t!(lang, "data-late", seconds = waited.as_secs()),
        DataTrouble::Encrypt { program, code: Some(code) } => {
            t!(lang, "data-encrypt", program = clean::line(program), code = *code)
        }
        DataTrouble::Encrypt { program, code: None } => {
            t!(lang, "data-encrypt-unknown", program = clean::line(program))
        }
        DataTrouble::Decrypt { program, code: Some(code) } => {
            t!(lang, "data-decrypt", program = clean::line(program), code = *code)
        }
        DataTrouble::Decrypt { program, code: None } => {
            t!(lang, "data-decrypt-unknown", program = clean::line(program))
        }
        DataTrouble::NoDecrypt => t!(lang, "data-no-decrypt"),
        DataTrouble::NoCommand => t!(lang, "data-no-command"),
        DataTrouble::Other { message } => clean::line(message),
    }
}
