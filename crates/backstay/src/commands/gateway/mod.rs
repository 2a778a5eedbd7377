//! `backstay gateway …`

mod dispatch;
mod status;
mod switch;

pub(crate) use dispatch::{Gateway, run};
