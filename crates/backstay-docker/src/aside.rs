//! Moving what is in a folder of a container aside in it, and back: a rename each, so that it costs nothing and is undone exactly. On
//! the file system itself where that can be reached, else with the shell of the container's own image.

use std::io;
use std::path::{Path, PathBuf};

use backstay_core::engine::{EngineError, EngineErrorKind, EngineResult};
use hyper::Method;
use serde_json::{Value, json};

use crate::connection::{Connection, encode};
use crate::container::short;
use crate::containers::{inspect_one, remove};
use crate::error::from_io;
use crate::hooks::words;

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Move {
    Aside,
    Back,
    Drop,
}

/// The same for a shell: `$1` is the folder, `$2` the name of what was moved aside. While it is not complete, it ends with `.part`: then
/// all that lies beside it is old, too.
const ASIDE: &str = r#"set -e; cd "$1"; [ -e "$2" ] && exit 0; mkdir -p "$2.part"
for e in * .[!.]* ..?*; do [ -e "$e" ] || [ -L "$e" ] || continue; case "$e" in .backstay-*) continue;; esac; mv "$e" "$2.part/"; done
mv "$2.part" "$2"; sync"#;
const BACK: &str = r#"set -e; cd "$1"
if [ -e "$2" ]; then
for e in * .[!.]* ..?*; do case "$e" in .backstay-*) continue;; esac; rm -rf "./$e"; done
mv "$2" "$2.part"; fi
if [ -e "$2.part" ]; then cd "$2.part"
for e in * .[!.]* ..?*; do [ -e "$e" ] || [ -L "$e" ] || continue; mv "$e" ../; done
cd ..; rmdir "$2.part"; fi; sync"#;
const DROP: &str = r#"set -e; cd "$1"; rm -rf "$2" "$2.part"; sync"#;

/// Moves it.
pub(crate) async fn carry_out(
    engine: &Connection,
    id: &str,
    path: &str,
    mark: &str,
    what: Move,
) -> EngineResult<()> {
    let action = format!("moving what is in {path} of container {}", short(id));
    let name = format!(".backstay-{mark}");
    let Some(detail) = inspect_one(engine, id).await? else {
        return Err(EngineError::new(EngineErrorKind::NotFound, action, "no such container"));
    };
    if let Some(place) = here(engine, &detail, path) {
        let done = tokio::task::spawn_blocking(move || on_disk(&place, &name, what)).await;
        let done = done.map_err(|error| from_io(&action, &io::Error::other(error)))?;
        return done.map_err(|error| from_io(&action, &error));
    }
    // Where nothing was moved aside, nothing has to be run for it: the image may have nothing that could.
    if what != Move::Aside && !was_moved(engine, &action, id, path, &name).await? {
        return Ok(());
    }
    in_shell(engine, &action, &detail, path, &name, what).await
}

/// Whether anything lies aside in the folder.
async fn was_moved(
    engine: &Connection,
    action: &str,
    id: &str,
    path: &str,
    name: &str,
) -> EngineResult<bool> {
    for name in [name.to_owned(), format!("{name}.part")] {
        let place = format!("{}/{name}", path.trim_end_matches('/'));
        let call = format!("/containers/{}/archive?path={}", encode(id), encode(&place));
        match engine.api().call(action, Method::HEAD, &call, None).await {
            Ok(_) => return Ok(true),
            Err(error) if error.kind == EngineErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(false)
}

/// Where the folder is on this machine, where it can be reached.
fn here(engine: &Connection, detail: &Value, path: &str) -> Option<PathBuf> {
    let mounts = detail.get("Mounts")?.as_array()?;
    let mount =
        mounts.iter().find(|m| m.get("Destination").and_then(Value::as_str) == Some(path))?;
    let place = PathBuf::from(mount.get("Source")?.as_str()?);
    let probe = place.join(".backstay-probe");
    let can_write = engine.local
        && place.is_dir()
        && std::fs::create_dir(&probe).and_then(|()| std::fs::remove_dir(&probe)).is_ok();
    can_write.then_some(place)
}

fn on_disk(place: &Path, name: &str, what: Move) -> io::Result<()> {
    let (aside, part) = (place.join(name), place.join(format!("{name}.part")));
    match what {
        Move::Aside => {
            if aside.exists() {
                return Ok(());
            }
            std::fs::create_dir_all(&part)?;
            for entry in others(place)? {
                std::fs::rename(place.join(&entry), part.join(&entry))?;
            }
            sync(&part)?;
            sync(place)?;
            std::fs::rename(&part, &aside)?;
        }
        Move::Back => {
            if aside.exists() {
                for entry in others(place)? {
                    remove_all(&place.join(entry))?;
                }
                std::fs::rename(&aside, &part)?;
                sync(place)?;
            }
            if part.exists() {
                for entry in names(&part)? {
                    std::fs::rename(part.join(&entry), place.join(&entry))?;
                }
                std::fs::remove_dir(&part)?;
            }
        }
        Move::Drop => {
            remove_all(&aside)?;
            remove_all(&part)?;
        }
    }
    sync(place)
}

fn names(place: &Path) -> io::Result<Vec<std::ffi::OsString>> {
    std::fs::read_dir(place)?.map(|entry| Ok(entry?.file_name())).collect()
}

/// All but what was moved aside.
fn others(place: &Path) -> io::Result<Vec<std::ffi::OsString>> {
    let mut names = names(place)?;
    names.retain(|name| !name.to_string_lossy().starts_with(".backstay-"));
    Ok(names)
}

fn remove_all(path: &Path) -> io::Result<()> {
    match std::fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
        Ok(found) if found.is_dir() => std::fs::remove_dir_all(path),
        Ok(_) => std::fs::remove_file(path),
    }
}

fn sync(folder: &Path) -> io::Result<()> {
    std::fs::File::open(folder)?.sync_all()
}

/// In a container of the same image with the same mounts, without a network.
async fn in_shell(
    engine: &Connection,
    action: &str,
    detail: &Value,
    path: &str,
    name: &str,
    what: Move,
) -> EngineResult<()> {
    let script = match what {
        Move::Aside => ASIDE,
        Move::Back => BACK,
        Move::Drop => DROP,
    };
    let api = engine.api();
    let body = json!({
        "Image": detail.get("Image"), "Entrypoint": ["sh", "-c", script, "backstay", path, name],
        "Cmd": [], "User": "0", "HostConfig": {
            "VolumesFrom": [detail.get("Id")], "NetworkMode": "none"}});
    let made = api.call(action, Method::POST, "/containers/create", Some(&body)).await?;
    let made: Value = serde_json::from_slice(&made).unwrap_or_default();
    let id = made.get("Id").and_then(Value::as_str).unwrap_or_default().to_owned();
    let ended = to_the_end(engine, action, &id).await;
    let removed = remove(engine, &id, false).await;
    ended?;
    removed
}

async fn to_the_end(engine: &Connection, action: &str, id: &str) -> EngineResult<()> {
    let (api, path) = (engine.api(), format!("/containers/{}", encode(id)));
    api.call(action, Method::POST, &format!("{path}/start"), None).await.map_err(without_shell)?;
    let ended =
        api.call_patiently(action, Method::POST, &format!("{path}/wait"), &Value::Null).await?;
    let ended: Value = serde_json::from_slice(&ended).unwrap_or_default();
    if ended.get("StatusCode").and_then(Value::as_i64) == Some(0) {
        return Ok(());
    }
    let logs = format!("{path}/logs?stdout=1&stderr=1");
    let output = api.call(action, Method::GET, &logs, None).await.unwrap_or_default();
    let message = words(false, &output).join("; ");
    Err(EngineError::new(EngineErrorKind::Other, action, message))
}

/// What it means that a program was not found, to who does not know that one was looked for.
fn without_shell(error: EngineError) -> EngineError {
    if !error.message.contains("executable file not found") {
        return error;
    }
    let why = "the image of the container has no `sh`, and the folder can't be written from here: root on the engine's machine can";
    EngineError { message: why.to_owned(), ..error }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(place: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            names(place).unwrap().iter().map(|n| n.to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    fn shell(place: &Path, script: &str) {
        let done = std::process::Command::new("sh")
            .args(["-c", script, "backstay", place.to_str().unwrap(), ".backstay-r"])
            .status();
        assert!(done.unwrap().success());
    }

    fn here(place: &Path, what: Move) {
        on_disk(place, ".backstay-r", what).unwrap();
    }

    /// Both ways do the same.
    fn on_both(act: impl Fn(&Path, &dyn Fn(&Path, Move))) {
        for with_shell in [false, true] {
            let dir = tempfile::tempdir().unwrap();
            std::fs::write(dir.path().join("a b"), "1").unwrap();
            std::fs::create_dir(dir.path().join(".hidden")).unwrap();
            act(dir.path(), &|place, what| match (with_shell, what) {
                (false, what) => here(place, what),
                (true, Move::Aside) => shell(place, ASIDE),
                (true, Move::Back) => shell(place, BACK),
                (true, Move::Drop) => shell(place, DROP),
            });
        }
    }

    #[test]
    fn what_was_moved_aside_comes_back_and_what_came_in_its_place_goes() {
        on_both(|place, carry| {
            carry(place, Move::Aside);
            assert_eq!(content(place), [".backstay-r"]);
            std::fs::write(place.join("new"), "2").unwrap();
            // A second time nothing happens: it is complete.
            carry(place, Move::Aside);
            carry(place, Move::Back);
            assert_eq!(content(place), [".hidden", "a b"]);
            carry(place, Move::Back);
            assert_eq!(content(place), [".hidden", "a b"]);
        });
    }

    #[test]
    fn a_move_that_was_cut_short_loses_nothing() {
        on_both(|place, carry| {
            // Half of it is aside, half of it is not yet.
            std::fs::create_dir(place.join(".backstay-r.part")).unwrap();
            std::fs::rename(place.join("a b"), place.join(".backstay-r.part/a b")).unwrap();
            carry(place, Move::Back);
            assert_eq!(content(place), [".hidden", "a b"]);
        });
    }

    #[test]
    fn what_was_moved_aside_goes_when_it_is_not_needed_any_more() {
        on_both(|place, carry| {
            carry(place, Move::Aside);
            std::fs::write(place.join("new"), "2").unwrap();
            carry(place, Move::Drop);
            carry(place, Move::Drop);
            assert_eq!(content(place), ["new"]);
        });
    }
}
