//! A program for an upgrade, from standard input into the state folder.

use crate::state::Folder;
use std::fs::{self, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;

/// Takes exactly so many bytes, and prints where they are.
pub(super) fn run(folder: &Folder, name: &str, bytes: u64) -> io::Result<()> {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
    if name.is_empty() || name.starts_with('.') || !name.chars().all(plain) {
        let message = format!("`{name}` is no name: letters, digits, `-`, `_` and `.` are");
        return Err(io::Error::other(message));
    }
    fs::create_dir_all(folder.binaries())?;
    let path = folder.binaries().join(name);
    let beside = path.with_file_name(format!(".{name}.new"));
    let _ = fs::remove_file(&beside);
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o700).open(&beside)?;
    let came = io::copy(&mut io::stdin().lock().take(bytes), &mut file)?;
    if came != bytes {
        let _ = fs::remove_file(&beside);
        return Err(io::Error::other(format!("{came} bytes came of {bytes}")));
    }
    file.sync_all()?;
    drop(file);
    fs::rename(&beside, &path)?;
    writeln!(io::stdout(), "{}", path.display())
}
