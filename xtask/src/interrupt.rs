//! Ctrl-C and SIGTERM end a demo after it has cleaned up; a second one ends it at once.

use crate::failure::{Failure, Result};
use crate::shell;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;
use std::process::{Child, ExitStatus};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

/// As shells report a program that was ended by Ctrl-C.
const EXIT_CODE: i32 = 130;
const POLL: Duration = Duration::from_millis(20);

static ASKED: OnceLock<Arc<AtomicBool>> = OnceLock::new();

/// From here on a signal only sets a flag, which [`check`] and [`wait`] look at.
pub(crate) fn catch() -> Result<()> {
    let asked = ASKED.get_or_init(Arc::default);
    for signal in [SIGINT, SIGTERM] {
        // In this order: the first signal finds the flag down, the second one finds it up.
        flag::register_conditional_shutdown(signal, EXIT_CODE, Arc::clone(asked))
            .and_then(|_| flag::register(signal, Arc::clone(asked)))
            .map_err(|e| Failure::new(format!("can't catch signals: {e}")))?;
    }
    Ok(())
}

/// Fails once a signal has come.
pub(crate) fn check() -> Result<()> {
    if asked() { Err(Failure::new("interrupted")) } else { Ok(()) }
}

/// Lets time go by, unless a signal comes.
pub(crate) fn pause(time: Duration) -> Result<()> {
    let end = Instant::now() + time;
    while Instant::now() < end {
        check()?;
        thread::sleep(POLL);
    }
    Ok(())
}

/// Waits for a child. A signal is handed on to it once, and then it is waited for all the same:
/// it has things to put back too.
pub(crate) fn wait(child: &mut Child) -> Result<ExitStatus> {
    let mut told = false;
    loop {
        if let Some(status) = child.try_wait().map_err(|e| Failure::new(e.to_string()))? {
            return Ok(status);
        }
        if asked() && !told {
            told = true;
            let pid = child.id().to_string();
            // It may have ended by itself in between, or have got the terminal's Ctrl-C.
            let _ = shell::output(&mut shell::command("kill", &["-TERM", pid.as_str()]));
        }
        thread::sleep(POLL);
    }
}

fn asked() -> bool {
    ASKED.get().is_some_and(|asked| asked.load(Ordering::SeqCst))
}
