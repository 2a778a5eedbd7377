//! What the public parts of the core promise, without an engine: plans, run states, models, fingerprints, releases.

#![allow(clippy::unwrap_used)]

mod archive;
mod catalog;
mod events;
mod fingerprint;
mod model;
mod model_properties;
mod operations;
mod plan_actions;
mod plan_hazards;
mod plan_inside;
mod plan_methods;
mod plan_order;
mod plan_properties;
mod plan_stages;
mod plan_warm;
mod probes;
mod release_folder;
mod release_format;
mod run_state;
mod run_state_properties;
mod simulation;
mod sources;
mod stacks;

#[test]
fn no_test_file_is_forgotten() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/core");
    let listed = include_str!("main.rs");
    for entry in std::fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let Some(module) = name.strip_suffix(".rs") else { continue };
        assert!(
            module == "main" || listed.contains(&format!("\nmod {module};\n")),
            "`{name}` is not part of the tests"
        );
    }
}
