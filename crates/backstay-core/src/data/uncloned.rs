//! Where no clones are taken: what is to be saved is copied.

use std::io::{self, Write};
use std::path::PathBuf;

/// There is none.
pub(crate) enum Cloned {}

impl Cloned {
    pub(crate) async fn take(_: PathBuf, _: PathBuf) -> Option<Self> {
        None
    }

    pub(crate) async fn write(self, _: Box<dyn Write + Send>) -> io::Result<()> {
        match self {}
    }
}
