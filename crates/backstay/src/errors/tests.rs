//! Each error has a message, a way on, and its code.

use std::path::{Path, PathBuf};

use backstay_core::Error;
use backstay_core::engine::{EngineError, EngineErrorKind};
use backstay_core::error::Obstacle;
use backstay_core::event::{Cause, Failure, Outcome, RunKind};
use backstay_core::lock::Holder;
use backstay_core::ops::RunReport;

use super::{CommandError, Exit, Show, hints};
use crate::i18n::Language;
use crate::state_place;

fn core(error: &Error) -> (Exit, String) {
    let found = CommandError::of_core(Language::English, error);
    (found.exit, found.render(Show::plain(Language::English, false)))
}

#[test]
fn engine_errors_have_their_codes() {
    use EngineErrorKind as Kind;
    for (kind, exit) in [
        (Kind::NotInstalled, Exit::Engine),
        (Kind::NotRunning, Exit::Engine),
        (Kind::NoPermission, Exit::Engine),
        (Kind::EngineTooOld, Exit::Engine),
        (Kind::ComposeMissing, Exit::Engine),
        (Kind::ComposeTooOld, Exit::Engine),
        (Kind::InvalidStack, Exit::Stack),
        (Kind::FileMissing, Exit::Stack),
        (Kind::PortTaken, Exit::Machine),
        (Kind::DiskFull, Exit::Machine),
        (Kind::GatewayProgram, Exit::Machine),
        (Kind::Other, Exit::Unexpected),
    ] {
        let error = EngineError::new(kind, "asking", "words");
        for lang in [Language::English, Language::Chinese] {
            let found = CommandError::of_engine(lang, &error);
            assert_eq!(found.exit, exit, "{kind:?}");
            assert!(exit == Exit::Unexpected || !found.hints.is_empty(), "{kind:?}");
        }
    }
}

#[test]
fn errors_of_the_core_have_their_codes() {
    let io = |kind: std::io::ErrorKind| Error::io("writing", &PathBuf::from("/x"), kind.into());
    let (file, name) = (PathBuf::from("/x"), "20240129_143052".to_owned());
    for (error, exit) in [
        (Error::Model("bad".into()), Exit::Stack),
        (Error::NoComposeFile(file.clone()), Exit::Stack),
        (Error::MissingFile { file: file.clone(), user: "-f".into() }, Exit::Stack),
        (Error::Damaged { file: file.clone(), problem: "torn".into() }, Exit::Release),
        (Error::TooNew { file: file.clone(), found: 2, known: 1 }, Exit::Release),
        (Error::NoRelease(name.clone()), Exit::Release),
        (Error::NoEarlierRelease, Exit::Release),
        (Error::NothingToSave { declared: true }, Exit::Release),
        (Error::NothingToSave { declared: false }, Exit::Release),
        (Error::NoData, Exit::Release),
        (Error::NotImportable { file: file.clone(), problem: "cut".into() }, Exit::Release),
        (
            Error::OtherProject { file: file.clone(), theirs: "a".into(), ours: "b".into() },
            Exit::Release,
        ),
        (Error::Incomplete { release: name.clone(), missing: vec!["image".into()] }, Exit::Release),
        (Error::Protected(name.clone()), Exit::Release),
        (Error::Pinned(name), Exit::Release),
        (Error::Outside { path: file.clone(), root: file.clone() }, Exit::Release),
        (Error::Journal { file, line: 3, problem: "torn".into() }, Exit::Release),
        (Error::Interrupted, Exit::Declined),
        (io(std::io::ErrorKind::StorageFull), Exit::Machine),
        (io(std::io::ErrorKind::ReadOnlyFilesystem), Exit::Machine),
        (io(std::io::ErrorKind::PermissionDenied), Exit::Machine),
        (io(std::io::ErrorKind::Other), Exit::Unexpected),
    ] {
        assert_eq!(core(&error).0, exit, "{error}");
    }
}

#[test]
fn a_journal_is_moved_away_together_with_the_folder_of_its_run() {
    let place = tempfile::tempdir().unwrap();
    let (file, run) = (place.path().join("r1.jsonl"), place.path().join("r1"));
    let error = Error::Journal { file: file.clone(), line: 1, problem: "it is missing".into() };
    let (_, gone) = core(&error);
    assert!(gone.contains(&format!("move the folder `{}` out of", run.display())), "{gone}");
    std::fs::write(&file, "torn").unwrap();
    let (_, damaged) = core(&error);
    let both = format!("`{}`, and the folder `{}`", file.display(), run.display());
    assert!(damaged.contains(&both), "{damaged}");
}

#[test]
fn the_record_of_what_runs_is_told_from_a_folder_of_that_name() {
    let root = tempfile::tempdir().unwrap();
    std::fs::create_dir(root.path().join("journal")).unwrap();
    let current = root.path().join("current");
    let hint = |file: PathBuf| core(&Error::Damaged { file, problem: "torn".into() }).1;
    let own = hint(current.join("release.json"));
    assert!(own.contains(&format!("move `{}` away", current.display())), "{own}");
    let other = hint(root.path().join("backups/20240129_143052/files/current/a.conf"));
    assert!(other.contains("`backstay backups` lists the other releases"), "{other}");
}

#[test]
fn another_place_is_named_for_the_state_only() {
    // All tests find the same one: only the first counts.
    let state = state_place::find(Some(Path::new("here")));
    for kind in [std::io::ErrorKind::PermissionDenied, std::io::ErrorKind::ReadOnlyFilesystem] {
        let hint = |path: &Path| core(&Error::io("writing", path, kind.into())).1;
        assert!(hint(&state.root().join("x")).contains("--state"), "{kind:?}");
        assert!(!hint(Path::new("/srv/shop/.env")).contains("--state"), "{kind:?}");
    }
}

#[test]
fn a_port_is_looked_for_by_its_protocol() {
    let hint = |port: &str| hints::port(Language::English, port);
    if cfg!(target_os = "linux") {
        assert!(hint("127.0.0.1:53/udp").contains("`sudo ss -lunp 'sport = :53'`"));
        assert!(hint("8080/tcp").contains("`sudo ss -ltnp 'sport = :8080'`"));
    }
}

#[test]
fn a_lock_names_its_holder() {
    let holder = Holder {
        pid: 4711,
        host: "web-1".into(),
        command: "backstay deploy".into(),
        since: "half past two".into(),
    };
    let (exit, text) = core(&Error::Locked(holder));
    assert_eq!(exit, Exit::Locked);
    insta::assert_snapshot!(text, @r#"
error: another run works on this stack: `backstay deploy`, process 4711 on web-1, since half past two

hint: wait until it is done; nothing has been changed
"#);
}

#[test]
fn obstacles_are_listed_with_what_helps() {
    let taken = |holder: Option<&str>| Obstacle::PortTaken {
        service: "web".into(),
        port: "8080/tcp".into(),
        holder: holder.map(Into::into),
    };
    let full = Obstacle::DiskFull { path: "/srv".into(), free: 1_000_000, needed: 2_500_000_000 };
    let (exit, text) = core(&Error::NotReady(vec![taken(Some("other-web-1")), full]));
    assert_eq!(exit, Exit::Machine);
    insta::assert_snapshot!(text, @r#"
error: the machine is not ready for this run; nothing has been changed
  port 8080/tcp of service web is taken by container `other-web-1`
  `/srv` has 1.0 MB free; at least 2.5 GB are needed

hint: `docker stop other-web-1` frees the port, or choose another one in the compose file
hint: `docker system df` shows what Docker keeps, `backstay backups prune --keep-last 3` removes old backups
"#);
    let (_, text) = core(&Error::NotReady(vec![taken(None)]));
    assert!(text.contains("8080"), "{text}");
}

#[test]
fn the_end_of_a_run_decides_its_code() {
    let failure = Failure::of("web", Cause::Exited { code: 1, oom_killed: false });
    let interrupted = Failure::new(Cause::Interrupted);
    let code = |outcome, failure: &Failure| {
        let ended = RunReport {
            run: "20240129_143052".into(),
            kind: RunKind::Deploy,
            outcome,
            failure: Some(failure.clone()),
            release: None,
            way_out: vec!["docker start shop-web-1".into(), "backstay recover".into()],
        };
        CommandError::of_run(Language::English, &ended)
    };
    assert_eq!(code(Outcome::Deployed, &failure), None);
    assert_eq!(code(Outcome::RolledBack, &failure).unwrap().exit, Exit::RolledBack);
    assert_eq!(code(Outcome::RolledBack, &interrupted).unwrap().exit, Exit::Interrupted);
    let stuck = code(Outcome::Stuck, &failure).unwrap();
    insta::assert_snapshot!(stuck.render(Show::plain(Language::English, false)), @r#"
error: the run failed and could not be undone in full: Some services failed to start: web
  docker start shop-web-1
  backstay recover

hint: run these commands in this order; `docker ps -a` shows what runs
"#);
}

#[test]
fn json_is_one_line() {
    let error = CommandError::of_core(Language::English, &Error::Model("a\nb".into()));
    let text = error.render(Show::plain(Language::English, true));
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(value["type"], "error");
    assert_eq!(value["code"], 3);
    assert_eq!(value["details"], serde_json::json!(["a", "b"]));
    assert!(!text.contains('\n'));
}
