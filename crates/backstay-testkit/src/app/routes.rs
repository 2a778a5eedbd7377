//! What the server answers to which path.

use super::client::{self, Target};
use super::hostile::HOSTILE;
use super::schema;
use super::settings::{Settings, hostname};
use std::time::{Duration, Instant};
use std::{env, fs, io, thread};

const UPSTREAM_TIMEOUT: Duration = Duration::from_millis(500);

/// How long an upstream has for its answer that is asked only once, when there is a connection.
const UPSTREAM_ANSWER: Duration = Duration::from_secs(10);

/// How often an upstream that did not answer is asked again, as proxies do.
const RETRIES: usize = 3;
const RETRY_PAUSE: Duration = Duration::from_millis(20);

/// Longest `/slow/<ms>`: a demo must not be a way to hold threads for ever.
const SLOWEST: u64 = 30_000;

/// The answers of one server.
#[derive(Debug)]
pub struct Routes {
    settings: Settings,
    started: Instant,
    /// Where the upstream was when this began, where it is looked for only once.
    upstream: Option<Target>,
}

impl Routes {
    /// The clock of `unhealthy-after` begins here.
    ///
    /// # Errors
    /// The upstream is to be looked up once, and has no address.
    pub fn new(settings: Settings) -> io::Result<Self> {
        let behaviour = &settings.behaviour;
        let upstream = behaviour.upstream.as_deref().filter(|_| behaviour.resolve_once);
        let upstream = upstream.map(Target::resolve).transpose()?;
        Ok(Self { settings, started: Instant::now(), upstream })
    }

    /// The status and the body for `path`.
    pub fn answer(&self, path: &str) -> (u16, String) {
        let path = path.split('?').next().unwrap_or_default();
        match path {
            "/" => (200, format!("{} {}\n", self.settings.service, self.settings.version)),
            "/version" => (200, format!("{}\n", self.settings.version)),
            "/healthz" if self.is_healthy() => (200, "healthy\n".into()),
            "/healthz" if self.settings.behaviour.hostile => {
                (503, format!("{}\n", String::from_utf8_lossy(HOSTILE)))
            }
            "/healthz" => (503, "not healthy, as asked\n".into()),
            "/schema" => (200, format!("{}\n", schema::current())),
            "/id" => (200, format!("{}\n", hostname())),
            "/via" => self.via(),
            _ => other(path),
        }
    }

    fn is_healthy(&self) -> bool {
        self.settings.behaviour.unhealthy_after.is_none_or(|limit| self.started.elapsed() < limit)
    }

    fn via(&self) -> (u16, String) {
        let Some(url) = &self.settings.behaviour.upstream else {
            return (404, "no upstream\n".into());
        };
        if let Some(target) = &self.upstream {
            return match target.get_within(UPSTREAM_TIMEOUT, UPSTREAM_ANSWER) {
                Ok(answer) => (answer.status, answer.body),
                Err(e) => (502, format!("{url}: {e}\n")),
            };
        }
        let mut answer = client::ask(url, UPSTREAM_TIMEOUT);
        for _ in 0..RETRIES {
            if answer.as_ref().is_err_and(client::may_be_asked_again) {
                thread::sleep(RETRY_PAUSE);
                answer = client::ask(url, UPSTREAM_TIMEOUT);
            }
        }
        match answer {
            Ok(answer) => (answer.status, answer.body),
            Err(e) => (502, format!("{url}: {e}\n")),
        }
    }
}

fn other(path: &str) -> (u16, String) {
    let missing = || (404, format!("nothing at {path}\n"));
    if let Some(name) = path.strip_prefix("/env/") {
        return env::var(name).map_or_else(|_| missing(), |value| (200, format!("{value}\n")));
    }
    if let Some(name) = path.strip_prefix("/file/") {
        return fs::read_to_string(format!("/{name}"))
            .map_or_else(|_| missing(), |text| (200, text));
    }
    match path.strip_prefix("/slow/").and_then(|ms| ms.parse::<u64>().ok()) {
        Some(ms) => {
            thread::sleep(Duration::from_millis(ms.min(SLOWEST)));
            (200, format!("after {ms} ms\n"))
        }
        None => missing(),
    }
}
