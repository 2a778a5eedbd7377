//! From arguments to an exit code.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory, FromArgMatches};

use crate::cli::Cli;
use crate::commands::dispatch;
use crate::errors::{CommandError, Exit, Show};
use crate::i18n::{self, Language};
use crate::session::Session;
use crate::ui::direct;

/// Runs the program with these arguments (the first is its name) and returns its exit code.
#[must_use]
pub fn run(arguments: Vec<OsString>) -> ExitCode {
    let env = |name: &str| std::env::var_os(name);
    let cli = match parse(&arguments) {
        Ok(cli) => cli,
        Err(problem) => {
            let lang = Language::choose(Language::in_arguments(&arguments), &env);
            return explain(lang, &problem, &arguments);
        }
    };
    let lang = Language::choose(cli.global.lang, &env);
    let session = Session::new(cli.global, lang, &arguments);
    match dispatch(&session, cli.command) {
        Ok(exit) => exit.code(),
        Err(error) => {
            // Everything that was said before is on the screen first.
            let (show, secrets) = (session.show(), session.secrets());
            drop(session);
            error.without(&secrets).report(show)
        }
    }
}

fn parse(arguments: &[OsString]) -> Result<Cli, clap::Error> {
    let mut matches = Cli::command().try_get_matches_from(arguments)?;
    Cli::from_arg_matches_mut(&mut matches)
}

/// Help, the version, or what is wrong with the arguments. Only now are the translated help texts needed.
fn explain(lang: Language, problem: &clap::Error, arguments: &[OsString]) -> ExitCode {
    if problem.kind() == ErrorKind::DisplayVersion {
        direct::answer(&problem.to_string());
        return ExitCode::SUCCESS;
    }
    let translated = i18n::translate(Cli::command(), lang).try_get_matches_from(arguments);
    let problem = translated.as_ref().err().unwrap_or(problem);
    match problem.kind() {
        ErrorKind::DisplayHelp => {
            direct::answer(&problem.to_string());
            ExitCode::SUCCESS
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            direct::complain(&problem.to_string());
            Exit::Usage.code()
        }
        _ => {
            let json = arguments.iter().any(|word| word == "--json");
            CommandError::of_arguments(lang, problem).report(Show::plain(lang, json))
        }
    }
}
