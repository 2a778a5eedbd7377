//! A command of this machine through which something flows.

use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use backstay_core::data::CommandFailed;
use backstay_core::ports::{Stop, Through};

use super::Group;

/// How many lines are kept of what it says.
const LINES: usize = 10;
/// And how much of a line.
const LINE: u64 = 2000;

/// Starts it.
pub(super) fn start(
    folder: &Path,
    command: &[String],
    input: Box<dyn Read + Send>,
) -> io::Result<Through> {
    let program = command.first().cloned().unwrap_or_default();
    let failed = |code, words| CommandFailed { program: program.clone(), code, words };
    let mut prepared = Command::new(&program);
    prepared.args(command.get(1..).unwrap_or_default()).current_dir(folder);
    prepared.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut prepared, 0);
    let mut child = prepared
        .spawn()
        .map_err(|error| io::Error::new(error.kind(), failed(None, vec![error.to_string()])))?;
    let group = Arc::new(Mutex::new(Some(Group(Some(child.id())))));
    let (feed, output, words) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let reading = Reading {
        program,
        output,
        feeding: Some(thread::spawn(move || give(feed, input))),
        listening: Some(thread::spawn(move || last_lines(words))),
        child,
        group: Arc::clone(&group),
    };
    let stop = move || drop(locked(&group).take());
    Ok(Through { output: Box::new(reading), stop: Stop::new(stop) })
}

/// What it makes of what it gets.
struct Reading {
    program: String,
    output: Option<ChildStdout>,
    feeding: Option<JoinHandle<io::Result<()>>>,
    listening: Option<JoinHandle<Vec<String>>>,
    child: Child,
    /// Ends all that it has started, where it has not ended.
    group: Arc<Mutex<Option<Group>>>,
}

impl Read for Reading {
    fn read(&mut self, part: &mut [u8]) -> io::Result<usize> {
        let Some(output) = &mut self.output else { return Ok(0) };
        match output.read(part)? {
            0 if !part.is_empty() => {
                self.output = None;
                self.end().map(|()| 0)
            }
            count => Ok(count),
        }
    }
}

impl Reading {
    /// It has written all there is.
    fn end(&mut self) -> io::Result<()> {
        let status = self.child.wait()?;
        if let Some(group) = locked(&self.group).take() {
            group.let_go();
        }
        let words = self.listening.take().and_then(|thread| thread.join().ok()).unwrap_or_default();
        if !status.success() {
            let (program, code) = (self.program.clone(), status.code().map(i64::from));
            return Err(io::Error::other(CommandFailed { program, code, words }));
        }
        // What it was to get could not be read to its end.
        let fed = self.feeding.take().map(JoinHandle::join);
        fed.unwrap_or(Ok(Ok(()))).unwrap_or_else(|_| Err(io::Error::other("reading has failed")))
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        if self.output.is_some() {
            drop(locked(&self.group).take());
            let _ = self.child.wait();
        }
    }
}

fn locked(group: &Mutex<Option<Group>>) -> MutexGuard<'_, Option<Group>> {
    group.lock().unwrap_or_else(PoisonError::into_inner)
}

fn give(feed: Option<ChildStdin>, mut input: Box<dyn Read + Send>) -> io::Result<()> {
    let Some(mut feed) = feed else { return Ok(()) };
    match io::copy(&mut input, &mut feed) {
        // It takes no more: its exit code says whether that is right.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other.map(|_| ()),
    }
}

fn last_lines(words: Option<ChildStderr>) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let Some(words) = words else { return lines };
    let mut words = BufReader::new(words);
    loop {
        let mut line = Vec::new();
        // A longer one comes in parts.
        match words.by_ref().take(LINE).read_until(b'\n', &mut line) {
            Ok(1..) => lines.push(String::from_utf8_lossy(&line).trim_end().to_owned()),
            _ => return lines,
        }
        let surplus = lines.len().saturating_sub(LINES);
        lines.drain(..surplus);
    }
}

#[cfg(all(test, unix))]
#[allow(clippy::unwrap_used)] // tests
mod tests {
    use super::*;

    fn through(script: &str, input: &'static [u8]) -> Through {
        let command = ["/bin/sh", "-c", script].map(str::to_owned);
        start(Path::new("/"), &command, Box::new(input)).unwrap()
    }

    #[test]
    fn all_of_it_goes_through() {
        let mut text = String::new();
        through("tr a-z A-Z", b"rows").output.read_to_string(&mut text).unwrap();
        assert_eq!(text, "ROWS");
    }

    #[test]
    fn a_command_that_fails_is_told_from_a_whole_output() {
        let mut text = String::new();
        let mut through = through("head -c 2; echo no key >&2; exit 3", b"rows");
        let error = through.output.read_to_string(&mut text).unwrap_err();
        let failed = error.get_ref().unwrap().downcast_ref::<CommandFailed>().unwrap();
        assert_eq!((failed.code, &failed.words[..]), (Some(3), &["no key".to_owned()][..]));
    }

    #[test]
    fn one_that_takes_less_than_there_is_is_right_where_it_says_so() {
        let input: Box<dyn Read + Send> = Box::new(io::repeat(b'x').take(1 << 20));
        let command = ["/bin/sh", "-c", "head -c 2"].map(str::to_owned);
        let mut text = String::new();
        let mut through = start(Path::new("/"), &command, input).unwrap();
        through.output.read_to_string(&mut text).unwrap();
        assert_eq!(text, "xx");
    }

    #[test]
    fn one_that_waits_for_ever_can_be_ended() {
        let mut through = through("cat >/dev/null; exec sleep 1000", b"rows");
        drop(through.stop);
        let error = through.output.read_to_end(&mut Vec::new()).unwrap_err();
        let failed = error.get_ref().unwrap().downcast_ref::<CommandFailed>().unwrap();
        assert_eq!(failed.code, None);
    }

    #[test]
    fn one_that_is_not_there_is_named() {
        let command = ["no-such-program".to_owned()];
        let error = start(Path::new("/"), &command, Box::new(io::empty())).err().unwrap();
        assert!(error.get_ref().unwrap().downcast_ref::<CommandFailed>().is_some());
    }
}
