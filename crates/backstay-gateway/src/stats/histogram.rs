//! How long things took, in buckets that grow with the time: four to each doubling, so that a value is at most a fifth too high.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Microseconds up to nine hours.
const BUCKETS: usize = 4 * 34;

/// A histogram of microseconds.
#[derive(Debug)]
pub(crate) struct Histogram([AtomicU64; BUCKETS]);

impl Default for Histogram {
    fn default() -> Self {
        Self([const { AtomicU64::new(0) }; BUCKETS])
    }
}

impl Histogram {
    pub(crate) fn record(&self, micros: u64) {
        self.0[bucket(micros)].fetch_add(1, Relaxed);
    }

    /// Adds another one's counts.
    pub(crate) fn absorb(&self, other: &Self) {
        for (own, other) in self.0.iter().zip(&other.0) {
            own.fetch_add(other.load(Relaxed), Relaxed);
        }
    }

    /// The time that so many of a thousand did not exceed. 0: nothing was recorded.
    pub(crate) fn quantile(&self, of_thousand: u64) -> u64 {
        let counts: Vec<u64> = self.0.iter().map(|count| count.load(Relaxed)).collect();
        let total: u64 = counts.iter().sum();
        let wanted = (total * of_thousand).div_ceil(1000);
        let mut seen = 0;
        for (bucket, count) in counts.iter().enumerate() {
            seen += count;
            if seen >= wanted && seen > 0 {
                return top(bucket);
            }
        }
        0
    }
}

/// Values below four have a bucket each; then come four for each power of two.
fn bucket(value: u64) -> usize {
    if value < 4 {
        return usize::try_from(value).unwrap_or(0);
    }
    let power = u64::from(value.ilog2());
    let quarter = (value >> (power - 2)) & 3;
    usize::try_from(4 * (power - 1) + quarter).map_or(BUCKETS - 1, |index| index.min(BUCKETS - 1))
}

/// The greatest value of a bucket.
fn top(bucket: usize) -> u64 {
    let bucket = bucket as u64;
    if bucket < 4 {
        return bucket;
    }
    let (power, quarter) = (bucket / 4 + 1, bucket % 4);
    ((4 + quarter + 1) << (power - 2)) - 1
}

#[cfg(test)]
mod tests {
    use super::{BUCKETS, Histogram, bucket, top};

    #[test]
    fn every_value_lies_in_its_bucket() {
        for value in (0..5000).chain([1 << 20, (1 << 20) + 1, (1 << 33) - 1]) {
            let index = bucket(value);
            assert!(value <= top(index), "{value}");
            assert!(index == 0 || value > top(index - 1), "{value}");
        }
        assert_eq!(bucket(u64::MAX), BUCKETS - 1);
    }

    #[test]
    fn quantiles_are_at_most_a_quarter_too_high() {
        let histogram = Histogram::default();
        assert_eq!(histogram.quantile(500), 0);
        for value in 1..=1000 {
            histogram.record(value);
        }
        assert!((500..=625).contains(&histogram.quantile(500)));
        assert!((990..=1240).contains(&histogram.quantile(990)));
    }
}
