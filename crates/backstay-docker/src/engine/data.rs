//! Data, and commands that belong to releases.

use std::io::{Read, Write};
use std::path::PathBuf;

use async_trait::async_trait;
use backstay_core::engine::{EngineResult, Ran};
use backstay_core::ports::{Commands, Data, Say};
use backstay_core::stack::Hook;

use super::DockerEngine;
use crate::{aside, commands, data, host_folder};

#[async_trait]
impl Data for DockerEngine {
    async fn read_from(
        &self,
        id: &str,
        command: &[String],
        out: Box<dyn Write + Send>,
    ) -> EngineResult<Ran> {
        data::read_from(self.connection().await?, id, command, out).await
    }

    async fn write_to(
        &self,
        id: &str,
        command: &[String],
        input: Box<dyn Read + Send>,
    ) -> EngineResult<Ran> {
        data::write_to(self.connection().await?, id, command, input).await
    }

    async fn read_files(
        &self,
        id: &str,
        path: &str,
        out: Box<dyn Write + Send>,
    ) -> EngineResult<()> {
        data::read_files(self.connection().await?, id, path, out).await
    }

    async fn host_folder(&self, id: &str, path: &str) -> EngineResult<Option<PathBuf>> {
        host_folder::find(self.connection().await?, id, path).await
    }

    async fn write_files(
        &self,
        id: &str,
        path: &str,
        input: Box<dyn Read + Send>,
    ) -> EngineResult<()> {
        data::write_files(self.connection().await?, id, path, input).await
    }

    async fn set_aside(&self, id: &str, path: &str, mark: &str) -> EngineResult<()> {
        let connection = self.connection().await?;
        aside::carry_out(connection, id, path, mark, aside::Move::Aside).await
    }

    async fn bring_back(&self, id: &str, path: &str, mark: &str) -> EngineResult<()> {
        let connection = self.connection().await?;
        aside::carry_out(connection, id, path, mark, aside::Move::Back).await
    }

    async fn drop_aside(&self, id: &str, path: &str, mark: &str) -> EngineResult<()> {
        let connection = self.connection().await?;
        aside::carry_out(connection, id, path, mark, aside::Move::Drop).await
    }

    async fn volume_size(&self, name: &str) -> EngineResult<Option<u64>> {
        data::volume_size(self.connection().await?, name).await
    }

    async fn pause(&self, id: &str) -> EngineResult<()> {
        data::pause(self.connection().await?, id).await
    }

    async fn unpause(&self, id: &str) -> EngineResult<()> {
        data::unpause(self.connection().await?, id).await
    }
}

#[async_trait]
impl Commands for DockerEngine {
    async fn run_inside(&self, id: &str, command: &Hook, say: Say<'_>) -> EngineResult<Ran> {
        commands::inside(self.connection().await?, id, command, say).await
    }

    async fn run_beside(
        &self,
        id: &str,
        command: &Hook,
        run: &str,
        say: Say<'_>,
    ) -> EngineResult<Ran> {
        commands::beside(self.connection().await?, id, command, run, say).await
    }

    async fn end_beside(&self, run: &str) -> EngineResult<()> {
        commands::end_beside(self.connection().await?, run).await
    }

    async fn runs_inside(&self, id: &str, command: &Hook) -> EngineResult<bool> {
        commands::runs_inside(self.connection().await?, id, command).await
    }
}
