//! A file that is written. A large one goes to the disk while it grows, so that making it durable at its end takes little.

use std::fs::File;
use std::io::{self, Write};

/// A file of [`DiskStore`](super::DiskStore).
#[derive(Debug)]
pub struct Growing {
    file: File,
    #[cfg(target_os = "linux")]
    early: early::Early,
}

impl Growing {
    pub(crate) fn new(file: File) -> Self {
        Self {
            file,
            #[cfg(target_os = "linux")]
            early: early::Early::default(),
        }
    }

    pub(crate) fn file(&self) -> &File {
        &self.file
    }

    /// Makes all of it durable.
    pub(crate) fn sync(&self) -> io::Result<()> {
        #[cfg(target_os = "linux")]
        self.early.end()?;
        self.file.sync_all()
    }
}

impl Write for Growing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.file.write(bytes)?;
        #[cfg(target_os = "linux")]
        self.early.grown(&self.file, count);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Elsewhere each of these calls empties the drive's own cache too, and costs more than it brings.
#[cfg(target_os = "linux")]
mod early {
    use std::fs::File;
    use std::io;
    use std::sync::mpsc::{SyncSender, sync_channel};
    use std::sync::{Mutex, PoisonError};
    use std::thread::{Builder, JoinHandle};

    /// After so many bytes the disk gets what there is.
    const PART: usize = 32 << 20;

    #[derive(Debug, Default)]
    pub(super) struct Early {
        since: usize,
        thread: Mutex<Option<Thread>>,
    }

    #[derive(Debug)]
    struct Thread {
        wake: SyncSender<()>,
        handle: JoinHandle<io::Result<()>>,
    }

    impl Early {
        /// So many bytes have come to the file.
        pub(super) fn grown(&mut self, file: &File, count: usize) {
            self.since += count;
            if self.since < PART {
                return;
            }
            self.since = 0;
            let thread = self.thread.get_mut().unwrap_or_else(PoisonError::into_inner);
            if thread.is_none() {
                *thread = file.try_clone().and_then(Thread::start).ok();
            }
            // It is still at the last part where there is no room: that one then comes with the next.
            let _ = thread.as_ref().map(|thread| thread.wake.try_send(()));
        }

        /// Waits for what is under way. The system says once that a disk has failed: it must not be said to nobody.
        pub(super) fn end(&self) -> io::Result<()> {
            let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
            let Some(Thread { wake, handle }) = thread else { return Ok(()) };
            drop(wake);
            handle.join().unwrap_or_else(|_| Err(io::Error::other("writing to the disk failed")))
        }
    }

    impl Thread {
        fn start(file: File) -> io::Result<Self> {
            let (wake, woken) = sync_channel::<()>(1);
            let work = move || woken.iter().try_for_each(|()| file.sync_data());
            let handle = Builder::new().name("early sync".to_owned()).spawn(work)?;
            Ok(Self { wake, handle })
        }
    }
}
