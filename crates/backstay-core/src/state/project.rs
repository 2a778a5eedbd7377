//! The name of a stack's project, as Compose finds it: `-p`, `COMPOSE_PROJECT_NAME`, `name:` of the files, the folder's name.
//! It is found here without Compose, for what is kept has to be found where the files are broken or gone.

use std::collections::BTreeSet;

use crate::error::Result;
use crate::release::variable_with;
use crate::stack::{Dollars, StackRef, documents, filled};
use crate::store::Store;
use crate::store::text_through;

/// The name of a project, and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectName {
    /// The name.
    pub name: String,
    /// Whether a person named it for this command: `-p`, the environment, or an env file that was named.
    pub is_named: bool,
    /// Whether all files could be read that may say something else.
    pub is_sure: bool,
}

/// Finds it. `None` where only Compose can say it.
///
/// # Errors
/// When a file can't be read that is there.
pub fn project_name(stack: &StackRef, store: &dyn Store) -> Result<Option<ProjectName>> {
    let found =
        |name: &str, is_named| Some(ProjectName { name: name.to_owned(), is_named, is_sure: true });
    if let Some(name) = stack.project_name.as_deref().filter(|name| !name.is_empty()) {
        return Ok(found(name, true));
    }
    let value = variable_with(stack, "COMPOSE_PROJECT_NAME", store, None)?;
    if let Some(name) = value.filter(|name| !name.is_empty()) {
        return Ok(found(&normalized(&name), !stack.env_files.is_empty()));
    }
    let (mut named, mut is_sure) = (None, true);
    for file in &stack.files {
        let Some(text) = text_through(file, store)? else {
            is_sure = false;
            continue;
        };
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        // A file that can't be read says nothing; whoever needs it will say what is wrong with it.
        let Ok(documents) = documents(text) else {
            is_sure = false;
            continue;
        };
        for document in documents {
            if let Some(name) = document.get("name").and_then(|name| name.as_str()) {
                named = Some(name.to_owned());
            }
        }
    }
    if let Some(text) = named {
        let value = |name: &str| variable_with(stack, name, store, None).ok().flatten();
        let name = filled(&text, Dollars::Escaped, &value).filter(|name| !name.is_empty());
        return Ok(name.map(|name| ProjectName {
            name: normalized(&name),
            is_named: false,
            is_sure,
        }));
    }
    let name = stack.directory.file_name().unwrap_or_default().to_string_lossy();
    let name = normalized(&name);
    Ok((!name.is_empty()).then_some(ProjectName { name, is_named: false, is_sure }))
}

/// A name as Compose makes it one of a project: small letters, digits, `-` and `_`, with neither of these in front.
#[must_use]
pub fn normalized(name: &str) -> String {
    let lower = name.to_lowercase();
    let kept = |c: &char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
    let kept: String = lower.chars().filter(kept).collect();
    kept.trim_start_matches(['-', '_']).to_owned()
}

/// The services that the files themselves declare. `None` where they name others, or can't be read.
///
/// # Errors
/// When a file can't be read that is there.
pub(crate) fn declared(stack: &StackRef, store: &dyn Store) -> Result<Option<BTreeSet<String>>> {
    let mut names = BTreeSet::new();
    for file in &stack.files {
        let Some(text) = text_through(file, store)? else { return Ok(None) };
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let Ok(documents) = documents(text) else { return Ok(None) };
        for document in documents {
            if document.get("include").is_some() {
                return Ok(None);
            }
            let services = document.get("services").and_then(|services| services.as_object());
            names.extend(services.into_iter().flatten().map(|(name, _)| name.clone()));
        }
    }
    Ok(Some(names))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::DiskStore;

    fn name(files: &[(&str, &str)], change: impl FnOnce(&mut StackRef)) -> Option<ProjectName> {
        let root = tempfile::tempdir().unwrap();
        let directory = root.path().join("My.Shop_1");
        std::fs::create_dir(&directory).unwrap();
        for (name, text) in files {
            std::fs::write(directory.join(name), text).unwrap();
        }
        let yaml = |name: &&(&str, &str)| name.0.ends_with("yml");
        let mut stack = StackRef {
            files: files.iter().filter(yaml).map(|(name, _)| directory.join(name)).collect(),
            directory,
            ..StackRef::default()
        };
        change(&mut stack);
        stack.environment.insert("BACKSTAY_T_SET".to_owned(), Some("set".to_owned()));
        project_name(&stack, &DiskStore).unwrap()
    }

    fn text(files: &[(&str, &str)]) -> Option<String> {
        name(files, |_| {}).map(|found| found.name)
    }

    #[test]
    fn the_first_that_says_it_is_believed() {
        assert_eq!(text(&[("a.yml", "services: {}\n")]).as_deref(), Some("myshop_1"));
        assert_eq!(
            text(&[("a.yml", "name: One\n"), ("b.yml", "name: two\n")]).as_deref(),
            Some("two")
        );
        let env = (".env", "COMPOSE_PROJECT_NAME=three\n");
        assert_eq!(text(&[("a.yml", "name: one\n"), env]).as_deref(), Some("three"));
        let named =
            name(&[("a.yml", "name: one\n"), env], |stack| stack.project_name = Some("p".into()));
        assert_eq!(
            named,
            Some(ProjectName { name: "p".to_owned(), is_named: true, is_sure: true })
        );
    }

    #[test]
    fn variables_are_filled_in_and_what_is_broken_says_nothing() {
        assert_eq!(text(&[("a.yml", "name: ${BACKSTAY_T_SET}-x\n")]).as_deref(), Some("set-x"));
        assert_eq!(text(&[("a.yml", "name: ${BACKSTAY_T_NO:-d}\n")]).as_deref(), Some("d"));
        assert_eq!(text(&[("a.yml", "name: ${BACKSTAY_T_NO:+x}\n")]), None);
        let broken = name(&[("a.yml", "name: [\n")], |_| {}).unwrap();
        assert_eq!((broken.name.as_str(), broken.is_sure), ("myshop_1", false));
    }
}
