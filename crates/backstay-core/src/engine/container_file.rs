//! A file in a container, and its place in what is recorded of the container.

use base64ct::{Base64, Encoding};
use serde_json::{Value, json};

/// Where a record of a container, else as `docker inspect` prints it, has the files that were put into it.
const KEY: &str = "BackstayFiles";

/// A file in a container.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct ContainerFile {
    /// Its full path.
    pub path: String,
    /// Its content.
    pub content: Vec<u8>,
    /// Its permission bits.
    pub mode: u32,
    /// The user and group that own it, where that is known.
    pub owner: Option<(u64, u64)>,
}

impl ContainerFile {
    /// Adds files to the record of a container.
    pub fn record(container: &mut Value, files: &[Self]) {
        let Some(record) = container.as_object_mut().filter(|_| !files.is_empty()) else { return };
        let entries = files.iter().map(|file| {
            let (uid, gid) = file.owner.unwrap_or_default();
            let content = Base64::encode_string(&file.content);
            json!({"Path": file.path, "Mode": file.mode, "Uid": uid, "Gid": gid, "Content": content})
        });
        record.insert(KEY.to_owned(), entries.collect());
    }

    /// The files in the record of a container.
    #[must_use]
    pub fn recorded(container: &Value) -> Vec<Self> {
        let entries = container.get(KEY).and_then(Value::as_array).into_iter().flatten();
        let files = entries.filter_map(|entry| {
            let id = |key: &str| entry.get(key).and_then(Value::as_u64);
            Some(Self {
                path: entry.get("Path")?.as_str()?.to_owned(),
                content: Base64::decode_vec(entry.get("Content")?.as_str()?).ok()?,
                mode: u32::try_from(id("Mode")?).ok()?,
                owner: id("Uid").zip(id("Gid")),
            })
        });
        files.collect()
    }
}

/// Without its content, which may be a secret.
impl std::fmt::Debug for ContainerFile {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { path, content, mode, owner } = self;
        write!(out, "{path} ({} bytes, {mode:o}, {owner:?})", content.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_recorded_byte_by_byte() {
        let file = ContainerFile {
            path: "/run/secrets/token".to_owned(),
            content: vec![0xef, 0xbb, 0xbf, b'a', 0, b'\n'],
            mode: 0o440,
            owner: Some((12, 13)),
        };
        let mut record = json!({"Id": "a"});
        ContainerFile::record(&mut record, std::slice::from_ref(&file));
        assert_eq!(ContainerFile::recorded(&record), [file]);
        assert!(ContainerFile::recorded(&json!({"Id": "a"})).is_empty());
    }
}
