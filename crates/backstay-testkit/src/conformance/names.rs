//! Names of containers, and their names in DNS.

use backstay_core::engine::EngineErrorKind;

use super::bench::Bench;
use super::fixture::{Fixture, Wanted};

/// A taken name is a conflict; the own one is not.
pub async fn a_name_belongs_to_one_container<F: Fixture>(fixture: &F) {
    let bench = Bench::new(fixture, &[Wanted::new("web")]).await;
    let engine = bench.engine();
    let made = bench.create("web", 2).await;
    engine.rename(&made[0].id, &made[0].name).await.unwrap();
    let error = engine.rename(&made[0].id, &made[1].name).await.unwrap_err();
    assert_eq!(error.kind, EngineErrorKind::Conflict, "{error}");
    let aside = format!("{}.old-1", made[0].name);
    engine.rename(&made[0].id, &aside).await.unwrap();
    engine.rename(&made[1].id, &made[0].name).await.unwrap();
    assert_eq!(bench.look(&made[0].id).await.name, aside);
    assert_eq!(bench.look(&made[1].id).await.name, made[0].name);
}

/// Exactly the names that are asked for, whether the container runs or not.
pub async fn dns_names_are_what_was_asked_for<F: Fixture>(fixture: &F) {
    let bench = Bench::new(fixture, &[Wanted::new("web")]).await;
    let engine = bench.engine();
    let id = bench.create("web", 1).await.remove(0).id;
    let network = format!("{}_default", bench.project);
    let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
    for running in [false, true, false] {
        if running {
            engine.start(&id).await.unwrap();
        } else {
            engine.stop(&id).await.unwrap();
        }
        for wanted in [names(&[]), names(&["a", "web"]), names(&["web"]), names(&["web"])] {
            engine.set_aliases(&id, &network, &wanted).await.unwrap();
            let mut found = bench.look(&id).await.networks[&network].clone();
            found.sort();
            assert_eq!(found, wanted, "running: {running}");
        }
    }
    let gone = engine.set_aliases(&"0".repeat(64), &network, &[]).await.unwrap_err();
    assert!(gone.is_not_found(), "{gone}");
}
