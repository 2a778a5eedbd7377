//! Writing the file: a copy of the old one first, then the new one in one move.

use std::io;
use std::path::{Path, PathBuf};

use backstay_core::ports::Store;
use backstay_core::store::DiskStore;
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// The permission bits of a file that was not there.
const MODE: u32 = 0o644;

/// Copies the file beside itself. Returns the copy; `None` where there is no file.
pub(crate) fn back_up(path: &Path) -> io::Result<Option<PathBuf>> {
    let store = DiskStore;
    let Some((file, mode)) = existing(path)? else { return Ok(None) };
    let stamp = Timestamp::now().to_zoned_datetime(TimeZone::system()).strftime("%Y%m%d_%H%M%S");
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let names = (0..).map(|count| match count {
        0 => format!("{name}.{stamp}"),
        count => format!("{name}.{stamp}_{count}"),
    });
    for name in names {
        let copy = file.with_file_name(name);
        if store.metadata(&copy)?.is_none() {
            store.write(&copy, &store.read(&file)?, mode)?;
            return Ok(Some(copy));
        }
    }
    Ok(None)
}

/// Writes the file. Its mode and its owner stay, and where it is a link, the file behind it is written.
pub(crate) fn write(path: &Path, text: &str) -> io::Result<()> {
    let (file, mode) = match existing(path)? {
        Some(found) => found,
        None => {
            if let Some(folder) = path.parent() {
                std::fs::create_dir_all(folder)?;
            }
            (path.to_owned(), MODE)
        }
    };
    DiskStore.write(&file, text.as_bytes(), mode)
}

fn existing(path: &Path) -> io::Result<Option<(PathBuf, u32)>> {
    if DiskStore.metadata(path)?.is_none() {
        return Ok(None);
    }
    let file = DiskStore.resolve(path)?;
    let mode = DiskStore.metadata(&file)?.map_or(MODE, |found| found.mode);
    Ok(Some((file, mode)))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn the_old_file_stays_beside_the_new_one_with_the_same_mode() {
        let dir = tempfile::tempdir().unwrap();
        let (real, path) = (dir.path().join("real.json"), dir.path().join("daemon.json"));
        std::fs::write(&real, "old").unwrap();
        std::fs::set_permissions(&real, std::fs::Permissions::from_mode(0o640)).unwrap();
        std::os::unix::fs::symlink(&real, &path).unwrap();
        let copy = back_up(&path).unwrap().unwrap();
        let again = back_up(&path).unwrap().unwrap();
        assert_ne!(copy, again);
        write(&path, "new").unwrap();
        assert!(path.is_symlink());
        for (file, text) in [(&real, "new"), (&copy, "old"), (&again, "old")] {
            assert_eq!(std::fs::read_to_string(file).unwrap(), text);
            assert_eq!(std::fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o640);
        }
    }

    #[test]
    fn a_file_that_was_not_there_is_made_with_its_folder() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("etc/docker/daemon.json");
        assert_eq!(back_up(&path).unwrap(), None);
        write(&path, "{}").unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o644);
    }
}
