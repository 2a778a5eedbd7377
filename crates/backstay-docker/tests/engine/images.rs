//! Tags, and images that come back from the vault.

use backstay_core::ports::{Composer, Images};
use std::collections::BTreeMap;
use std::sync::Arc;

use backstay_core::engine::{BuildRequest, BuildTarget, EngineErrorKind, PullRequest};
use backstay_core::ports::Silent;
use backstay_core::store::DiskStore;
use backstay_core::vault::Vault;

use crate::world::{docker, run, world};

const STACK: &str = "services:\n  web: {image: IMAGE}\n";

#[tokio::test]
async fn an_image_comes_back_from_the_vault_under_its_own_id() {
    let Some(world) = world(STACK) else { return };
    let engine = &world.engine;
    let id = engine.image(&world.image).await.unwrap().unwrap();
    let vault = Vault::new(world.path("vault"), Arc::new(DiskStore));
    engine.save_image(&id, &vault).await.unwrap();
    engine.save_image(&id, &vault).await.unwrap();
    assert!(vault.has(&id).unwrap());
    vault.check(&id).unwrap();
    let missing = engine.save_image("sha256:0000", &vault).await.unwrap_err();
    assert_eq!(missing.kind, EngineErrorKind::NotFound, "{missing}");

    engine.untag(&world.image).await.unwrap();
    engine.untag(&world.image).await.unwrap();
    assert_eq!(engine.image(&id).await.unwrap(), None);
    engine.load_image(&id, &vault).await.unwrap();
    engine.load_image(&id, &vault).await.unwrap();
    engine.tag(&id, &world.image).await.unwrap();
    assert_eq!(engine.image(&world.image).await.unwrap(), Some(id.clone()));

    // A damaged blob is no image.
    engine.untag(&world.image).await.unwrap();
    let blobs = world.path("vault/blobs/sha256");
    let largest = std::fs::read_dir(&blobs)
        .unwrap()
        .flatten()
        .max_by_key(|entry| entry.metadata().unwrap().len());
    let largest = largest.unwrap().path();
    let mut bytes = std::fs::read(&largest).unwrap();
    bytes[1000] ^= 1;
    std::fs::write(&largest, bytes).unwrap();
    let error = engine.load_image(&id, &vault).await.unwrap_err();
    assert!(error.message.contains("is damaged"), "{error}");
    assert_eq!(engine.image(&id).await.unwrap(), None);
}

#[tokio::test]
async fn a_tag_can_be_taken_from_an_image_that_a_container_uses() {
    let Some(world) = world(STACK) else { return };
    let engine = &world.engine;
    let id = engine.image(&world.image).await.unwrap().unwrap();
    let started = async |up: &[&str]| {
        world.compose(up);
        engine.untag(&world.image).await.unwrap();
        assert_eq!(engine.image(&world.image).await.unwrap(), None);
        assert_eq!(engine.image(&id).await.unwrap(), Some(id.clone()), "{up:?}");
        engine.tag(&id, &world.image).await.unwrap();
    };
    started(&["create"]).await;
    started(&["up", "-d"]).await;
    let other = format!("{}-img:2", world.project);
    engine.tag(&id, &other).await.unwrap();
    engine.tag(&id, &other).await.unwrap();
    engine.untag(&other).await.unwrap();
    assert_eq!(engine.image(&world.image).await.unwrap(), Some(id));
}

#[tokio::test]
async fn a_build_moves_its_own_tag_and_no_other() {
    let Some(world) = world(
        "services:
  web: {image: \"IMAGE\", build: {context: ., tags: [\"IMAGE-extra\"]}}
  bad: {build: {context: ., dockerfile_inline: \"FROM scratch\\nCOPY nope /nope\\n\"}}
",
    ) else {
        return;
    };
    let engine = &world.engine;
    let before = engine.image(&world.image).await.unwrap();
    std::fs::write(world.path("mark"), "changed").unwrap();
    let tag = format!("{}-run/web:1", world.project);
    let stack = world.stack();
    let build = async |service: &str| {
        let target = BuildTarget { tag: tag.clone(), ..BuildTarget::default() };
        let targets = BTreeMap::from([(service.to_owned(), target)]);
        let request =
            BuildRequest { stack: &stack, targets: &targets, no_cache: false, pull: false };
        engine.build(&request, &Silent).await
    };
    build("web").await.unwrap();
    assert_eq!(engine.image(&world.image).await.unwrap(), before);
    assert_eq!(engine.image(&format!("{}-extra", world.image)).await.unwrap(), None);
    let built = engine.image(&tag).await.unwrap();
    assert!(built.is_some() && built != before);
    let label = "{{index .Config.Labels \"com.docker.compose.service\"}}";
    assert_eq!(docker(&["image", "inspect", "--format", label, &tag]), "web");

    let error = build("bad").await.unwrap_err();
    assert_eq!(error.kind, EngineErrorKind::Build);
    // Newer versions of Compose name the service before the words of the builder.
    assert!(error.message.contains("bad"), "{error}");
    assert!(error.message.contains("1/1] COPY nope /nope"), "{error}");
    assert!(error.message.contains("not found"), "{error}");
    assert_eq!(engine.image(&tag).await.unwrap(), built);
    assert!(run(&["image", "inspect", &world.name("bad")]).stdout.starts_with(b"[]"));
}

#[tokio::test]
async fn a_pull_that_fails_says_why() {
    let Some(world) = world("services:\n  web: {image: \"127.0.0.1:1/backstay-t-none:1\"}\n")
    else {
        return;
    };
    let stack = world.stack();
    let services = ["web".to_owned()];
    let request = PullRequest { stack: &stack, services: &services };
    let error = world.engine.pull(&request, &Silent).await.unwrap_err();
    assert_eq!(error.kind, EngineErrorKind::Pull);
    assert!(error.message.contains("127.0.0.1:1"), "{error}");
    assert!(!error.message.contains("Pulling"), "{error}");
}
