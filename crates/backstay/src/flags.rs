//! The flags that every command takes.

use std::path::PathBuf;

use clap::{ArgAction, Args};

use crate::i18n::Language;
use crate::ui::ColorChoice;

/// Flags that every command takes. Those that name the stack mean what they mean to `docker compose`.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Global {
    /// Compose file; can be given more than once
    #[arg(short, long = "file", value_name = "PATH", global = true)]
    pub(crate) files: Vec<PathBuf>,

    /// Project name
    #[arg(short, long, value_name = "NAME", global = true)]
    pub(crate) project_name: Option<String>,

    /// Profile to enable; can be given more than once
    #[arg(long = "profile", value_name = "NAME", global = true)]
    pub(crate) profiles: Vec<String>,

    /// Env file instead of `.env`; can be given more than once
    #[arg(long = "env-file", value_name = "PATH", global = true)]
    pub(crate) env_files: Vec<PathBuf>,

    /// Project directory instead of that of the first compose file
    #[arg(long, value_name = "PATH", global = true)]
    pub(crate) project_directory: Option<PathBuf>,

    /// Folder of what is known of stacks: releases, journals, images; otherwise `/var/lib/backstay`, or the user's own
    #[arg(long, value_name = "DIR", global = true)]
    pub(crate) state: Option<PathBuf>,

    /// Print JSON: one object a line
    #[arg(long, global = true)]
    pub(crate) json: bool,

    /// Language: `en` or `zh-CN`; otherwise that of the locale
    #[arg(long, value_name = "LANGUAGE", global = true, hide_possible_values = true)]
    pub(crate) lang: Option<Language>,

    /// Colour: `auto`, `always` or `never`
    #[arg(
        long,
        value_name = "WHEN",
        global = true,
        default_value = "auto",
        hide_default_value = true,
        hide_possible_values = true
    )]
    pub(crate) color: ColorChoice,

    /// Print errors only
    #[arg(short, long, global = true, conflicts_with = "json")]
    pub(crate) quiet: bool,

    /// Print every line of builds and pulls, and long lists in full
    #[arg(short, long, global = true, conflicts_with = "quiet")]
    pub(crate) verbose: bool,

    /// Do not ask; every command takes it, so that a script need not know which of them ask
    #[arg(short, long, global = true, hide = true)]
    yes: bool,

    /// Print help
    #[arg(short, long, global = true, action = ArgAction::Help)]
    help: Option<bool>,
}
