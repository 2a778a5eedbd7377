//! Both languages say the same things, and the code uses all of them.

use clap::CommandFactory;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};

use super::{CHINESE, CHINESE_HELP, ENGLISH};

type Messages = BTreeMap<String, BTreeSet<String>>;

/// Message names with the names of their arguments.
fn messages(files: &[&str]) -> Messages {
    let mut found = Messages::new();
    for file in files {
        let resource = fluent_syntax::parser::parse(*file)
            .unwrap_or_else(|(_, problems)| panic!("{problems:?} in\n{file}"));
        for entry in resource.body {
            let Entry::Message(message) = entry else { continue };
            let mut arguments = BTreeSet::new();
            if let Some(value) = &message.value {
                collect(value, &mut arguments);
            }
            let twice = found.insert(message.id.name.to_owned(), arguments);
            assert!(twice.is_none(), "`{}` is there twice", message.id.name);
        }
    }
    found
}

fn collect(pattern: &Pattern<&str>, names: &mut BTreeSet<String>) {
    for element in &pattern.elements {
        let PatternElement::Placeable { expression } = element else { continue };
        let inline = match expression {
            Expression::Inline(inline) => inline,
            Expression::Select { selector, variants } => {
                variants.iter().for_each(|variant| collect(&variant.value, names));
                selector
            }
        };
        if let InlineExpression::VariableReference { id } = inline {
            names.insert(id.name.to_owned());
        }
    }
}

/// Keys in `t!(…, "key", name = …)` with the arguments that are given.
fn used(directory: &Path, found: &mut Vec<(String, BTreeSet<String>)>) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            used(&path, found);
        } else if is_code(&path) {
            let source = std::fs::read_to_string(&path).unwrap();
            let code = source.split("#[cfg(test)]").next().unwrap();
            for (at, name) in code.match_indices("t!(") {
                let other = code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
                if !other {
                    found.extend(call_of(&code[at + name.len()..]));
                }
            }
        }
    }
}

fn is_code(path: &Path) -> bool {
    let is_rust = path.extension().is_some_and(|kind| kind == "rs");
    is_rust && !path.ends_with("tests.rs") && !path.ends_with("i18n/mod.rs")
}

/// The key and the argument names of one call, from the text behind its opening parenthesis.
fn call_of(text: &str) -> Option<(String, BTreeSet<String>)> {
    let (mut depth, mut quoted, mut end) = (1, false, 0);
    for (at, c) in text.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '(' | '[' | '{' if !quoted => depth += 1,
            ')' | ']' | '}' if !quoted => depth -= 1,
            _ => {}
        }
        end = at;
        if depth == 0 {
            break;
        }
    }
    let call = &text[..end];
    let key = call.split('"').nth(1)?.to_owned();
    let rest = call.split_once(&format!("\"{key}\""))?.1;
    let names = rest
        .split(" = ")
        .filter_map(|part| part.rsplit([',', ' ', '\n', '(']).next())
        .filter(|word| !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c == '_'))
        .map(str::to_owned);
    let count = rest.matches(" = ").count();
    Some((key, names.take(count).collect()))
}

#[test]
fn both_languages_have_the_same_messages_and_arguments() {
    assert_eq!(messages(ENGLISH), messages(CHINESE));
}

#[test]
fn every_message_is_used_and_every_key_exists_with_its_arguments() {
    let mut calls = Vec::new();
    used(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut calls);
    let known = messages(ENGLISH);
    for (key, arguments) in &calls {
        let wanted = known.get(key).unwrap_or_else(|| panic!("there is no message `{key}`"));
        assert_eq!(arguments, wanted, "the arguments of `{key}`");
    }
    let keys: BTreeSet<&String> = calls.iter().map(|(key, _)| key).collect();
    let unused: Vec<&String> = known.keys().filter(|key| !keys.contains(key)).collect();
    assert!(unused.is_empty(), "nothing uses {unused:?}");
}

#[test]
fn the_chinese_help_covers_each_command_and_argument() {
    let wanted: BTreeSet<String> =
        crate::i18n::help::keys(crate::cli::Cli::command()).into_iter().collect();
    let found: BTreeSet<String> = messages(&[CHINESE_HELP]).into_keys().collect();
    let missing: Vec<_> = wanted.difference(&found).collect();
    let unused: Vec<_> = found.difference(&wanted).collect();
    assert!(missing.is_empty() && unused.is_empty(), "missing {missing:?}, unused {unused:?}");
}

#[test]
fn arguments_stand_before_options_in_the_order_of_the_usage() {
    use crate::i18n::{Language, translate};
    let mut command = translate(crate::cli::Cli::command(), Language::English);
    let mut help = |name: &str| {
        let backups = command.find_subcommand_mut("backups").unwrap();
        backups.find_subcommand_mut(name).unwrap().render_help().to_string()
    };
    let at = |text: &str, part: &str| text.find(part).unwrap();
    let export = help("export");
    let (_, arguments) = export.split_once("Arguments:").unwrap();
    assert!(at(arguments, "<RELEASE|PATH>") < at(arguments, "<FILE>"), "{export}");
    let verify = help("verify");
    assert!(at(&verify, "\nArguments:") < at(&verify, "\nOptions:"), "{verify}");
}

#[test]
fn arguments_lose_their_control_characters() {
    let shown =
        crate::i18n::t!(crate::i18n::Language::English, "service-live", service = "a\x1b[2Jb\nc");
    assert!(!shown.contains(['\x1b', '\n']), "{shown:?}");
}
