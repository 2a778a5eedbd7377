//! Kept images.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use super::claims::each;
use super::ground::{Ground, deploy, rollback};
use super::harm::Harm;

/// The images that the engine does not have any more.
fn absent(ground: &Ground) -> BTreeSet<String> {
    let all = ground.backups().iter().flat_map(|(_, images)| images.clone());
    all.filter(|image| ground.world.engine.image_id(image).is_none()).collect()
}

/// Whether an image can't be had without this file or folder.
fn needs(ground: &Ground, image: &str, path: &Path) -> bool {
    let vault = ground.layout.vault();
    let list = vault.join("images").join(format!("{}.json", image.replace(':', "-")));
    let text = ground.world.disk.text(&list).unwrap();
    let value: Value = serde_json::from_str(&text).unwrap();
    let entries = value["entries"].as_array().unwrap().iter();
    let name = |entry: &Value| {
        let kept = entry["packed"]["sha256"].as_str().or(entry["sha256"].as_str());
        kept.map(str::to_owned)
    };
    let blobs = entries.filter_map(name);
    let blobs = blobs.map(|sha256| vault.join("blobs/sha256").join(sha256));
    blobs.chain([list]).any(|file| file.starts_with(path))
}

#[test]
fn a_damaged_image_is_named_and_what_needs_it_is_refused() {
    let ground = Ground::at_rest().changed(|world| world.engine.prune_images());
    let absent = absent(&ground);
    assert!(absent.len() >= 2, "{absent:?}");
    let containers = ground.world.engine.containers.values();
    let running: BTreeSet<String> = containers.map(|container| container.image.clone()).collect();
    let paths = ground.below(&ground.layout.vault());
    let lists = paths.iter().filter(|path| path.extension().is_some_and(|end| end == "json"));
    let mut texts = lists.filter_map(|path| ground.world.disk.text(path));
    assert!(texts.any(|text| text.contains("packed")), "nothing is compressed");
    each(&ground, &paths, |case| {
        let is_shared = ground.world.disk.is_dir(case.path);
        let is_kept = ground
            .backups()
            .iter()
            .any(|(_, images)| images.iter().any(|image| needs(&ground, image, case.path)));
        if is_kept {
            case.is_found();
        } else if case.harm != Harm::Removed {
            // Without its list, an image that no backup has is stored again when it is replaced.
            case.is_found();
        }
        if is_shared && case.harm != Harm::Removed {
            // What is behind it is not known to be ours: no run begins.
            case.refuses(&deploy());
            for (folder, _) in ground.backups() {
                case.refuses(&rollback(Some(folder)));
            }
            return;
        }
        case.is_shown();
        // What runs is stored before it is replaced, where it is not there in full; that has to be possible.
        let is_in_the_way = matches!(case.harm, Harm::Folder | Harm::Newer)
            && running.iter().any(|image| needs(&ground, image, case.path));
        for (folder, images) in ground.backups() {
            let mut missing = images.iter().filter(|image| absent.contains(*image));
            if is_in_the_way || missing.any(|image| needs(&ground, image, case.path)) {
                // Of a folder, what is missing in it is named.
                case.refuses(&rollback(Some(folder)));
            } else if matches!(case.harm, Harm::Removed | Harm::Flipped(333) | Harm::Folder) {
                case.goes_through_as_ever(&rollback(Some(folder)));
            }
        }
    });
}

#[test]
fn what_the_engine_still_has_comes_back_without_the_vault() {
    let ground = Ground::at_rest();
    assert!(absent(&ground).is_empty());
    let vault = ground.layout.vault();
    let paths = ground.below(&vault.join("images")).into_iter();
    let paths = paths.chain(ground.below(&vault.join("blobs/sha256")));
    let paths: Vec<_> = paths.filter(|path| !ground.world.disk.is_dir(path)).collect();
    each(&ground, &paths, |case| {
        if matches!(case.harm, Harm::Removed | Harm::Flipped(333) | Harm::LinkToCopy) {
            case.goes_through_as_ever(&rollback(Some("r1")));
        }
    });
}
