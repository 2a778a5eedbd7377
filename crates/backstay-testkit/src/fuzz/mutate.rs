//! Bytes that are a little wrong: what a fuzzer does, without one, and the same each time.

/// Changes bytes at random, from a seed.
#[derive(Debug, Clone)]
pub struct Mutator(u64);

impl Mutator {
    /// One that begins here.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The bytes with a few changes; `other` lends pieces.
    #[must_use]
    pub fn change(&mut self, bytes: &[u8], other: &[u8]) -> Vec<u8> {
        let mut out = bytes.to_vec();
        for _ in 0..=self.below(3) {
            self.change_once(&mut out, other);
        }
        out
    }

    fn change_once(&mut self, out: &mut Vec<u8>, other: &[u8]) {
        let at = self.below(out.len());
        match self.below(7) {
            0 if at < out.len() => out[at] ^= 1 << self.below(8),
            1 if at < out.len() => out[at] = b"\0\n\r\"'{}[]:,-#&*$%9~\xff"[self.below(20)],
            2 => out.truncate(at),
            3 => drop(out.drain(at..self.end(at, out.len()))),
            4 => {
                let from = self.below(other.len());
                let piece = &other[from..self.end(from, other.len())];
                out.splice(at..at, piece.iter().copied());
            }
            5 => self.repeat_line(out),
            _ => {
                let piece = out[at..self.end(at, out.len())].to_vec();
                out.splice(at..at, piece);
            }
        }
    }

    /// Puts a line somewhere else a second time.
    fn repeat_line(&mut self, out: &mut Vec<u8>) {
        let lines: Vec<&[u8]> = out.split_inclusive(|byte| *byte == b'\n').collect();
        if lines.is_empty() {
            return;
        }
        let line = lines[self.below(lines.len())].to_vec();
        let at = lines[..self.below(lines.len())].concat().len();
        out.splice(at..at, line);
    }

    /// The end of a short piece that begins at `from`.
    fn end(&mut self, from: usize, len: usize) -> usize {
        len.min(from + 1 + self.below(24))
    }

    /// A number below `end`; 0 where there is none. The generator is `SplitMix64`.
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^= mixed >> 31;
        usize::try_from(mixed % (end.max(1) as u64)).unwrap_or_default()
    }
}
