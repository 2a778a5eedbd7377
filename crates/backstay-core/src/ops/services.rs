//! The services of a stack, for whoever wants to name some of them.

use super::preflight;
use crate::context::Context;
use crate::error::Result;
use crate::stack::StackRef;

/// The services of a stack, each list in the order of dependencies.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Services {
    /// Those that are built.
    pub application: Vec<String>,
    /// The others.
    pub infrastructure: Vec<String>,
}

impl Services {
    /// All of them.
    pub fn all(&self) -> impl Iterator<Item = &String> {
        self.application.iter().chain(&self.infrastructure)
    }
}

/// Reads the services from the stack's files; changes nothing.
///
/// # Errors
/// When the engine does not answer, or the files are not valid.
pub async fn list(ctx: &Context, stack: &StackRef) -> Result<Services> {
    ctx.engine.info().await?;
    let (model, _) = preflight::model(ctx, stack).await?;
    let mut services = Services::default();
    for name in model.order()?.into_iter().flatten() {
        match model.services.get(&name) {
            Some(service) if service.is_application() => services.application.push(name),
            _ => services.infrastructure.push(name),
        }
    }
    Ok(services)
}
