//! Commands of a run in containers and beside them. What they write is told line by line while they run.

use std::io;

use backstay_core::engine::{EngineError, EngineErrorKind, EngineResult, Ran};
use backstay_core::ports::Say;
use backstay_core::stack::Hook;
use bytes::BytesMut;
use hyper::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncReadExt};

use crate::connection::{Connection, encode};
use crate::container::{label, short};
use crate::containers::{inspect_one, remove, summaries};
use crate::error::from_io;
use crate::exec;
use crate::hooks::pre_start::{body, join};
use crate::images;
use crate::lines::Lines;
use crate::logs::next_part;

/// What is on the containers that are made for commands, beside the run.
const KIND: &str = "backstay";

/// Runs a command in a container that runs.
pub(crate) async fn inside(
    engine: &Connection,
    id: &str,
    command: &Hook,
    say: Say<'_>,
) -> EngineResult<Ran> {
    let action = format!("running a hook in container {}", short(id));
    let wanted = json!({
        "AttachStdout": true, "AttachStderr": true, "Tty": false,
        "Cmd": command.command, "Env": command.environment,
        "User": command.user.as_deref().unwrap_or_default(),
        "WorkingDir": command.working_dir.as_deref().unwrap_or_default(),
        "Privileged": command.privileged});
    let (exec, stream) = exec::attach(engine, id, &action, &wanted).await?;
    let words = listen(stream, say).await.map_err(|error| from_io(&action, &error))?;
    Ok(Ran { code: exec::exit_code(engine, &action, &exec).await?, words })
}

/// Whether such a command still runs in a container.
pub(crate) async fn runs_inside(
    engine: &Connection,
    id: &str,
    command: &Hook,
) -> EngineResult<bool> {
    let detail = inspect_one(engine, id).await?.unwrap_or_default();
    let ids = detail.get("ExecIDs").and_then(Value::as_array).into_iter().flatten();
    let action = format!("looking at commands in container {}", short(id));
    for exec in ids.filter_map(Value::as_str) {
        let path = format!("/exec/{}/json", encode(exec));
        let state = engine.api().get(&action, &path).await?.unwrap_or_default();
        if state.get("Running") == Some(&json!(true)) && words_of(&state) == command.command {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The words of a command that the engine carries out.
fn words_of(state: &Value) -> Vec<String> {
    let process = state.get("ProcessConfig");
    let program = process.and_then(|process| process.get("entrypoint")?.as_str());
    let rest = process.and_then(|process| process.get("arguments")?.as_array());
    let rest = rest.into_iter().flatten().filter_map(Value::as_str);
    program.into_iter().chain(rest).map(str::to_owned).collect()
}

/// Runs a command in a container of its own, made like this one. Nothing is left of it.
pub(crate) async fn beside(
    engine: &Connection,
    id: &str,
    command: &Hook,
    run: &str,
    say: Say<'_>,
) -> EngineResult<Ran> {
    let action = format!("running a hook beside container {}", short(id));
    let Some(detail) = inspect_one(engine, id).await? else {
        return Err(EngineError::new(EngineErrorKind::NotFound, action, "no such container"));
    };
    let image = detail.get("Image").and_then(Value::as_str).unwrap_or_default().to_owned();
    let facts = images::inspect(engine, &image).await?.unwrap_or_default();
    let mut wanted = body(&detail, &facts, command, KIND);
    // Where its tag points to by now is another matter.
    wanted["Image"] = json!(image);
    wanted["Entrypoint"] = json!([""]);
    wanted["Labels"][label::RUN] = json!(run);
    let service = |key: &str| detail.pointer(&format!("/Config/{key}")).and_then(Value::as_str);
    for (key, own) in [("User", &command.user), ("WorkingDir", &command.working_dir)] {
        wanted[key] = json!(own.as_deref().or_else(|| service(key)).unwrap_or_default());
    }
    let api = engine.api();
    let made = api.call(&action, Method::POST, "/containers/create", Some(&wanted)).await?;
    let made: Value = serde_json::from_slice(&made).unwrap_or_default();
    let made = made.get("Id").and_then(Value::as_str).unwrap_or_default().to_owned();
    let ended = to_the_end(engine, &action, &made, &detail, say).await;
    let removed = remove(engine, &made, true).await;
    let ran = ended?;
    removed?;
    Ok(ran)
}

async fn to_the_end(
    engine: &Connection,
    action: &str,
    id: &str,
    detail: &Value,
    say: Say<'_>,
) -> EngineResult<Ran> {
    let (api, path) = (engine.api(), format!("/containers/{}", encode(id)));
    join(engine, action, id, detail).await?;
    let attach = format!("{path}/attach?stream=1&stdout=1&stderr=1");
    let stream = api.upgrade(action, &attach, &json!({})).await?;
    api.call(action, Method::POST, &format!("{path}/start"), None).await?;
    let words = listen(stream, say).await.map_err(|error| from_io(action, &error))?;
    let ended =
        api.call_patiently(action, Method::POST, &format!("{path}/wait"), &Value::Null).await?;
    let ended: Value = serde_json::from_slice(&ended).unwrap_or_default();
    if let Some(message) = ended.pointer("/Error/Message").and_then(Value::as_str) {
        return Err(EngineError::new(EngineErrorKind::Other, action, message));
    }
    Ok(Ran { code: ended.get("StatusCode").and_then(Value::as_i64), words })
}

/// Removes what is left of the containers that a run had made for commands.
pub(crate) async fn end_beside(engine: &Connection, run: &str) -> EngineResult<()> {
    let filters = json!({"label": [
        format!("{}={run}", label::RUN), format!("{}={KIND}", label::HOOK)]});
    let found = summaries(engine, "listing containers of hooks", &filters, true).await?;
    for id in found.iter().filter_map(|summary| summary.get("Id")?.as_str()) {
        remove(engine, id, true).await?;
    }
    Ok(())
}

/// Reads the two streams of a command. Returns the last lines.
async fn listen(mut stream: impl AsyncRead + Unpin, say: Say<'_>) -> io::Result<Vec<String>> {
    // Standard output and standard error: the lines of each are whole.
    let mut lines = [Lines::default(), Lines::default()];
    let mut buffer = BytesMut::new();
    loop {
        let read = stream.read_buf(&mut buffer).await?;
        while let Some((stream, part)) = next_part(&mut buffer) {
            lines[usize::from(stream == 2)].take(&part, say);
        }
        if read == 0 {
            let [out, err] = lines;
            // Errors last: they say why.
            return Ok(out.end(say).into_iter().chain(err.end(say)).collect());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    #[tokio::test]
    async fn lines_of_both_streams_are_told_as_they_come() {
        let frame = |which: u8, text: &[u8]| {
            let length = u32::try_from(text.len()).unwrap().to_be_bytes();
            [&[which, 0, 0, 0][..], &length, text].concat()
        };
        let stream = [frame(1, b"one\ntw"), frame(2, b"warning\n"), frame(1, b"o\r\nlast")];
        let told = Mutex::new(Vec::new());
        let say = |line: &str| told.lock().unwrap().push(line.to_owned());
        let words = listen(&stream.concat()[..], &say).await.unwrap();
        assert_eq!(*told.lock().unwrap(), ["one", "warning", "two", "last"]);
        assert_eq!(words, ["one", "two", "last", "warning"]);
    }

    #[test]
    fn a_command_is_known_by_its_words() {
        let state =
            json!({"ProcessConfig": {"entrypoint": "/app", "arguments": ["migrate", "up"]}});
        assert_eq!(words_of(&state), ["/app", "migrate", "up"]);
        assert!(words_of(&json!({})).is_empty());
    }
}
