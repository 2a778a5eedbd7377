//! Reads PEM text (RFC 7468), as leniently as the programs that wrote it need.

use base64ct::{Base64, Encoding};
use zeroize::Zeroizing;

use crate::{Error, Result};

const BEGIN: &str = "-----BEGIN ";
const DASHES: &str = "-----";

/// One block of a PEM text.
pub(crate) struct Block {
    /// What it says it is, as `CERTIFICATE`.
    pub(crate) label: String,
    /// Its contents; `None` where headers say that they are encrypted.
    pub(crate) contents: Option<Zeroizing<Vec<u8>>>,
}

/// The blocks of a text; none where it is no PEM.
pub(crate) fn blocks(text: &str) -> Result<Vec<Block>> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(BEGIN) {
        rest = &rest[at + BEGIN.len()..];
        let cut = || Error::unreadable("a PEM block has no end: the file is cut off or damaged");
        let (label, after) = rest.split_once(DASHES).ok_or_else(cut)?;
        let (body, after) = after.split_once(&format!("-----END {label}-----")).ok_or_else(cut)?;
        found.push(Block { label: label.to_owned(), contents: contents(label, body)? });
        rest = after;
    }
    Ok(found)
}

fn contents(label: &str, body: &str) -> Result<Option<Zeroizing<Vec<u8>>>> {
    if body.lines().any(|line| line.contains(':')) {
        return Ok(None);
    }
    let text: Zeroizing<String> = Zeroizing::new(body.split_whitespace().collect());
    match Base64::decode_vec(&text) {
        Ok(bytes) => Ok(Some(Zeroizing::new(bytes))),
        Err(_) => Err(Error::unreadable(format!(
            "the PEM block `{}` is not valid Base64: the file is damaged",
            crate::text::shown(label)
        ))),
    }
}
