//! An image is its content. Two builds of the same content have different ids, and what runs need not be replaced by the other.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::try_join_all;

use crate::context::Context;
use crate::engine::{Container, EngineResult};
use crate::layout::Layout;
use crate::release::ServiceRecord;
use crate::stack::{Model, Pulled, familiar};
use crate::vault::Vault;

/// An image that a service is to run.
pub(crate) struct Wanted<'a> {
    pub service: &'a str,
    /// The reference of its containers' image.
    pub reference: &'a str,
    pub platform: Option<&'a str>,
    /// The image's id.
    pub image: String,
    /// A digest of its content, where it is on record.
    pub content: Option<String>,
}

/// Where a reference's image has the content of one that runs already: that one, by reference. It is on the engine then.
pub(crate) async fn of_running(
    ctx: &Context,
    layout: &Layout,
    wanted: &[Wanted<'_>],
    live: &[Container],
    recorded: Option<&BTreeMap<String, ServiceRecord>>,
) -> EngineResult<BTreeMap<String, String>> {
    let mut found: BTreeMap<String, String> = BTreeMap::new();
    for want in wanted {
        let others: BTreeSet<&str> = live
            .iter()
            .filter(|container| container.service == want.service)
            .map(|container| container.image.as_str())
            .filter(|image| *image != want.image)
            .collect();
        // One reference has one image.
        if others.is_empty() || found.contains_key(want.reference) {
            continue;
        }
        let detail = ctx.engine.image_detail(&want.image, want.platform).await?;
        let content = detail.and_then(|detail| detail.content).or_else(|| want.content.clone());
        let Some(content) = content else { continue };
        for image in others {
            let detail = ctx.engine.image_detail(image, want.platform).await?;
            let is_there = detail.is_some();
            let record = recorded.and_then(|recorded| recorded.get(want.service));
            let on_record = record.filter(|record| record.image == image);
            let other =
                detail.and_then(|detail| detail.content).or_else(|| on_record?.content.clone());
            if other.as_ref() == Some(&content)
                && (is_there || bring_back(ctx, layout, image).await?)
            {
                found.insert(want.reference.to_owned(), image.to_owned());
                break;
            }
        }
    }
    Ok(found)
}

/// Some engines drop an image that a container still uses when its last reference moves. Whether it is there again.
async fn bring_back(ctx: &Context, layout: &Layout, image: &str) -> EngineResult<bool> {
    let vault = Vault::new(layout.vault(), ctx.store.clone());
    if !vault.has(image).unwrap_or(false) {
        return Ok(false);
    }
    Ok(ctx.engine.load_image(image, &vault).await? == image)
}

/// Adds what their images consist of to the records of services.
pub(crate) async fn record(
    ctx: &Context,
    model: &Model,
    services: &mut BTreeMap<String, ServiceRecord>,
) -> EngineResult<()> {
    let looks = services.iter_mut().map(|(name, record)| async move {
        let platform = model.services.get(name).and_then(|service| service.platform());
        let detail = ctx.engine.image_detail(&record.image, platform).await?;
        if let Some(detail) = detail {
            record.pulled = registry(model, name, record, &detail.digests);
            record.content = detail.content;
        } else {
            record.content = None;
        }
        Ok(())
    });
    try_join_all(looks).await.map(|_| ())
}

/// Where a registry has the image of a service, if that is to be enough. What is built here is in no registry, whatever the engine
/// says: some call every image's own id a registry's digest.
fn registry(
    model: &Model,
    name: &str,
    record: &ServiceRecord,
    digests: &[String],
) -> Option<String> {
    let is_built = model.services.get(name).is_none_or(|service| service.build.is_some());
    if model.vault.pulled == Pulled::Keep || is_built {
        return None;
    }
    let repository = |text: &str| familiar(text.split('@').next().unwrap_or(text)).to_owned();
    let wanted = repository(&record.reference);
    let is_own = |digest: &&String| {
        let found = repository(digest);
        wanted == found || wanted.strip_prefix(&found).is_some_and(|tag| tag.starts_with(':'))
    };
    digests.iter().find(is_own).cloned()
}

/// The containers whose image is another one than their release's by its id, and the same by its content.
pub(crate) async fn alike(
    ctx: &Context,
    services: &BTreeMap<String, ServiceRecord>,
    live: &[Container],
) -> EngineResult<BTreeSet<String>> {
    let mut alike = BTreeSet::new();
    for container in live {
        let Some(record) = services.get(&container.service) else { continue };
        if record.image != container.image && is_of(ctx, record, &container.image).await? {
            alike.insert(container.id.clone());
        }
    }
    Ok(alike)
}

/// Whether an image on the engine, by reference or id, is a service's by its id or by its content.
pub(crate) async fn is_of(
    ctx: &Context,
    record: &ServiceRecord,
    image: &str,
) -> EngineResult<bool> {
    let Some(detail) = ctx.engine.image_detail(image, None).await? else { return Ok(false) };
    Ok(detail.id == record.image || record.content.is_some() && record.content == detail.content)
}
