//! An archive as it passes: whether the engine sent all of it. Where it can't read a file to its end it says so in its own log only,
//! leaves out what would follow, and ends its answer as if nothing had happened.

use tar::{EntryType, Header, PaxExtensions};

/// What archives are made of, in bytes.
const BLOCK: usize = 512;

/// More than any list of attributes has.
const ATTRIBUTES: u64 = 1 << 20;

/// Follows an archive from header to header.
pub(crate) struct Passing {
    /// What is there of the next header, or of the attributes that are read.
    block: Vec<u8>,
    /// Bytes of content that are still to come.
    content: u64,
    /// Whether this content is attributes of what follows: how many bytes of it are.
    attributes: Option<usize>,
    /// The size of the next entry, where its header has no room for it.
    size: Option<u64>,
    /// Empty blocks in a row, where a header could be.
    empty: usize,
    is_broken: bool,
}

impl Passing {
    pub(crate) const fn new() -> Self {
        Self {
            block: Vec::new(),
            content: 0,
            attributes: None,
            size: None,
            empty: 0,
            is_broken: false,
        }
    }

    /// Looks at the next bytes.
    pub(crate) fn see(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() && !self.is_broken {
            bytes = if self.content > 0 { self.pass(bytes) } else { self.collect(bytes) };
        }
    }

    /// Whether it ended as archives end: with two empty blocks.
    pub(crate) fn is_whole(&self) -> bool {
        !self.is_broken && self.content == 0 && self.block.is_empty() && self.empty >= 2
    }

    fn pass<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let count = usize::try_from(self.content).unwrap_or(usize::MAX).min(bytes.len());
        let (seen, rest) = bytes.split_at(count);
        self.content -= count as u64;
        if self.attributes.is_some() {
            self.block.extend_from_slice(seen);
        }
        if self.content == 0
            && let Some(length) = self.attributes.take()
        {
            self.block.truncate(length);
            let all = std::mem::take(&mut self.block);
            let mut found = PaxExtensions::new(&all).flatten();
            let size = found.find(|one| one.key() == Ok("size"));
            self.size = size.and_then(|one| one.value().ok()?.parse().ok()).or(self.size);
        }
        rest
    }

    fn collect<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let count = (BLOCK - self.block.len()).min(bytes.len());
        let (seen, rest) = bytes.split_at(count);
        self.block.extend_from_slice(seen);
        if self.block.len() == BLOCK {
            let block = std::mem::take(&mut self.block);
            if block.iter().all(|byte| *byte == 0) {
                self.empty += 1;
            } else {
                self.header(&block);
            }
        }
        rest
    }

    fn header(&mut self, block: &[u8]) {
        self.empty = 0;
        let header = Header::from_byte_slice(block);
        let Ok(size) = header.entry_size() else {
            self.is_broken = true;
            return;
        };
        let kind = header.entry_type();
        let is_content = matches!(
            kind,
            EntryType::Regular
                | EntryType::Continuous
                | EntryType::GNUSparse
                | EntryType::GNULongName
                | EntryType::GNULongLink
                | EntryType::XGlobalHeader
                | EntryType::XHeader
        );
        if kind == EntryType::XHeader {
            self.attributes = usize::try_from(size).ok().filter(|_| size <= ATTRIBUTES);
            self.is_broken = self.attributes.is_none();
        }
        let own = matches!(kind, EntryType::Regular | EntryType::Continuous);
        let size = if own { self.size.take().unwrap_or(size) } else { size };
        self.content = if is_content { size.next_multiple_of(BLOCK as u64) } else { 0 };
        if kind == EntryType::XHeader && self.content == 0 {
            self.attributes = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn archive() -> Vec<u8> {
        let mut made = tar::Builder::new(Vec::new());
        let mut add = |name: &str, content: &[u8]| {
            let mut header = Header::new_ustar();
            header.set_size(content.len() as u64);
            header.set_mode(0o600);
            made.append_data(&mut header, name, content).unwrap();
        };
        add("empty", b"");
        add("of zeros", &[0; 3000]);
        add(&"long".repeat(60), b"text");
        add("of one block", &[7; BLOCK]);
        made.into_inner().unwrap()
    }

    fn is_whole(bytes: &[u8], part: usize) -> bool {
        let mut passing = Passing::new();
        bytes.chunks(part).for_each(|part| passing.see(part));
        passing.is_whole()
    }

    #[test]
    fn a_whole_archive_is_known_however_it_comes() {
        let bytes = archive();
        for part in [1, 7, BLOCK, 4096, bytes.len()] {
            assert!(is_whole(&bytes, part), "{part}");
        }
        // Some fill up what they send.
        assert!(is_whole(&[bytes, vec![0; 8192]].concat(), 1000));
        assert!(is_whole(&[0; 1024], 100));
    }

    #[test]
    fn what_ends_too_early_is_not_whole_wherever_it_ends() {
        let bytes = archive();
        for end in 0..bytes.len() {
            assert!(!is_whole(&bytes[..end], BLOCK), "{end} of {}", bytes.len());
        }
    }

    #[test]
    fn a_size_that_a_header_has_no_room_for_stands_before_it() {
        let size = 5000_u64;
        let record = format!("13 size={size}\n");
        assert_eq!(record.len(), 13);
        let mut header = Header::new_ustar();
        header.set_entry_type(EntryType::XHeader);
        header.set_size(record.len() as u64);
        header.set_cksum();
        let mut bytes = header.as_bytes().to_vec();
        bytes.extend_from_slice(record.as_bytes());
        bytes.resize(2 * BLOCK, 0);
        let mut header = Header::new_ustar();
        header.set_size(0);
        header.set_cksum();
        bytes.extend_from_slice(header.as_bytes());
        bytes.resize(3 * BLOCK + 5000_usize.next_multiple_of(BLOCK), 0);
        assert!(!is_whole(&bytes, 100));
        bytes.resize(bytes.len() + 2 * BLOCK, 0);
        assert!(is_whole(&bytes, 100));
    }
}
