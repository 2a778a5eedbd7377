//! What is in a certificate.

use std::path::Path;

use backstay_cert::{Info, KeyState};
use backstay_core::ports::CertificateFinding;
use serde_json::Value;

use super::{Wording, clean, time, width};
use crate::i18n::t;

/// The lines of `backstay cert show`.
pub(crate) fn lines(wording: &Wording, info: &Info) -> Vec<String> {
    let lang = wording.lang;
    let date = |moment: jiff::Timestamp| time::local(&moment.to_string());
    let issuer = match info.self_signed {
        true => t!(lang, "cert-self-signed"),
        false => clean::line(&info.issuer),
    };
    let key = match info.key {
        KeyState::Missing => t!(lang, "cert-key-missing"),
        KeyState::Matches => t!(lang, "cert-key-matches"),
        KeyState::Mismatch => t!(lang, "cert-key-mismatch"),
        KeyState::Unchecked => t!(lang, "cert-key-unchecked"),
    };
    let valid = t!(lang, "cert-from-to", from = date(info.not_before), to = date(info.not_after));
    let rows = [
        (t!(lang, "cert-subject"), clean::line(&info.subject)),
        (t!(lang, "cert-names"), clean::line(&info.names.join(", "))),
        (t!(lang, "cert-issuer"), issuer),
        (t!(lang, "cert-valid"), valid),
        (t!(lang, "cert-key"), key),
        (t!(lang, "cert-fingerprint"), info.fingerprint_sha256.clone()),
    ];
    let column = rows.iter().map(|(name, _)| width::width(name)).max().unwrap_or(0);
    rows.iter().map(|(name, value)| format!("{}  {value}", width::pad(name, column))).collect()
}

/// The same for programs, with what is wrong with it.
pub(crate) fn json(path: &Path, info: &Info, findings: &[CertificateFinding]) -> Value {
    serde_json::json!({
        "path": path.to_string_lossy(),
        "subject": info.subject,
        "names": info.names,
        "issuer": info.issuer,
        "self_signed": info.self_signed,
        "not_before": info.not_before,
        "not_after": info.not_after,
        "fingerprint_sha256": info.fingerprint_sha256,
        "has_key": info.has_key(),
        "findings": findings,
    })
}
