//! Hooks of services: commands around the start and the end of a container.

pub(crate) mod pre_start;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use backstay_core::engine::{EngineError, EngineErrorKind, EngineResult};
use backstay_core::stack::{Hook, Hooks};
use serde_json::{Value, json};

use crate::connection::Connection;
use crate::container::{label, short};
use crate::exec::{self, Patience};
use crate::logs::{lines_of, text_of};

/// How many of a hook's last lines are told when it fails.
const LAST: usize = 10;

/// What is known of hooks beside what containers carry.
#[derive(Default)]
pub(crate) struct Memory {
    /// Those of containers that Compose created, by id.
    hooks: Mutex<BTreeMap<String, Hooks>>,
    /// Containers whose `pre_stop` failed: when they are to be stopped again, they are.
    failed: Mutex<BTreeSet<String>>,
    /// What they have written: service and line.
    output: Mutex<Vec<(String, String)>>,
}

impl Memory {
    pub(crate) fn remember(&self, id: &str, hooks: &Hooks) {
        let mut known = self.hooks.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(id.to_owned(), hooks.clone());
    }

    /// Takes what has been written.
    pub(crate) fn output(&self) -> Vec<(String, String)> {
        std::mem::take(&mut *self.output.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The hooks of a container.
    pub(crate) fn of(&self, detail: &Value) -> Hooks {
        if let Some(own) = label(detail, label::HOOKS) {
            return serde_json::from_str(own).unwrap_or_default();
        }
        let known = self.hooks.lock().unwrap_or_else(PoisonError::into_inner);
        let id = detail.get("Id").and_then(Value::as_str).unwrap_or_default();
        known.get(id).cloned().unwrap_or_default()
    }

    fn has_failed(&self, id: &str) -> bool {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner).contains(id)
    }

    fn note_failure(&self, id: &str) {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner).insert(id.to_owned());
    }

    fn wrote(&self, service: &str, lines: &[String]) {
        let mut output = self.output.lock().unwrap_or_else(PoisonError::into_inner);
        output.extend(lines.iter().map(|line| (service.to_owned(), line.clone())));
    }
}

/// Runs the `pre_start` hooks of a container that is about to be started, where it is the one of its service that does.
pub(crate) async fn before_start(
    engine: &Connection,
    memory: &Memory,
    detail: &Value,
    hooks: &Hooks,
) -> EngineResult<()> {
    if hooks.pre_start.is_empty() || !pre_start::is_due(engine, detail).await? {
        return Ok(());
    }
    let service = label(detail, label::SERVICE).unwrap_or_default();
    for hook in &hooks.pre_start {
        let (code, lines) = pre_start::run(engine, detail, hook).await?;
        memory.wrote(service, &lines);
        judge("pre_start", service, hook, code, &lines)?;
    }
    Ok(())
}

/// Runs the `post_start` hooks of a container that has been started.
pub(crate) async fn after_start(
    engine: &Connection,
    memory: &Memory,
    detail: &Value,
    hooks: &Hooks,
) -> EngineResult<()> {
    run_all(engine, memory, detail, "post_start", &hooks.post_start).await
}

/// Runs the `pre_stop` hooks of a container that is about to be stopped. One that has ended by itself is fine.
pub(crate) async fn before_stop(
    engine: &Connection,
    memory: &Memory,
    detail: &Value,
    hooks: &Hooks,
) -> EngineResult<()> {
    let id = detail.get("Id").and_then(Value::as_str).unwrap_or_default();
    if memory.has_failed(id) {
        return Ok(());
    }
    match run_all(engine, memory, detail, "pre_stop", &hooks.pre_stop).await {
        Err(error) if error.kind == EngineErrorKind::Hook => {
            memory.note_failure(id);
            Err(error)
        }
        Err(error)
            if matches!(error.kind, EngineErrorKind::NotFound | EngineErrorKind::Conflict) =>
        {
            Ok(())
        }
        other => other,
    }
}

async fn run_all(
    engine: &Connection,
    memory: &Memory,
    detail: &Value,
    when: &str,
    hooks: &[Hook],
) -> EngineResult<()> {
    let service = label(detail, label::SERVICE).unwrap_or_default();
    let id = detail.get("Id").and_then(Value::as_str).unwrap_or_default();
    for hook in hooks {
        let (code, lines) = command(engine, id, when, hook).await?;
        memory.wrote(service, &lines);
        judge(when, service, hook, code, &lines)?;
    }
    Ok(())
}

fn judge(
    when: &str,
    service: &str,
    hook: &Hook,
    code: Option<i64>,
    lines: &[String],
) -> EngineResult<()> {
    if code == Some(0) {
        return Ok(());
    }
    let end = code.map_or_else(|| "no exit code".to_owned(), |code| format!("exit code {code}"));
    let mut message = format!("{when} `{}`: {end}", hook.command.join(" "));
    for line in &lines[lines.len().saturating_sub(LAST)..] {
        message.push('\n');
        message.push_str(line);
    }
    let action = format!("running a hook of service `{service}`");
    Err(EngineError::new(EngineErrorKind::Hook, action, message))
}

/// Runs a command in a container, and gives its exit code and output.
async fn command(
    engine: &Connection,
    id: &str,
    when: &str,
    hook: &Hook,
) -> EngineResult<(Option<i64>, Vec<String>)> {
    let action = format!("running {when} in container {}", short(id));
    let wanted = json!({
        "Cmd": hook.command, "Env": hook.environment, "User": hook.user.as_deref().unwrap_or_default(),
        "WorkingDir": hook.working_dir.as_deref().unwrap_or_default(), "Privileged": hook.privileged});
    // A hook may take as long as it likes, as it may for Compose.
    exec::run(engine, id, &action, &wanted, Patience::Endless).await
}

/// The last lines of a container's output.
pub(crate) fn words(tty: bool, body: &[u8]) -> Vec<String> {
    if tty { lines_of(body) } else { text_of(body) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failing_hook_says_which_and_how_and_its_last_words() {
        let hook = Hook {
            command: vec!["sh".to_owned(), "-c".to_owned(), "exit 3".to_owned()],
            ..Hook::default()
        };
        let lines: Vec<String> = (0..20).map(|n| format!("line {n}")).collect();
        let error = judge("post_start", "web", &hook, Some(3), &lines).unwrap_err();
        let told: Vec<&str> = error.message.lines().collect();
        assert_eq!(told[0], "post_start `sh -c exit 3`: exit code 3");
        assert_eq!((told.len(), told[1], told[10]), (11, "line 10", "line 19"));
        assert!(judge("pre_stop", "web", &hook, Some(0), &lines).is_ok());
    }

    #[test]
    fn a_container_carries_its_hooks_and_others_are_remembered() {
        let hooks = Hooks {
            pre_stop: vec![Hook { command: vec!["x".to_owned()], ..Hook::default() }],
            ..Hooks::default()
        };
        let text = serde_json::to_string(&hooks).unwrap();
        let memory = Memory::default();
        assert_eq!(
            memory.of(&json!({"Id": "a", "Config": {"Labels": {label::HOOKS: text}}})),
            hooks
        );
        let plain = json!({"Id": "b", "Config": {"Labels": {}}});
        assert!(memory.of(&plain).is_empty());
        memory.remember("b", &hooks);
        assert_eq!(memory.of(&plain), hooks);
    }
}
