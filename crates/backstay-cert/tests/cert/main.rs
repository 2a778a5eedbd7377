//! What the crate promises, and what other programs make of its files.

#![allow(clippy::unwrap_used, clippy::print_stderr)]

mod checking;
mod creating;
mod keytool;
mod made;
mod makers;
mod opening;
mod openssl;
mod properties;
mod reading;
mod settings;

#[test]
fn no_test_file_is_forgotten() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cert");
    let listed = include_str!("main.rs");
    for entry in std::fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let Some(module) = name.strip_suffix(".rs") else { continue };
        assert!(
            module == "main" || listed.contains(&format!("\nmod {module};\n")),
            "`{name}` is in no `mod` line"
        );
    }
}
