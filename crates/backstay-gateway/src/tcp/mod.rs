//! Bytes as they are.

mod copy;
mod pass;
mod proxy_header;

pub(crate) use copy::{Ended, copy, with_buffer, write_all};
pub(crate) use pass::pass_through;
pub(crate) use proxy_header::proxy_header;
