//! Images, as the engine tells of them.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// What an image is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageDetail {
    /// Its id.
    pub id: String,
    /// A digest of what it consists of, its configuration and its layers: the same for every build of the same content.
    /// `None` where the engine can't tell for the platform.
    pub content: Option<String>,
    /// The `USER` that its containers run as; empty where it says none.
    pub user: String,
    /// When a reference was last made to point to it, RFC 3339, where the engine says.
    pub tagged: Option<String>,
    /// Bytes that it takes on the engine.
    pub size: u64,
    /// The digests of its layers, uncompressed, in hexadecimal.
    pub layers: Vec<String>,
    /// `repository@sha256:…`: where a registry has it, as far as the engine knows.
    pub digests: Vec<String>,
}

/// An image that stands in for a reference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageById {
    /// The reference in the files.
    pub reference: String,
    /// The id of the image.
    pub id: String,
}

/// What an image says of itself: the part of the [OCI image configuration] that tells what its containers do.
///
/// [OCI image configuration]: https://github.com/opencontainers/image-spec/blob/main/config.md
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ImageFacts {
    /// `Volumes`.
    pub volumes: BTreeSet<String>,
    /// `ExposedPorts`, without their protocol.
    pub ports: BTreeSet<u16>,
    /// `Entrypoint` and `Cmd`.
    pub command: Vec<String>,
    /// The names in `Env`.
    pub variables: BTreeSet<String>,
    /// The names of the `Labels` that somebody may route by: see [`is_routed_by`](crate::plan::is_routed_by).
    #[serde(default)]
    pub labels: BTreeSet<String>,
    /// Whether it has a `Healthcheck`.
    #[serde(default)]
    pub checks: bool,
}
