//! Files that newer versions of Compose put into a container only when they start it: inline configs, configs and secrets of
//! variables. Compose is called once more, to start what it has created, and the guard lets it believe that it does. So
//! their bytes are Compose's own, whatever a version makes of escapes, env files and variables.

use std::fmt::Write as _;
use std::sync::Arc;

use backstay_core::engine::{Created, EngineResult};
use backstay_core::stack::StackRef;
use serde_json::json;

use super::compose_up::{ACTION, conclude, scales};
use super::orders::Orders;
use crate::compose::Compose;
use crate::connection::Listener;
use crate::create::proxy::{self, Session};
use crate::error::from_io;
use crate::scratch::Scratch;

/// Lets Compose put files into the containers of services whose containers it has given none yet.
pub(super) async fn complete(
    stack: &StackRef,
    orders: &Arc<Orders>,
    session: &Arc<Session>,
    created: &[Created],
) -> EngineResult<()> {
    let lacking: Vec<&String> = orders
        .services
        .iter()
        .filter(|(name, order)| {
            let mut new = created.iter().filter(|new| new.service == **name).peekable();
            order.wanted.injects && new.peek().is_some() && new.all(|new| new.files.is_empty())
        })
        .map(|(name, _)| name)
        .collect();
    if lacking.is_empty() {
        return Ok(());
    }
    let scratch = Scratch::new().map_err(|error| from_io(ACTION, &error))?;
    let text = override_text(orders, &lacking);
    let file = scratch.write("start.yaml", &text).map_err(|error| from_io(ACTION, &error))?;
    let listener = Listener::bind().map_err(|error| from_io(ACTION, &error))?;
    let command = Compose::new(stack)
        .overridden_by(&file)
        .through(listener.docker_host())
        .flags(["--progress", "quiet", "--parallel=-1"])
        .run(["up", "--detach", "--no-build", "--pull", "never", "--no-recreate", "--no-deps"])
        .run(scales(orders, lacking.iter().copied()))
        .run(lacking);
    session.pretend_to_start();
    let ended = tokio::select! {
        ended = command.output(ACTION) => ended?,
        error = proxy::serve(&listener, session) => return Err(from_io(ACTION, &error)),
    };
    conclude(&ended, &session.outcome())
}

/// Nothing is waited for, and no hook is run: neither is there to be started.
fn override_text(orders: &Orders, services: &[&String]) -> String {
    let mut text = "services:\n".to_owned();
    for service in services {
        let hooks = orders.services.get(*service).map(|order| &order.wanted.hooks);
        let _ = writeln!(text, "  {}:\n    depends_on: !reset {{}}", json!(service));
        let Some(hooks) = hooks else { continue };
        let kinds = [
            ("pre_start", &hooks.pre_start),
            ("post_start", &hooks.post_start),
            ("pre_stop", &hooks.pre_stop),
        ];
        for (key, _) in kinds.iter().filter(|(_, hooks)| !hooks.is_empty()) {
            let _ = writeln!(text, "    {key}: !reset []");
        }
    }
    text
}
