//! A server's password is nowhere but where its owner has put it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use super::image::Server;
use super::migrations::guarded;
use super::shop::{PASSWORD, Shop};

/// Looks at all command lines of the machine all the time.
struct Watch {
    over: Arc<AtomicBool>,
    work: JoinHandle<(BTreeSet<String>, usize)>,
}

impl Watch {
    fn start() -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let ends = over.clone();
        let work = std::thread::spawn(move || {
            let (mut found, mut programs) = (BTreeSet::new(), 0);
            while !ends.load(Ordering::Relaxed) {
                for entry in fs::read_dir("/proc").unwrap().flatten() {
                    let Ok(line) = fs::read(entry.path().join("cmdline")) else { continue };
                    let line = String::from_utf8_lossy(&line).replace('\0', " ");
                    programs += usize::from(line.contains("backstay"));
                    if line.contains(PASSWORD) {
                        found.insert(line);
                    }
                }
                std::thread::sleep(Duration::from_millis(2));
            }
            (found, programs)
        });
        Self { over, work }
    }

    fn stop(self) -> (BTreeSet<String>, usize) {
        self.over.store(true, Ordering::Relaxed);
        self.work.join().unwrap()
    }
}

/// The files below a folder that have the password in them, but for copies of the user's own and what the engine said of containers.
fn holders(folder: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap()) {
        let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
        if entry.file_type().unwrap().is_dir() {
            holders(&path, found);
        } else if ![".env", "containers.json", "model.yml"].contains(&name.as_str())
            && String::from_utf8_lossy(&fs::read(&path).unwrap()).contains(PASSWORD)
        {
            found.push(path.display().to_string());
        }
    }
}

fn nowhere(server: Server) {
    let name = format!("srv-p-{}", server.name());
    let Some(shop) = Shop::new(&name, server, &guarded(server), "") else { return };
    shop.deploy().ends(0);
    shop.answers("1").writes(2);
    let watch = Watch::start();
    let mut screens = Vec::new();
    screens.push(shop.version("2", true).deploy().ends(10).screen);
    shop.version("2", false);
    screens.push(shop.stack.backstay(&["--json", "deploy", "--yes"]).ends(0).screen);
    screens.push(shop.back(None).ends(0).screen);
    screens.push(shop.stack.backstay(&["--json", "data", "list"]).ends(0).screen);
    screens.push(shop.stack.backstay(&["--json", "data", "verify"]).ends(0).screen);
    let (lines, programs) = watch.stop();
    assert!(programs > 0, "nothing was seen");
    assert_eq!(lines, BTreeSet::new());
    for screen in screens {
        assert!(!screen.contains(PASSWORD), "{screen}");
    }
    let mut found = Vec::new();
    holders(&shop.stack.state(), &mut found);
    assert_eq!(found, Vec::<String>::new());
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn a_password_of_mariadb_is_nowhere() {
    nowhere(Server::Mariadb);
}

#[test]
fn passwords_of_the_others_are_nowhere() {
    if !crate::harness::is_thorough() {
        eprintln!("not run: `cargo xtask faults` takes it");
        return;
    }
    nowhere(Server::Postgres);
    nowhere(Server::Valkey);
}
