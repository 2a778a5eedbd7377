//! What a stack needs around its services: `.env`, the certificate, data directories.

use std::fs;

use crate::harness::{Stack, inner};

/// A stack that can't do without its `.env`, with a certificate and a folder that it mounts.
fn stack(name: &str) -> Option<Stack> {
    let stack = Stack::new(name)?;
    let services = inner("one").replace("restart:", "env_file: .env\n    restart:")
        + "    volumes: [\"./data/one:/data\", \"./cert:/cert:ro\"]\n    user: \"1234\"\n"
        + "x-backstay: {required: [CERT_PASSWORD], certificate: {path: ./cert/one.pfx}}\n";
    stack.mode("one", "ok").compose_file(&services);
    stack.write(".env.linux", "VERSION=1\nCERT_PASSWORD=planted\n");
    Some(stack)
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn a_template_that_fails_leaves_the_env_file_as_it_was() {
    let Some(stack) = stack("env") else { return };
    stack.backstay(&["deploy"]).ends(2).says("--yes");
    let first = stack.backstay(&["deploy", "--yes"]).ends(0).says("CERT_PASSWORD  ******");
    assert!(!first.screen.contains("planted"), "{}", first.screen);
    assert_eq!(stack.read(".env"), stack.read(".env.linux"));
    for name in ["one.pfx", "one.crt", "one.key"] {
        assert!(stack.path().join("cert").join(name).is_file(), "{name}");
    }

    // Edited since, and never released.
    stack.write(".env", "VERSION=1\nCERT_PASSWORD=planted\n# mine\n");
    stack.write(".env.next", "VERSION=2\nCERT_PASSWORD=planted\n").mode("one", "exit:3");
    fs::remove_dir_all(stack.path().join("cert")).unwrap();
    let before = stack.picture();
    let failed = stack.backstay(&["deploy", "--env", "next", "--yes"]).ends(10);
    let failed = failed.says("Replaced .env with .env.next").says("Restored .env");
    assert!(!failed.screen.contains("planted"), "{}", failed.screen);
    assert_eq!(stack.picture(), before);
    assert!(!stack.path().join("cert").exists(), "what the run made is gone");

    stack.mode("one", "ok");
    stack.backstay(&["deploy", "--env", "next", "--yes"]).ends(0);
    assert_eq!(stack.read(".env"), stack.read(".env.next"));
    let kept =
        fs::read_dir(stack.path().join(".backup")).unwrap().map(|entry| entry.unwrap().path());
    let kept: Vec<_> = kept.map(|path| path.join("replaced/.env")).filter(|p| p.exists()).collect();
    assert_eq!(kept.len(), 1, "the file that was replaced is kept with the backup");
    assert!(fs::read_to_string(&kept[0]).unwrap().ends_with("# mine\n"));
    stack.backstay(&["rollback", "--yes"]).ends(0);
    assert_eq!(stack.read(".env"), stack.read(".env.linux"));
}

#[cfg(unix)]
#[test]
fn folders_that_are_mounted_are_made_for_the_services_user() {
    use std::os::unix::fs::MetadataExt;
    let Some(stack) = stack("folders") else { return };
    stack.mode("one", "exit:3").backstay(&["deploy", "--yes"]).ends(10);
    assert!(!stack.path().join("data").exists(), "a failed run leaves no folder behind");
    assert!(!stack.path().join(".env").exists(), "and no .env");
    stack.mode("one", "ok").backstay(&["deploy", "--yes"]).ends(0);
    let made = fs::metadata(stack.path().join("data/one")).unwrap();
    assert_eq!((made.uid(), made.mode() & 0o777), (1234, 0o755));
    assert_eq!(fs::metadata(stack.path().join(".env")).unwrap().mode() & 0o777, 0o600);
}
