//! What commands have left running: found by the variables that they were given, whoever is their parent by now. The processes of
//! containers are among them, where those run on this machine and Backstay may look at them.

use std::fs;
use std::io;

use rustix::process::{Pid, Signal, kill_process};

/// Ends every process that has all of these variables, until there is none.
pub(super) fn end(variables: &[String]) -> io::Result<()> {
    // One that is ended may have started another one just now.
    for _ in 0..10 {
        let found = found(variables)?;
        if found.is_empty() {
            return Ok(());
        }
        for pid in found {
            // It may have ended by itself, or be somebody else's.
            let _ = kill_process(pid, Signal::KILL);
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    Ok(())
}

fn found(variables: &[String]) -> io::Result<Vec<Pid>> {
    let mut found = Vec::new();
    let own = std::process::id();
    for entry in fs::read_dir("/proc")?.flatten() {
        let Some(id) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else {
            continue;
        };
        // Those of others can't be read, and one may be gone.
        let Ok(environment) = fs::read(entry.path().join("environ")) else { continue };
        let has = |variable: &String| {
            environment.split(|byte| *byte == 0).any(|found| found == variable.as_bytes())
        };
        if id != own && !variables.is_empty() && variables.iter().all(has) {
            found.extend(i32::try_from(id).ok().and_then(Pid::from_raw));
        }
    }
    Ok(found)
}
