//! Old containers that stay up behind the gateway for a while, the way back to them, their end; and the end of the whole stack.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use backstay_testkit::load::Load;

use crate::gateway::{RATE, behind, unnoticed};
use crate::harness::{Run, Stack, eventually, is_thorough, page, port, web};

/// A way back, as visitors saw it.
struct Back {
    /// How long after the command the first one got the version.
    took: Duration,
    /// The containers that have answered, in the order of their first answers.
    served: Vec<String>,
    /// What the run said.
    said: String,
}

/// The container that answers.
fn serves(port: u16) -> String {
    page(port, "/id").expect("nobody answers")
}

/// Goes back to this version while visitors come, of whom none is to notice.
fn back(stack: &Stack, port: u16, to: &[&str], wanted: &str) -> Back {
    let urls = ["version", "id"].map(|path| format!("http://127.0.0.1:{port}/{path}"));
    let load = Load::start_at(&urls, RATE).unwrap();
    // They have seen what there was before.
    eventually(|| load.peek(|url| url.requests > 0));
    let begin = Instant::now();
    let mut run = stack.command(&[&["rollback", "--yes"], to].concat());
    let run = run.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    while page(port, "/version").as_deref() != Some(wanted) {
        assert!(begin.elapsed() < Duration::from_secs(60), "{wanted} does not come back");
    }
    let took = begin.elapsed();
    let ended = run.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&ended.stdout) + String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success(), "{said}");
    // And they see what there is in the end.
    let live = serves(port);
    let is_last = |last: &String| last == wanted || *last == live;
    eventually(|| load.peek(|url| url.versions.last().is_some_and(is_last)));
    let report = load.stop();
    println!("back to {wanted}: {} of {} failed", report.failures(), report.requests());
    assert_eq!(report.failures(), 0, "{:?}\n{said}", report.errors());
    // What was under way to the one may be answered after the other's first answer.
    let mut served: Vec<String> = Vec::new();
    for id in &report.urls[1].versions {
        if !served.contains(id) {
            served.push(id.clone());
        }
    }
    Back { took, served, said: said.into_owned() }
}

fn wait_until_there_is_one(stack: &Stack) {
    let begin = Instant::now();
    while stack.ids("one").len() > 1 {
        assert!(begin.elapsed() < Duration::from_secs(60), "{:?}", stack.picture());
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// Plain `up` of an older Compose takes what is still up for the live one: nothing is kept up with it.
pub(crate) fn keeps_nothing_up() -> bool {
    let version = Command::new("docker").args(["compose", "version", "--short"]).output().unwrap();
    let version = String::from_utf8_lossy(&version.stdout).trim().to_owned();
    let mut numbers = version.trim_start_matches('v').split('.').map_while(|n| n.parse().ok());
    let is_old = (numbers.next(), numbers.next()) < (Some(2_u32), Some(40));
    if is_old {
        eprintln!("not run: nothing stays up with Compose {version}");
    }
    is_old
}

fn for_so_long(port: u16, keep_warm: &str) -> String {
    web("one", port) + &format!("    x-backstay: {{gateway: {{keep_warm: {keep_warm}}}}}\n")
}

#[test]
fn a_rollback_soon_after_is_a_switch_back() {
    if keeps_nothing_up() {
        return;
    }
    let port = port();
    let Some(stack) = behind("gatewaywarm", port, "") else { return };
    let first = serves(port);
    stack.write(".env", "VERSION=2\n");
    unnoticed(&stack, port, &["deploy"]).0.ends(0).says("stay up until");
    assert_eq!(stack.ids("one").len(), 2);
    stack.backstay(&["status"]).ends(0).says("are up until");
    stack.backstay(&["rollback", "--dry-run", "--yes"]).ends(0).says("still up");

    // The old container serves, before the one is there that is made for it.
    let second = serves(port);
    let warm = back(&stack, port, &[], "1");
    let third = serves(port);
    assert!(warm.said.contains("still up"), "{}", warm.said);
    assert_eq!(warm.served, [second.as_str(), &first, &third], "{}", warm.said);
    // What was led to for the moment, what was gone back from, and what is live now.
    assert_eq!(stack.ids("one").len(), 3);
    assert!(stack.leftovers().is_empty(), "{:?}", stack.leftovers());
    // It is taken back in the same way, by the command that it has named.
    let command = warm.said.split('`').find(|part| part.starts_with("backstay rollback "));
    let release = command.and_then(|command| command.rsplit(' ').next()).expect(&warm.said);
    let again = back(&stack, port, &[release], "2");
    assert!(again.said.contains("still up"), "{}", again.said);
    assert_eq!(again.served, [third.as_str(), &second, &serves(port)], "{}", again.said);

    stack.write(".env", "VERSION=3\n").compose_file(&for_so_long(port, "0s"));
    unnoticed(&stack, port, &["deploy"]).0.ends(0);
    assert_eq!(stack.ids("one").len(), 1);
    let live = serves(port);
    let cold = back(&stack, port, &[], "2");
    assert!(!cold.said.contains("still up"), "{}", cold.said);
    assert_eq!(cold.served, [live.as_str(), &serves(port)], "{}", cold.said);
    let (warm, again, cold) = (warm.took, again.took, cold.took);
    println!("warm: {warm:?}, taken back: {again:?}, cold: {cold:?}");
    // Each under the same load; what else the machine does meanwhile is another matter.
    if is_thorough() {
        assert!(again * 2 < cold, "{again:?} {cold:?}");
        assert!(warm * 2 < cold, "{warm:?} {cold:?}");
    }
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn old_containers_that_are_up_end_when_it_is_time() {
    if keeps_nothing_up() {
        return;
    }
    let port = port();
    let Some(stack) = behind("gatewayend", port, "") else { return };
    stack.write(".env", "VERSION=2\n").compose_file(&for_so_long(port, "3s"));
    unnoticed(&stack, port, &["deploy"]).0.ends(0);
    // By itself.
    wait_until_there_is_one(&stack);

    // Whoever would end them is killed: the next command does it.
    stack.write(".env", "VERSION=3\n");
    stack.backstay(&["deploy"]).ends(0);
    assert_eq!(stack.ids("one").len(), 2);
    let waiting = waiting(&stack);
    assert_eq!(waiting.len(), 1, "{waiting:?}");
    for pid in waiting {
        std::process::Command::new("kill").args(["-9", &pid]).status().unwrap();
    }
    // Plain Compose leaves what is live alone.
    let live = page(port, "/version");
    stack.compose(&["up", "-d", "--no-build"]);
    assert_eq!(page(port, "/version"), live);
    std::thread::sleep(Duration::from_secs(4));
    stack.backstay(&["recover"]).ends(0);
    assert_eq!(stack.ids("one").len(), 1);
    assert_eq!(page(port, "/version").as_deref(), Some("3"));
}

/// The processes that wait to end old containers of the stack.
fn waiting(stack: &Stack) -> Vec<String> {
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let found = processes.filter(|process| {
        let words = std::fs::read(process.path().join("cmdline")).unwrap_or_default();
        let words = String::from_utf8_lossy(&words).replace('\0', " ");
        words.contains("end-warm") && words.contains(&stack.project)
    });
    found.map(|process| process.file_name().to_string_lossy().into_owned()).collect()
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn all_of_a_stack_goes_and_comes_back() {
    let port = port();
    let Some(stack) = behind("gatewaydown", port, "") else { return };
    stack.write(".env", "VERSION=2\n");
    stack.backstay(&["deploy"]).ends(0);
    stack.backstay(&["down"]).ends(2);
    stack.backstay(&["down", "--yes"]).ends(0).says("are kept");
    let left = stack.picture();
    assert!(left.containers.is_empty() && left.networks.is_empty(), "{left:?}");
    stack.backstay(&["rollback", "--yes"]).ends(0);
    assert_eq!(page(port, "/version").as_deref(), Some("1"));
    stack.backstay(&["gateway", "status"]).ends(0).says(&format!("0.0.0.0:{port}"));
    stack.backstay(&["down", "--volumes", "--yes"]).ends(0);
    assert!(stack.picture().containers.is_empty());
}

/// A run while requests are under way that take their time, of whom none is to be cut.
fn uncut(stack: &Stack, port: u16, arguments: &[&str]) -> Run {
    let urls = [format!("http://127.0.0.1:{port}/slow/3000")];
    let load = Load::start_at(&urls, RATE).unwrap();
    let run = stack.backstay(arguments);
    let report = load.stop();
    println!("{}: {} of {} cut", arguments.join(" "), report.failures(), report.requests());
    assert_eq!(report.failures(), 0, "{:?}\n{}", report.errors(), run.screen);
    assert!(report.requests() > 0);
    run
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn requests_of_three_seconds_are_answered_through_every_kind_of_run() {
    let port = port();
    let patient = web("one", port).replace("stop_grace_period: 3s", "stop_grace_period: 10s");
    let Some(stack) = behind("gatewayslow", port, "") else { return };
    stack.write(".env", "VERSION=2\n").compose_file(&patient);
    stack.backstay(&["deploy"]).ends(0);
    stack.write(".env", "VERSION=3\n");
    uncut(&stack, port, &["deploy"]).ends(0);
    let back = uncut(&stack, port, &["rollback", "--yes"]).ends(0);
    if !keeps_nothing_up() {
        back.says("still up");
    }
    stack.write(".env", "VERSION=4\n").mode("one", "crash-after:500");
    uncut(&stack, port, &["deploy"]).ends(10);
    stack.mode("one", "ok");
    uncut(&stack, port, &["update", "one", "--yes"]).ends(0);
    assert_eq!(page(port, "/version").as_deref(), Some("4"));
}
