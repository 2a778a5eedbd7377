//! The engine adapter.
