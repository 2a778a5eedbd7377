//! Images and their tags.

use backstay_core::engine::{EngineErrorKind, EngineResult, ImageDetail};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::Method;
use serde_json::{Value, json};

use crate::connection::{Connection, encode};
use crate::image_content::content;
use crate::progress::progress;

/// The id of an image, or `None` where the engine does not have it.
pub(crate) async fn id(engine: &Connection, reference: &str) -> EngineResult<Option<String>> {
    let detail = inspect(engine, reference).await?;
    Ok(detail.and_then(|detail| Some(detail.get("Id")?.as_str()?.to_owned())))
}

/// What an image is.
pub(crate) async fn detail(
    engine: &Connection,
    reference: &str,
    platform: Option<&str>,
) -> EngineResult<Option<ImageDetail>> {
    // Older engines tell of one platform of an image only: their own.
    let asked = platform.filter(|_| engine.speaks(1, 49));
    let query = asked.map(|platform| format!("?platform={}", encode(&as_json(platform))));
    let detail = inspect_with(engine, reference, &query.unwrap_or_default()).await?;
    Ok(detail.map(|detail| {
        let text = |pointer: &str| {
            detail.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        let list = |pointer: &str| {
            let list = detail.pointer(pointer).and_then(Value::as_array);
            list.into_iter().flatten().filter_map(Value::as_str)
        };
        let tagged = text("/Metadata/LastTagTime");
        ImageDetail {
            id: text("/Id"),
            content: content(&detail, platform),
            user: text("/Config/User"),
            // The year 1 stands for never.
            tagged: (!tagged.is_empty() && !tagged.starts_with("0001-")).then_some(tagged),
            size: detail.get("Size").and_then(Value::as_u64).unwrap_or_default(),
            layers: list("/RootFS/Layers").map(|id| id.replace("sha256:", "")).collect(),
            digests: list("/RepoDigests").map(str::to_owned).collect(),
        }
    }))
}

/// `linux/arm64/v8` as the engine takes it.
fn as_json(platform: &str) -> String {
    let mut parts = platform.split('/');
    let mut part = || parts.next().unwrap_or_default();
    json!({"os": part(), "architecture": part(), "variant": part()}).to_string()
}

/// What the engine says of an image.
pub(crate) async fn inspect(engine: &Connection, reference: &str) -> EngineResult<Option<Value>> {
    inspect_with(engine, reference, "").await
}

async fn inspect_with(
    engine: &Connection,
    reference: &str,
    query: &str,
) -> EngineResult<Option<Value>> {
    let action = format!("looking up image `{reference}`");
    let path = in_path(reference);
    engine.api().get(&action, &format!("/images/{path}/json{query}")).await
}

/// A reference in a path: its slashes are part of it.
pub(crate) fn in_path(reference: &str) -> String {
    encode(reference).replace("%2F", "/").replace("%3A", ":").replace("%40", "@")
}

/// Makes a reference point to an image.
pub(crate) async fn tag(engine: &Connection, image: &str, reference: &str) -> EngineResult<()> {
    let (repo, tag) = split(reference);
    let action = format!("tagging {image} as `{reference}`");
    let query = format!("repo={}&tag={}", encode(repo), encode(tag));
    let path = format!("/images/{}/tag?{query}", in_path(image));
    engine.api().call(&action, Method::POST, &path, None).await.map(|_| ())
}

/// The tags of a repository that images here have.
pub(crate) async fn tags(engine: &Connection, repository: &str) -> EngineResult<Vec<String>> {
    let filters = serde_json::json!({"reference": [repository]}).to_string();
    let path = format!("/images/json?filters={}", encode(&filters));
    let found = engine.api().get("listing images", &path).await?.unwrap_or_default();
    let tags = |image: &Value| -> Vec<String> {
        let tags = image.get("RepoTags").and_then(Value::as_array).into_iter().flatten();
        let tags = tags.filter_map(|tag| tag.as_str()?.rsplit_once(':'));
        // Podman says where an image is from that is from nowhere.
        let is_of = |name: &str| name.strip_prefix("localhost/").unwrap_or(name) == repository;
        tags.filter(|(name, _)| is_of(name)).map(|(_, tag)| tag.to_owned()).collect()
    };
    Ok(found.as_array().into_iter().flatten().flat_map(tags).collect())
}

/// Takes a reference away.
pub(crate) async fn untag(engine: &Connection, reference: &str) -> EngineResult<()> {
    match delete(engine, reference).await {
        Err(error) if error.is_not_found() => Ok(()),
        // The last reference of an image that a container uses. With `force` the engine would delete the image as well when
        // that container does not run, so the reference is moved to an empty image first, and goes with it.
        Err(error) if error.kind == EngineErrorKind::Conflict => {
            move_to_empty(engine, reference).await?;
            match delete(engine, reference).await {
                Err(error) if error.is_not_found() => Ok(()),
                other => other,
            }
        }
        other => other,
    }
}

/// Removes a reference, and its image with the last one. One that a container uses is a conflict.
pub(crate) async fn delete(engine: &Connection, reference: &str) -> EngineResult<()> {
    let action = format!("taking the tag `{reference}` away");
    let path = format!("/images/{}", in_path(reference));
    let done = engine.api().call_patiently(&action, Method::DELETE, &path, &Value::Null).await;
    done.map(|_| ())
}

async fn move_to_empty(engine: &Connection, reference: &str) -> EngineResult<()> {
    let (repo, tag) = split(reference);
    let action = format!("moving the tag `{reference}` away");
    let path = format!("/images/create?fromSrc=-&repo={}&tag={}", encode(repo), encode(tag));
    // Two blocks of zeros: a tar archive without entries.
    let empty = Full::from(Bytes::from_static(&[0; 1024])).map_err(|never| match never {});
    let (api, empty) = (engine.api(), empty.boxed_unsync());
    let answer = api.send_archive(&action, Method::POST, &path, empty).await?;
    progress(&action, answer.into_body(), |_| ()).await
}

/// A reference as repository and tag; `:` after the last `/` separates them.
fn split(reference: &str) -> (&str, &str) {
    let name = reference.rfind('/').map_or(0, |at| at + 1);
    match reference[name..].rfind(':') {
        Some(at) => (&reference[..name + at], &reference[name + at + 1..]),
        None => (reference, "latest"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tag_is_what_follows_the_last_colon_of_the_name() {
        assert_eq!(split("shop-web"), ("shop-web", "latest"));
        assert_eq!(split("shop/web:2"), ("shop/web", "2"));
        assert_eq!(split("localhost:5000/web"), ("localhost:5000/web", "latest"));
        assert_eq!(split("localhost:5000/web:2"), ("localhost:5000/web", "2"));
    }
}
