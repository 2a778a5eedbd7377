//! The gateway's own program: a static one for the engine's processor, which lies beside this one.

use std::path::{Path, PathBuf};

use backstay_core::digest::digest;
use backstay_core::engine::{EngineError, EngineErrorKind, EngineResult};

use crate::connection::Connection;

const ACTION: &str = "looking for the gateway's program";

/// Names another place for it.
const VARIABLE: &str = "BACKSTAY_GATEWAY";

/// The processors that an engine may name, with ELF's number for each.
const MACHINES: [(&str, &str, u16); 4] = [
    ("x86_64", "amd64", 62),
    ("amd64", "amd64", 62),
    ("aarch64", "arm64", 183),
    ("arm64", "arm64", 183),
];

/// The type of an ELF segment that names a loader: what has one is not static.
const INTERPRETER: u32 = 3;

/// The program.
pub(crate) struct Program {
    /// Its bytes.
    pub(crate) bytes: Vec<u8>,
    /// Their digest.
    pub(crate) digest: String,
}

impl Program {
    /// Finds it for this engine.
    pub(crate) async fn find(engine: &Connection) -> EngineResult<Self> {
        let info = engine.api().get(ACTION, "/info").await?.unwrap_or_default();
        let named = info.get("Architecture").and_then(serde_json::Value::as_str);
        let named = named.unwrap_or_default().to_owned();
        let Some((_, short, machine)) = MACHINES.iter().find(|(name, ..)| *name == named) else {
            return Err(missing(format!("`{named}`: there is none for this processor")));
        };
        let places = places(short);
        let Some((path, bytes)) = places.iter().find_map(|p| Some((p, std::fs::read(p).ok()?)))
        else {
            let looked: Vec<_> = places.iter().map(|path| path.display().to_string()).collect();
            return Err(missing(looked.join("\n")));
        };
        check(&bytes, *machine).map_err(|why| missing(format!("{}: {why}", path.display())))?;
        let digest = digest(&bytes);
        Ok(Self { bytes, digest })
    }

    /// Enough of its digest to tell programs apart in a name.
    pub(super) fn short(&self) -> &str {
        let hex = self.digest.rsplit(':').next().unwrap_or_default();
        &hex[..hex.len().min(12)]
    }
}

fn missing(message: String) -> EngineError {
    EngineError::new(EngineErrorKind::GatewayProgram, ACTION, message)
}

/// Where it may lie.
fn places(short: &str) -> Vec<PathBuf> {
    if let Some(path) = std::env::var_os(VARIABLE).filter(|path| !path.is_empty()) {
        return vec![path.into()];
    }
    let own = std::env::current_exe().unwrap_or_default();
    let folder = own.parent().unwrap_or(Path::new("."));
    let mut found = vec![folder.join(format!("backstay-gateway-linux-{short}"))];
    if cfg!(target_os = "linux") {
        found.push(folder.join("backstay-gateway"));
    }
    found
}

/// Whether it can run alone in an image on such a processor.
fn check(bytes: &[u8], machine: u16) -> Result<(), &'static str> {
    let half = |at: usize| Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?));
    let word = |at: usize| Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
    let long = |at: usize| Some(u64::from_le_bytes(bytes.get(at..at + 8)?.try_into().ok()?));
    // Class 2 has addresses of 64 bits, data 1 the lowest byte first.
    if !bytes.starts_with(b"\x7fELF\x02\x01") {
        return Err("it is no program for Linux");
    }
    if half(18) != Some(machine) {
        return Err("it is for another processor than the engine's");
    }
    let table = long(32).and_then(|at| usize::try_from(at).ok());
    let (Some(table), Some(size), Some(count)) = (table, half(54), half(56)) else {
        return Err("it is damaged");
    };
    let mut kinds = (0..usize::from(count)).map(|at| word(table + at * usize::from(size)));
    if kinds.any(|kind| kind == Some(INTERPRETER)) {
        return Err("it is not linked statically: an image of it alone would not run");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn what_can_not_run_alone_is_told() {
        let mut elf = vec![0_u8; 120];
        elf[..6].copy_from_slice(b"\x7fELF\x02\x01");
        elf[18] = 62;
        elf[32] = 64;
        elf[54] = 56;
        elf[56] = 1;
        assert_eq!(check(&elf, 62), Ok(()));
        assert!(check(&elf, 183).unwrap_err().contains("processor"));
        elf[64] = 3;
        assert!(check(&elf, 62).unwrap_err().contains("statically"));
        assert!(check(b"#!/bin/sh", 62).unwrap_err().contains("Linux"));
        assert!(check(&elf[..20], 62).unwrap_err().contains("damaged"));
    }
}
