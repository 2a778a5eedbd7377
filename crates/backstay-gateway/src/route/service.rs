//! A service: its targets, and which of them is next.

use super::target::Target;
use crate::gate::Gate;
use crate::stats::Counts;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// What stays of a service when its routes change.
#[derive(Debug, Default)]
pub(crate) struct ServiceLive {
    pub gate: Arc<Gate>,
    /// What came to no target.
    pub counts: Counts,
    /// What targets have counted that are no more.
    pub past: Counts,
    turn: AtomicU64,
}

/// A service in the routes.
#[derive(Debug)]
pub(crate) struct Service {
    pub name: String,
    pub live: Arc<ServiceLive>,
    pub drain: Duration,
    pub stream_drain: Duration,
    pub proxy_protocol: bool,
    pub targets: Vec<(Arc<Target>, u8)>,
    /// Empty where all weights are equal.
    shares: Vec<Share>,
}

/// The targets of one release, and their part of what arrives.
#[derive(Debug)]
struct Share {
    weight: u64,
    members: Vec<usize>,
}

impl Service {
    pub(crate) fn new(
        name: &str,
        service: &backstay_routes::Service,
        targets: Vec<(Arc<Target>, u8)>,
        live: Arc<ServiceLive>,
    ) -> Self {
        Self {
            name: name.to_owned(),
            live,
            drain: Duration::from_secs(service.drain),
            stream_drain: Duration::from_secs(service.stream_drain),
            proxy_protocol: service.proxy_protocol,
            shares: shares(&targets),
            targets,
        }
    }

    /// The next target. Those that were tried come last, and those that failed lately come before them.
    pub(crate) fn pick(&self, tried: &[Arc<Target>]) -> Option<&Arc<Target>> {
        match &self.targets[..] {
            [] => return None,
            [(only, weight)] => return (*weight > 0).then_some(only),
            _ => {}
        }
        let turn = self.live.turn.fetch_add(1, Relaxed);
        let fresh = |target: &Arc<Target>| !tried.iter().any(|one| Arc::ptr_eq(one, target));
        let well = |target: &Arc<Target>| fresh(target) && target.out_ms() == 0;
        self.of_share(turn, &well)
            .or_else(|| self.least(turn, 0..self.targets.len(), &well))
            .or_else(|| self.least(turn, 0..self.targets.len(), &fresh))
            .or_else(|| self.least(turn, 0..self.targets.len(), &|_| true))
    }

    /// Of the release whose turn it is. Steps of the golden ratio visit every share as often as it is wide, and evenly: of
    /// twenty requests in a row, one goes to a share of five percent.
    fn of_share(&self, turn: u64, good: &dyn Fn(&Arc<Target>) -> bool) -> Option<&Arc<Target>> {
        const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;
        let total: u64 = self.shares.iter().map(|share| share.weight).sum();
        let place = u128::from(turn.wrapping_mul(GOLDEN)) * u128::from(total);
        let mut place = u64::try_from(place >> 64).unwrap_or(0);
        for share in &self.shares {
            if place < share.weight {
                return self.least(turn, share.members.iter().copied(), good);
            }
            place -= share.weight;
        }
        None
    }

    /// The one with the least to do for its weight; of several, the one whose turn it is.
    fn least(
        &self,
        turn: u64,
        members: impl ExactSizeIterator<Item = usize>,
        good: &dyn Fn(&Arc<Target>) -> bool,
    ) -> Option<&Arc<Target>> {
        let count = members.len() as u64;
        members
            .enumerate()
            .filter_map(|(place, index)| {
                let (target, weight) = &self.targets[index];
                let usable = *weight > 0 && good(target);
                let after = (place as u64 + count - turn % count) % count;
                // Scaled, so that one request more weighs less where the weight is great.
                let load = (target.load() + 1) * 10_000 / u64::from((*weight).max(1));
                usable.then_some((load, after, target))
            })
            .min_by_key(|(load, after, _)| (*load, *after))
            .map(|(_, _, target)| target)
    }
}

fn shares(targets: &[(Arc<Target>, u8)]) -> Vec<Share> {
    if targets.windows(2).all(|pair| pair[0].1 == pair[1].1) {
        return Vec::new();
    }
    let mut shares: Vec<(&str, Share)> = Vec::new();
    for (index, (target, weight)) in targets.iter().enumerate() {
        let weight = u64::from(*weight);
        match shares.iter_mut().find(|(release, _)| *release == target.release) {
            Some((_, share)) => {
                share.weight += weight;
                share.members.push(index);
            }
            None => shares.push((&target.release, Share { weight, members: vec![index] })),
        }
    }
    shares.into_iter().map(|(_, share)| share).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::route::Flight;
    use std::collections::BTreeMap;

    fn service(targets: &[(&str, &str, u8)]) -> Service {
        let made = targets
            .iter()
            .map(|(id, release, weight)| backstay_routes::Target {
                id: (*id).into(),
                name: (*id).into(),
                address: None,
                release: (*release).into(),
                weight: *weight,
            })
            .map(|target| (Arc::new(Target::new(&target, 1)), target.weight))
            .collect();
        let plain = backstay_routes::Service {
            targets: Vec::new(),
            drain: 1,
            stream_drain: 1,
            proxy_protocol: false,
        };
        Service::new("app", &plain, made, Arc::default())
    }

    fn count(service: &Service, times: usize) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for _ in 0..times {
            *counts.entry(service.pick(&[]).unwrap().id.clone()).or_default() += 1;
        }
        counts
    }

    #[test]
    fn shares_are_kept_over_any_hundred_requests() {
        let service = service(&[("a", "old", 95), ("b", "new", 5)]);
        for _ in 0..50 {
            let new = count(&service, 100)["b"];
            assert!((4..=6).contains(&new), "{new}");
        }
    }

    #[test]
    fn the_targets_of_a_release_share_its_part() {
        let service = service(&[("a", "old", 45), ("b", "old", 45), ("c", "new", 10)]);
        let counts = count(&service, 1000);
        assert!((440..=460).contains(&counts["a"]), "{counts:?}");
        assert!((440..=460).contains(&counts["b"]), "{counts:?}");
    }

    #[test]
    fn the_one_with_the_least_to_do_is_next() {
        let service = service(&[("a", "r", 100), ("b", "r", 100), ("c", "r", 100)]);
        assert_eq!(
            count(&service, 300),
            [("a", 100), ("b", 100), ("c", 100)].map(|(id, n)| (id.to_owned(), n)).into()
        );
        let busy: Vec<_> = [0, 0, 1].map(|i| Flight::begin(&service.targets[i].0, true)).into();
        assert_eq!(count(&service, 10).into_keys().collect::<Vec<_>>(), ["c"]);
        drop(busy);
        assert_eq!(count(&service, 30).len(), 3);
    }

    #[tokio::test]
    async fn one_that_failed_is_passed_over_unless_there_is_no_other() {
        let service = service(&[("a", "r", 100), ("b", "r", 100)]);
        service.targets[0].0.failed().await;
        assert_eq!(count(&service, 10).into_keys().collect::<Vec<_>>(), ["b"]);
        service.targets[1].0.failed().await;
        assert_eq!(count(&service, 10).len(), 2);
        let tried = [Arc::clone(&service.targets[0].0)];
        assert_eq!(service.pick(&tried).unwrap().id, "b");
    }

    #[test]
    fn a_target_without_weight_gets_nothing() {
        let service = service(&[("a", "old", 100), ("b", "new", 0)]);
        assert_eq!(count(&service, 50).into_keys().collect::<Vec<_>>(), ["a"]);
    }
}
