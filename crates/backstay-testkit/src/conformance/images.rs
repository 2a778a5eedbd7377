//! Images and their tags.

use std::collections::BTreeMap;

use backstay_core::engine::{BuildRequest, BuildTarget, EngineErrorKind};
use backstay_core::ports::Silent;

use super::bench::Bench;
use super::fixture::{Fixture, Wanted};
use crate::fake::Behaviour;

/// A build under a tag of its own leaves the stack's tag where it was.
pub async fn a_build_gives_the_tags_of_the_request_and_moves_no_other<F: Fixture>(fixture: &F) {
    let bench = Bench::new(fixture, &[Wanted::new("web")]).await;
    let (engine, own) = (bench.engine(), format!("{}-web", bench.project));
    let before = engine.image(&own).await.unwrap().unwrap();
    bench.fixture.write(
        &bench.project,
        &format!("name: {}\nservices: {{web: {{build: ./web}}}}\n", bench.project),
        &[Wanted::new("web").version("2")],
    );
    let tag = format!("{}-build:1", bench.project);
    let target = BuildTarget { tag: tag.clone(), ..BuildTarget::default() };
    let targets = BTreeMap::from([("web".to_owned(), target)]);
    let request =
        BuildRequest { stack: &bench.stack, targets: &targets, no_cache: false, pull: false };
    engine.build(&request, &Silent).await.unwrap();
    let built = engine.image(&tag).await.unwrap().unwrap();
    assert_ne!(built, before);
    // Its Dockerfile names no user.
    let detail = engine.image_detail(&tag, None).await.unwrap().unwrap();
    assert_eq!((&detail.id, detail.user.as_str()), (&built, ""));
    assert_eq!(engine.image_detail("backstay-t-no-such-image", None).await.unwrap(), None);
    assert_eq!(engine.image(&own).await.unwrap().as_ref(), Some(&before));
    let old = engine.image_detail(&before, None).await.unwrap().unwrap();
    assert!(detail.content.is_some() && detail.content != old.content);
    // The same once more, whatever its id. Where the build's cache has gone in between, its layers are packed anew, with other times.
    let mut contents = vec![detail.content];
    while contents.len() < 4 && !contents.windows(2).any(|two| two[0] == two[1]) {
        engine.build(&request, &Silent).await.unwrap();
        let again = engine.image_detail(&tag, None).await.unwrap().unwrap();
        contents.push(again.content);
    }
    assert!(contents.windows(2).any(|two| two[0] == two[1]), "{contents:?}");
    engine.untag(&tag).await.unwrap();
}

/// A failing build says so, and moves none of the stack's tags.
pub async fn a_build_that_fails_leaves_the_stacks_own_tags<F: Fixture>(fixture: &F) {
    let bench = Bench::new(fixture, &[Wanted::new("web")]).await;
    let (engine, own) = (bench.engine(), format!("{}-web", bench.project));
    let before = engine.image(&own).await.unwrap();
    let broken = [Wanted::new("web").does(Behaviour::BuildFails)];
    let text = format!("name: {}\nservices: {{web: {{build: ./web}}}}\n", bench.project);
    bench.fixture.write(&bench.project, &text, &broken);
    let error = bench.build(&broken).await.unwrap_err();
    assert_eq!(error.kind, EngineErrorKind::Build, "{error}");
    assert_eq!(engine.image(&own).await.unwrap(), before);
}

/// Tagging and untagging can be repeated; what is not there is `None`.
pub async fn a_tag_points_where_it_was_put_last<F: Fixture>(fixture: &F) {
    let services = [Wanted::new("one"), Wanted::new("two").version("2")];
    let bench = Bench::new(fixture, &services).await;
    let engine = bench.engine();
    let [one, two] = ["one", "two"].map(|name| format!("{}-{name}", bench.project));
    let ids = [engine.image(&one).await.unwrap(), engine.image(&two).await.unwrap()];
    let [one, two] = ids.map(Option::unwrap);
    assert_ne!(one, two);
    let tag = format!("{}-moves:1", bench.project);
    assert_eq!(engine.image(&tag).await.unwrap(), None);
    for id in [&one, &one, &two] {
        engine.tag(id, &tag).await.unwrap();
        assert_eq!(engine.image(&tag).await.unwrap().as_ref(), Some(id));
    }
    assert_eq!(engine.image(&one).await.unwrap().as_ref(), Some(&one), "an id names itself");
    engine.untag(&tag).await.unwrap();
    engine.untag(&tag).await.unwrap();
    assert_eq!(engine.image(&tag).await.unwrap(), None);
    assert_eq!(engine.image(&two).await.unwrap(), Some(two), "it has another tag");
    // In full: the beginning of an id names an image too.
    let nobody = format!("sha256:{}", "0".repeat(64));
    let error = engine.tag(&nobody, &tag).await.unwrap_err();
    assert!(error.is_not_found(), "{error}");
}

/// What is saved survives the engine's image store.
pub async fn an_image_comes_back_from_the_vault_under_its_own_id<F: Fixture>(fixture: &F) {
    let bench = Bench::new(fixture, &[Wanted::new("web")]).await;
    let (engine, vault) = (bench.engine(), fixture.vault());
    let own = format!("{}-web", bench.project);
    let id = engine.image(&own).await.unwrap().unwrap();
    engine.save_image(&id, &vault).await.unwrap();
    engine.untag(&own).await.unwrap();
    assert_eq!(engine.load_image(&id, &vault).await.unwrap(), id);
    assert_eq!(engine.load_image(&id, &vault).await.unwrap(), id);
    assert_eq!(engine.image(&id).await.unwrap(), Some(id.clone()));
    engine.tag(&id, &own).await.unwrap();
    let missing = format!("sha256:{}", "0".repeat(64));
    assert!(engine.load_image(&missing, &vault).await.is_err());
}
