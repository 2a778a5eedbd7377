//! The demo server's program; what it does is in `backstay_testkit::app`.

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    backstay_testkit::app::run(&arguments)
}
