//! Anonymous volumes.

use super::bench::{Bench, replace};
use super::fixture::{Fixture, Wanted};

async fn volume<F: Fixture>(bench: &Bench<'_, F>, id: &str) -> String {
    let details = bench.engine().inspect(&[id.to_owned()]).await.unwrap();
    details[0]["Mounts"][0]["Name"].as_str().unwrap().to_owned()
}

/// A successor has the data of the container that it replaces, and so has its rehearsal.
pub async fn an_anonymous_volume_goes_to_the_successor<F: Fixture>(fixture: &F) {
    let bench = Bench::new(fixture, &[Wanted::new("web").with("volumes: [/data]")]).await;
    let old = bench.run("web", 1).await;
    let made = replace(&bench, "web", &old).await;
    let data = volume(&bench, &old[0].id).await;
    for new in &made {
        let its = volume(&bench, &new.id).await;
        assert_eq!(its, data, "rehearsal: {}", new.rehearsal);
    }
    // The old one goes; the data stays where it is needed.
    bench.engine().remove(&old[0].id, true).await.unwrap();
    let new = made.iter().find(|new| !new.rehearsal).unwrap();
    bench.engine().start(&new.id).await.unwrap();
    assert_eq!(volume(&bench, &new.id).await, data);
}

/// A candidate that is given up takes nothing of the old container's with it.
pub async fn what_was_made_for_a_candidate_alone_goes_with_it<F: Fixture>(fixture: &F) {
    let bench = Bench::new(fixture, &[Wanted::new("web").with("volumes: [/data]")]).await;
    let old = bench.run("web", 1).await;
    let data = volume(&bench, &old[0].id).await;
    for new in replace(&bench, "web", &old).await {
        bench.engine().remove(&new.id, true).await.unwrap();
    }
    bench.engine().stop(&old[0].id).await.unwrap();
    bench.engine().start(&old[0].id).await.unwrap();
    assert_eq!(volume(&bench, &old[0].id).await, data);
}
