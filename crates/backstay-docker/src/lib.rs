//! The engine of Backstay: Docker's Engine API, and `docker compose` for what Compose alone can do right.
//!
//! Everything that reads or changes containers goes straight to the Engine API. Compose is run as a subprocess for the
//! resolved model, builds and pulls. Containers are created by Compose as well, so that they are what `docker compose`
//! itself would have made, but through [`proxy`]: a guard between Compose and the engine that gives candidates their
//! names and labels and lets nothing through that would touch a container that exists.

mod aliases;
mod archive;
mod aside;
mod claims;
mod commands;
mod compose;
mod connection;
mod container;
mod containers;
mod create;
mod data;
mod diagnose;
mod engine;
mod error;
mod events;
mod exec;
mod facts;
mod fetch;
mod gateway;
mod hooks;
mod host_commands;
mod host_folder;
mod host_ports;
mod http;
mod image_content;
mod images;
mod info;
mod lines;
mod logs;
mod networks;
mod passing;
mod probe;
mod progress;
mod registry;
mod remains;
mod scratch;
mod start;
mod stop;
mod transfer;
mod volumes;

pub use connection::{Choice, chosen, socket_group};
pub use diagnose::{EngineFacts, Publisher, buildx_version, cli_version, compose_version};
pub use engine::DockerEngine;
pub use error::engine_address;
pub use host_commands::MachineCommands;
pub use registry::{Answer, ask_registry};
