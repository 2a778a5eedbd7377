//! A clone as an archive, as the engine makes them.

use std::fs::File;
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use tar::{Builder, EntryType, Header};

use super::{Entry, Kind};

/// How the archive's own extension calls a capability.
const CAPABILITY: &str = "SCHILY.xattr.security.capability";

pub(super) fn write(
    entries: &[Entry],
    content: impl Fn(usize) -> io::Result<File>,
    out: impl Write,
) -> io::Result<()> {
    let mut archive = Builder::new(out);
    for entry in entries {
        let mut header = header(entry);
        match &entry.kind {
            Kind::Folder => {
                header.set_entry_type(EntryType::Directory);
                let path = if entry.path == Path::new("") { Path::new("./") } else { &entry.path };
                archive.append_data(&mut header, path, io::empty())?;
            }
            Kind::File { content: number, size, capability } => {
                if !capability.is_empty() {
                    archive.append_pax_extensions([(CAPABILITY, &capability[..])])?;
                }
                header.set_size(*size);
                archive.append_data(&mut header, &entry.path, content(*number)?)?;
            }
            Kind::Same(first) => {
                header.set_entry_type(EntryType::Link);
                archive.append_link(&mut header, &entry.path, &entries[*first].path)?;
            }
            Kind::Link(to) => {
                header.set_entry_type(EntryType::Symlink);
                // To the letter, where it fits.
                match header.set_link_name_literal(to.as_os_str().as_bytes()) {
                    Ok(()) => archive.append_data(&mut header, &entry.path, io::empty())?,
                    Err(_) => archive.append_link(&mut header, &entry.path, to)?,
                }
            }
            Kind::Pipe => {
                header.set_entry_type(EntryType::Fifo);
                archive.append_data(&mut header, &entry.path, io::empty())?;
            }
            Kind::Device { is_block, major, minor } => {
                header.set_entry_type(if *is_block { EntryType::Block } else { EntryType::Char });
                header.set_device_major(*major)?;
                header.set_device_minor(*minor)?;
                archive.append_data(&mut header, &entry.path, io::empty())?;
            }
        }
    }
    archive.into_inner()?.flush()
}

fn header(entry: &Entry) -> Header {
    let mut header = Header::new_gnu();
    header.set_mode(entry.mode);
    header.set_uid(entry.uid.into());
    header.set_gid(entry.gid.into());
    header.set_mtime(entry.modified);
    header.set_size(0);
    header
}
