//! Looking at all crates.

use std::fs;
use std::path::{Path, PathBuf};

use super::circle::{circle, told};
use super::modules::Modules;
use crate::cargo;
use crate::failure::{Failure, Result};

/// Looks at all crates, and at this program.
pub(crate) fn check() -> Result<()> {
    let mut found = Vec::new();
    for folder in folders(cargo::root())? {
        let mut modules = Modules::default();
        let source = folder.join("src");
        read(&source, &source, &mut modules)?;
        let name = folder.file_name().unwrap_or_default().display();
        found.extend(circles(&modules).into_iter().map(|told| format!("{name}: {told}")));
    }
    if found.is_empty() {
        return Ok(());
    }
    let hint = "move what both need to a module of its own, which needs neither";
    Err(Failure::new(format!("modules depend on each other in a circle\n{}", found.join("\n")))
        .hint(hint))
}

/// The folders of all crates, in order.
fn folders(root: &Path) -> Result<Vec<PathBuf>> {
    let crates = root.join("crates");
    let entries = fs::read_dir(&crates).map_err(Failure::on(&crates))?;
    let mut folders: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    folders.push(root.join("xtask"));
    folders.sort();
    Ok(folders)
}

/// Reads the files of a folder.
fn read(folder: &Path, root: &Path, modules: &mut Modules) -> Result<()> {
    for entry in
        fs::read_dir(folder).map_err(Failure::on(folder))?.filter_map(std::result::Result::ok)
    {
        let path = entry.path();
        if path.is_dir() {
            read(&path, root, modules)?;
        } else if path.extension().is_some_and(|end| end == "rs") {
            let text = fs::read_to_string(&path).map_err(Failure::on(&path))?;
            modules.add(path.strip_prefix(root).unwrap_or(&path), &text);
        }
    }
    Ok(())
}

/// A circle of each folder that has one, in words.
fn circles(modules: &Modules) -> Vec<String> {
    let mut found = Vec::new();
    for (folder, uses) in modules.uses() {
        if let Some(circle) = circle(&uses) {
            let place = if folder.is_empty() { "src".to_owned() } else { folder.join("/") };
            found.push(format!("in {place}, {}", told(&circle, &uses)));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn circles_of(files: &[(&str, &str)]) -> Vec<String> {
        let mut modules = Modules::default();
        for (path, text) in files {
            modules.add(Path::new(path), text);
        }
        circles(&modules)
    }

    #[test]
    fn a_circle_is_found_at_the_top_and_in_every_folder() {
        let files = [("a.rs", "use crate::b::B;"), ("b.rs", "fn f() { crate::a::f() }")];
        assert_eq!(circles_of(&files), ["in src, a needs b (a.rs), b needs a (b.rs)"]);
        let files = [
            ("plan/mod.rs", "mod deep;"),
            ("plan/deep/mod.rs", "mod a;\nmod b;"),
            ("plan/deep/a.rs", "use super::{b::{self, B}, c};"),
            ("plan/deep/b/mod.rs", "mod d;"),
            ("plan/deep/b/d.rs", "use super::super::a::A;"),
        ];
        assert_eq!(
            circles_of(&files),
            ["in plan/deep, a needs b (plan/deep/a.rs), b needs a (plan/deep/b/d.rs)"]
        );
        assert_eq!(circles_of(&files[..4]), [""; 0]);
    }

    #[test]
    fn a_name_of_mod_rs_does_not_hide_a_circle() {
        let parents = [
            ("lib.rs", "pub use plan::{First, Second as Other};"),
            ("plan/mod.rs", "mod a;\nmod b;\npub use a::First;\npub use b::Second;"),
        ];
        let with =
            |a, b| circles_of(&[&parents[..], &[("plan/a.rs", a), ("plan/b.rs", b)]].concat());
        assert_eq!(with("use super::Second;", "").len(), 0);
        assert_eq!(with("use super::Second;", "use super::First;").len(), 1);
        assert_eq!(with("use crate::{Other};", "use self::super::First;").len(), 1);
    }

    #[test]
    fn what_is_below_a_declaration_of_tests_is_read() {
        let files = [
            ("a.rs", "#[cfg(test)]\nmod tests;\n\nuse crate::b::B;"),
            ("a/tests.rs", "use crate::c::C;"),
            ("b.rs", "fn f() { say(\"http://b\", crate::a::f()) }"),
            ("c.rs", "use crate::a::A;\n#[cfg(test)]\nmod tests { use crate::b::B; }"),
        ];
        assert_eq!(circles_of(&files), ["in src, a needs b (a.rs), b needs a (b.rs)"]);
    }

    #[test]
    fn a_path_may_begin_with_a_name_that_came_by_use() {
        let with = |text| {
            let files = [
                ("plan.rs", "mod a;\nmod b;"),
                ("plan/a.rs", "use super::b::B;"),
                ("plan/b.rs", text),
            ];
            circles_of(&files).len()
        };
        assert_eq!(with("use crate::plan;\nfn f() { plan::a::f() }"), 1);
        assert_eq!(with("use crate::plan as other;\nuse other::a::A;"), 1);
        assert_eq!(with("use crate::plan;\nfn f() { other::a::f(); plan::c::f() }"), 0);
        assert_eq!(with("use plan::plan;\nfn f() { plan::a::f() }"), 0);
    }

    #[test]
    fn a_name_behind_a_star_does_not_hide_a_circle() {
        let with = |parent: &str, b: &str| {
            let a = "use super::b::B;\npub struct First;";
            let c = "use super::*;\npub struct Third;";
            let files =
                [("plan/mod.rs", parent), ("plan/a.rs", a), ("plan/b.rs", b), ("plan/c.rs", c)];
            circles_of(&files)
        };
        let parent = "mod a;\nmod b;\nmod c;\npub use a::*;\npub use {b::*, c::*};";
        let hidden = format!("{parent}\nstruct First;");
        let told = ["in plan, a needs b (plan/a.rs), b needs a (plan/b.rs)"];
        assert_eq!(with(parent, "use super::First;"), told);
        assert_eq!(with(parent, "use super::{Third, Unknown};"), [""; 0]);
        assert_eq!(with(parent, "use super::First as Other;\nfn f() -> Other { d() }").len(), 1);
        assert_eq!(with(&hidden, "use super::First;"), [""; 0]);
        assert_eq!(with(parent, "use super::*;\nfn f() -> First { First::new() }"), told);
    }

    #[test]
    fn children_and_their_folder_may_name_each_other() {
        let files = [
            ("plan.rs", "mod a;\nuse a::A;\nfn f() -> self::a::A { crate::plan::a::f() }"),
            ("plan/a.rs", "use super::f;\nuse crate::plan;"),
        ];
        assert_eq!(circles_of(&files), [""; 0]);
    }
}
