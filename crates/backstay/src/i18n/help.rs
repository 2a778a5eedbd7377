//! The help texts in another language, put over the built command line by command path and argument.

use clap::{Arg, Command};

use super::catalog::lookup;
use super::{Language, t};

/// A command line with the help texts of a language.
pub(crate) fn translate(mut command: Command, lang: Language) -> Command {
    command.build();
    translated(command, "help", lang)
}

fn translated(command: Command, path: &str, lang: Language) -> Command {
    let mut command = command;
    let usage = command.render_usage().to_string();
    let usage = usage.strip_prefix("Usage: ").unwrap_or(&usage);
    let usage = usage.replace("[OPTIONS]", &t!(lang, "usage-some-options"));
    let word = t!(lang, "usage-command");
    let usage = usage.replace("<COMMAND>", &format!("<{word}>"));
    let usage = usage.replace("[COMMAND]", &format!("[{word}]"));
    let heading = t!(lang, "usage-heading");
    let template = format!(
        "{{before-help}}{{about-with-newline}}\n{heading} {usage}\n\n{{all-args}}{{after-help}}"
    );
    let mut command =
        command.subcommand_help_heading(t!(lang, "usage-commands")).help_template(template);
    if let Some(about) = lookup(lang, path, &[]) {
        if let Some(more) = lookup(lang, &format!("{path}--long"), &[]) {
            command = command.long_about(format!("{about}\n\n{more}"));
        }
        command = command.about(about);
    }
    command = command.mut_args(|arg| argument(arg, path, lang));
    command.mut_subcommands(|sub| {
        let path = format!("{path}-{}", sub.get_name());
        translated(sub, &path, lang)
    })
}

fn argument(arg: Arg, path: &str, lang: Language) -> Arg {
    let heading = match arg.get_help_heading() {
        Some(_) => t!(lang, "usage-global-options"),
        None if arg.is_positional() => t!(lang, "usage-arguments"),
        None => t!(lang, "usage-options"),
    };
    let text = lookup(lang, &argument_key(path, &arg), &[]);
    let arg = arg.help_heading(heading);
    // Under a heading of its own, clap would sort them by name.
    let arg = match arg.get_index() {
        Some(place) => arg.display_order(place),
        None => arg,
    };
    match text {
        Some(text) => arg.help(text),
        None => arg,
    }
}

/// Global flags have one text, wherever they are shown.
fn argument_key(path: &str, arg: &Arg) -> String {
    let id = arg.get_id().as_str().replace('_', "-");
    if arg.is_global_set() || id == "version" {
        format!("help--{id}")
    } else {
        format!("{path}--{id}")
    }
}

/// The keys of all help texts.
#[cfg(test)]
pub(super) fn keys(mut command: Command) -> std::collections::BTreeSet<String> {
    fn collect(command: &Command, path: &str, keys: &mut std::collections::BTreeSet<String>) {
        if path != "help" || command.get_about().is_some() {
            keys.insert(path.to_owned());
        }
        if command.get_long_about().is_some() {
            keys.insert(format!("{path}--long"));
        }
        for arg in command.get_arguments() {
            keys.insert(argument_key(path, arg));
        }
        for sub in command.get_subcommands() {
            collect(sub, &format!("{path}-{}", sub.get_name()), keys);
        }
    }
    command.build();
    let mut keys = std::collections::BTreeSet::new();
    collect(&command, "help", &mut keys);
    keys
}
