//! No test file is forgotten.

use std::path::Path;

#[test]
fn every_file_here_is_in_the_list() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli");
    let list = std::fs::read_to_string(folder.join("main.rs")).unwrap();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        let is_code = path.is_dir() || path.extension().is_some_and(|kind| kind == "rs");
        let listed = list.lines().any(|line| line == format!("mod {name};"));
        assert!(!is_code || name == "main" || listed, "`{name}` is not in main.rs");
    }
}
