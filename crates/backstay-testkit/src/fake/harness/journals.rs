//! What the journals on a machine say.

use std::path::{Path, PathBuf};

use backstay_core::journal::load;
use backstay_core::ports::{EntryKind, Store};
use backstay_core::run_state::RunState;
use backstay_core::stack::StackRef;

use crate::fake::memo::Memo;
use crate::fake::{Machine, kept};

type State = Result<RunState, String>;

thread_local! {
    /// By where a journal is and what it holds.
    static READ: Memo<(PathBuf, Vec<u8>), State> = Memo::default();
}

/// The runs on record but for the first ones, oldest first; for each what is wrong with it, or its state.
pub(super) fn runs(machine: &Machine, stack: &StackRef, skip: usize) -> Vec<(String, State)> {
    let layout = kept(stack);
    let store = machine.process().store();
    let names = store.list(&layout.journals()).unwrap_or_default();
    let names = names.iter().filter_map(|name| name.strip_suffix(".jsonl"));
    names.skip(skip).map(|name| (name.to_owned(), state(&layout.journal(name), &store))).collect()
}

fn state(path: &Path, store: &dyn Store) -> State {
    let is_file =
        store.metadata(path).is_ok_and(|it| it.is_some_and(|it| it.kind == EntryKind::File));
    match store.read(path) {
        Ok(bytes) if is_file => {
            READ.with(|memo| memo.answer((path.to_owned(), bytes), |_| read(path, store)))
        }
        _ => read(path, store),
    }
}

fn read(path: &Path, store: &dyn Store) -> State {
    let (records, _) = load(path, store).map_err(|error| error.to_string())?;
    let state = RunState::replay(records.into_iter().map(|record| record.event))
        .map_err(|(at, error)| format!("record {at}: {error}"))?;
    state.ok_or_else(|| "it is empty".to_owned())
}
