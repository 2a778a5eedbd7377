//! The mark of a run on the engine: a volume of a name that only one can have. Who asks for it gets the one that is there, with
//! the labels that it was made with, so that everyone sees whose it is. Nothing is ever in it.

use backstay_core::engine::{Claim, EngineResult};
use hyper::Method;
use serde_json::{Value, json};

use crate::connection::{Connection, encode};
use crate::containers::tolerate_missing;

/// The label with the claim, as JSON.
const LABEL: &str = "backstay.claim";

/// The name of the mark.
fn name(project: &str) -> String {
    backstay_core::naming::claim_name(project)
}

/// Puts the mark there, or says whose is there.
pub(crate) async fn claim(
    engine: &Connection,
    project: &str,
    claim: &Claim,
) -> EngineResult<Option<Claim>> {
    let action = format!("marking that a run works on project `{project}`");
    let text = serde_json::to_string(claim).unwrap_or_default();
    let body = json!({"Name": name(project), "Driver": "local", "Labels": {LABEL: text}});
    let found = engine.api().call(&action, Method::POST, "/volumes/create", Some(&body)).await?;
    let found: Value = serde_json::from_slice(&found).unwrap_or_default();
    Ok(read(&found).filter(|other| other.token != claim.token))
}

/// Takes the mark away, where it is this one.
pub(crate) async fn release(engine: &Connection, project: &str, claim: &Claim) -> EngineResult<()> {
    let path = format!("/volumes/{}", encode(&name(project)));
    let found = engine.api().get("looking for the mark of a run", &path).await?;
    if found.as_ref().and_then(read).is_none_or(|other| other.token != claim.token) {
        return Ok(());
    }
    let action = "taking the mark of a run away";
    tolerate_missing(engine.api().call(action, Method::DELETE, &path, None).await.map(|_| ()))
}

fn read(volume: &Value) -> Option<Claim> {
    let text = volume.get("Labels")?.get(LABEL)?.as_str()?;
    serde_json::from_str(text).ok()
}
