//! Hostile input on a real engine: what is outside stays outside, what is kept is private, and nothing that a container says
//! does anything to a terminal.

mod modes;
mod outside;
mod words;
