//! What the engine tells while it works: a stream of JSON objects.

use backstay_core::engine::{EngineError, EngineErrorKind, EngineResult};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use serde_json::Value;

use crate::error::{kind_of, with_causes};

/// Reads it to its end. What it says of an error is one.
pub(crate) async fn progress(
    action: &str,
    mut body: Incoming,
    mut told: impl FnMut(&Value),
) -> EngineResult<()> {
    let (mut rest, mut failure) = (Vec::new(), None);
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| {
            EngineError::new(EngineErrorKind::Other, action, with_causes(&error))
        })?;
        let Ok(bytes) = frame.into_data() else { continue };
        rest.extend_from_slice(&bytes);
        let mut stream = serde_json::Deserializer::from_slice(&rest).into_iter::<Value>();
        let values: Vec<Value> = stream.by_ref().map_while(Result::ok).collect();
        let read = stream.byte_offset();
        rest.drain(..read);
        for value in values {
            let said = value.pointer("/errorDetail/message").or_else(|| value.get("error"));
            if let Some(message) = said.and_then(Value::as_str) {
                let kind = kind_of(message).unwrap_or(EngineErrorKind::Other);
                failure.get_or_insert(EngineError::new(kind, action, message));
            }
            told(&value);
        }
    }
    failure.map_or(Ok(()), Err)
}
