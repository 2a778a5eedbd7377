//! Containers that are made again from what `docker inspect` once printed.

use backstay_core::engine::{CreateFrom, CreateRequest, CreateService};
use backstay_core::ports::{Composer, Containers, Images, Networks};

use crate::world::{RUN, docker, of, wanted, world};

#[tokio::test]
async fn a_stack_comes_back_without_its_files() {
    let Some(world) = world(
        "services:
  app:
    image: IMAGE
    environment: {A: 1}
    volumes: [/anon]
    networks: {default: {aliases: [www]}, back: {}}
  side: {image: IMAGE, network_mode: \"service:app\"}
networks: {back: {}}
",
    ) else {
        return;
    };
    let engine = &world.engine;
    world.compose(&["up", "-d"]);
    let before = world.containers().await;
    let ids: Vec<String> = before.iter().map(|c| c.id.clone()).collect();
    let records = engine.inspect(&ids).await.unwrap();
    let networks = engine.networks(&world.project).await.unwrap();
    // All of it goes but the volumes, and the tag means another image.
    for id in &ids {
        engine.remove(id, false).await.unwrap();
    }
    for network in &networks {
        engine.remove_network(network).await.unwrap();
    }
    let image = engine.image(&world.image).await.unwrap().unwrap();
    engine.tag(&image, &format!("{}-img:kept", world.project)).await.unwrap();
    std::fs::write(world.path("mark"), "newer").unwrap();
    docker(&["build", "-q", "-t", &world.image, &world.folder.path().display().to_string()]);

    let order = |service: &str, hidden| CreateService {
        hidden,
        rehearsal: true,
        replaces: ids.clone(),
        ..wanted(service)
    };
    let services = [order("app", true), order("side", false)];
    let request = CreateRequest {
        source: CreateFrom::Recorded(&records),
        project: &world.project,
        run: RUN,
        services: &services,
    };
    let created = engine.create(&request).await.unwrap();
    assert_eq!(created.len(), 4);
    assert_eq!(engine.networks(&world.project).await.unwrap(), networks);
    let app = of(&created, "app", false);
    assert_eq!(app.name, world.name("app-1"));
    let detail = world.inspect(&app.id).await;
    assert_eq!(detail["Image"], image.as_str());
    let hostname = detail["Config"]["Hostname"].as_str().unwrap();
    assert!(app.id.starts_with(hostname), "{hostname}");
    let old = &records[0];
    let volumes = |inspect: &serde_json::Value| {
        let mounts = inspect["Mounts"].as_array().unwrap().iter();
        let mut names: Vec<String> = mounts.map(|m| m["Name"].to_string()).collect();
        names.sort();
        names
    };
    assert_eq!(volumes(&detail), volumes(old));
    assert_eq!(app.aliases, before[0].networks);
    let side = world.inspect(&of(&created, "side", false).id).await;
    assert_eq!(side["HostConfig"]["NetworkMode"], format!("container:{}", app.id));
    let twin = world.inspect(&of(&created, "side", true).id).await;
    let app_twin = &of(&created, "app", true).id;
    assert_eq!(twin["HostConfig"]["NetworkMode"], format!("container:{app_twin}"));

    // Live again, they are what they were.
    for new in created.iter().filter(|new| !new.rehearsal) {
        for (network, names) in &new.aliases {
            engine.set_aliases(&new.id, network, names).await.unwrap();
        }
        engine.rename(&new.id, &new.name).await.unwrap();
        engine.start(&new.id).await.unwrap();
    }
    let twins: Vec<_> = created.iter().filter(|new| new.rehearsal).collect();
    for twin in &twins {
        engine.start(&twin.id).await.unwrap();
    }
    for twin in &twins {
        engine.remove(&twin.id, true).await.unwrap();
    }
    let after = world.containers().await;
    for (was, is) in before.iter().zip(&after) {
        assert_eq!((&was.name, &was.networks, &was.image), (&is.name, &is.networks, &is.image));
        assert_eq!(was.compose_hash, is.compose_hash);
    }
}
