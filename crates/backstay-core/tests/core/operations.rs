//! Operations can be called from anywhere: a page, a timer, several engines in one process.

use backstay_core::context::Context;
use backstay_core::ops::deploy::{self, DeployOptions};
use backstay_core::ops::rollback::{self, RollbackOptions};
use backstay_core::ops::{backups, export, recover, restore_test, status};
use backstay_core::stack::StackRef;

fn is_send<T: Send>(_: &T) {}

/// That this compiles is the test.
#[allow(dead_code)]
fn their_futures_can_go_to_another_thread(ctx: &Context, stack: &StackRef) {
    let deploy_options = DeployOptions::default();
    let rollback_options = RollbackOptions::default();
    is_send(&deploy::plan(ctx, stack, &deploy_options));
    is_send(&deploy::run(ctx, stack, &deploy_options));
    is_send(&rollback::plan(ctx, stack, &rollback_options));
    is_send(&rollback::run(ctx, stack, &rollback_options));
    is_send(&recover::run(ctx, stack));
    is_send(&status::read(ctx, stack));
    is_send(&backups::list(ctx, stack));
    is_send(&backups::check(ctx, stack));
    is_send(&export::prepare(ctx, stack, "1"));
    is_send(&restore_test::run(ctx, stack, None));
}
