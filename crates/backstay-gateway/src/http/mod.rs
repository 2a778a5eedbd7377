//! HTTP, request by request.

mod answer;
mod exchange;
mod forward;
mod headers;
mod quick;
mod serve_one;
mod serve_two;
mod told;
mod upgrade;
mod upstream;

#[cfg(test)]
pub(crate) use serve_one::plain_size;
pub(crate) use serve_one::serve_one;
pub(crate) use serve_two::serve_two;
