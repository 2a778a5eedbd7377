//! Free space: for the records of stacks, and for the engine's images.

use std::path::{Path, PathBuf};

use backstay_core::ops::ROOM;
use backstay_core::ports::Store;
use serde_json::json;

use super::about::About;
use super::finding::Finding;
use crate::errors::Exit;
use crate::i18n::t;
use crate::ui::size;

/// Bytes below which a build or a pull is likely to fail.
const LITTLE: u64 = 1 << 30;

/// Looks at the state, where runs write, and at the engine's folder.
pub(super) fn check(about: &About) -> Vec<Finding> {
    // One that is not there yet will be on the disk of the folder above.
    let root = about.state.root();
    let state = root.ancestors().find(|path| path.exists()).unwrap_or(root).to_owned();
    // The engine's folder may be inside of a virtual machine, or on another machine.
    let engine = about.info("DockerRootDir").map(PathBuf::from);
    let engine = engine.filter(|_| about.is_engine_here());
    let engine = engine.filter(|path| path.exists());
    [state].into_iter().chain(engine).map(|path| place(about, &path)).collect()
}

fn place(about: &About, path: &Path) -> Finding {
    let lang = about.lang;
    let shown = path.to_string_lossy().into_owned();
    let free = match about.store.available(path) {
        Ok(free) => free,
        Err(error) => {
            let message = t!(lang, "doctor-space-unknown", path = shown, error = error.to_string());
            return Finding::warning("space", message);
        }
    };
    let text = t!(lang, "doctor-space", path = &shown, free = size::bytes(free));
    let data = json!({"path": shown, "free": free});
    let finding = match free {
        0..ROOM => Finding::bad("space", Exit::Machine, text),
        ROOM..LITTLE => Finding::warning("space", text),
        _ => return Finding::good("space", text).facts(data),
    };
    finding.hint(t!(lang, "hint-disk-full")).facts(data)
}
