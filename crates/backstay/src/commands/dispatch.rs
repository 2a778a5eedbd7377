//! Which verb was named.

use clap::Subcommand;

use super::{
    backups, cert, data, deploy, doctor, down, end_warm, gateway, init, recover, report, rollback,
    status, update, version,
};
use crate::errors::{CommandError, Exit};
use crate::session::Session;

/// The verbs.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Deploy(deploy::Deploy),
    Update(update::Update),
    Rollback(rollback::Rollback),
    Backups(backups::Backups),
    Data(data::Data),
    Cert(cert::Cert),
    Gateway(gateway::Gateway),
    Status(status::Status),
    Recover(recover::Recover),
    Down(down::Down),
    Doctor(doctor::Doctor),
    Report(report::Report),
    Init(init::Init),
    Version(version::Version),
    #[command(hide = true)]
    EndWarm(end_warm::EndWarm),
}

/// Runs a verb.
pub(crate) fn dispatch(session: &Session, command: Command) -> Result<Exit, CommandError> {
    match command {
        Command::Deploy(arguments) => deploy::run(session, &arguments),
        Command::Update(arguments) => update::run(session, &arguments),
        Command::Rollback(arguments) => rollback::run(session, &arguments),
        Command::Backups(arguments) => backups::run(session, arguments),
        Command::Data(arguments) => data::run(session, arguments),
        Command::Cert(arguments) => cert::run(session, arguments),
        Command::Gateway(arguments) => gateway::run(session, arguments),
        Command::Status(arguments) => status::run(session, &arguments),
        Command::Down(arguments) => down::run(session, &arguments),
        Command::Recover(arguments) => recover::run(session, &arguments),
        Command::Doctor(arguments) => doctor::run(session, &arguments),
        Command::Report(arguments) => report::run(session, &arguments),
        Command::Init(arguments) => init::run(session, &arguments),
        Command::Version(arguments) => version::run(session, &arguments),
        Command::EndWarm(arguments) => end_warm::run(session, &arguments),
    }
}
