//! The modules of a crate, and which of them name which.

use std::collections::BTreeMap;
use std::path::Path;

use super::circle::Uses;
use super::code::code;
use super::paths::{Import, Names, names};

/// A module by the names on the way to it; the crate itself has none.
type Module = Vec<String>;

/// The modules of a crate.
#[derive(Debug, Default)]
pub(super) struct Modules {
    files: BTreeMap<Module, File>,
}

#[derive(Debug, Default)]
struct File {
    place: String,
    names: Names,
}

/// Following a path.
#[derive(Debug, Default)]
struct Walk {
    /// The names that are being followed, and where they were met: some lead back to themselves.
    way: Vec<(Module, String)>,
    found: Vec<Module>,
}

impl Modules {
    /// Takes in a file; `path` begins below `src`. Tests are left out.
    pub(super) fn add(&mut self, path: &Path, text: &str) {
        let inside = path.with_extension("");
        let mut module: Module =
            inside.iter().map(|part| part.to_string_lossy().into_owned()).collect();
        if module.iter().any(|part| part == "tests") {
            return;
        }
        if module.last().is_some_and(|last| last == "mod")
            || module == ["lib"]
            || module == ["main"]
        {
            module.pop();
        }
        let Names { paths, imports, own } = names(&code(text));
        // A crate may have both a `lib.rs` and a `main.rs`.
        let file = self.files.entry(module).or_default();
        file.place = path.display().to_string();
        file.names.paths.extend(paths);
        file.names.imports.extend(imports);
        file.names.own.extend(own);
    }

    /// Folder by folder: which of its modules name which.
    pub(super) fn uses(&self) -> BTreeMap<Module, Uses> {
        let mut uses: BTreeMap<Module, Uses> = BTreeMap::new();
        for (module, file) in &self.files {
            let mut walk = Walk::default();
            let imports = file.names.imports.iter().map(|import| &import.path);
            for path in imports.chain(&file.names.paths) {
                self.follow(module, path, &mut walk);
            }
            for other in walk.found {
                let shared = module.iter().zip(&other).take_while(|(a, b)| a == b).count();
                if let (Some(from), Some(to)) = (module.get(shared), other.get(shared)) {
                    let folder = uses.entry(module[..shared].to_vec()).or_default();
                    let named = folder.entry(from.clone()).or_default();
                    named.entry(to.clone()).or_insert_with(|| file.place.clone());
                }
            }
        }
        uses
    }

    /// The modules that a path leads through: the one that it names, and where that has the name from another one, that one.
    /// Returns whether the name is known to be there.
    fn follow(&self, from: &[String], path: &[String], walk: &mut Walk) -> bool {
        let Some((mut at, mut rest)) = begin(from, path) else { return false };
        let mut known = true;
        while let Some((next, more)) = rest.split_first() {
            let inside = [at.as_slice(), std::slice::from_ref(next)].concat();
            if self.files.contains_key(&inside) {
                (at, rest) = (inside, more);
                continue;
            }
            let name = (at.clone(), next.clone());
            known = !walk.way.contains(&name);
            if known {
                walk.way.push(name);
                known = self.follow_name(from, &at, rest, walk);
                walk.way.pop();
            }
            break;
        }
        walk.found.push(at);
        known
    }

    /// The same for a path that begins with a name of a module which is no module in it.
    fn follow_name(
        &self,
        from: &[String],
        at: &[String],
        path: &[String],
        walk: &mut Walk,
    ) -> bool {
        let file = self.files.get(at).map(|file| &file.names);
        let Some((names, (name, rest))) = file.zip(path.split_first()) else { return false };
        let seen = |import: &&Import| import.open || from.starts_with(at);
        let mut known = names.own.contains(name);
        for import in names.imports.iter().filter(seen) {
            if import.name.as_ref() == Some(name) {
                self.follow(at, &[import.path.as_slice(), rest].concat(), walk);
                known = true;
            }
        }
        // What stands there by its name hides what a `*` brings.
        if known {
            return true;
        }
        for glob in names.imports.iter().filter(seen).filter(|import| import.name.is_none()) {
            let before = walk.found.len();
            if self.follow(at, &[glob.path.as_slice(), path].concat(), walk) {
                known = true;
            } else {
                walk.found.truncate(before);
            }
        }
        known
    }
}

/// Where a path begins, and the rest of it. What begins with a name begins where it stands; that may be another crate's.
fn begin<'a>(from: &[String], path: &'a [String]) -> Option<(Module, &'a [String])> {
    let mut at = from.to_vec();
    let mut rest = path;
    match path.first()?.as_str() {
        "crate" => return Some((Module::new(), &path[1..])),
        "self" => rest = &path[1..],
        _ => {}
    }
    while let Some((_, more)) = rest.split_first().filter(|(next, _)| *next == "super") {
        at.pop()?;
        rest = more;
    }
    Some((at, rest))
}
