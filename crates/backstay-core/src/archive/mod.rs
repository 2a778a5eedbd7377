//! A release in one file, that goes to another machine: the release's folder and its images, as a tar archive that is compressed
//! with zstd. `docs/release-format.md` is its specification.
//!
//! The first entry lists all others with their sizes and digests. What follows has to be exactly that, in that order: a name in
//! the archive is compared and never used, and nothing is larger than the list said before it came.

mod blocks;
mod contents;
mod reading;
mod writing;

pub use reading::{Incoming, Unpacked, Unpacking};
pub use writing::Outgoing;

/// The first entry.
const LIST: &str = "backstay-export.json";

/// Where the release's folder is in it.
const RELEASE: &str = "release/";

/// Where the lists of its images are.
const IMAGES: &str = "vault/images/";

/// Where what the images consist of is.
const BLOBS: &str = "vault/blobs/sha256/";

/// The newest format that is known here.
const VERSION: u64 = 1;

/// The most that anything but a blob may have: it is held in memory.
const SMALL: u64 = 64 << 20;

/// As much of a blob as is held in memory.
const PART: usize = 256 * 1024;
