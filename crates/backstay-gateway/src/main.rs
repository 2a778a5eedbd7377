//! The program `backstay-gateway`.

#![forbid(unsafe_code)]

use std::process::ExitCode;

#[cfg(target_os = "linux")]
fn main() -> ExitCode {
    backstay_gateway::run(std::env::args().skip(1).collect())
}

#[cfg(not(target_os = "linux"))]
fn main() -> ExitCode {
    use std::io::Write;
    let line = "the gateway runs in a container, on Linux\n";
    let _ = std::io::stderr().write_all(line.as_bytes());
    ExitCode::from(2)
}
