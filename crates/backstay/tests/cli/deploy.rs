//! `backstay deploy` where no engine answers.

use crate::harness::Place;

const STACK: &[(&str, &str)] = &[("compose.yaml", "services: {web: {image: x}}\n")];

#[test]
fn an_engine_that_does_not_answer_is_an_error_of_its_own_and_changes_nothing() {
    let place = Place::with(STACK);
    for line in ["deploy", "deploy --dry-run", "status"] {
        let said = place.run(line);
        assert_eq!(said.code, 4, "{line}: {}{}", said.stdout, said.stderr);
        assert!(said.stderr.starts_with("error: "), "{}", said.stderr);
        assert!(said.stderr.contains("\n\nhint: "), "{}", said.stderr);
    }
    assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 1);
}

#[test]
fn with_json_stdout_has_nothing_but_json() {
    let said = Place::with(STACK).run("deploy --json");
    for line in said.stdout.lines().chain(said.stderr.lines()) {
        let value: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(value["type"].is_string(), "{line}");
    }
    let error: serde_json::Value = serde_json::from_str(&said.stderr).unwrap();
    assert_eq!(error["code"], 4);
}

#[test]
fn quiet_prints_errors_only() {
    let said = Place::with(STACK).run("deploy --quiet");
    assert_eq!((said.code, said.stdout.as_str()), (4, ""));
    assert!(!said.stderr.is_empty());
}

#[test]
fn without_a_terminal_a_question_about_the_env_file_names_the_flags() {
    let compose = STACK[0];
    let template = (".env.linux", "A=1\n");
    let (other, edited) = ((".env.prod", "A=2\n"), (".env", "A=3\n"));
    for (files, line, code, says) in [
        (vec![compose, template], "deploy", 2, "--skip-env"),
        (vec![compose, template], "deploy --skip-env", 4, ""),
        (vec![compose, template], "deploy --yes", 4, ""),
        (vec![compose, template, edited], "deploy", 2, "--env linux --yes"),
        (vec![compose, template, edited], "deploy --yes", 4, ""),
        (vec![compose, template, (".env", "A=1\n")], "deploy", 4, ""),
        (vec![compose, template, other], "deploy --env nope", 2, "linux, prod"),
        (vec![compose, template, other], "deploy --env prod", 4, ""),
        (vec![compose, other], "deploy", 4, ""),
        (vec![compose, template, edited], "--env-file .env deploy", 4, ""),
        (vec![compose, template, edited], "--env-file .env deploy --env linux", 2, "--env-file"),
    ] {
        // The template of Windows has another name.
        if cfg!(windows) && line == "deploy" {
            continue;
        }
        let place = Place::with(&files);
        let said = place.run(line);
        assert_eq!(said.code, code, "{line}: {}", said.stderr);
        assert!(said.stderr.contains(says), "{line}: {}", said.stderr);
        assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), files.len(), "{line}");
    }
}

#[cfg(unix)]
#[test]
fn an_env_file_that_is_a_link_is_left_alone() {
    let place = Place::with(&[STACK[0], (".env.linux", "A=1\n"), ("shared.env", "A=2\n")]);
    std::os::unix::fs::symlink("shared.env", place.path().join(".env")).unwrap();
    assert_eq!(place.run("deploy --yes").code, 4);
    assert_eq!(place.run("deploy").code, 2);
}
