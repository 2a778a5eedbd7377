//! Compose must not touch what exists.

use backstay_core::engine::{CreateService, EngineErrorKind};

use crate::world::{wanted, world};

#[tokio::test]
async fn what_is_too_many_is_not_removed() {
    let Some(world) = world("services:\n  web: {image: IMAGE, deploy: {replicas: 3}}\n") else {
        return;
    };
    world.compose(&["up", "-d"]);
    let before = world.containers().await;
    // Asked for fewer, Compose by itself would remove the others.
    assert!(world.create(&[CreateService { replicas: 2, ..wanted("web") }]).await.is_empty());
    assert_eq!(world.containers().await, before);
}

#[tokio::test]
async fn a_container_that_changed_is_not_recreated() {
    let Some(world) = world("services:\n  web: {image: IMAGE, environment: {A: 1}}\n") else {
        return;
    };
    world.compose(&["up", "-d"]);
    let before = world.containers().await;
    world.write("services:\n  web: {image: IMAGE, environment: {A: 2}}\n  db: {image: IMAGE}\n");
    let created = world.create(&[wanted("web"), wanted("db")]).await;
    assert_eq!(created.len(), 1);
    let after = world.containers().await;
    assert!(after.contains(&before[0]) && after.len() == 2);
}

#[tokio::test]
async fn a_name_that_another_container_has_is_a_conflict() {
    let Some(world) = world("services:\n  web: {image: IMAGE}\n") else { return };
    let name = format!("{}.new-{}", world.name("web-1"), crate::world::RUN);
    let label = format!("com.docker.compose.project={}", world.project);
    crate::world::docker(&["create", "--name", &name, "--label", &label, &world.image]);
    let error = world.try_create(&[wanted("web")]).await.unwrap_err();
    assert_eq!(error.kind, EngineErrorKind::Conflict, "{error}");
}

#[tokio::test]
async fn what_a_service_depends_on_is_left_alone_whatever_state_it_is_in() {
    let Some(world) = world(
        "services:
  web: {image: IMAGE, depends_on: [db, cache]}
  db: {image: IMAGE}
  cache: {image: IMAGE}
",
    ) else {
        return;
    };
    world.compose(&["up", "-d", "--scale", "db=2"]);
    let live = world.containers().await;
    let of = |service: &str| live.iter().find(|c| c.service == service).unwrap();
    crate::world::docker(&["rm", "-f", "-v", &of("cache").id]);
    let before = world.containers().await;
    let order = CreateService { replaces: vec![of("web").id.clone()], ..wanted("web") };
    let created = world.create(&[order]).await;
    assert_eq!(created.len(), 1);
    let after = world.containers().await;
    assert_eq!(after.len(), before.len() + 1);
    assert!(before.iter().all(|container| after.contains(container)));
    let new = after.iter().find(|c| c.id == created[0].id).unwrap();
    assert_eq!(new.compose_hash, of("web").compose_hash);
    let label = |inspect: serde_json::Value| {
        let label = &inspect["Config"]["Labels"]["com.docker.compose.depends_on"];
        let mut parts: Vec<_> = label.as_str().unwrap().split(',').map(str::to_owned).collect();
        parts.sort();
        parts
    };
    let expected = ["cache:service_started:false", "db:service_started:false"];
    assert_eq!(label(world.inspect(&new.id).await), expected);
}

#[tokio::test]
async fn what_the_files_do_not_name_any_more_is_not_removed() {
    let Some(world) = world("services:\n  web: {image: IMAGE}\n  gone: {image: IMAGE}\n") else {
        return;
    };
    world.compose(&["up", "-d", "gone"]);
    let before = world.containers().await;
    world.write("services:\n  web: {image: IMAGE}\n");
    std::fs::write(world.path(".env"), "COMPOSE_REMOVE_ORPHANS=true\n").unwrap();
    assert_eq!(world.create(&[wanted("web")]).await.len(), 1);
    let after = world.containers().await;
    assert!(after.len() == 2 && after.contains(&before[0]));
}
