//! Clients that go on and on.

use super::client::{self, Keep, request};
use super::until;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::task::JoinHandle;

/// What came of it.
#[derive(Debug, Default, Clone)]
pub(crate) struct Outcome {
    /// By body.
    pub good: BTreeMap<String, u64>,
    pub failed: Vec<String>,
}

/// Clients that ask until they are told to stop.
pub(crate) struct Load {
    stop: Arc<AtomicBool>,
    outcome: Arc<Mutex<Outcome>>,
    tasks: Vec<JoinHandle<()>>,
}

impl Load {
    /// Connections for one request each.
    pub(crate) fn new_connections(port: u16, clients: usize) -> Self {
        Self::start(clients, move |load| async move {
            while load.goes_on() {
                load.count(client::try_get(port, "/").await);
            }
        })
    }

    /// Connections that are kept until the server closes them.
    pub(crate) fn kept(port: u16, clients: usize) -> Self {
        Self::start(clients, move |load| async move {
            while load.goes_on() {
                let mut connection = match Keep::try_connect(port).await {
                    Ok(connection) => connection,
                    Err(error) => {
                        load.count(Err(error));
                        continue;
                    }
                };
                while load.goes_on() {
                    let got = connection.send(request("/")).await;
                    let last = match &got {
                        Ok(got) => got.headers.get("connection").is_some_and(|c| c == "close"),
                        Err(_) => true,
                    };
                    load.count(got);
                    if last {
                        break;
                    }
                }
            }
        })
    }

    /// A WebSocket that echoes all the time.
    pub(crate) fn web_socket(port: u16) -> Self {
        Self::start(1, move |load| async move {
            let mut stream = client::web_socket(port).await;
            while load.goes_on() {
                match client::echo(&mut stream, "still there?").await {
                    Ok(()) => load.good("echo"),
                    Err(error) => {
                        load.outcome.lock().unwrap().failed.push(error);
                        return;
                    }
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        })
    }

    fn start<F>(clients: usize, run: impl Fn(Running) -> F) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let (stop, outcome) = (Arc::default(), Arc::default());
        let running = || Running { stop: Arc::clone(&stop), outcome: Arc::clone(&outcome) };
        let tasks = (0..clients).map(|_| tokio::spawn(run(running()))).collect();
        Self { stop, outcome, tasks }
    }

    /// Waits until so many more have come back.
    pub(crate) async fn more(&self, count: u64) {
        let total = || self.outcome.lock().unwrap().good.values().sum::<u64>();
        let wanted = total() + count;
        until("more answers", || std::future::ready(total() >= wanted)).await;
    }

    /// Ends it.
    pub(crate) async fn end(self) -> Outcome {
        self.stop.store(true, SeqCst);
        for task in self.tasks {
            task.await.unwrap();
        }
        self.outcome.lock().unwrap().clone()
    }
}

struct Running {
    stop: Arc<AtomicBool>,
    outcome: Arc<Mutex<Outcome>>,
}

impl Running {
    fn goes_on(&self) -> bool {
        !self.stop.load(SeqCst)
    }

    fn good(&self, what: &str) {
        *self.outcome.lock().unwrap().good.entry(what.to_owned()).or_default() += 1;
    }

    fn count(&self, got: Result<client::Got, String>) {
        match got {
            Ok(got) if got.status == 200 => self.good(&got.body),
            other => self.outcome.lock().unwrap().failed.push(format!("{other:?}")),
        }
    }
}
