//! What open connections cost: each has had an answer, and says nothing more.

use super::contestants::{Contestant, Field};
use super::{Memory, OPEN};
use crate::failure::{Failure, Result};
use crate::interrupt;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// So long they are silent before it is measured.
const SILENCE: Duration = Duration::from_secs(5);
const PATIENCE: Duration = Duration::from_secs(10);

/// Measures all but the server itself.
pub(super) fn measure(field: &Field) -> Result<Vec<Memory>> {
    let mut all = Vec::new();
    for who in Contestant::ALL.into_iter().filter(|who| *who != Contestant::Direct) {
        let mut kib = vec![resident(field, who)];
        let mut open = Vec::new();
        for count in OPEN {
            while open.len() < count {
                open.push(connection(who.port(false))?);
            }
            interrupt::pause(SILENCE)?;
            kib.push(resident(field, who));
        }
        all.push(Memory { who, kib });
    }
    Ok(all)
}

/// A connection that has had an answer.
fn connection(port: u16) -> Result<TcpStream> {
    let failed = |error| Failure::new(format!("a connection to port {port}: {error}"));
    let mut stream = TcpStream::connect(("127.0.0.1", port)).map_err(failed)?;
    stream.set_read_timeout(Some(PATIENCE)).map_err(failed)?;
    stream.write_all(b"GET /1k HTTP/1.1\r\nHost: bench\r\n\r\n").map_err(failed)?;
    let (mut got, mut buffer) = (0, [0; 4096]);
    while got <= 1024 {
        match stream.read(&mut buffer).map_err(failed)? {
            0 => return Err(Failure::new(format!("port {port} closed a connection"))),
            read => got += read,
        }
    }
    Ok(stream)
}

/// In KiB. What several processes have in common, their program above all, counts once (the proportional set size).
fn resident(field: &Field, who: Contestant) -> u64 {
    let of = |pid: u32| {
        let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
        let line = text.lines().find_map(|line| line.strip_prefix("Pss:"))?;
        line.split_whitespace().next()?.parse::<u64>().ok()
    };
    field.processes(who).into_iter().filter_map(of).sum()
}
