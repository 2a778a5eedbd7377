//! A port that a service publishes.

/// A published port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Port {
    /// The host's address, where one is given.
    pub host_ip: Option<String>,
    /// First and last host port; `None` lets the engine choose.
    pub published: Option<(u16, u16)>,
    /// The container's port.
    pub target: u16,
    /// `tcp`, `udp` or `sctp`.
    pub protocol: String,
}
