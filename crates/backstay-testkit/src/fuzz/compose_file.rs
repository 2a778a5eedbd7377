//! Compose files as a user wrote them: looked at before Compose reads them.

use std::path::Path;

use backstay_core::release::sources_named_in;
use backstay_core::stack::{referenced_variables, required_variables};

/// Looks for variables and further files. Variables have names that Compose reads as such, and files have no variables in
/// their paths.
pub fn compose_file(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    for name in referenced_variables(&text) {
        assert!(is_name(&name), "{name:?} is no name");
        assert!(text.contains(&format!("${name}")) || text.contains(&format!("${{{name}")));
    }
    for required in required_variables(&text) {
        assert!(!required.name.is_empty(), "{required:?}");
        assert!(required.why.is_none() || is_name(&required.name), "{required:?}");
    }
    for source in sources_named_in(&text, Path::new("/stack")) {
        assert!(source.path.is_absolute(), "{source:?}");
        assert!(!source.path.to_string_lossy().contains('$'), "{source:?}");
    }
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}
