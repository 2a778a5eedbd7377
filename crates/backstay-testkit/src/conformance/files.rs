//! Files that are put into containers before they start.

use backstay_core::engine::{ContainerFile, CreateFrom, CreateRequest, CreateService};

use super::bench::Bench;
use super::fixture::{Fixture, Wanted};

/// They are in candidate and rehearsal, are known to whoever created them, and come back from a record.
pub async fn files_without_a_source_are_put_into_containers<F: Fixture>(fixture: &F) {
    let uses = "configs: [{source: greeting, target: /etc/greeting, mode: 288}]";
    let bench = Bench::new(fixture, &[Wanted::new("web").with(uses)]).await;
    let engine = bench.engine();
    let services = [CreateService {
        service: "web".to_owned(),
        replicas: 1,
        fingerprint: "first".to_owned(),
        rehearsal: true,
        injects: true,
        ..CreateService::default()
    }];
    let project = &bench.project;
    let source = CreateFrom::Compose(&bench.stack);
    let request = CreateRequest { source, project, run: "20240129_000001", services: &services };
    let made = engine.create(&request).await.unwrap();
    let wanted = [ContainerFile {
        path: "/etc/greeting".to_owned(),
        content: b"hello\nthere\n".to_vec(),
        mode: 0o440,
        owner: Some((0, 0)),
    }];
    assert_eq!(made.len(), 2);
    for new in &made {
        assert_eq!(engine.files(&new.id, "/etc/greeting").await.unwrap(), wanted);
        assert_eq!(engine.files(&new.id, "/etc/nothing").await.unwrap(), []);
        assert_eq!(new.files, wanted);
        assert!(engine.altered(&new.id, &new.files).await.unwrap().is_empty());
        let other = ContainerFile { content: b"bye".to_vec(), ..wanted[0].clone() };
        assert_eq!(engine.altered(&new.id, &[other]).await.unwrap(), ["/etc/greeting"]);
    }

    let mut record = engine.inspect(&[made[0].id.clone()]).await.unwrap();
    ContainerFile::record(&mut record[0], &wanted);
    for new in &made {
        engine.remove(&new.id, true).await.unwrap();
    }
    let source = CreateFrom::Recorded(&record);
    let request = CreateRequest { source, project, run: "20240129_000002", services: &services };
    for new in engine.create(&request).await.unwrap() {
        assert_eq!(engine.files(&new.id, "/etc/greeting").await.unwrap(), wanted);
        assert_eq!(new.files, wanted);
    }
}
