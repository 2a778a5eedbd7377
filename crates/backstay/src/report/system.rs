//! The system and its version.

/// `Debian GNU/Linux 12 (bookworm), Linux 6.1.0-18-amd64, x86_64`.
pub(super) fn system() -> String {
    let parts = [distribution(), kernel(), Some(std::env::consts::ARCH.to_owned())];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn distribution() -> Option<String> {
    let text = std::fs::read_to_string("/etc/os-release").ok()?;
    let name = text.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="))?;
    Some(name.trim_matches('"').to_owned())
}

#[cfg(unix)]
fn kernel() -> Option<String> {
    let name = rustix::system::uname();
    let text = |part: &std::ffi::CStr| part.to_string_lossy().into_owned();
    Some(format!("{} {}", text(name.sysname()), text(name.release())))
}

#[cfg(not(unix))]
fn kernel() -> Option<String> {
    // `Microsoft Windows [Version 10.0.22631.3007]`
    let output = std::process::Command::new("cmd").args(["/C", "ver"]).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    Some(if text.is_empty() { std::env::consts::OS.to_owned() } else { text })
}
