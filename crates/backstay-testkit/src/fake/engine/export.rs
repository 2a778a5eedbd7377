//! An image as the stream that the engine exports and loads: one layer that all versions of a program share, one that is its
//! own, and a list of both.

use std::io::{self, Read};

use backstay_core::digest::digest;
use serde_json::{Value, json};
use tar::{Archive, Builder, Header};

use super::state::Content;

const LIST: &str = "manifest.json";

/// Packs an image.
pub(in crate::fake) fn pack(content: &Content) -> io::Result<Vec<u8>> {
    let shared = base(&content.name)?;
    let own = json!({
        "name": content.name,
        "version": content.version,
        "behaviour": content.behaviour.to_string(),
    });
    let own = own.to_string().into_bytes();
    let [base, top] =
        [&shared, &own].map(|layer| digest(layer).replace("sha256:", "blobs/sha256/"));
    let list = json!([{"Config": top, "Layers": [base]}]).to_string().into_bytes();
    let mut archive = Builder::new(Vec::new());
    for (path, bytes) in [(base.as_str(), &shared), (&top, &own), (LIST, &list)] {
        let mut header = Header::new_gnu();
        header.set_mode(0o644);
        header.set_size(bytes.len() as u64);
        archive.append_data(&mut header, path, bytes.as_slice())?;
    }
    archive.into_inner()
}

/// A layer that becomes smaller when it is compressed, as real ones do.
fn base(name: &str) -> io::Result<Vec<u8>> {
    let text = format!("the base of {name}\n").repeat(300);
    let mut archive = Builder::new(Vec::new());
    let mut header = Header::new_ustar();
    header.set_mode(0o644);
    header.set_size(text.len() as u64);
    archive.append_data(&mut header, "etc/base", text.as_bytes())?;
    archive.into_inner()
}

/// Unpacks an image.
pub(in crate::fake) fn unpack(stream: impl Read) -> io::Result<Content> {
    let bad = |what: &str| io::Error::new(io::ErrorKind::InvalidData, what.to_owned());
    for entry in Archive::new(stream).entries()? {
        let mut bytes = Vec::new();
        entry?.read_to_end(&mut bytes)?;
        let Ok(value) = serde_json::from_slice::<Value>(&bytes) else { continue };
        let text = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
        if let (Some(name), Some(version), Some(behaviour)) =
            (text("name"), text("version"), text("behaviour"))
        {
            let behaviour = behaviour.parse().map_err(|_| bad("an unknown behaviour"))?;
            return Ok(Content { name, version, behaviour });
        }
    }
    Err(bad("an archive without an image"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake::Behaviour;

    #[test]
    fn what_is_packed_is_unpacked() {
        let content =
            Content { name: "web".into(), version: "2".into(), behaviour: Behaviour::Completes(0) };
        let bytes = pack(&content).unwrap();
        assert_eq!(unpack(bytes.as_slice()).unwrap(), content);
    }
}
