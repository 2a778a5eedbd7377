//! Which program runs: the image's own, or one that was brought in later.

use crate::log::say;
use crate::state::{Folder, Remembered, fingerprint};
use std::fs;
use std::path::{Path, PathBuf};

/// The program to start with.
pub(super) fn first(folder: &Folder, image: &Path) -> PathBuf {
    let Some(remembered) = Remembered::load(folder) else { return image.to_owned() };
    let binary = remembered.binary.display();
    let why_not = if remembered.trial {
        Some(format!("`{binary}` did not come up as the supervisor"))
    } else if fingerprint(image).ok() != Some(remembered.over) {
        Some(format!("the image is another one than that which `{binary}` came after"))
    } else if !remembered.binary.is_file() {
        Some(format!("`{binary}` is not there any more"))
    } else {
        None
    };
    match why_not {
        None => remembered.binary,
        Some(why) => {
            say!("{why}; the image's own program is started");
            forget(folder);
            image.to_owned()
        }
    }
}

/// Whether it is another program than the one that runs as the supervisor.
pub(super) fn is_other(binary: &Path) -> bool {
    // Reading both takes a moment in which nobody is heard, and there is mostly no need to.
    if std::env::current_exe().is_ok_and(|own| own == binary) {
        return false;
    }
    fingerprint(binary).ok() != fingerprint(Path::new("/proc/self/exe")).ok()
}

/// Remembers what serves well.
pub(super) fn keep(folder: &Folder, image: &Path, binary: &Path) {
    if binary == image {
        return forget(folder);
    }
    remember(folder, image, binary, false);
    // Those before it are not needed any more. A later one may just have been brought in.
    let age = |path: &Path| fs::metadata(path).and_then(|found| found.modified()).ok();
    let (Some(own), Ok(entries)) = (age(binary), fs::read_dir(folder.binaries())) else { return };
    for path in entries.filter_map(Result::ok).map(|entry| entry.path()) {
        if path != binary && age(&path).is_some_and(|age| age < own) {
            let _ = fs::remove_file(path);
        }
    }
}

/// Writes it down; as a trial before this process becomes it.
pub(super) fn remember(folder: &Folder, image: &Path, binary: &Path, trial: bool) {
    let kept = fingerprint(image)
        .and_then(|over| Remembered { binary: binary.to_owned(), over, trial }.keep(folder));
    if let Err(error) = kept {
        say!("`{}` is not remembered for the next start: {error}", binary.display());
    }
}

/// The image's own is the one.
pub(super) fn forget(folder: &Folder) {
    if let Err(error) = Remembered::forget(folder) {
        say!("can't forget the program of the last upgrade: {error}");
    }
}
