//! Clones on a real disk, and what their archives hold.

use std::io::{Read, Seek};
use std::os::unix::fs::symlink;

use rustix::fs::{CWD, FileType, Mode, mknodat};
use tar::{Archive, EntryType};

use super::*;

fn entry(path: &str, kind: Kind) -> Entry {
    Entry { path: path.into(), mode: 0o750, uid: 70, gid: 71, modified: 1_700_000_000, kind }
}

/// Path, type, mode, owner and group, what it leads to, its content.
type Read1 = (String, EntryType, u32, (u64, u64), Option<String>, String);

fn read(archive: &[u8]) -> Vec<Read1> {
    let mut archive = Archive::new(archive);
    let read = archive.entries().unwrap().map(|entry| {
        let mut entry = entry.unwrap();
        let mut content = String::new();
        entry.read_to_string(&mut content).unwrap();
        let link = entry.link_name().unwrap().map(|path| path.display().to_string());
        let header = entry.header();
        let (mode, owner) =
            (header.mode().unwrap(), (header.uid().unwrap(), header.gid().unwrap()));
        let path = entry.path().unwrap().display().to_string();
        (path, header.entry_type(), mode, owner, link, content)
    });
    read.collect()
}

#[test]
fn an_archive_has_everything_that_the_folder_had() {
    let long = format!("below/{}", "long".repeat(60));
    let entries = [
        entry("", Kind::Folder),
        entry("below", Kind::Folder),
        entry(&long, Kind::File { content: 0, size: 4, capability: vec![1, 0, 0, 2] }),
        entry("again", Kind::Same(2)),
        entry("link", Kind::Link("../..//elsewhere/./x".into())),
        entry("pipe", Kind::Pipe),
        entry("disk", Kind::Device { is_block: true, major: 8, minor: 1 }),
    ];
    let content = |number| {
        let mut file = tempfile::tempfile()?;
        write!(file, "row{number}")?;
        file.rewind()?;
        Ok(file)
    };
    let mut out = Vec::new();
    archive::write(&entries, content, &mut out).unwrap();
    let kinds = [
        ("./", EntryType::Directory, None, ""),
        ("below", EntryType::Directory, None, ""),
        (&long, EntryType::Regular, None, "row0"),
        ("again", EntryType::Link, Some(&long[..]), ""),
        ("link", EntryType::Symlink, Some("../..//elsewhere/./x"), ""),
        ("pipe", EntryType::Fifo, None, ""),
        ("disk", EntryType::Block, None, ""),
    ];
    let wanted = kinds.map(|(path, kind, link, content): (&str, _, Option<&str>, &str)| {
        (path.to_owned(), kind, 0o750, (70, 71), link.map(str::to_owned), content.to_owned())
    });
    assert_eq!(read(&out), wanted);
    let capability = b"SCHILY.xattr.security.capability=\x01\0\0\x02\n";
    assert!(out.windows(capability.len()).any(|part| part == capability));
}

#[tokio::test]
async fn nothing_is_followed_and_the_clone_goes_when_it_is_written() {
    let dir = tempfile::tempdir().unwrap();
    let (source, folder) = (dir.path().join("source"), dir.path().join("clone"));
    fs::create_dir_all(source.join("a/b")).unwrap();
    symlink("/etc", source.join("a/etc")).unwrap();
    mknodat(CWD, source.join("pipe"), FileType::Fifo, Mode::RUSR, 0).unwrap();
    let clone = Cloned::take(source, folder.clone()).await.expect("a clone without files");
    let out = dir.path().join("out.tar");
    clone.write(Box::new(File::create(&out).unwrap())).await.unwrap();
    assert!(!folder.exists());
    let mut found: Vec<_> = read(&fs::read(out).unwrap())
        .into_iter()
        .map(|(path, kind, _, _, link, _)| (path, kind, link))
        .collect();
    found.sort_by(|a, b| a.0.cmp(&b.0));
    let expected = [
        ("./", EntryType::Directory, None),
        ("a", EntryType::Directory, None),
        ("a/b", EntryType::Directory, None),
        ("a/etc", EntryType::Symlink, Some("/etc")),
        ("pipe", EntryType::Fifo, None),
    ];
    let expected =
        expected.map(|(path, kind, link)| (path.to_owned(), kind, link.map(str::to_owned)));
    assert_eq!(found, expected);
}

#[tokio::test]
async fn what_can_not_be_cloned_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let (link, folder) = (dir.path().join("link"), dir.path().join("clone"));
    fs::create_dir(dir.path().join("source")).unwrap();
    symlink(dir.path().join("source"), &link).unwrap();
    assert!(Cloned::take(link, folder.clone()).await.is_none(), "a link was followed");
    assert!(!folder.exists());
}
