//! The command line. A doc comment is an argument's English help; the Chinese one is in `locales/zh-CN/help.ftl`.

use clap::{ArgAction, Parser};

use crate::commands::Command;
use crate::flags::Global;

/// Deploys, updates and rolls back Docker Compose stacks as transactions
///
/// A run ends with the new release, healthy, or with exactly what ran before.
#[derive(Debug, Parser)]
#[command(
    name = "backstay",
    version,
    max_term_width = 100,
    disable_help_flag = true,
    disable_version_flag = true,
    disable_help_subcommand = true,
    subcommand_required = true,
    arg_required_else_help = true
)]
pub(crate) struct Cli {
    /// What to do
    #[command(subcommand)]
    pub(crate) command: Command,

    #[command(flatten)]
    pub(crate) global: Global,

    /// Print the version
    #[arg(short = 'V', long, action = ArgAction::Version)]
    version: Option<bool>,
}
