//! A large database: what saving it costs beside the tool alone.

use std::fs::{self, File};
use std::io::Read;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::image::Server;
use super::shop::Shop;
use crate::harness::is_thorough;

/// As many bytes as a row of the table has, all but exactly.
const ROW: usize = 256;
/// No program that only passes it on needs more.
const MOST_KIB: u64 = 100 << 10;
const PLAIN: &str = "{dump: {preset: postgres, compress: false}}";
const PACKED: &str = "{dump: {preset: postgres, compress: true}}";
const LOOK: Duration = Duration::from_millis(20);

#[test]
#[ignore = "long: cargo xtask test --all"]
fn a_large_database_is_saved_in_little_memory() {
    let Some(shop) = Shop::new("srv-large", Server::Postgres, PLAIN, "") else { return };
    shop.deploy().ends(0);
    shop.answers("1");
    let mib = if is_thorough() { 1024 } else { 64 };
    let rows = mib * (1 << 20) / ROW;
    // Halves of a digest, so that it can be compressed as text can, and no better.
    let digests = (0..ROW / 32).map(|part| format!("md5((i * 8 + {part})::text)"));
    let row = digests.collect::<Vec<_>>().join(" || ");
    let fill =
        format!("create table large as select {row} as text from generate_series(1, {rows}) i");
    let psql =
        format!("PGPASSWORD=$POSTGRES_PASSWORD psql -q -h 127.0.0.1 -U postgres -c '{fill}'");
    shop.stack.lines(&["exec", &shop.stack.id("db"), "/bin/sh", "-c", &psql]);

    // In turns, so that what the first one finds cold the second one finds warm.
    let mut most = 0;
    let mut saved = |words| {
        shop.says(words, "");
        let (took, peak) = by_us(&shop);
        most = most.max(peak);
        took
    };
    let rounds: Vec<_> =
        (0..3).map(|_| [by_its_tool(&shop), saved(PLAIN), saved(PACKED)]).collect();
    let best = |way: usize| rounds.iter().map(|round| round[way]).min().unwrap();
    let alone = best(0);
    println!("{mib} MiB: the tool alone {alone:?}; {most} KiB at most");
    for (way, name) in [(1, "plain"), (2, "compressed")] {
        let (ours, ratio) = (best(way), alone.as_secs_f64() / best(way).as_secs_f64());
        println!("the dump of `data save`, {name}: {ours:?}, {ratio:.2} of the tool's speed");
    }
    assert!(most < MOST_KIB, "{most} KiB");
}

/// The dump that a person would make.
fn by_its_tool(shop: &Shop) -> Duration {
    let file = shop.stack.path().join("alone.sql");
    let dump = "PGPASSWORD=$POSTGRES_PASSWORD pg_dump -h 127.0.0.1 -U postgres postgres";
    let mut command = Command::new("docker");
    command.args(["exec", &shop.stack.id("db"), "/bin/sh", "-c", dump]);
    command.stdout(File::create(&file).unwrap());
    let begin = Instant::now();
    assert!(command.status().unwrap().success());
    let took = begin.elapsed();
    fs::remove_file(file).unwrap();
    took
}

/// How long `data save` says that the dump took, and the most memory that it had, in KiB.
fn by_us(shop: &Shop) -> (Duration, u64) {
    let mut command = shop.stack.command(&["data", "save"]);
    command.stdout(Stdio::piped()).stderr(Stdio::null());
    let mut run = command.spawn().unwrap();
    let mut peak = 0;
    let status = loop {
        if let Some(status) = run.try_wait().unwrap() {
            break status;
        }
        let text = fs::read_to_string(format!("/proc/{}/status", run.id())).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let now = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse().ok());
        peak = now.unwrap_or(0).max(peak);
        std::thread::sleep(LOOK);
    };
    assert!(status.success(), "{status}");
    let mut screen = String::new();
    run.stdout.take().unwrap().read_to_string(&mut screen).unwrap();
    let said = screen
        .lines()
        .find_map(|line| line.split_once("_backup.sql").filter(|(_, size)| size.contains(" s)")))
        .expect("a dump");
    let seconds = said.1.rsplit(", ").next().and_then(|took| took.strip_suffix(" s)"));
    let seconds: f64 = seconds.and_then(|seconds| seconds.parse().ok()).expect("how long");
    (Duration::from_secs_f64(seconds), peak)
}
