//! The few things that differ between Unix and Windows.

use std::fs::{File, Metadata as FsMetadata, OpenOptions};
use std::io;
use std::path::Path;

use crate::store::Owner;

/// Options for a new file that only its owner can read.
pub(super) fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options
}

/// Refuses to open a link.
pub(super) fn no_follow(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.custom_flags(rustix::fs::OFlags::NOFOLLOW.bits().cast_signed());
    }
    options
}

/// Gives a file these permission bits, and the owner of the file that it replaces, or, where there is none, of the folder that
/// it will be in.
pub(super) fn set_mode(
    file: &File,
    mode: u32,
    replaces: Option<&FsMetadata>,
    path: &Path,
) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, PermissionsExt};
        let above = || path.parent().and_then(|above| std::fs::metadata(above).ok());
        if let Some(old) = replaces.cloned().or_else(above)
            && (old.uid(), old.gid()) != (file.metadata()?.uid(), file.metadata()?.gid())
        {
            // Only root may give files away; for others the file stays theirs, as with any editor.
            let _ = std::os::unix::fs::fchown(file, Some(old.uid()), Some(old.gid()));
        }
        file.set_permissions(std::fs::Permissions::from_mode(mode))?;
    }
    #[cfg(not(unix))]
    let _ = (file, mode, replaces, path);
    Ok(())
}

/// Gives a new directory these permission bits and this owner. Returns whether it is theirs.
pub(super) fn give(path: &Path, mode: u32, owner: Option<Owner>) -> io::Result<bool> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode))?;
        let Some(owner) = owner else { return Ok(true) };
        Ok(std::os::unix::fs::chown(path, Some(owner.user), owner.group).is_ok())
    }
    #[cfg(not(unix))]
    {
        // Folders have the rights of the one above them.
        let _ = (path, mode, owner);
        Ok(true)
    }
}

/// The ids of owner and group.
pub(super) fn owner(metadata: &FsMetadata) -> Option<(u32, u32)> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        Some((metadata.uid(), metadata.gid()))
    }
    #[cfg(not(unix))]
    {
        let _ = metadata;
        None
    }
}

/// The permission bits.
pub(super) fn mode(metadata: &FsMetadata) -> u32 {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        metadata.permissions().mode() & 0o7777
    }
    #[cfg(not(unix))]
    {
        let _ = metadata;
        0
    }
}

/// Makes a directory's entries durable. Windows does so by itself and can't open directories.
pub(super) fn sync_dir(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
        File::open(path)?.sync_all()
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        Ok(())
    }
}

/// Creates one directory that only its owner can enter.
pub(super) fn private_dir(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        std::fs::DirBuilder::new().mode(0o700).create(path)
    }
    #[cfg(not(unix))]
    {
        std::fs::create_dir(path)
    }
}

/// Creates a link to a directory. On Windows a junction: a link needs rights there that few have.
pub(super) fn link(to: &Path, path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(to, path)
    }
    #[cfg(windows)]
    {
        junction::create(to, path)
    }
    #[cfg(not(any(unix, windows)))]
    {
        let _ = (to, path);
        Err(io::ErrorKind::Unsupported.into())
    }
}

/// Where a link leads.
pub(super) fn link_target(path: &Path) -> io::Result<std::path::PathBuf> {
    #[cfg(windows)]
    {
        junction::get_target(path).or_else(|_| std::fs::read_link(path))
    }
    #[cfg(not(windows))]
    {
        std::fs::read_link(path)
    }
}

/// Bytes that are free for this user.
pub(super) fn available(path: &Path) -> io::Result<u64> {
    #[cfg(unix)]
    {
        let space = rustix::fs::statvfs(path)?;
        Ok(space.f_bavail.saturating_mul(space.f_frsize))
    }
    #[cfg(windows)]
    {
        fs4::available_space(path)
    }
    #[cfg(not(any(unix, windows)))]
    {
        let _ = path;
        Err(io::ErrorKind::Unsupported.into())
    }
}
