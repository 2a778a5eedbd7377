//! `backstay recover`

use crate::harness::Place;

const STACK: &[(&str, &str)] = &[("compose.yaml", "services: {web: {image: x}}\n")];

#[test]
fn a_stack_without_records_has_nothing_to_recover() {
    let place = Place::with(STACK);
    let said = place.run("recover");
    assert_eq!(said.code, 0, "{}", said.stderr);
    assert_eq!(said.stdout, "No run was interrupted: nothing to recover.\n");
    assert_eq!(place.run("recover --json").stdout, "");
    assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 1);
}
