//! A host port that the gateway holds.

use serde::{Deserialize, Serialize};

/// A host port that the gateway holds for a service.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct HeldPort {
    /// The service.
    pub service: String,
    /// The host's address, where one is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host_ip: Option<String>,
    /// The host's port.
    pub host: u16,
    /// The port of the service's containers.
    pub target: u16,
    /// The gateway's own port, to which the host's leads.
    #[serde(default)]
    pub at: u16,
}

impl HeldPort {
    /// The address and port of the host, as people write it.
    #[must_use]
    pub fn label(&self) -> String {
        let ip = self.host_ip.as_deref().unwrap_or("0.0.0.0");
        if ip.contains(':') {
            return format!("[{}]:{}", ip.trim_matches(['[', ']']), self.host);
        }
        format!("{ip}:{}", self.host)
    }
}
