//! A client that writes all the time, and keeps account of what was acknowledged.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// How long an answer may take: longer than anybody is held.
const PATIENCE: Duration = Duration::from_secs(30);
/// Between one row and the next.
const PAUSE: Duration = Duration::from_millis(20);

/// The number of the next row of any client of this process: no row is written twice.
static NEXT: AtomicU32 = AtomicU32::new(1);

/// What was acknowledged: each row's number, with the release that said so.
pub(super) type Account = BTreeMap<u32, String>;

pub(super) struct Client {
    over: Arc<AtomicBool>,
    work: JoinHandle<(Account, u32)>,
}

impl Client {
    pub(super) fn start(port: u16) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let ends = over.clone();
        let work = std::thread::spawn(move || {
            let (mut account, mut failed) = (Account::new(), 0);
            while !ends.load(Ordering::Relaxed) {
                match write(port) {
                    Some((number, release)) => drop(account.insert(number, release)),
                    None => failed += 1,
                }
                std::thread::sleep(PAUSE);
            }
            (account, failed)
        });
        Self { over, work }
    }

    /// What was acknowledged, and how many were not.
    pub(super) fn stop(self) -> (Account, u32) {
        self.over.store(true, Ordering::Relaxed);
        self.work.join().unwrap()
    }
}

/// Writes one row. Its number and the release that has acknowledged it.
pub(super) fn write(port: u16) -> Option<(u32, String)> {
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let answer = ask(port, &format!("n={number}"))?;
    let release = answer.trim().strip_prefix("ok ")?.to_owned();
    Some((number, release))
}

/// What the program answers.
pub(super) fn ask(port: u16, question: &str) -> Option<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    let host = format!("127.0.0.1:{port}");
    write!(
        stream,
        "GET /cgi-bin/rows?{question} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
    )
    .ok()?;
    let mut text = String::new();
    stream.read_to_string(&mut text).ok()?;
    let (head, body) = text.split_once("\r\n\r\n")?;
    head.contains(" 200 ").then(|| body.to_owned())
}
