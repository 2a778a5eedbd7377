//! What the journals on a machine say.

use backstay_core::journal::load;
use backstay_core::layout::Layout;
use backstay_core::ports::Store;
use backstay_core::run_state::RunState;
use backstay_core::stack::StackRef;

use crate::fake::Machine;

/// The runs on record but for the first ones, oldest first; for each what is wrong with it, or its state.
pub(super) fn runs(
    machine: &Machine,
    stack: &StackRef,
    skip: usize,
) -> Vec<(String, Result<RunState, String>)> {
    let layout = Layout::new(&stack.directory);
    let store = machine.process().store();
    let names = store.list(&layout.journals()).unwrap_or_default();
    let names = names.iter().filter_map(|name| name.strip_suffix(".jsonl"));
    names
        .skip(skip)
        .map(|name| {
            let state = load(&layout.journal(name), &store).map_err(|error| error.to_string());
            let state = state.and_then(|(records, _)| {
                RunState::replay(records.into_iter().map(|record| record.event))
                    .map_err(|(at, error)| format!("record {at}: {error}"))
            });
            let state = state.and_then(|state| state.ok_or_else(|| "it is empty".to_owned()));
            (name.to_owned(), state)
        })
        .collect()
}
