//! `docker compose down`.

use backstay_core::engine::EngineResult;
use backstay_core::stack::StackRef;

use super::command::Compose;

/// Takes the stack away.
pub(crate) async fn down(stack: &StackRef, volumes: bool) -> EngineResult<()> {
    let volumes = volumes.then_some("--volumes");
    let call = Compose::new(stack).flags(["--progress", "plain"]).run(["down"]).run(volumes);
    call.stdout("taking the stack down").await.map(drop)
}
