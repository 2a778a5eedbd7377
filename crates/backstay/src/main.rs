//! The program. All of it is in the library beside this file, so that tests can reach it.

use std::process::ExitCode;

fn main() -> ExitCode {
    backstay_cli::run(std::env::args_os().collect())
}
