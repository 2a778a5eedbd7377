//! Lines out of a stream of bytes.

use std::collections::VecDeque;

use backstay_core::ports::Say;

use crate::compose::plain;

/// How many lines are kept for whoever asks why something failed.
const KEPT: usize = 20;

/// A line that is longer is told in parts.
const LONGEST: usize = 16 * 1024;

/// A stream that is taken apart.
#[derive(Default)]
pub(crate) struct Lines {
    begun: Vec<u8>,
    last: VecDeque<String>,
}

impl Lines {
    /// Takes more of it in, and tells the lines that are complete.
    pub(crate) fn take(&mut self, bytes: &[u8], say: Say<'_>) {
        for byte in bytes {
            match byte {
                b'\n' | b'\r' => self.tell(say),
                byte => self.begun.push(*byte),
            }
            if self.begun.len() >= LONGEST {
                self.tell(say);
            }
        }
    }

    /// The last lines, when nothing more comes.
    pub(crate) fn end(mut self, say: Say<'_>) -> VecDeque<String> {
        self.tell(say);
        self.last
    }

    fn tell(&mut self, say: Say<'_>) {
        let line = plain(&String::from_utf8_lossy(&std::mem::take(&mut self.begun)));
        if line.trim().is_empty() {
            return;
        }
        say(&line);
        if self.last.len() == KEPT {
            self.last.pop_front();
        }
        self.last.push_back(line);
    }
}
