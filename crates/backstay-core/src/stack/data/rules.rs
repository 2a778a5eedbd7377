//! What is said of one set of data.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A set of data that is saved with a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataSet {
    /// Its name: that of the service or of the volume at which it stands.
    pub name: String,
    /// How it is saved.
    pub way: Way,
    /// How many copies of it are kept, beside the retention of releases.
    pub keep_last: Option<usize>,
    /// Bytes that all kept copies of it may have.
    pub max_size: Option<u64>,
    /// Whether it comes back by itself where a run fails after its writers have been stopped.
    pub restores: bool,
    /// The services that write it, where they are named.
    pub writers: Vec<String>,
    /// How long saving it may take, and how long bringing it back.
    pub timeout: Duration,
    /// Who encrypts its file, where somebody does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encrypt: Option<Encrypt>,
}

/// Commands on this machine, in the stack's folder: each reads standard input and writes standard output.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Encrypt {
    /// Encrypts.
    pub command: Vec<String>,
    /// Decrypts; empty where nothing here can.
    pub decrypt: Vec<String>,
    /// What the file's name ends with, after all else.
    pub suffix: String,
}

/// How data is saved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Way {
    /// By a command in the service's own container.
    Dump(Dump),
    /// As files.
    Copy(Copy),
}

/// A command in the container of a service whose output is the data, and the one that takes it back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dump {
    /// The service.
    pub service: String,
    /// Program and arguments.
    pub command: Vec<String>,
    /// The same for the way back: it reads what the first one wrote. None, where there is no way back.
    pub restore: Vec<String>,
    /// What is in the last part of a whole output; empty where its format has no such mark.
    pub end: String,
    /// What the file's name ends with: `sql`.
    pub suffix: String,
    /// Whether the file is compressed.
    pub compress: bool,
}

/// Files of a volume, or of a folder that a service mounts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Copy {
    /// The volume, by its name in the model, or the folder of the host.
    pub source: String,
    /// Whether it is a volume.
    pub volume: bool,
    /// What happens to those who use it while it is copied.
    pub consistency: Consistency,
    /// Whether the file is compressed.
    pub compress: bool,
}

/// What happens to the containers that use a volume while it is copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Consistency {
    /// They are stopped, and started again.
    Stop,
    /// They are paused: the files are as after a loss of power.
    Pause,
    /// Nothing: files may change while they are read.
    None,
}

impl DataSet {
    /// The name of its file in a backup.
    #[must_use]
    pub fn file(&self) -> String {
        let (suffix, compress) = match &self.way {
            Way::Dump(dump) => (dump.suffix.as_str(), dump.compress),
            Way::Copy(copy) => ("tar", copy.compress),
        };
        let packed = if compress { ".zst" } else { "" };
        let sealed = self.encrypt.as_ref().map(|encrypt| format!(".{}", encrypt.suffix));
        format!("{}_backup.{suffix}{packed}{}", self.name, sealed.unwrap_or_default())
    }

    /// Whether it is encrypted, and nothing here decrypts it.
    #[must_use]
    pub fn stays_encrypted(&self) -> bool {
        self.encrypt.as_ref().is_some_and(|encrypt| encrypt.decrypt.is_empty())
    }

    /// Whether its file is compressed.
    #[must_use]
    pub const fn is_packed(&self) -> bool {
        match &self.way {
            Way::Dump(dump) => dump.compress,
            Way::Copy(copy) => copy.compress,
        }
    }
}
