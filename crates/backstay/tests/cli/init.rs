//! `backstay init --wrappers`

use std::fs;

use crate::harness::Place;

const STACK: &[(&str, &str)] = &[("compose.yaml", "services: {web: {image: x}}\n")];

#[test]
fn the_wrappers_are_written_once() {
    let place = Place::with(STACK);
    let said = place.run("init --wrappers");
    assert_eq!(said.code, 0, "{}", said.stderr);
    insta::assert_snapshot!(said.stdout, @r#"
Wrote deploy-linux-with-rollback.sh
Wrote deploy-windows-with-rollback.ps1
Wrote rollback-deployment.ps1
Wrote rollback-deployment.sh
Wrote rollback-update.ps1
Wrote rollback-update.sh
Wrote update-linux-with-rollback.sh
Wrote update-windows-with-rollback.ps1
"#);
    let said = place.run("init --wrappers");
    assert_eq!(said.stdout, "The scripts are there already.\n");
}

#[test]
fn somebody_elses_script_stays() {
    let place = Place::with(STACK);
    let own = place.path().join("rollback-update.sh");
    fs::write(&own, "#!/bin/sh\n# mine\n").unwrap();
    let said = place.run("init --wrappers");
    assert_eq!((said.code, said.stdout.as_str()), (2, ""));
    assert!(said.stderr.contains("rollback-update.sh"), "{}", said.stderr);
    assert_eq!(fs::read_to_string(&own).unwrap(), "#!/bin/sh\n# mine\n");
    assert_eq!(fs::read_dir(place.path()).unwrap().count(), 2);
    assert_eq!(place.run("init --wrappers --force").code, 0);
    assert!(fs::read_to_string(&own).unwrap().contains("backstay rollback --updates"));
}

#[test]
fn it_does_not_guess_what_is_wanted() {
    assert_eq!(Place::with(STACK).run("init").code, 2);
    assert_eq!(Place::new().run("init --wrappers").code, 3);
}
