//! Creating containers through the guard.

use backstay_core::ports::{Containers, Networks};
use std::collections::BTreeSet;

use backstay_core::engine::CreateService;

use crate::world::{RUN, docker, of, wanted, world};

const STACK: &str = r#"
services:
  web:
    image: IMAGE
    ports: ["127.0.0.1::8080"]
    restart: always
    volumes: [/anon, "named:/named"]
    networks: {default: {aliases: [www]}, back: {}}
    configs: [{source: inline, target: /inline.txt}]
    secrets: [token]
    depends_on: [db]
  db: {image: IMAGE}
networks: {back: {}}
volumes: {named: {}}
configs: {inline: {content: "hello"}}
secrets: {token: {environment: BACKSTAY_T_TOKEN}}
"#;

#[tokio::test]
async fn a_hidden_candidate_and_its_rehearsal_stand_beside_the_live_container() {
    let Some(world) = world(STACK) else { return };
    std::fs::write(world.path(".env"), "BACKSTAY_T_TOKEN=secret\n").unwrap();
    world.compose(&["up", "-d"]);
    let before = world.containers().await;
    let old = before.iter().find(|c| c.service == "web").unwrap().clone();

    let order = CreateService {
        replaces: vec![old.id.clone()],
        hidden: true,
        rehearsal: true,
        injects: true,
        ..wanted("web")
    };
    let created = world.create(&[order]).await;
    assert_eq!(created.len(), 2);
    let (candidate, twin) = (of(&created, "web", false), of(&created, "web", true));
    assert_eq!((candidate.number, twin.number), (1, 1));
    assert_eq!(candidate.name, world.name("web-1"));

    let containers = world.containers().await;
    let find = |id: &str| containers.iter().find(|c| c.id == id).unwrap();
    let (new, rehearsal) = (find(&candidate.id), find(&twin.id));
    assert_eq!(new.name, format!("{}.new-{RUN}", world.name("web-1")));
    assert_eq!(rehearsal.name, format!("{}.rehearsal-{RUN}", world.name("web-1")));
    assert_eq!((new.run.as_deref(), new.fingerprint.as_deref()), (Some(RUN), Some("print-web")));
    assert!(rehearsal.rehearsal && !new.rehearsal);
    // `db` is not created along, and still is what `web` depends on.
    assert_eq!(new.compose_hash, old.compose_hash);
    assert!(new.networks.values().all(Vec::is_empty), "{:?}", new.networks);
    assert_eq!(candidate.aliases, old.networks);
    assert!(candidate.aliases[&format!("{}_default", world.project)].contains(&"www".to_owned()));
    // What ran before runs as it did.
    for container in &before {
        assert_eq!(find(&container.id), container);
    }

    let (was, is, twin) = (
        world.inspect(&old.id).await,
        world.inspect(&candidate.id).await,
        world.inspect(&twin.id).await,
    );
    let depends_on = |inspect: &serde_json::Value| {
        inspect["Config"]["Labels"]["com.docker.compose.depends_on"].clone()
    };
    assert_eq!(depends_on(&is), "db:service_started:false");
    assert_eq!(depends_on(&is), depends_on(&was));
    let volume = |inspect: &serde_json::Value, place: &str| {
        let mounts = inspect["Mounts"].as_array().unwrap();
        let mount = mounts.iter().find(|mount| mount["Destination"] == place).unwrap();
        mount["Name"].as_str().unwrap().to_owned()
    };
    for place in ["/data", "/anon", "/named"] {
        assert_eq!(volume(&was, place), volume(&is, place), "{place}");
    }
    // So that it proves what is to run.
    assert_eq!(volume(&is, "/data"), volume(&twin, "/data"));
    assert_eq!(volume(&is, "/anon"), volume(&twin, "/anon"));
    assert_eq!(twin["HostConfig"]["PortBindings"], serde_json::json!({}));
    assert_eq!(twin["HostConfig"]["RestartPolicy"]["Name"], "no");
    assert_eq!(is["HostConfig"]["RestartPolicy"]["Name"], "always");

    // Inline configs and secrets from the environment are files in both.
    for id in [&candidate.id, &created[1].id] {
        for (file, content) in [("/inline.txt", "hello"), ("/run/secrets/token", "secret")] {
            let place = crate::world::aside(&world, "copied");
            docker(&["cp", &format!("{id}:{file}"), &place.display().to_string()]);
            assert_eq!(std::fs::read_to_string(&place).unwrap(), content);
        }
    }
    // The rehearsal can run while the old container does. Removing it and the candidate with their volumes leaves the data of
    // the live container alone.
    world.engine.start(&created[1].id).await.unwrap();
    for id in [&created[1].id, &candidate.id] {
        world.engine.remove(id, true).await.unwrap();
        for place in ["/data", "/anon"] {
            assert!(
                crate::world::run(&["volume", "inspect", &volume(&was, place)]).status.success()
            );
        }
    }
    assert_eq!(world.containers().await, before);
}

#[tokio::test]
async fn replicas_are_numbered_as_if_the_new_ones_were_alone() {
    let Some(world) = world("services:\n  web: {image: IMAGE, deploy: {replicas: 2}}\n") else {
        return;
    };
    world.compose(&["up", "-d"]);
    let old: Vec<String> = world.containers().await.into_iter().map(|c| c.id).collect();

    let order = CreateService { replicas: 3, replaces: old.clone(), ..wanted("web") };
    let created = world.create(&[order]).await;
    let numbers: Vec<u32> = created.iter().map(|c| c.number).collect();
    assert_eq!(numbers, [1, 2, 3]);
    assert_eq!(created[2].name, world.name("web-3"));
    for new in &created {
        world.engine.remove(&new.id, true).await.unwrap();
    }

    // A service that grows keeps what it has.
    let order = CreateService { replicas: 3, ..wanted("web") };
    let created = world.create(std::slice::from_ref(&order)).await;
    assert_eq!(created.iter().map(|c| c.number).collect::<Vec<_>>(), [3]);
    world.engine.remove(&created[0].id, true).await.unwrap();

    // One of two is replaced: the new one gets its number.
    let first = world.containers().await.into_iter().find(|c| c.number == 1).unwrap();
    let order = CreateService { replicas: 2, replaces: vec![first.id], ..wanted("web") };
    let created = world.create(&[order]).await;
    assert_eq!(created.iter().map(|c| c.name.as_str()).collect::<Vec<_>>(), [world.name("web-1")]);
}

#[tokio::test]
async fn what_borrows_from_a_service_borrows_from_its_new_container() {
    let Some(world) = world(
        "services:
  app: {image: IMAGE, container_name: PROJECT-app}
  side: {image: IMAGE, network_mode: \"service:app\", pid: \"service:app\"}
  host: {image: IMAGE, network_mode: host, environment: {PORT: 0}}
",
    ) else {
        return;
    };
    let text = std::fs::read_to_string(world.path("compose.yaml")).unwrap();
    std::fs::write(world.path("compose.yaml"), text.replace("PROJECT", &world.project)).unwrap();
    world.compose(&["create"]);
    let old = world.containers().await;
    let order = |service: &str| CreateService {
        replaces: old.iter().filter(|c| c.service == service).map(|c| c.id.clone()).collect(),
        rehearsal: true,
        ..wanted(service)
    };
    let created = world.create(&[order("app"), order("side"), order("host")]).await;
    assert_eq!(created.len(), 6);
    for rehearsal in [false, true] {
        let app = &of(&created, "app", rehearsal).id;
        let side = world.inspect(&of(&created, "side", rehearsal).id).await;
        assert_eq!(side["HostConfig"]["NetworkMode"], format!("container:{app}"));
        assert_eq!(side["HostConfig"]["PidMode"], format!("container:{app}"));
    }
    assert_eq!(of(&created, "app", false).name, world.name("app"));
    let names: BTreeSet<String> = world.containers().await.into_iter().map(|c| c.name).collect();
    assert!(names.contains(&format!("{}.new-{RUN}", world.name("app"))));
    assert_eq!(names.len(), 9);
}

#[tokio::test]
async fn a_first_deployment_makes_networks_and_a_later_up_changes_nothing() {
    let Some(world) = world("services:\n  web: {image: IMAGE}\n  db: {image: IMAGE}\n") else {
        return;
    };
    let created = world.create(&[wanted("db"), wanted("web")]).await;
    let services: Vec<&str> = created.iter().map(|c| c.service.as_str()).collect();
    assert_eq!(services, ["db", "web"]);
    let networks = world.engine.networks(&world.project).await.unwrap();
    assert_eq!(networks, [format!("{}_default", world.project)]);
    for new in &created {
        world.engine.rename(&new.id, &new.name).await.unwrap();
        world.engine.rename(&new.id, &new.name).await.unwrap();
        world.engine.start(&new.id).await.unwrap();
        world.engine.start(&new.id).await.unwrap();
    }
    let before = world.containers().await;
    world.compose(&["up", "-d", "--no-build"]);
    assert_eq!(world.containers().await, before);
    for new in &created {
        world.engine.stop(&new.id).await.unwrap();
        world.engine.stop(&new.id).await.unwrap();
        world.engine.remove(&new.id, true).await.unwrap();
        world.engine.remove(&new.id, true).await.unwrap();
        world.engine.stop(&new.id).await.unwrap();
    }
    world.engine.remove_network(&networks[0]).await.unwrap();
    world.engine.remove_network(&networks[0]).await.unwrap();
    assert!(world.engine.networks(&world.project).await.unwrap().is_empty());
}

#[tokio::test]
async fn an_image_that_is_missing_is_said_and_nothing_is_left() {
    let Some(world) = world("services:\n  web: {image: \"backstay-t-none:1\"}\n") else { return };
    let error = world.try_create(&[wanted("web")]).await.unwrap_err();
    assert_eq!(error.kind, backstay_core::engine::EngineErrorKind::NotFound);
    assert!(error.message.contains("No such image: backstay-t-none:1"), "{error}");
    assert!(world.containers().await.is_empty());
}

#[tokio::test]
async fn a_create_that_is_given_up_leaves_nothing_that_the_next_list_does_not_see() {
    let Some(world) = world("services:\n  web: {image: IMAGE, deploy: {replicas: 4}}\n") else {
        return;
    };
    for wait in [60, 120, 180, 240, 300] {
        let order = CreateService { replicas: 4, rehearsal: true, ..wanted("web") };
        let wait = std::time::Duration::from_millis(wait);
        let _ = tokio::time::timeout(wait, world.try_create(&[order])).await;
        let seen = world.containers().await;
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        assert_eq!(world.containers().await.len(), seen.len(), "given up after {wait:?}");
        for container in seen {
            world.engine.remove(&container.id, true).await.unwrap();
        }
    }
}
