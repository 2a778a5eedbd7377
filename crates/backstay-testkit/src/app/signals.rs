//! SIGTERM and SIGINT begin the drain. Process 1 of a container has no default for them.

use super::drain::Drain;
use std::io;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock};

/// Filled once the server listens; a signal before that ends the program at once.
pub(super) type Listening = Arc<OnceLock<Arc<Drain>>>;

/// Begins the drain on the first signal; with `ignore`, swallows them all.
#[cfg(unix)]
pub(super) fn install(listening: Listening, ignore: bool) -> io::Result<()> {
    use signal_hook::consts::{SIGINT, SIGTERM};
    let mut signals = signal_hook::iterator::Signals::new([SIGTERM, SIGINT])?;
    std::thread::spawn(move || {
        for _ in signals.forever() {
            match listening.get() {
                _ if ignore => {}
                Some(drain) => drain.begin(),
                None => std::process::exit(0),
            }
        }
    });
    Ok(())
}

/// A flag that goes up on the first signal.
#[cfg(unix)]
pub(super) fn ended() -> io::Result<Arc<AtomicBool>> {
    use signal_hook::consts::{SIGINT, SIGTERM};
    let ended = Arc::new(AtomicBool::new(false));
    for signal in [SIGTERM, SIGINT] {
        signal_hook::flag::register(signal, Arc::clone(&ended))?;
    }
    Ok(ended)
}

#[cfg(not(unix))]
pub(super) fn ended() -> io::Result<Arc<AtomicBool>> {
    Ok(Arc::new(AtomicBool::new(false)))
}

/// The server runs in Linux containers only; elsewhere it has to compile, for the tests.
#[cfg(not(unix))]
pub(super) fn install(_listening: Listening, _ignore: bool) -> io::Result<()> {
    Ok(())
}
