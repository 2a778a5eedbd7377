//! The data in containers and volumes. It is streamed and never held in memory, whatever its size.

use std::io::{Read, Write};
use std::path::PathBuf;

use async_trait::async_trait;

use crate::engine::{EngineResult, Ran};

/// The data in containers and volumes.
#[async_trait]
pub trait Data: Send + Sync {
    /// Runs a command in a running container, as its user and with its environment; what it writes to standard output goes to
    /// `out`.
    async fn read_from(
        &self,
        id: &str,
        command: &[String],
        out: Box<dyn Write + Send>,
    ) -> EngineResult<Ran>;

    /// Runs a command in a running container that reads `input`.
    async fn write_to(
        &self,
        id: &str,
        command: &[String],
        input: Box<dyn Read + Send>,
    ) -> EngineResult<Ran>;

    /// All below a folder of a container, running or not, as a tar archive with paths that begin there.
    async fn read_files(
        &self,
        id: &str,
        path: &str,
        out: Box<dyn Write + Send>,
    ) -> EngineResult<()>;

    /// Where that folder is on this machine, where it surely is the same: the engine runs here, and its files may be looked into.
    async fn host_folder(&self, id: &str, path: &str) -> EngineResult<Option<PathBuf>>;

    /// Puts such an archive into a folder of a container, running or not.
    async fn write_files(
        &self,
        id: &str,
        path: &str,
        input: Box<dyn Read + Send>,
    ) -> EngineResult<()>;

    /// Moves all that is in a folder of a container into one below it that has this mark; what is there already under it is complete,
    /// and stays. A crash leaves either all in its place, or what [`bring_back`](Self::bring_back) needs. Idempotent.
    async fn set_aside(&self, id: &str, path: &str, mark: &str) -> EngineResult<()>;

    /// Moves it back, and what came in its place goes. Nothing happens where nothing was moved aside. Idempotent.
    async fn bring_back(&self, id: &str, path: &str, mark: &str) -> EngineResult<()>;

    /// Removes what was moved aside. Idempotent.
    async fn drop_aside(&self, id: &str, path: &str, mark: &str) -> EngineResult<()>;

    /// Bytes that a named volume takes, where the engine knows it.
    async fn volume_size(&self, name: &str) -> EngineResult<Option<u64>>;

    /// Lets a container's processes stand still. Idempotent.
    async fn pause(&self, id: &str) -> EngineResult<()>;

    /// Lets them go on. Idempotent; one that does not exist, or does not run, is fine.
    async fn unpause(&self, id: &str) -> EngineResult<()>;
}
