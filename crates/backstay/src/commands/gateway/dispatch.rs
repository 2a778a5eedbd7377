//! Which of them was named.

use clap::{Args, Subcommand};

use super::{status, switch};
use crate::errors::{CommandError, Exit};
use crate::session::Session;

/// Hold host ports, so that containers change behind them and no request is lost
///
/// The gateway is a small container of the stack that has the host ports of services in their place. Your files are not
/// edited: a file beside them takes the ports from the services.
#[derive(Debug, Args)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub(crate) struct Gateway {
    /// What to do
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Enable(switch::Enable),
    Disable(switch::Disable),
    Status(status::Status),
    Upgrade(status::Upgrade),
}

/// Runs it.
pub(crate) fn run(session: &Session, arguments: Gateway) -> Result<Exit, CommandError> {
    match arguments.command {
        Command::Enable(arguments) => switch::enable(session, &arguments),
        Command::Disable(arguments) => switch::disable(session, &arguments),
        Command::Status(arguments) => status::run(session, &arguments),
        Command::Upgrade(arguments) => status::upgrade(session, &arguments),
    }
}
