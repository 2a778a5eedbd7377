//! Creating containers.

use backstay_core::engine::{CreateFrom, CreateRequest, CreateService, Created, Status};

use super::bench::{Bench, replace};
use super::fixture::{Fixture, Wanted};

/// Names, numbers, labels and image; nothing starts.
pub async fn containers_are_made_as_the_files_say<F: Fixture>(fixture: &F) {
    let bench = Bench::new(fixture, &[Wanted::new("web")]).await;
    let made = bench.create("web", 2).await;
    let engine = bench.engine();
    let image = engine.image(&format!("{}-web", bench.project)).await.unwrap().unwrap();
    let network = format!("{}_default", bench.project);
    assert_eq!(engine.networks(&bench.project).await.unwrap(), [network.as_str()]);
    let found = engine.containers(&bench.project).await.unwrap();
    assert_eq!(found.len(), 2);
    let hash = engine.compose_hashes(&bench.stack).await.unwrap().remove("web");
    for (number, (container, new)) in (1..).zip(found.iter().zip(&made)) {
        assert_eq!((container.number, new.number), (number, number));
        assert_eq!(container.name, format!("{}-web-{number}", bench.project));
        assert_eq!((&container.id, &container.image), (&new.id, &image));
        assert_eq!(container.state.status, Status::Created);
        assert_eq!(container.run.as_deref(), Some("20240129_000001"));
        assert_eq!(container.fingerprint.as_deref(), Some("first"));
        assert_eq!(container.compose_hash, hash);
        assert!(container.networks[&network].contains(&"web".to_owned()));
        assert_eq!(sorted(&container.networks[&network]), sorted(&new.aliases[&network]));
    }
}

/// A hidden container runs under another name and without DNS names, and the old one notices nothing.
pub async fn a_candidate_is_hidden_and_touches_nothing<F: Fixture>(fixture: &F) {
    let bench = Bench::new(fixture, &[Wanted::new("web")]).await;
    let old = bench.run("web", 1).await;
    let before = bench.look(&old[0].id).await;
    bench.change(&[Wanted::new("web").version("2")]).await;
    let made = replace(&bench, "web", &old).await;
    let new = made.iter().find(|new| !new.rehearsal).unwrap();
    let candidate = bench.look(&new.id).await;
    assert_eq!((new.number, &new.name), (1, &old[0].name));
    assert_eq!(
        candidate.name,
        format!("{}{}", new.name, Created::suffix("20240129_000002", false))
    );
    assert!(!candidate.rehearsal);
    let network = format!("{}_default", bench.project);
    assert!(candidate.networks[&network].is_empty(), "{:?}", candidate.networks);
    assert!(new.aliases[&network].contains(&"web".to_owned()));
    assert_ne!(candidate.image, before.image);
    assert_eq!(candidate.fingerprint.as_deref(), Some("second"));
    bench.engine().start(&new.id).await.unwrap();
    assert_eq!(bench.look(&old[0].id).await, before);
}

/// A twin can run beside the container that has the host port.
pub async fn a_rehearsal_has_no_port_and_no_name<F: Fixture>(fixture: &F) {
    let port = fixture.port();
    let wanted =
        Wanted::new("web").with(&format!("ports: [\"{port}:8080\"]")).with("restart: always");
    let bench = Bench::new(fixture, &[wanted]).await;
    let old = bench.run("web", 1).await;
    let made = replace(&bench, "web", &old).await;
    assert_eq!(made.len(), 2);
    let twin = made.iter().find(|new| new.rehearsal).unwrap();
    bench.engine().start(&twin.id).await.unwrap();
    let found = bench.look(&twin.id).await;
    assert!(found.rehearsal && found.ports.is_empty(), "{found:?}");
    assert!(found.name.ends_with(&Created::suffix("20240129_000002", true)), "{}", found.name);
    assert!(found.networks.values().all(Vec::is_empty), "{:?}", found.networks);
    let new = made.iter().find(|new| !new.rehearsal).unwrap();
    assert_eq!(bench.look(&new.id).await.ports.len(), 1);
}

/// More containers get the next numbers; successors get the old ones.
pub async fn numbers_continue_and_those_of_the_replaced_come_back<F: Fixture>(fixture: &F) {
    let bench = Bench::new(fixture, &[Wanted::new("web")]).await;
    let first = bench.create("web", 1).await;
    let more = bench.create("web", 3).await;
    assert_eq!(more.iter().map(|new| new.number).collect::<Vec<_>>(), [2, 3]);
    let all: Vec<Created> = first.into_iter().chain(more).collect();
    let made = replace(&bench, "web", &all).await;
    let mut numbers: Vec<(u32, bool)> =
        made.iter().map(|new| (new.number, new.rehearsal)).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, [(1, false), (1, true), (2, false), (2, true), (3, false), (3, true)]);
}

/// `container_name` is the name of the live one; the candidate's ends with its suffix.
pub async fn a_fixed_name_is_the_candidates_when_it_is_live<F: Fixture>(fixture: &F) {
    let name = format!("{}-fixed", fixture.project());
    let wanted = Wanted::new("web").with(&format!("container_name: {name}"));
    let bench = Bench::new(fixture, &[wanted]).await;
    let old = bench.create("web", 1).await;
    assert_eq!((&old[0].name, bench.look(&old[0].id).await.name), (&name, name.clone()));
    let made = replace(&bench, "web", &old).await;
    let new = made.iter().find(|new| !new.rehearsal).unwrap();
    assert_eq!(new.name, name);
    assert!(bench.look(&new.id).await.name.starts_with(&format!("{name}.new-")));
}

/// Whatever the files say by now, the record of a container makes one like it.
pub async fn containers_come_back_from_what_inspect_said<F: Fixture>(fixture: &F) {
    let port = fixture.port();
    let wanted = Wanted::new("web").with(&format!("ports: [\"{port}:8080\"]"));
    let bench = Bench::new(fixture, &[wanted.clone().with("environment: {A: \"1\"}")]).await;
    let old = bench.run("web", 1).await;
    let (engine, before) = (bench.engine(), bench.look(&old[0].id).await);
    let records = engine.inspect(&[old[0].id.clone()]).await.unwrap();
    bench.change(&[wanted.version("2")]).await;
    engine.stop(&old[0].id).await.unwrap();
    let services = [CreateService {
        service: "web".to_owned(),
        replicas: 1,
        fingerprint: "first".to_owned(),
        replaces: vec![old[0].id.clone()],
        hidden: false,
        rehearsal: false,
        ..CreateService::default()
    }];
    let source = CreateFrom::Recorded(&records);
    let project = &bench.project;
    let request = CreateRequest { source, project, run: "20240129_000003", services: &services };
    let made = engine.create(&request).await.unwrap();
    assert_eq!((made.len(), made[0].number, &made[0].name), (1, 1, &before.name));
    engine.start(&made[0].id).await.unwrap();
    let after = bench.look(&made[0].id).await;
    assert_eq!((&after.image, &after.image_ref), (&before.image, &before.image_ref));
    assert_eq!((&after.compose_hash, &after.ports), (&before.compose_hash, &before.ports));
    assert_eq!(after.run.as_deref(), Some("20240129_000003"));
    let again = engine.inspect(&[made[0].id.clone()]).await.unwrap();
    assert_eq!(again[0]["Config"]["Env"], records[0]["Config"]["Env"]);
}

fn sorted(names: &[String]) -> Vec<String> {
    let mut names = names.to_vec();
    names.sort();
    names
}
