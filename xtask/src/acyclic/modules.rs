//! The modules of a crate, and which of them name which.

use std::collections::BTreeMap;
use std::path::Path;

use super::circle::Uses;
use super::paths::{code, imports, paths};

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
    /// The paths in it that begin with `crate`, `super` or `self`.
    paths: Vec<Vec<String>>,
    /// What `use` brings into it, by the name that it has there.
    imports: BTreeMap<String, Vec<String>>,
}

/// A name that comes from a name is followed so often at most.
const DEPTH: usize = 8;

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
        let code = code(text);
        let file = self.files.entry(module).or_default();
        file.place = path.display().to_string();
        file.paths.extend(paths(&code));
        file.imports.extend(imports(&code));
    }

    /// Folder by folder: which of its modules name which.
    pub(super) fn uses(&self) -> BTreeMap<Module, Uses> {
        let mut uses: BTreeMap<Module, Uses> = BTreeMap::new();
        for (module, file) in &self.files {
            let mut named = Vec::new();
            for path in &file.paths {
                self.follow(module, path, DEPTH, &mut named);
            }
            for other in named {
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
    fn follow(&self, from: &[String], path: &[String], depth: usize, found: &mut Vec<Module>) {
        let Some((mut at, mut rest)) = self.begin(from, path) else { return };
        while let Some((next, more)) = rest.split_first() {
            let inside = [at.as_slice(), std::slice::from_ref(next)].concat();
            if self.files.contains_key(&inside) {
                (at, rest) = (inside, more);
                continue;
            }
            let import = self.files.get(&at).and_then(|file| file.imports.get(next));
            if let Some(import) = import.filter(|_| depth > 0) {
                let path = [import.as_slice(), more].concat();
                self.follow(&at, &path, depth - 1, found);
            }
            break;
        }
        found.push(at);
    }

    /// Where a path begins, and the rest of it; `None` where that is another crate.
    fn begin<'a>(&self, from: &[String], path: &'a [String]) -> Option<(Module, &'a [String])> {
        let mut at = from.to_vec();
        let mut rest = path;
        match path.first()?.as_str() {
            "crate" => return Some((Module::new(), &path[1..])),
            "self" => rest = &path[1..],
            "super" => {}
            child => {
                at.push(child.to_owned());
                return self.files.contains_key(&at).then_some((at, &path[1..]));
            }
        }
        while let Some((_, more)) = rest.split_first().filter(|(next, _)| *next == "super") {
            at.pop()?;
            rest = more;
        }
        Some((at, rest))
    }
}
