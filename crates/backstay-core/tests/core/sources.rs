//! The files and variables that a compose file's own text names.

use std::path::{Path, PathBuf};

use backstay_core::release::sources_named_in;
use backstay_core::stack::{StackRef, referenced_variables};

fn named(yaml: &str) -> Vec<String> {
    let found = sources_named_in(yaml, Path::new("/s"));
    found.iter().map(|source| source.path.to_str().unwrap().replace('\\', "/")).collect()
}

fn variables(text: &str) -> Vec<String> {
    referenced_variables(text).into_iter().collect()
}

#[test]
fn includes_are_found_in_all_their_forms() {
    assert_eq!(named("include: a.yml"), ["/s/a.yml"]);
    assert_eq!(named("include: [a.yml, sub/b.yml]"), ["/s/a.yml", "/s/sub/b.yml"]);
    assert_eq!(named("include: [{path: a.yml}]"), ["/s/a.yml"]);
    assert_eq!(
        named("include: [{path: [a.yml, b.yml], env_file: [c.env, d.env], project_directory: x}]"),
        ["/s/a.yml", "/s/b.yml", "/s/c.env", "/s/d.env"]
    );
}

#[test]
fn env_files_are_found_in_all_their_forms() {
    assert_eq!(named("services: {a: {env_file: a.env}}"), ["/s/a.env"]);
    assert_eq!(
        named(
            "services: {a: {env_file: [a.env]}, b: {env_file: [{path: b.env, required: false}]}}"
        ),
        ["/s/a.env", "/s/b.env"]
    );
}

#[test]
fn only_extends_with_a_file_names_one() {
    assert_eq!(named("services: {a: {extends: b}, c: {extends: {service: d}}}"), [""; 0]);
    assert_eq!(named("services: {a: {extends: {file: b.yml, service: b}}}"), ["/s/b.yml"]);
}

#[test]
fn an_absolute_name_stays_where_it_is() {
    assert_eq!(
        named("include: [/etc/a.yml]\nservices: {a: {env_file: /etc/b.env}}"),
        ["/etc/a.yml", "/etc/b.env"]
    );
}

#[test]
fn a_name_that_depends_on_a_variable_is_left_out() {
    assert_eq!(named("include: ['${A}.yml', b.yml, $C]"), ["/s/b.yml"]);
}

#[test]
fn anchors_and_merges_are_followed() {
    let yaml = "x-base: &base {env_file: base.env}\nservices:\n  a: *base\n  b:\n    <<: *base\n    image: b\n";
    assert_eq!(named(yaml), ["/s/base.env", "/s/base.env"]);
}

#[test]
fn composes_own_tags_are_no_obstacle() {
    let yaml = "services:\n  a:\n    ports: !reset []\n    env_file: !override [a.env]\n";
    assert_eq!(named(yaml), ["/s/a.env"]);
}

#[test]
fn every_document_of_a_file_counts() {
    let yaml = "services: {a: {env_file: a.env}}\n---\nservices: {b: {env_file: b.env}}\n";
    assert_eq!(named(yaml), ["/s/a.env", "/s/b.env"]);
}

#[test]
fn a_text_that_is_no_compose_file_names_nothing() {
    for text in
        ["", "[", "a", "- a", "services: x", "services: [a]", "include: 7", "services: {a: null}"]
    {
        assert_eq!(named(text), [""; 0], "{text}");
    }
}

#[test]
fn names_begin_in_the_project_directory_wherever_the_file_is() {
    // `docker compose -f a.yml -f sub/b.yml`: what `sub/b.yml` extends or includes is looked for beside `a.yml`.
    let yaml =
        "include: [a.yml]\nservices: {a: {extends: {file: c.yml, service: c}, env_file: d.env}}";
    let found = sources_named_in(yaml, Path::new("/s"));
    let found: Vec<PathBuf> = found.into_iter().map(|source| source.path).collect();
    assert_eq!(found, ["/s/a.yml", "/s/c.yml", "/s/d.env"].map(PathBuf::from));
}

#[test]
fn variables_are_found_in_all_their_forms() {
    assert_eq!(
        variables("$A ${B} ${C:-d} ${D-} ${E:?no} ${F?} ${G:+x} ${H+x}"),
        ["A", "B", "C", "D", "E", "F", "G", "H"]
    );
    assert_eq!(variables("${A:-${B:-$C}}"), ["A", "B", "C"]);
    assert_eq!(variables("$A$B${C}$D"), ["A", "B", "C", "D"]);
    assert_eq!(variables("$A.b $A-b ${A}_c $_x $a1"), ["A", "_x", "a1"]);
}

#[test]
fn an_escaped_dollar_sign_is_no_reference() {
    assert_eq!(variables("$$A $${B} $$$$C $"), [""; 0]);
    assert_eq!(variables("$$$A"), ["A"]);
    assert_eq!(variables("$1 ${1} ${} ${-x} $- $é ${é"), [""; 0]);
}

#[test]
fn env_files_that_were_named_replace_the_usual_one() {
    let mut stack = StackRef { directory: "/s".into(), ..StackRef::default() };
    assert_eq!(stack.interpolation_files(), [PathBuf::from("/s/.env")]);
    stack.env_files = vec!["/s/a".into(), "/b".into()];
    assert_eq!(stack.interpolation_files(), ["/s/a", "/b"].map(PathBuf::from));
}
