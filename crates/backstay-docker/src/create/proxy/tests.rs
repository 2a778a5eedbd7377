//! The guard before an engine that only takes notes.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use backstay_core::engine::{CreateFrom, CreateRequest, CreateService};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};

use super::{Session, serve};
use crate::connection::{Listener, Raw};
use crate::create::{InFlight, Orders, Truth};

type Notes = Arc<Mutex<Vec<(String, Value)>>>;

/// Answers creates with the name as the id, and everything else with an empty object.
async fn engine(listener: Arc<Listener>, notes: Notes) {
    while let Ok(stream) = listener.accept().await {
        let notes = Arc::clone(&notes);
        let service = service_fn(move |request: Request<Incoming>| {
            let notes = Arc::clone(&notes);
            async move {
                let (parts, body) = request.into_parts();
                let body = body.collect().await.unwrap().to_bytes();
                let line = format!("{} {}", parts.method, parts.uri);
                let id = line.split_once("?name=").map(|(_, name)| name.to_owned());
                let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
                notes.lock().unwrap().push((line, body));
                let answer = Full::from(json!({ "Id": id }).to_string());
                Ok::<Response<Full<Bytes>>, Infallible>(Response::new(answer))
            }
        });
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}

/// A guard that is to let one hidden container of `web` with a rehearsal through, a client of it, and the engine's notes.
fn guarded() -> (Arc<Session>, Raw, Notes) {
    let (behind, before) = (Arc::new(Listener::bind().unwrap()), Listener::bind().unwrap());
    let notes = Notes::default();
    let raw = Arc::new(Raw::new(behind.address().clone()));
    tokio::spawn(engine(behind, Arc::clone(&notes)));
    let services = [CreateService {
        service: "web".to_owned(),
        replicas: 1,
        fingerprint: "f".to_owned(),
        replaces: Vec::new(),
        hidden: true,
        rehearsal: true,
        ..CreateService::default()
    }];
    let source = CreateFrom::Recorded(&[]);
    let request = CreateRequest { source, project: "shop", run: "7", services: &services };
    let orders = Arc::new(Orders::new(&request, &[], ""));
    let session = Arc::new(Session::new(raw, InFlight::default(), orders));
    session.tell(Truth::default());
    let client = Raw::new(before.address().clone());
    let serving = Arc::clone(&session);
    tokio::spawn(async move { serve(&before, &serving).await });
    (session, client, notes)
}

fn body() -> Value {
    json!({"Image": "shop-web", "Labels": {
        "com.docker.compose.project": "shop", "com.docker.compose.service": "web",
        "com.docker.compose.container-number": "1"}, "HostConfig": {}})
}

async fn ask(client: &Raw, request: &str, body: Option<&Value>) -> (u16, String) {
    let (method, path) = request.split_once(' ').unwrap();
    let method: Method = method.parse().unwrap();
    let reply = client.exchange(method, path, body).await.unwrap();
    (reply.status.as_u16(), reply.message())
}

fn lines(notes: &Notes) -> Vec<String> {
    notes.lock().unwrap().iter().map(|(line, _)| line.clone()).collect()
}

#[tokio::test]
async fn what_is_refused_never_reaches_the_engine() {
    let (session, client, notes) = guarded();
    let foreign = json!({"Container": "db"});
    for (request, body) in [
        ("DELETE /v1.45/containers/db?force=1", None),
        ("POST /v1.45/containers/db/stop", None),
        ("PUT /v1.45/containers/db/archive?path=%2F", None),
        ("POST /v1.45/networks/shop_back/connect", Some(&foreign)),
        ("POST /v1.45/containers/create?name=shop-db-1", Some(&foreign)),
    ] {
        let (status, message) = ask(&client, request, body).await;
        assert_eq!(status, 403, "{request}");
        assert!(message.starts_with("backstay does not let Compose"), "{message}");
    }
    assert!(lines(&notes).is_empty());
    let outcome = session.outcome();
    assert_eq!(outcome.refused.len(), 5);
    assert_eq!(outcome.refused[0], "remove container `db`");
    assert_eq!(outcome.missing.as_deref(), Some("web"));
}

#[tokio::test]
async fn what_is_done_to_a_candidate_is_done_to_its_rehearsal() {
    let (session, client, notes) = guarded();
    let create = "POST /v1.43/containers/create?name=shop-web-1";
    assert_eq!(ask(&client, create, Some(&body())).await.0, 200);
    let archive = "PUT /v1.43/containers/shop-web-1.new-7/archive?path=%2F";
    assert_eq!(ask(&client, archive, Some(&json!("tar"))).await.0, 200);
    let connect = json!({"Container": "shop-web-1.new-7", "EndpointConfig": {
        "Aliases": ["shop-web-1", "web"], "IPAMConfig": {"IPv4Address": "10.0.0.9"}}});
    let join = "POST /v1.43/networks/shop_back/connect";
    assert_eq!(ask(&client, join, Some(&connect)).await.0, 200);

    let mut seen = lines(&notes);
    seen.sort();
    assert_eq!(
        seen,
        [
            "GET /v1.43/images/shop-web/json",
            "GET /v1.43/networks/shop_back",
            "POST /v1.43/containers/create?name=shop-web-1.new-7",
            "POST /v1.43/containers/create?name=shop-web-1.rehearsal-7",
            "POST /v1.43/networks/shop_back/connect",
            "POST /v1.43/networks/shop_back/connect",
            "PUT /v1.43/containers/shop-web-1.new-7/archive?path=%2F",
            "PUT /v1.43/containers/shop-web-1.rehearsal-7/archive?path=%2F",
        ]
    );
    let notes = notes.lock().unwrap();
    let joined: Vec<&Value> =
        notes.iter().filter(|(line, _)| line.ends_with("/connect")).map(|(_, body)| body).collect();
    assert_eq!(joined[0]["EndpointConfig"]["Aliases"], json!([]));
    assert_eq!(joined[0]["EndpointConfig"]["IPAMConfig"]["IPv4Address"], "10.0.0.9");
    assert_eq!(joined[1]["Container"], "shop-web-1.rehearsal-7");
    assert_eq!(joined[1]["EndpointConfig"]["Aliases"], json!([]));
    assert_eq!(joined[1]["EndpointConfig"]["IPAMConfig"], Value::Null);

    let outcome = session.outcome();
    assert_eq!(outcome.created.len(), 2);
    assert_eq!(outcome.missing, None);
    let candidate = outcome.created.iter().find(|created| !created.rehearsal).unwrap();
    assert_eq!(candidate.aliases["shop_back"], ["shop-web-1", "web"]);
}
