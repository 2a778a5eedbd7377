//! Images: moving references, and loading what the engine does not have.

use super::transaction::Transaction;
use crate::plan::{Step, Undo};
use crate::run::Run;
use std::collections::BTreeMap;

use super::ids::ids;
use super::trouble::Trouble;
use crate::context::Context;
use crate::engine::EngineResult;
use crate::event::{Cause, Event, Failure, Note};
use crate::layout::Layout;
use crate::vault::Vault;

impl Transaction<'_> {
    pub(super) async fn tags(&self, run: &mut Run<'_>) -> Result<(), Failure> {
        let ctx = run.ctx;
        let before = ids(ctx, self.moves.keys().cloned().collect()).await?;
        run.step(Step::Tags, Undo::Tags { before }, apply_tags(ctx, &self.moves)).await
    }
}

/// Makes each reference point to its image.
pub(crate) async fn apply_tags(
    ctx: &Context,
    moves: &BTreeMap<String, String>,
) -> Result<(), Failure> {
    for (reference, image) in moves {
        ctx.engine.tag(image, reference).await?;
    }
    Ok(())
}

/// Makes each reference point where it pointed.
pub(crate) async fn undo_tags(
    ctx: &Context,
    layout: &Layout,
    before: &BTreeMap<String, Option<String>>,
) -> Result<(), Trouble> {
    let mut problems = Vec::new();
    for (reference, image) in before {
        let result = match image {
            Some(image) => point_back(ctx, layout, reference, image).await,
            None => ctx.engine.untag(reference).await,
        };
        problems.extend(result.err().map(Trouble::from));
    }
    Trouble::all(problems)
}

/// An image that somebody removed meanwhile comes back from the vault.
async fn point_back(
    ctx: &Context,
    layout: &Layout,
    reference: &str,
    image: &str,
) -> EngineResult<()> {
    let Err(error) = ctx.engine.tag(image, reference).await else { return Ok(()) };
    if !error.is_not_found() {
        return Err(error);
    }
    let vault = Vault::new(layout.vault(), ctx.store.clone());
    if vault.has(image).unwrap_or(false) {
        let image = ctx.engine.load_image(image, &vault).await?;
        ctx.reporter.report(&Event::Note { note: Note::ImageLoaded { image: image.clone() } });
        return ctx.engine.tag(&image, reference).await;
    }
    match ctx.engine.image(reference).await? {
        // An image takes its references with it, and a person who gave this one up has decided.
        None => Ok(()),
        Some(_) => Err(error),
    }
}

/// Takes references away.
pub(crate) async fn untag_all(
    ctx: &Context,
    layout: &Layout,
    tags: &[String],
) -> Result<(), Trouble> {
    let before = tags.iter().map(|tag| (tag.clone(), None)).collect();
    undo_tags(ctx, layout, &before).await
}

/// Loads images that the engine does not have from the vault, or pulls them where a registry has them. Returns which id each has
/// there.
pub(crate) async fn load(
    ctx: &Context,
    layout: &Layout,
    images: &[String],
    pulled: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>, Failure> {
    let vault = Vault::new(layout.vault(), ctx.store.clone());
    let mut loaded = BTreeMap::new();
    for image in images {
        let id = match pulled.get(image) {
            Some(registry) => {
                ctx.engine.fetch_image(registry).await?;
                image.clone()
            }
            None => ctx.engine.load_image(image, &vault).await?,
        };
        if ctx.engine.image(&id).await?.as_ref() != Some(&id) {
            return Err(Failure::new(Cause::ImageMissing { image: image.clone() }));
        }
        ctx.reporter.report(&Event::Note { note: Note::ImageLoaded { image: image.clone() } });
        loaded.insert(image.clone(), id);
    }
    Ok(loaded)
}

/// After the commit: the tags of the builds go, the images have those of the stack.
pub(super) async fn finish_builds(run: &Run<'_>, tags: &[String]) -> EngineResult<()> {
    for tag in tags {
        run.ctx.engine.untag(tag).await?;
    }
    Ok(())
}

/// What a person does instead.
pub(super) fn builds_by_hand(tags: &[String]) -> String {
    format!("docker image rm {}", tags.join(" "))
}

/// The same for references.
pub(super) fn tags_by_hand(before: &BTreeMap<String, Option<String>>) -> Vec<String> {
    let command = |(reference, image): (&String, &Option<String>)| match image {
        // Where the image is gone for good, the reference goes too.
        Some(image) => format!("docker tag {image} {reference} || docker image rm {reference}"),
        None => format!("docker image rm {reference}"),
    };
    before.iter().map(command).collect()
}
