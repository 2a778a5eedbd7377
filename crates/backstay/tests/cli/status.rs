//! `backstay status`

use crate::harness::Place;

#[test]
fn it_takes_the_flags_that_name_a_stack() {
    let place = Place::with(&[("other/stack.yml", "services: {}\n")]);
    let said = place.run("-f other/stack.yml status -p shop --profile a --profile b");
    assert_eq!(said.code, 4, "{}", said.stderr);
    assert_eq!(place.run("status -f other/none.yml").code, 3);
}
