//! DNS names of containers.

use backstay_core::engine::{EngineError, EngineErrorKind, EngineResult};

use super::state::EngineState;

impl EngineState {
    /// Takes a container off a network.
    pub(in crate::fake) fn leave(&mut self, id: &str, network: &str) -> EngineResult<()> {
        self.get_mut(id, "leaving a network")?.networks.remove(network);
        Ok(())
    }

    /// Takes a container off a network and, unless `half`, back onto it with these names.
    ///
    /// The engine has no request that does both, so a process that dies between them leaves the container off the
    /// network.
    pub(in crate::fake) fn set_aliases(
        &mut self,
        id: &str,
        network: &str,
        aliases: &[String],
        half: bool,
    ) -> EngineResult<bool> {
        let action = format!("naming container {id} on network {network}");
        self.get(id, &action)?;
        if !self.networks.contains_key(network) {
            let message = format!("network {network} not found");
            return Err(EngineError::new(EngineErrorKind::NotFound, action, message));
        }
        let container = self.get_mut(id, &action)?;
        let has = container.networks.get(network).map(Vec::as_slice);
        if has == Some(aliases) {
            return Ok(true);
        }
        if half {
            container.networks.remove(network);
        } else {
            container.networks.insert(network.to_owned(), aliases.to_vec());
        }
        Ok(true)
    }
}
