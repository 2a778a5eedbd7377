//! The image of a gateway: its program and nothing else, made without any registry.

use backstay_core::engine::{EngineErrorKind, EngineResult};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::Method;

use super::program::Program;
use crate::connection::{Connection, encode};
use crate::error::from_io;
use crate::images;

const ACTION: &str = "making the gateway's image";
const REPOSITORY: &str = "backstay-gateway";

/// Who it runs as: nobody that a machine knows.
pub(super) const USER: u64 = 65532;

/// Where its state is.
pub(super) const STATE: &str = "/state";

/// How long requests have at its end, in milliseconds: all that time its ports belong to nobody.
const GRACE: u64 = 2000;

/// Makes sure of it. Returns its reference.
pub(super) async fn ensure(engine: &Connection, program: &Program) -> EngineResult<String> {
    let tag = program.short();
    let reference = format!("{REPOSITORY}:{tag}");
    if images::id(engine, &reference).await?.is_some() {
        return Ok(reference);
    }
    let archive = archive(&program.bytes).map_err(|error| from_io(ACTION, &error))?;
    let grace = GRACE.to_string();
    let command = serde_json::json!(["serve", "--state", STATE, "--grace-ms", grace]);
    let changes = [
        "ENTRYPOINT [\"/backstay-gateway\"]".to_owned(),
        format!("CMD {command}"),
        format!("USER {USER}:{USER}"),
        format!("VOLUME {STATE}"),
    ];
    let changes: String =
        changes.iter().map(|change| format!("&changes={}", encode(change))).collect();
    let path = format!("/images/create?fromSrc=-&repo={REPOSITORY}&tag={tag}{changes}");
    let body = Full::from(Bytes::from(archive)).map_err(|never| match never {}).boxed_unsync();
    let made = async {
        let answer = engine.api().send_archive(ACTION, Method::POST, &path, body).await?;
        crate::progress::progress(ACTION, answer.into_body(), |_| ()).await
    };
    match made.await {
        Ok(_) => Ok(reference),
        // Another stack has made the same one at the same time.
        Err(_) if images::id(engine, &reference).await?.is_some() => Ok(reference),
        Err(error) => Err(error),
    }
}

/// Removes those that no container is made from.
pub(crate) async fn remove(engine: &Connection) -> EngineResult<()> {
    for tag in images::tags(engine, REPOSITORY).await? {
        match images::delete(engine, &format!("{REPOSITORY}:{tag}")).await {
            Err(error) if error.kind == EngineErrorKind::Conflict || error.is_not_found() => {}
            other => other?,
        }
    }
    Ok(())
}

fn archive(program: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut builder = tar::Builder::new(Vec::new());
    let mut folder = owned(header(tar::EntryType::Directory, 0, 0o700));
    builder.append_data(&mut folder, "state/", &[] as &[u8])?;
    let mut file = header(tar::EntryType::Regular, program.len() as u64, 0o755);
    builder.append_data(&mut file, "backstay-gateway", program)?;
    builder.into_inner()
}

/// The same of the gateway's own user.
pub(super) fn owned(mut header: tar::Header) -> tar::Header {
    header.set_uid(USER);
    header.set_gid(USER);
    header
}

pub(super) fn header(kind: tar::EntryType, size: u64, mode: u32) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(kind);
    header.set_size(size);
    header.set_mode(mode);
    header.set_mtime(0);
    header
}
