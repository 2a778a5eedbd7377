//! Files in containers, as the engine takes and gives them: tar archives.

use std::io::Read;

use backstay_core::engine::{ContainerFile, EngineError, EngineErrorKind, EngineResult};
use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{Method, Request};
use serde_json::Value;

use crate::connection::{Connection, encode, message_of};
use crate::container::short;
use crate::containers::inspect_one;
use crate::error::from_status;

/// The largest file that is read out of a container.
const LARGEST: u64 = 16 << 20;

/// The regular files of an archive that belongs at `folder`. Of one that is damaged, those before the damage.
pub(crate) fn files(folder: &str, archive: &[u8]) -> Vec<ContainerFile> {
    read(folder, archive).into_iter().map(|(file, _)| file).collect()
}

/// With the second at which each was changed last.
fn read(folder: &str, archive: &[u8]) -> Vec<(ContainerFile, u64)> {
    let mut archive = tar::Archive::new(archive);
    let entries = archive.entries().into_iter().flatten().map_while(Result::ok);
    let regular = entries.filter(|entry| entry.header().entry_type().is_file());
    regular
        .filter_map(|mut entry| {
            let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
            let mut content = Vec::new();
            entry.by_ref().take(LARGEST).read_to_end(&mut content).ok()?;
            let header = entry.header();
            let file = ContainerFile {
                path: joined(folder, &name),
                content,
                mode: header.mode().ok()? & 0o7777,
                owner: header.uid().ok().zip(header.gid().ok()),
            };
            Some((file, header.mtime().unwrap_or_default()))
        })
        .collect()
}

fn joined(folder: &str, name: &str) -> String {
    let parts = folder.split('/').chain(name.split('/'));
    let parts: Vec<&str> = parts.filter(|part| !part.is_empty() && *part != ".").collect();
    format!("/{}", parts.join("/"))
}

/// The files at a path of a container.
pub(crate) async fn get(
    engine: &Connection,
    id: &str,
    path: &str,
) -> EngineResult<Vec<ContainerFile>> {
    let found = fetch(engine, id, path).await?;
    Ok(found.into_iter().map(|(file, _)| file).collect())
}

async fn fetch(
    engine: &Connection,
    id: &str,
    path: &str,
) -> EngineResult<Vec<(ContainerFile, u64)>> {
    let action = format!("reading {path} in container {}", short(id));
    let call = format!("/containers/{}/archive?path={}", encode(id), encode(path));
    match engine.api().call(&action, Method::GET, &call, None).await {
        // The archive begins with the last part of the path.
        Ok(body) => Ok(read(path.rsplit_once('/').map_or("", |(folder, _)| folder), &body)),
        Err(error) if error.is_not_found() => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// Puts files into a container that has not been started yet.
pub(crate) async fn put(
    engine: &Connection,
    id: &str,
    files: &[ContainerFile],
) -> EngineResult<()> {
    put_at(engine, id, "/", files).await
}

/// The same below a folder of it, which may be a volume of one whose own files can't be written.
pub(crate) async fn put_at(
    engine: &Connection,
    id: &str,
    folder: &str,
    files: &[ContainerFile],
) -> EngineResult<()> {
    if files.is_empty() {
        return Ok(());
    }
    let action = format!("putting files into container {}", short(id));
    let failed = |message: String| EngineError::new(EngineErrorKind::Other, &action, message);
    let archive = archive(files).map_err(|error| failed(error.to_string()))?;
    put_archive(engine, id, folder, archive).await
}

/// The same with an archive that is made already.
pub(crate) async fn put_archive(
    engine: &Connection,
    id: &str,
    folder: &str,
    archive: Vec<u8>,
) -> EngineResult<()> {
    let action = format!("putting files into container {}", short(id));
    let path =
        format!("/v{}/containers/{}/archive?path={}", engine.api, encode(id), encode(folder));
    let mut request = Request::new(Full::from(Bytes::from(archive)));
    *request.method_mut() = Method::PUT;
    *request.uri_mut() = path.parse().unwrap_or_default();
    request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/x-tar"));
    let reply = engine.raw.ask(request).await;
    let reply = reply.map_err(|error| error.into_engine(&action, &engine.host))?;
    if reply.status.is_success() {
        return Ok(());
    }
    Err(from_status(action, reply.status.as_u16(), &message_of(&reply.body)))
}

fn archive(files: &[ContainerFile]) -> std::io::Result<Vec<u8>> {
    let mut builder = tar::Builder::new(Vec::new());
    for file in files {
        let (uid, gid) = file.owner.unwrap_or_default();
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(tar::EntryType::Regular);
        header.set_size(file.content.len() as u64);
        header.set_mode(file.mode);
        header.set_uid(uid);
        header.set_gid(gid);
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        header.set_mtime(now.map_or(0, |now| now.as_secs()));
        let name = file.path.trim_start_matches('/');
        builder.append_data(&mut header, name, file.content.as_slice())?;
    }
    builder.into_inner()
}

/// Which files of a container are not as they were put there. What the container may have changed itself, because it was
/// changed after the start, is none of them.
pub(crate) async fn altered(
    engine: &Connection,
    id: &str,
    files: &[ContainerFile],
) -> EngineResult<Vec<String>> {
    let Some(detail) = inspect_one(engine, id).await? else { return Ok(Vec::new()) };
    let started = detail.pointer("/State/StartedAt").and_then(Value::as_str);
    let started = started.and_then(|at| at.parse::<jiff::Timestamp>().ok());
    // The engine's zero time stands for "never": then it has changed nothing itself.
    let started = started.and_then(|at| u64::try_from(at.as_second()).ok()).unwrap_or(u64::MAX);
    let mut altered = Vec::new();
    for file in files {
        let found = fetch(engine, id, &file.path).await?;
        let same = match found.iter().find(|(found, _)| found.path == file.path) {
            Some((found, changed)) => is_same(file, found) || *changed > started,
            None => false,
        };
        if !same {
            altered.push(file.path.clone());
        }
    }
    Ok(altered)
}

fn is_same(put: &ContainerFile, found: &ContainerFile) -> bool {
    put.content == found.content
        && put.mode & 0o7777 == found.mode
        && (put.owner.is_none() || put.owner == found.owner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_archive_gives_back_what_was_put_into_it() {
        let file = |path: &str, owner| ContainerFile {
            path: path.to_owned(),
            content: b"\xef\xbb\xbfa=1\r\n".to_vec(),
            mode: 0o440,
            owner,
        };
        let put = [file("/run/secrets/token", Some((12, 13))), file("/app.conf", Some((0, 0)))];
        assert_eq!(files("/", &archive(&put).unwrap()), put);
        assert!(is_same(&file("/a", None), &file("/a", Some((5, 5)))));
        assert!(!is_same(&put[0], &file("/run/secrets/token", Some((0, 0)))));
        assert!(files("/", b"no archive").is_empty());
    }

    #[test]
    fn paths_are_joined_where_the_archive_belongs() {
        assert_eq!(joined("/run", "secrets/token"), "/run/secrets/token");
        assert_eq!(joined("", "/app.conf"), "/app.conf");
        assert_eq!(joined("/", "./x"), "/x");
    }
}
