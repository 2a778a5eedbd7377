//! A stand-in for redis: `PING`, `INCR` and `GET` on one counter that outlives the container.

use super::drain::Drain;
use std::fs;
use std::io::{self, BufRead, BufReader, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

pub(super) const PORT: u16 = 6379;
const IDLE_LIMIT: Duration = Duration::from_secs(300);
const TICK: Duration = Duration::from_millis(50);

/// The one number that the stand-in keeps.
#[derive(Debug)]
pub struct Counter {
    file: PathBuf,
    value: Mutex<u64>,
}

impl Counter {
    /// Goes on from what `file` holds; from 0 where it can't be read.
    pub fn open(file: PathBuf) -> Self {
        let value = fs::read_to_string(&file).ok().and_then(|text| text.trim().parse().ok());
        Self { file, value: Mutex::new(value.unwrap_or(0)) }
    }

    /// Answers the commands of one connection.
    ///
    /// # Errors
    /// The connection broke.
    pub fn serve(&self, mut stream: TcpStream, drain: &Drain) -> io::Result<()> {
        stream.set_read_timeout(Some(TICK))?;
        let mut reader = BufReader::new(stream.try_clone()?);
        while let Some(line) = next_line(&mut reader, drain)? {
            if let Some(reply) = self.reply(&line) {
                stream.write_all(reply.as_bytes())?;
            }
        }
        Ok(())
    }

    /// The answer to one line; none for the lengths that real clients put around each word, so
    /// that `PING` and `*1 $4 PING` are both understood (and `INCR key` as `INCR`, then `key`).
    fn reply(&self, line: &str) -> Option<String> {
        let word = line.split_whitespace().next()?.to_ascii_uppercase();
        match word.as_str() {
            "PING" => Some("+PONG\r\n".into()),
            "INCR" => Some(format!(":{}\r\n", self.change(1))),
            "GET" => Some(format!(":{}\r\n", self.change(0))),
            _ => None,
        }
    }

    fn change(&self, by: u64) -> u64 {
        let mut value = self.value.lock().unwrap_or_else(PoisonError::into_inner);
        *value += by;
        if by > 0 {
            // Without a volume there is nowhere to keep it, which is as good as a real cache.
            let _ = fs::write(&self.file, value.to_string());
        }
        *value
    }
}

fn next_line(reader: &mut BufReader<TcpStream>, drain: &Drain) -> io::Result<Option<String>> {
    let waiting_since = Instant::now();
    let mut line = String::new();
    loop {
        match reader.read_line(&mut line) {
            Ok(0) => return Ok(None),
            Ok(_) => return Ok(Some(line)),
            Err(e) if matches!(e.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {
                if drain.is_on() || waiting_since.elapsed() > IDLE_LIMIT {
                    return Ok(None);
                }
            }
            Err(e) => return Err(e),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_counter_outlives_its_process() {
        let file = std::env::temp_dir().join(format!("demo-counter-{}", std::process::id()));
        let first = Counter::open(file.clone());
        assert_eq!(first.reply("INCR visits\r\n").as_deref(), Some(":1\r\n"));
        assert_eq!(first.reply("INCR\r\n").as_deref(), Some(":2\r\n"));
        let second = Counter::open(file.clone());
        assert_eq!(second.reply("GET\r\n").as_deref(), Some(":2\r\n"));
        fs::remove_file(file).unwrap();
    }

    #[test]
    fn ping_is_understood_in_both_forms() {
        let counter = Counter::open(PathBuf::from("/nowhere/counter"));
        assert_eq!(counter.reply("ping\r\n").as_deref(), Some("+PONG\r\n"));
        assert_eq!(counter.reply("*1\r\n"), None);
        assert_eq!(counter.reply("$4\r\n"), None);
    }
}
