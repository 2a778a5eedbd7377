//! The demo's story, from the first deployment to the rollback by hand.

use super::attempt::{self, Action, Attempt, Outcome};
use super::shop::Shop;
use crate::failure::{Failure, Result, joined};
use crate::tool::{self, Tool};
use crate::{engine, interrupt, static_program, ui};
use backstay_testkit::load::{Load, Rate};
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

const RATE: Rate = Rate {
    workers: 2,
    pause: Duration::from_millis(5),
    timeout: Duration::from_secs(2),
    limit: Duration::from_secs(900),
};

#[derive(Debug, Clone, Copy)]
pub(crate) struct Options {
    /// Hide what the tool says meanwhile.
    pub(crate) quiet: bool,
    /// Leave the stack running at the end.
    pub(crate) keep: bool,
    /// Drive plain Compose, which promises none of what is checked here.
    pub(crate) compose: bool,
}

/// Tells the story and fails if a promise was broken.
pub(crate) fn run(options: Options) -> Result<()> {
    interrupt::catch()?;
    engine::may_be_had()?;
    let (tool, demo_server) = thread::scope(|scope| {
        // It comes over the network, and what is built needs the processor.
        let engine = scope.spawn(engine::ensure);
        let built = build(options);
        joined(engine).and(built)
    })?;
    interrupt::check()?;
    let mut shop = Shop::open(&demo_server)?;
    let told = tell(&shop, &tool, options);
    // Kept on success only: what is left of a failure would be in the way of the next demo.
    shop.stack.keep = options.keep && told.is_ok();
    let outcomes = told?;
    ui::note(&format!("\n{}", attempt::summary(&outcomes)));
    if shop.stack.keep {
        ui::note(&format!("the stack is in {}", shop.stack.folder.display()));
    }
    let broken: Vec<_> = outcomes.into_iter().flat_map(|outcome| outcome.broken).collect();
    if broken.is_empty() || options.compose {
        return Ok(());
    }
    Err(Failure::new(format!("promises were broken:\n  {}", broken.join("\n  "))))
}

/// Builds whom the story is about, and what it serves.
fn build(options: Options) -> Result<(Tool, PathBuf)> {
    let tool = match options.compose {
        true => Tool::Compose,
        false => Tool::Backstay { program: tool::build_backstay()?, flags: Vec::new() },
    };
    ui::step("building the demo server");
    let demo_server = static_program::demo_server()?;
    if !options.compose {
        ui::step("building the gateway");
        static_program::gateway()?;
    }
    Ok((tool, demo_server))
}

fn tell(shop: &Shop, tool: &Tool, options: Options) -> Result<Vec<Outcome>> {
    let mut outcomes = Vec::new();
    ui::step("version 1, the first deployment");
    let ending = tool.deploy(&shop.stack.folder, options.quiet)?;
    if ending.code != Some(0) {
        return Err(Failure::new(format!("the first deployment failed\n{}", ending.tail)));
    }
    if let Some(ending) = tool.enable_gateway(&shop.stack.folder, options.quiet)?
        && ending.code != Some(0)
    {
        return Err(Failure::new(format!("the gateway was not turned on\n{}", ending.tail)));
    }
    let load = Load::start_at(&shop.urls(), RATE).map_err(|e| Failure::new(e.to_string()))?;
    let mut attempt = |name, action, serves, edit: &dyn Fn() -> Result<()>| {
        edit()?;
        let attempt = Attempt { name, action, serves };
        attempt.run(shop, tool, &load, options.quiet).map(|outcome| outcomes.push(outcome))
    };
    let in_vain = Action::DeployInVain;
    attempt("version 2", Action::Deploy, "2", &|| shop.edit_version(2))?;
    attempt("version 3, does not build", in_vain, "2", &|| {
        shop.edit_version(3).and(shop.edit_broken_build())
    })?;
    attempt("version 4, crashes after 3 s", in_vain, "2", &|| {
        shop.edit_version(4).and(shop.edit_mode("crash-after:3000"))
    })?;
    attempt("version 5, never healthy", in_vain, "2", &|| {
        shop.edit_version(5).and(shop.edit_mode("never-healthy"))
    })?;
    // Its user has given up: Backstay finds the old files by itself, Compose's user by hand.
    let by_hand = || if options.compose { shop.edit_version(1) } else { Ok(()) };
    attempt("rollback by hand", Action::RollBack, "1", &by_hand)?;
    load.stop();
    Ok(outcomes)
}
