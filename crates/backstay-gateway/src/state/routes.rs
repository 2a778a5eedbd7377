//! The routes on disk: what the gateway knows after it was killed, and after the machine was.

use super::durable;
use super::folder::Folder;
use backstay_routes::{Refusal, RefusalKind, Snapshot};
use std::{fs, io};

/// What the file says.
#[derive(Debug)]
pub(crate) enum Found {
    /// There is none: nothing was ever given.
    Nothing,
    /// The routes.
    Routes(Box<Snapshot>),
    /// It can't be used, and why. A damaged file is moved aside.
    Useless(String),
}

/// Writes the routes down.
pub(crate) fn keep_routes(folder: &Folder, snapshot: &Snapshot) -> backstay_routes::Result<()> {
    let path = folder.routes();
    let failed = |error: io::Error| {
        let message = format!("can't write `{}`: {error}; is the volume full?", path.display());
        Refusal::new(RefusalKind::State, message)
    };
    let bytes = serde_json::to_vec_pretty(snapshot).map_err(|error| failed(error.into()))?;
    durable::write(&path, &bytes).map_err(failed)
}

/// Reads what was written down.
pub(crate) fn load_routes(folder: &Folder) -> Found {
    let path = folder.routes();
    let bytes = match fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Found::Nothing,
        Err(error) => return Found::Useless(format!("can't read `{}`: {error}", path.display())),
    };
    let refusal = match serde_json::from_slice(&bytes) {
        Ok(value) => match Snapshot::read(value) {
            Ok(snapshot) => return Found::Routes(Box::new(snapshot)),
            Err(refusal) => refusal,
        },
        Err(error) => Refusal::new(RefusalKind::Malformed, error.to_string()),
    };
    // Of a newer gateway: whoever goes back to that one finds it again.
    if refusal.kind == RefusalKind::Format {
        return Found::Useless(format!("`{}`: {refusal}", path.display()));
    }
    let aside = path.with_extension("json.damaged");
    let moved = match fs::rename(&path, &aside) {
        Ok(()) => format!("it is now `{}`", aside.display()),
        Err(error) => format!("it can't be moved aside: {error}"),
    };
    Found::Useless(format!("`{}` is damaged: {refusal}; {moved}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn what_was_kept_is_found_and_nobody_else_can_read_it() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::new(place.path());
        assert!(matches!(load_routes(&folder), Found::Nothing));
        let snapshot = Snapshot::empty("shop");
        keep_routes(&folder, &snapshot).unwrap();
        assert!(matches!(load_routes(&folder), Found::Routes(found) if *found == snapshot));
        let mode = fs::metadata(folder.routes()).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_damaged_file_is_moved_aside_and_a_newer_one_stays() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::new(place.path());
        fs::write(folder.routes(), br#"{"format":1,"gen"#).unwrap();
        assert!(matches!(load_routes(&folder), Found::Useless(why) if why.contains("damaged")));
        assert!(!folder.routes().exists());
        assert!(place.path().join("routes.json.damaged").exists());
        fs::write(folder.routes(), br#"{"format":7}"#).unwrap();
        assert!(matches!(load_routes(&folder), Found::Useless(why) if why.contains("format 7")));
        assert!(folder.routes().exists());
    }
}
