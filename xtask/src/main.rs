//! `cargo xtask`: the commands that the README and the continuous integration call.

mod acyclic;
mod arguments;
mod bench;
mod beside;
mod cargo;
mod checks;
mod compat;
mod cross;
mod demo;
mod engine;
mod failure;
mod faults;
mod fuzz;
mod interrupt;
mod leftovers;
mod ports;
mod served;
mod shell;
mod stack;
mod static_program;
mod suite;
mod table;
mod tool;
mod ui;
mod wine;

use arguments::Command;
use std::process::ExitCode;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let command = match arguments::parse(&words) {
        Ok(command) => command,
        Err(failure) => {
            ui::failure(&failure);
            return ExitCode::from(2);
        }
    };
    match run(command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            ui::failure(&failure);
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> failure::Result<()> {
    match command {
        Command::Bench(options) => bench::run(options),
        Command::BenchGateway { quick } => bench::gateway::run(quick),
        Command::BenchVault { quick } => bench::vault::run(quick),
        Command::Compat(options) => compat::run(&options),
        Command::Demo(options) => demo::run(options),
        Command::Gateway { to: None } => {
            static_program::gateway().map(|path| ui::note(&path.to_string_lossy()))
        }
        Command::Gateway { to: Some(folder) } => {
            static_program::install_gateway(&folder).map(|path| ui::note(&path.to_string_lossy()))
        }
        Command::DemoServer => {
            static_program::demo_server().map(|path| ui::note(&path.to_string_lossy()))
        }
        Command::Engine(engine::Task::Check) => engine::check(),
        Command::Engine(engine::Task::Ensure) => engine::ensure().and_then(|()| engine::check()),
        Command::Engine(engine::Task::Stop) => engine::stop(),
        Command::Faults(options) => faults::run(options),
        Command::Fuzz(options) => fuzz::run(&options),
        Command::Help => {
            ui::note(arguments::USAGE);
            Ok(())
        }
        Command::Lint => checks::run(),
        Command::Test(options) => suite::run(options),
        Command::Wine => wine::run(),
    }
}
