//! Encrypting what is saved, and decrypting it: by a command of this machine, which makes something else of what flows through it.

use std::fmt;
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use crate::packing::Counted;
use crate::ports::{Filter, Filtering, HostCommands, Stop};

/// The command failed. It is inside of the error that reading what it makes ends with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandFailed {
    /// The program.
    pub program: String,
    /// Its exit code, where it has one.
    pub code: Option<i64>,
    /// The last lines of what it said.
    pub words: Vec<String>,
}

impl fmt::Display for CommandFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let code = self.code.map_or_else(|| "none".to_owned(), |code| code.to_string());
        write!(f, "`{}` ended with exit code {code}: {}", self.program, self.words.join(" / "))
    }
}

impl std::error::Error for CommandFailed {}

/// The one that an error is about.
pub(crate) fn failed(error: &io::Error) -> Option<&CommandFailed> {
    error.get_ref()?.downcast_ref()
}

/// A file that is written through a command.
pub(super) struct Encrypting {
    command: Box<dyn Filter>,
    file: Shared,
}

impl Encrypting {
    pub(super) fn start(
        commands: &dyn HostCommands,
        folder: &Path,
        command: &[String],
        file: Counted,
    ) -> io::Result<(Self, Stop)> {
        let file = Shared(Arc::new(Mutex::new(Some(file))));
        let Filtering { command, stop } =
            commands.filter(folder, command, Box::new(file.clone()))?;
        Ok((Self { command, file }, stop))
    }

    /// The file, when the command has made all of it.
    pub(super) async fn finish(self, last: Vec<u8>) -> io::Result<Counted> {
        self.command.end(last).await?;
        let mut file = self.file.0.lock().unwrap_or_else(PoisonError::into_inner);
        file.take().ok_or_else(|| io::ErrorKind::BrokenPipe.into())
    }
}

impl Write for Encrypting {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.command.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What the command writes to, and who waits for it takes in the end.
#[derive(Clone)]
struct Shared(Arc<Mutex<Option<Counted>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut *self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(file) => file.write(bytes),
            None => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
