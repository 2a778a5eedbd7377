//! `backstay recover`

use crate::harness::Place;

const STACK: &[(&str, &str)] = &[("compose.yaml", "services: {web: {image: x}}\n")];

#[test]
fn a_stack_without_records_is_asked_of_the_engine() {
    let place = Place::with(STACK);
    // Without records, the engine is asked what a run may have left, and none answers here.
    let said = place.run("recover");
    assert_eq!(said.code, 4, "{}", said.stderr);
    assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 1);
}
