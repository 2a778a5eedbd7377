//! A command of this machine to which something is written. A thread takes what it makes of it.

use std::io::{self, PipeWriter, Write};
use std::path::Path;

use async_trait::async_trait;
use backstay_core::ports::{Filter, Filtering, Through};
use tokio::task::{JoinHandle, spawn_blocking};

use super::through;

/// Starts it.
pub(super) fn start(
    folder: &Path,
    command: &[String],
    mut out: Box<dyn Write + Send>,
) -> io::Result<Filtering> {
    let (input, pipe) = io::pipe()?;
    let Through { mut output, stop } = through::start(folder, command, Box::new(input))?;
    let writing = spawn_blocking(move || io::copy(&mut output, &mut out).map(|_| ()));
    Ok(Filtering { command: Box::new(Writing { pipe, writing }), stop })
}

struct Writing {
    pipe: PipeWriter,
    writing: JoinHandle<io::Result<()>>,
}

impl Write for Writing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.pipe.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[async_trait]
impl Filter for Writing {
    async fn end(self: Box<Self>, last: Vec<u8>) -> io::Result<()> {
        let Self { mut pipe, writing } = *self;
        let feeding = spawn_blocking(move || pipe.write_all(&last));
        // A command that takes no more says itself whether that is right.
        let _ = feeding.await;
        writing.await.map_err(io::Error::other)?
    }
}

#[cfg(all(test, unix))]
#[allow(clippy::unwrap_used)] // tests
mod tests {
    use std::sync::{Arc, Mutex};

    use backstay_core::data::CommandFailed;

    use super::*;

    #[derive(Clone, Default)]
    struct Out(Arc<Mutex<Vec<u8>>>);

    impl Write for Out {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn shell(script: &str) -> (Filtering, Out) {
        let (command, out) = (["/bin/sh", "-c", script].map(str::to_owned), Out::default());
        (start(Path::new("/"), &command, Box::new(out.clone())).unwrap(), out)
    }

    #[tokio::test]
    async fn all_that_is_written_comes_out() {
        let (Filtering { mut command, stop: _stop }, out) = shell("tr a-z A-Z");
        command.write_all(b"ro").unwrap();
        command.end(b"ws".to_vec()).await.unwrap();
        assert_eq!(*out.0.lock().unwrap(), b"ROWS");
    }

    #[tokio::test]
    async fn a_command_that_takes_nothing_says_why() {
        let (Filtering { mut command, stop: _stop }, _) = shell("echo no key >&2; exit 4");
        // It may be gone already, or not yet.
        let _ = command.write_all(b"rows");
        let error = command.end(Vec::new()).await.unwrap_err();
        let failed = error.get_ref().unwrap().downcast_ref::<CommandFailed>().unwrap();
        assert_eq!((failed.code, &failed.words[..]), (Some(4), &["no key".to_owned()][..]));
    }
}
