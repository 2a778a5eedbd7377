//! Encrypting with the `age` program. Keys are in its files, or public; a passphrase it asks for itself, on the terminal.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, Stdio};
use std::thread::JoinHandle;

use backstay_core::ports::Staged;

use crate::errors::{CommandError, Exit};
use crate::i18n::{Language, t};
use crate::ui::clean;

const PROGRAM: &str = "age";

/// The program has to be there.
pub(super) fn check(lang: Language) -> Result<(), CommandError> {
    let found = Command::new(PROGRAM).arg("--version").stdin(Stdio::null()).output();
    match found {
        Ok(_) => Ok(()),
        Err(_) => Err(CommandError::new(Exit::Machine, t!(lang, "age-missing"))
            .hint(t!(lang, "hint-age-missing"))),
    }
}

/// The arguments that say for whom something is encrypted.
pub(super) fn recipients(keys: &[String], files: &[PathBuf]) -> Vec<OsString> {
    let keys = keys.iter().flat_map(|key| ["-r".into(), key.into()]);
    let files = files.iter().flat_map(|file| ["-R".into(), file.into()]);
    keys.chain(files).collect()
}

/// Whether a file begins as those do that `age` makes.
pub(super) fn is_encrypted(head: &[u8]) -> bool {
    head.starts_with(b"age-encryption.org/") || head.starts_with(b"-----BEGIN AGE")
}

type Copied = io::Result<Box<dyn Staged + Send>>;

/// Encrypts what is written to it into a file.
pub(super) struct Encrypting {
    lang: Language,
    child: Child,
    input: Option<ChildStdin>,
    output: JoinHandle<Copied>,
    said: JoinHandle<String>,
}

impl Encrypting {
    pub(super) fn start(
        lang: Language,
        recipients: &[OsString],
        mut staged: Box<dyn Staged + Send>,
    ) -> io::Result<Self> {
        let mut command = Command::new(PROGRAM);
        command.args(recipients).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.stderr(Stdio::piped()).spawn()?;
        let (input, output) = (child.stdin.take(), child.stdout.take());
        let said = listen(child.stderr.take());
        let output = std::thread::spawn(move || {
            output.map(|mut output| io::copy(&mut output, &mut staged)).transpose()?;
            Ok(staged)
        });
        Ok(Self { lang, child, input, output, said })
    }

    /// Ends it. What it wrote is all there where it says so.
    pub(super) fn finish(mut self) -> Copied {
        drop(self.input.take());
        let copied = self.output.join();
        ended(self.lang, &mut self.child, self.said)?;
        copied.unwrap_or_else(|_| Err(io::Error::other(t!(self.lang, "age-no-output"))))
    }
}

impl Write for Encrypting {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let closed = || io::Error::from(io::ErrorKind::BrokenPipe);
        self.input.as_mut().ok_or_else(closed)?.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What `age` makes of a file.
pub(super) struct Decrypting {
    lang: Language,
    child: Child,
    output: ChildStdout,
    said: Option<JoinHandle<String>>,
}

pub(super) fn decrypt(
    lang: Language,
    file: File,
    identities: &[PathBuf],
) -> io::Result<Decrypting> {
    let mut command = Command::new(PROGRAM);
    command.arg("-d");
    for identity in identities {
        command.arg("-i").arg(identity);
    }
    command.stdin(file).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn()?;
    let said = Some(listen(child.stderr.take()));
    let lost = || io::Error::other(t!(lang, "age-no-output"));
    let output = child.stdout.take().ok_or_else(lost)?;
    Ok(Decrypting { lang, child, output, said })
}

impl Read for Decrypting {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.output.read(buffer)?;
        // The end is one only where all of it could be decrypted.
        if count == 0
            && !buffer.is_empty()
            && let Some(said) = self.said.take()
        {
            ended(self.lang, &mut self.child, said)?;
        }
        Ok(count)
    }
}

impl Drop for Decrypting {
    fn drop(&mut self) {
        if self.said.is_some() {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

fn listen(stderr: Option<ChildStderr>) -> JoinHandle<String> {
    std::thread::spawn(move || {
        let mut text = String::new();
        if let Some(stderr) = stderr {
            let _ = stderr.take(4096).read_to_string(&mut text);
        }
        text
    })
}

/// Waits for it, and says what it said where it failed.
fn ended(lang: Language, child: &mut Child, said: JoinHandle<String>) -> io::Result<()> {
    let status = child.wait()?;
    if status.success() {
        return Ok(());
    }
    let said = said.join().unwrap_or_default();
    let first = said.lines().next().unwrap_or_default();
    let first = clean::line(first);
    Err(io::Error::other(match status.code() {
        Some(code) => t!(lang, "age-failed", code = code.to_string(), said = first),
        None => t!(lang, "age-killed", said = first),
    }))
}
