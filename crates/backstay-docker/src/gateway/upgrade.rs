//! Another program for a gateway that runs: its sockets are handed over, so that nobody notices.

use std::io;

use backstay_core::engine::EngineResult;
use backstay_routes::{Answer, Request};

use super::control::Control;
use super::image::{STATE, header, owned};
use super::program::Program;
use super::sessions::odd;
use crate::archive;
use crate::connection::Connection;
use crate::error::from_io;

/// Where it looks for programs, in its state.
const PROGRAMS: &str = "bin";

/// Puts the program into its state and lets it go on as that. Returns its version.
pub(crate) async fn upgrade(engine: &Connection, id: &str) -> EngineResult<String> {
    let program = Program::find(engine).await?;
    let name = format!("backstay-gateway-{}", program.short());
    let archive =
        packed(&name, &program.bytes).map_err(|error| from_io("upgrading the gateway", &error))?;
    archive::put_archive(engine, id, STATE, archive).await?;
    let binary = Some(format!("{STATE}/{PROGRAMS}/{name}"));
    match Control::open(engine, id).await?.ask(Request::Upgrade { binary }).await? {
        Answer::Upgraded { version, .. } => Ok(version),
        other => Err(odd(&other)),
    }
}

fn packed(name: &str, program: &[u8]) -> io::Result<Vec<u8>> {
    let mut builder = tar::Builder::new(Vec::new());
    let mut folder = owned(header(tar::EntryType::Directory, 0, 0o700));
    builder.append_data(&mut folder, format!("{PROGRAMS}/"), &[] as &[u8])?;
    let mut file = owned(header(tar::EntryType::Regular, program.len() as u64, 0o700));
    builder.append_data(&mut file, format!("{PROGRAMS}/{name}"), program)?;
    builder.into_inner()
}
