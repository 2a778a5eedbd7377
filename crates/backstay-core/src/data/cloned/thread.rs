//! Work on a thread of its own, for as long as somebody waits for it.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::Builder;

use tokio::sync::oneshot;

/// Does it there. Where nobody waits any more, what is written through [`Wanted`] fails.
pub(super) async fn on_thread<T: Send + 'static>(
    work: impl FnOnce(Arc<AtomicBool>) -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    struct Waiting(Arc<AtomicBool>);
    impl Drop for Waiting {
        fn drop(&mut self) {
            self.0.store(false, Ordering::Relaxed);
        }
    }
    let waiting = Waiting(Arc::new(AtomicBool::new(true)));
    let is_wanted = Arc::clone(&waiting.0);
    let (sender, receiver) = oneshot::channel();
    let work = move || drop(sender.send(work(is_wanted)));
    Builder::new().name("data".to_owned()).spawn(work)?;
    receiver.await.unwrap_or_else(|_| Err(io::Error::other("the thread that did it has ended")))
}

/// Takes what is written for as long as it is wanted.
pub(super) struct Wanted<W> {
    pub(super) out: W,
    pub(super) is_wanted: Arc<AtomicBool>,
}

impl<W: Write> Write for Wanted<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.is_wanted.load(Ordering::Relaxed) {
            true => self.out.write(bytes),
            false => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
