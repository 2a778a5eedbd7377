//! A socket in front of the engine's. It passes everything on, counts the calls that change something, and makes one
//! fault at one of them.

use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

/// How long a client may take to send what belongs to a call that is not passed on.
const REST: Duration = Duration::from_millis(100);

const REFUSAL: &[u8] = b"HTTP/1.1 500 Internal Server Error\r\nContent-Type: application/json\r\n\
    Connection: close\r\nContent-Length: 22\r\n\r\n{\"message\":\"a fault\"}\n";

type Hook = Box<dyn FnOnce() + Send>;

/// Whether the fault strikes at a call, of which this is the number, from 0, and `POST containers/create`.
pub(crate) type At = Box<dyn Fn(usize, &str) -> bool + Send>;

/// What happens at a call.
pub(crate) enum Fault {
    /// This is done, and the call never reaches the engine.
    Instead(Hook),
    /// The call is made, then this is done, and nobody hears of the answer.
    After(Hook),
    /// This is done, and the call goes on.
    Before(Hook),
    /// The engine refuses, and has done nothing.
    Refused,
    /// The engine refuses, and has done it.
    RefusedAfter,
    /// Half of the answer comes, then the connection ends.
    Cut,
    /// The call waits for so long.
    Late(Duration),
    /// From here on there is no engine.
    Gone,
}

#[derive(Default)]
struct State {
    seen: Vec<String>,
    fault: Option<(At, Fault)>,
    struck: Option<Instant>,
    gone: bool,
    /// Whether the fault is being made just now.
    busy: bool,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    rests: Condvar,
}

/// As long as it lives, the fault is being made.
struct Busy<'a>(&'a Shared);

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.0.state.lock().unwrap().busy = false;
        self.0.rests.notify_all();
    }
}

/// The socket.
pub(crate) struct Proxy {
    folder: tempfile::TempDir,
    shared: Arc<Shared>,
}

impl Proxy {
    /// In front of the engine that listens at `engine`. The fault strikes once.
    pub(crate) fn new(engine: PathBuf, fault: Option<(At, Fault)>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(folder.path().join("engine.sock")).unwrap();
        let state = Mutex::new(State { fault, ..State::default() });
        let shared = Arc::new(Shared { state, rests: Condvar::new() });
        let served = Arc::clone(&shared);
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let Ok(client) = client else { return };
                let (engine, shared) = (engine.clone(), Arc::clone(&served));
                let Ok(end) = client.try_clone() else { return };
                // Whoever hangs up in the middle makes no more than an end of this connection.
                std::thread::spawn(move || {
                    let _ = serve(client, &engine, &shared);
                    // Whatever went wrong: the half that is being read from elsewhere keeps it open otherwise.
                    let _ = end.shutdown(Shutdown::Both);
                });
            }
        });
        Self { folder, shared }
    }

    /// What `DOCKER_HOST` has to be.
    pub(crate) fn host(&self) -> String {
        format!("unix://{}", self.folder.path().join("engine.sock").display())
    }

    /// The calls so far that change something.
    pub(crate) fn seen(&self) -> Vec<String> {
        self.shared.state.lock().unwrap().seen.clone()
    }

    /// When the fault struck, if it did. Waits until all of it has been made: a run may end before.
    pub(crate) fn struck(&self) -> Option<Instant> {
        let state = self.shared.state.lock().unwrap();
        self.shared.rests.wait_while(state, |state| state.busy).unwrap().struck
    }
}

/// One connection. The engine is asked to close it after the answer, so that each has one call.
fn serve(mut client: UnixStream, engine: &PathBuf, shared: &Shared) -> io::Result<()> {
    let Some((head, rest)) = read_head(&mut client)? else { return Ok(()) };
    let fault = {
        let mut state = shared.state.lock().unwrap();
        if state.gone {
            return Ok(());
        }
        let fault = changes(&head).and_then(|call| {
            let number = state.seen.len();
            let strikes = state.fault.as_ref().is_some_and(|(at, _)| at(number, &call));
            state.seen.push(call);
            if strikes { state.fault.take() } else { None }
        });
        state.struck = state.struck.or(fault.as_ref().map(|_| Instant::now()));
        state.gone = matches!(fault, Some((_, Fault::Gone)));
        state.busy |= fault.is_some();
        fault.map(|(_, fault)| fault)
    };
    let _busy = fault.is_some().then(|| Busy(shared));
    let mut after = None;
    match fault {
        Some(Fault::Refused) => return refuse(&mut client),
        Some(Fault::Gone) => return Ok(()),
        Some(Fault::Instead(hook)) => {
            hook();
            return Ok(());
        }
        Some(Fault::Before(hook)) => hook(),
        Some(Fault::Late(time)) => std::thread::sleep(time),
        other => after = other,
    }
    let mut server = UnixStream::connect(engine)?;
    server.write_all(closing(&head).as_bytes())?;
    server.write_all(&rest)?;
    let (mut from, mut to) = (client.try_clone()?, server.try_clone()?);
    let sender = std::thread::spawn(move || {
        let sent = io::copy(&mut from, &mut to);
        to.shutdown(Shutdown::Write).and(sent)
    });
    let mut held = Vec::new();
    match after {
        Some(Fault::After(hook)) => {
            server.read_to_end(&mut held)?;
            hook();
        }
        Some(Fault::RefusedAfter) => {
            server.read_to_end(&mut held)?;
            client.write_all(REFUSAL)?;
        }
        Some(Fault::Cut) => {
            server.read_to_end(&mut held)?;
            client.write_all(&held[..held.len() / 2])?;
        }
        _ => {
            io::copy(&mut server, &mut client)?;
            if head.to_ascii_lowercase().contains("\r\nupgrade:") {
                client.shutdown(Shutdown::Write)?;
                let _ = sender.join();
                return Ok(());
            }
        }
    }
    Ok(())
}

fn refuse(client: &mut UnixStream) -> io::Result<()> {
    client.set_read_timeout(Some(REST))?;
    let _ = io::copy(client, &mut io::sink());
    client.write_all(REFUSAL)
}

/// A call's head, and what came behind it in the same breath.
fn read_head(client: &mut UnixStream) -> io::Result<Option<(String, Vec<u8>)>> {
    let (mut read, mut piece) = (Vec::new(), [0; 4096]);
    loop {
        let count = client.read(&mut piece)?;
        if count == 0 {
            return Ok(None);
        }
        read.extend_from_slice(&piece[..count]);
        if let Some(end) = read.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
            let rest = read.split_off(end + 4);
            return Ok(Some((String::from_utf8_lossy(&read).into_owned(), rest)));
        }
    }
}

/// The head with the wish to close the connection, except where the connection becomes another protocol.
fn closing(head: &str) -> String {
    if head.to_ascii_lowercase().contains("\r\nupgrade:") {
        return head.to_owned();
    }
    let lines = head.trim_end().split("\r\n");
    let kept = lines.filter(|line| !line.to_ascii_lowercase().starts_with("connection:"));
    kept.chain(["Connection: close", "", ""]).collect::<Vec<_>>().join("\r\n")
}

/// The call, if it changes something: healthchecks, waiting and the builder's own protocol do not count.
fn changes(head: &str) -> Option<String> {
    let mut words = head.split_whitespace();
    let (method, path) = (words.next()?, words.next()?);
    let path = path.split('?').next()?;
    // `/v1.45/containers/…`
    let path = match path.strip_prefix("/v1.").and_then(|rest| rest.split_once('/')) {
        Some((_, path)) => path,
        None => path.trim_start_matches('/'),
    };
    let parts: Vec<&str> = path.split('/').collect();
    let quiet = matches!(
        parts[..],
        ["containers", _, "wait" | "exec" | "attach" | "resize"]
            | ["exec" | "auth" | "session" | "grpc" | "build", ..]
    );
    (matches!(method, "POST" | "PUT" | "DELETE") && !quiet).then(|| format!("{method} {path}"))
}
