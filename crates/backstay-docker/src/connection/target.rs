//! Which engine is meant: what `DOCKER_HOST`, `DOCKER_CONTEXT` and the current context say, as the docker CLI reads them.

use std::path::PathBuf;
use std::process::Stdio;

use backstay_core::engine::{EngineError, EngineErrorKind, EngineResult};
use serde_json::Value;

use super::address::Address;

#[cfg(unix)]
const DEFAULT_HOST: &str = "unix:///var/run/docker.sock";
#[cfg(windows)]
const DEFAULT_HOST: &str = "npipe:////./pipe/docker_engine";

/// An engine's address and the way to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    /// The address as the user wrote it.
    pub(crate) host: String,
    /// How it is reached.
    pub(crate) route: Route,
}

/// How an engine is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Route {
    /// By connecting to it.
    Direct(Address),
    /// Through `docker <arguments> system dial-stdio`, which knows about SSH and TLS.
    Dial(Vec<String>),
}

/// What says which engine is meant, before contexts are looked up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// `DOCKER_HOST`, with its value.
    Host(String),
    /// A docker context other than the default one, by name: that of `DOCKER_CONTEXT`, or the current one.
    Context(String),
    /// Nothing: it is the engine of this machine.
    Default,
}

/// Finds out which engine is meant. Starts a process only where a context other than the default one is used.
pub(crate) async fn resolve() -> EngineResult<Target> {
    match chosen() {
        Choice::Default => route(DEFAULT_HOST, false, Vec::new()),
        Choice::Host(host) => {
            let tls = set("DOCKER_TLS_VERIFY").or_else(|| set("DOCKER_TLS")).is_some();
            route(&host, tls, Vec::new())
        }
        Choice::Context(name) => {
            let (host, tls) = inspect_context(&name).await?;
            route(&host, tls, vec!["--context".to_owned(), name])
        }
    }
}

/// The docker context that is used; `None` where `DOCKER_HOST` says where the engine is.
pub(crate) fn context_name() -> Option<String> {
    match chosen() {
        Choice::Host(_) => None,
        Choice::Context(name) => Some(name),
        Choice::Default => Some("default".to_owned()),
    }
}

/// The group that owns the engine's socket on this machine: who is of it may use the engine. `None` where the engine is not
/// reached by a socket that is named right away.
#[must_use]
pub fn socket_group() -> Option<u32> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let host = match chosen() {
            Choice::Host(host) => host,
            Choice::Default => DEFAULT_HOST.to_owned(),
            Choice::Context(_) => return None,
        };
        std::fs::metadata(host.strip_prefix("unix://")?).ok().map(|socket| socket.gid())
    }
    #[cfg(not(unix))]
    None
}

/// Finds out what says which engine is meant.
#[must_use]
pub fn chosen() -> Choice {
    let config = config_folder().and_then(|folder| {
        // A config that can't be read is one that says nothing, for the docker CLI too.
        std::fs::read_to_string(folder.join("config.json")).ok()
    });
    choose(set("DOCKER_HOST"), set("DOCKER_CONTEXT"), config.as_deref())
}

fn set(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The folder of the docker CLI's configuration.
pub(crate) fn config_folder() -> Option<PathBuf> {
    if let Some(folder) = std::env::var_os("DOCKER_CONFIG").filter(|folder| !folder.is_empty()) {
        return Some(PathBuf::from(folder));
    }
    std::env::home_dir().map(|home| home.join(".docker"))
}

fn choose(host: Option<String>, context: Option<String>, config: Option<&str>) -> Choice {
    if let Some(host) = host {
        return Choice::Host(host);
    }
    let current = || {
        let config: Value = serde_json::from_str(config?).ok()?;
        Some(config.get("currentContext")?.as_str()?.to_owned())
    };
    match context.or_else(current) {
        Some(name) if !name.is_empty() && name != "default" => Choice::Context(name),
        _ => Choice::Default,
    }
}

fn route(host: &str, tls: bool, context: Vec<String>) -> EngineResult<Target> {
    let host = if host.contains("://") { host.to_owned() } else { format!("tcp://{host}") };
    let (scheme, rest) = host.split_once("://").unwrap_or_default();
    let route = match scheme {
        "unix" => Route::Direct(Address::Unix(PathBuf::from(rest))),
        "npipe" => Route::Direct(Address::Pipe(rest.replace('/', "\\"))),
        "tcp" | "http" if !tls => Route::Direct(Address::Tcp(with_port(rest))),
        "tcp" | "https" | "ssh" => Route::Dial(context),
        _ => {
            return Err(EngineError::new(
                EngineErrorKind::Other,
                "finding the engine",
                format!("the address `{host}` is of an unknown kind"),
            ));
        }
    };
    Ok(Target { host, route })
}

fn with_port(rest: &str) -> String {
    let rest = rest.trim_end_matches('/');
    let has_port = rest.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
    if has_port { rest.to_owned() } else { format!("{rest}:2375") }
}

async fn inspect_context(name: &str) -> EngineResult<(String, bool)> {
    let action = format!("reading the docker context `{name}`");
    let output = tokio::process::Command::new("docker")
        .args(["context", "inspect", name])
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .map_err(|error| not_started(&action, &error))?;
    if !output.status.success() {
        let message = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        return Err(EngineError::new(EngineErrorKind::Other, action, message));
    }
    context_endpoint(&output.stdout).ok_or_else(|| {
        EngineError::new(EngineErrorKind::Other, action, "it names no address of an engine")
    })
}

fn context_endpoint(json: &[u8]) -> Option<(String, bool)> {
    let contexts: Value = serde_json::from_slice(json).ok()?;
    let context = contexts.get(0)?;
    let endpoint = context.get("Endpoints")?.get("docker")?;
    let host = endpoint.get("Host")?.as_str()?.to_owned();
    let material = context.pointer("/TLSMaterial/docker").and_then(Value::as_array);
    let skip = endpoint.get("SkipTLSVerify").and_then(Value::as_bool).unwrap_or(false);
    Some((host, skip || material.is_some_and(|files| !files.is_empty())))
}

/// An error of starting the docker program.
pub(crate) fn not_started(action: &str, error: &std::io::Error) -> EngineError {
    if error.kind() == std::io::ErrorKind::NotFound {
        EngineError::new(EngineErrorKind::NotInstalled, action, "there is no `docker` program")
    } else {
        crate::error::from_io(action, error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn the_host_wins_over_the_context_and_the_context_over_the_config() {
        let config = Some(r#"{"currentContext": "desk"}"#);
        assert_eq!(choose(text("tcp://x"), text("c"), config), Choice::Host("tcp://x".to_owned()));
        assert_eq!(choose(None, text("c"), config), Choice::Context("c".to_owned()));
        assert_eq!(choose(None, None, config), Choice::Context("desk".to_owned()));
        assert_eq!(choose(None, text("default"), config), Choice::Default);
        assert_eq!(choose(None, None, Some("{}")), Choice::Default);
        assert_eq!(choose(None, None, Some("not json")), Choice::Default);
        assert_eq!(choose(None, None, None), Choice::Default);
    }

    #[test]
    fn addresses_are_connected_to_and_the_rest_is_dialled() {
        let at = |host: &str, tls| route(host, tls, vec!["--context".to_owned()]).unwrap().route;
        assert_eq!(
            at("unix:///run/x.sock", false),
            Route::Direct(Address::Unix("/run/x.sock".into()))
        );
        assert_eq!(at("tcp://h:1", false), Route::Direct(Address::Tcp("h:1".to_owned())));
        assert_eq!(at("h", false), Route::Direct(Address::Tcp("h:2375".to_owned())));
        assert_eq!(
            at("npipe:////./pipe/docker_engine", false),
            Route::Direct(Address::Pipe(r"\\.\pipe\docker_engine".to_owned()))
        );
        assert!(matches!(at("tcp://h:2376", true), Route::Dial(_)));
        assert!(matches!(at("ssh://me@h", false), Route::Dial(_)));
        assert!(route("fd://x", false, Vec::new()).is_err());
    }

    #[test]
    fn a_context_with_certificates_means_tls() {
        let json =
            br#"[{"Name":"c","Endpoints":{"docker":{"Host":"tcp://h:2376","SkipTLSVerify":false}},
            "TLSMaterial":{"docker":["ca.pem","cert.pem","key.pem"]}}]"#;
        assert_eq!(context_endpoint(json), Some(("tcp://h:2376".to_owned(), true)));
        let json = br#"[{"Endpoints":{"docker":{"Host":"ssh://h"}},"TLSMaterial":{}}]"#;
        assert_eq!(context_endpoint(json), Some(("ssh://h".to_owned(), false)));
    }
}
