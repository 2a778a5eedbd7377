//! Which image each reference points to.

use std::collections::BTreeMap;

use crate::context::Context;
use crate::engine::EngineResult;

/// The ids that references have now; `None` for those without an image.
pub(crate) async fn ids(
    ctx: &Context,
    references: Vec<String>,
) -> EngineResult<BTreeMap<String, Option<String>>> {
    let mut looks = Vec::with_capacity(references.len());
    for reference in &references {
        looks.push(ctx.engine.image(reference));
    }
    let ids = futures_util::future::try_join_all(looks).await?;
    Ok(references.into_iter().zip(ids).collect())
}
