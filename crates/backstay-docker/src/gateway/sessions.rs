//! The conversations with gateways: one for each that is asked this and that, one for each hold, one for each drain.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use backstay_core::engine::{EngineError, EngineErrorKind, EngineResult, HoldRequest};
use backstay_routes::{Answer, Drained, Hold, Request, Snapshot, Status, Way};
use tokio::sync::Mutex;
use tokio::task::JoinHandle;

use super::control::Control;
use crate::connection::Connection;

/// How long a hold lasts that nobody renews.
const LEASE: Duration = Duration::from_secs(5);

/// How often it is renewed.
const RENEWAL: Duration = Duration::from_secs(1);

/// A hold, and whoever renews it.
struct Held {
    control: Arc<Mutex<Control>>,
    renewing: JoinHandle<()>,
}

/// The conversations.
#[derive(Default)]
pub(crate) struct Sessions {
    talks: Mutex<BTreeMap<String, Control>>,
    holds: Mutex<BTreeMap<(String, String), Held>>,
}

impl Sessions {
    async fn ask(&self, engine: &Connection, id: &str, request: Request) -> EngineResult<Answer> {
        let mut talks = self.talks.lock().await;
        if let Some(mut control) = talks.remove(id) {
            match control.ask(request.clone()).await {
                // The gateway, or its worker, may be another one by now.
                Err(error) if error.kind == EngineErrorKind::Other => {}
                answer => {
                    talks.insert(id.to_owned(), control);
                    return answer;
                }
            }
        }
        let mut control = Control::open(engine, id).await?;
        let answer = control.ask(request).await;
        talks.insert(id.to_owned(), control);
        answer
    }

    pub(crate) async fn set_routes(
        &self,
        engine: &Connection,
        id: &str,
        routes: &Snapshot,
    ) -> EngineResult<()> {
        let request = Request::Apply { snapshot: routes.clone() };
        match self.ask(engine, id, request).await {
            Ok(_) => Ok(()),
            // It was heard, and the answer got lost.
            Err(error) if error.kind == EngineErrorKind::Conflict => {
                let now = super::find::read_routes(engine, id).await?;
                if now == *routes { Ok(()) } else { Err(error) }
            }
            Err(error) => Err(error),
        }
    }

    pub(crate) async fn answers(&self, engine: &Connection, id: &str) -> EngineResult<bool> {
        match self.ask(engine, id, Request::Ping).await {
            Ok(Answer::Pong { generation, .. }) => Ok(generation > 0),
            Ok(_) | Err(_) => Ok(false),
        }
    }

    pub(crate) async fn ways(
        &self,
        engine: &Connection,
        id: &str,
    ) -> EngineResult<Option<Vec<Way>>> {
        match self.ask(engine, id, Request::Reach).await {
            Ok(Answer::Reached { ways }) => Ok(Some(ways)),
            Ok(other) => Err(odd(&other)),
            // It is older than the question.
            Err(error) if error.kind == EngineErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    pub(crate) async fn status(&self, engine: &Connection, id: &str) -> EngineResult<Status> {
        match self.ask(engine, id, Request::Status).await? {
            Answer::Status(status) => Ok(*status),
            other => Err(odd(&other)),
        }
    }

    pub(crate) async fn metrics(&self, engine: &Connection, id: &str) -> EngineResult<String> {
        match self.ask(engine, id, Request::Metrics).await? {
            Answer::Metrics { text } => Ok(text),
            other => Err(odd(&other)),
        }
    }

    pub(crate) async fn hold(
        &self,
        engine: &Connection,
        id: &str,
        hold: &HoldRequest,
    ) -> EngineResult<()> {
        let mut holds = self.holds.lock().await;
        let key = (id.to_owned(), hold.service.clone());
        if holds.get(&key).is_some_and(|held| !held.renewing.is_finished()) {
            return Ok(());
        }
        let mut control = Control::open(engine, id).await?;
        let lease_ms = u64::try_from(LEASE.as_millis()).unwrap_or(u64::MAX);
        let request = Hold {
            services: vec![hold.service.clone()],
            limit: hold.limit,
            wait_ms: hold.wait_ms,
            lease_ms,
        };
        control.ask(Request::Hold(request)).await?;
        let control = Arc::new(Mutex::new(control));
        let renewed = control.clone();
        let renewing = tokio::spawn(async move {
            loop {
                tokio::time::sleep(RENEWAL).await;
                if renewed.lock().await.ask(Request::Renew { lease_ms }).await.is_err() {
                    return;
                }
            }
        });
        holds.insert(key, Held { control, renewing });
        Ok(())
    }

    pub(crate) async fn open(&self, id: &str, service: &str) -> EngineResult<()> {
        let key = (id.to_owned(), service.to_owned());
        let Some(held) = self.holds.lock().await.remove(&key) else { return Ok(()) };
        held.renewing.abort();
        let request = Request::Open { services: vec![service.to_owned()] };
        match held.control.lock().await.ask(request).await {
            // It has ended by itself.
            Err(error) if error.kind == EngineErrorKind::NotFound => Ok(()),
            other => other.map(|_| ()),
        }
    }

    pub(crate) async fn drain(
        engine: &Connection,
        id: &str,
        (service, target): (&str, &str),
        within_ms: u64,
    ) -> EngineResult<Drained> {
        let (service, target) = (service.to_owned(), target.to_owned());
        let request = Request::Drain { service, target, timeout_ms: within_ms };
        match Control::open(engine, id).await?.ask(request).await {
            Ok(Answer::Drained(drained)) => Ok(drained),
            Ok(other) => Err(odd(&other)),
            // It never went there.
            Err(error) if error.kind == EngineErrorKind::NotFound => Ok(Drained::default()),
            Err(error) => Err(error),
        }
    }
}

/// An answer to something else.
pub(super) fn odd(answer: &Answer) -> EngineError {
    let message = format!("it answered something else: {answer:?}");
    EngineError::new(EngineErrorKind::Other, "talking to the gateway", message)
}
