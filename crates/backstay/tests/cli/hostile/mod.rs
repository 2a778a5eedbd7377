//! Hostile input: names, records and links that lead elsewhere, and words that are meant for a terminal.

mod canary;
mod links;
mod names;
mod records;
mod words;
