//! The data of volumes, as a process reaches it: any program in a container dumps it with an end mark and takes it back.

use std::io::{Read, Write};
use std::path::PathBuf;

use async_trait::async_trait;
use backstay_core::engine::{EngineResult, Ran, Status};
use backstay_core::ports::{Data, Volumes};

use super::disk_error::io_error;
use super::engine::FakeEngine;
use crate::fake::machine::World;

/// What a whole dump ends with.
const END: &str = "\n-- Dump completed\n";

/// What a command makes of a dump, by a word in it.
fn behaves(command: &[String], word: &str) -> bool {
    command.iter().any(|part| part == word)
}

#[async_trait]
impl Data for FakeEngine {
    async fn read_from(
        &self,
        id: &str,
        command: &[String],
        mut out: Box<dyn Write + Send>,
    ) -> EngineResult<Ran> {
        let point = format!("read_from {}", self.name(id));
        let look = |world: &World| {
            world.engine.running(id, "running a dump")?;
            Ok(world.engine.data(id, None))
        };
        let mut dump = self.read("dump", look).await?;
        dump.push_str(if behaves(command, "cut") { "" } else { END });
        if behaves(command, "empty") {
            dump.clear();
        }
        let (first, second) = dump.as_bytes().split_at(dump.len() / 2);
        let failed = |error: std::io::Error| io_error("running a dump", &error);
        out.write_all(first).map_err(failed)?;
        // What goes wrong here leaves half of it.
        self.change(point, |world| world.engine.running(id, "running a dump")).await?;
        out.write_all(second).map_err(failed)?;
        let code = i64::from(behaves(command, "fail"));
        Ok(Ran { code: Some(code), words: vec!["dumped".to_owned()] })
    }

    async fn write_to(
        &self,
        id: &str,
        _: &[String],
        mut input: Box<dyn Read + Send>,
    ) -> EngineResult<Ran> {
        let mut text = String::new();
        let read = input.read_to_string(&mut text);
        read.map_err(|error| io_error("giving a dump back", &error))?;
        let point = format!("write_to {}", self.name(id));
        self.divisible(point, |world, half| {
            world.engine.running(id, "giving a dump back")?;
            let data = text.strip_suffix(END).unwrap_or(&text);
            let data = if half { &data[..data.len() / 2] } else { data };
            world.engine.set_data(id, None, data);
            Ok(Ran { code: Some(0), words: Vec::new() })
        })
        .await
    }

    async fn read_files(
        &self,
        id: &str,
        path: &str,
        mut out: Box<dyn Write + Send>,
    ) -> EngineResult<()> {
        let point = format!("read_files {}", self.name(id));
        let data = self.change(point, |world| Ok(world.engine.data(id, Some(path)))).await?;
        let written = out.write_all(format!("files:{data}").as_bytes());
        written.map_err(|error| io_error("reading files", &error))
    }

    async fn host_folder(&self, _: &str, _: &str) -> EngineResult<Option<PathBuf>> {
        // It is none of this machine's.
        Ok(None)
    }

    async fn write_files(
        &self,
        id: &str,
        path: &str,
        mut input: Box<dyn Read + Send>,
    ) -> EngineResult<()> {
        let mut text = String::new();
        let read = input.read_to_string(&mut text);
        read.map_err(|error| io_error("writing files", &error))?;
        let point = format!("write_files {}", self.name(id));
        self.divisible(point, |world, half| {
            let data = text.strip_prefix("files:").unwrap_or(&text);
            let data = if half { &data[..data.len() / 2] } else { data };
            world.engine.set_data(id, Some(path), data);
            Ok(())
        })
        .await
    }

    async fn set_aside(&self, id: &str, path: &str, mark: &str) -> EngineResult<()> {
        self.change(format!("set_aside {}", self.name(id)), |world| {
            let volume = world.engine.volume_mut(id, path)?;
            if !volume.aside.contains_key(mark) {
                volume.aside.insert(mark.to_owned(), std::mem::take(&mut volume.data));
            }
            Ok(())
        })
        .await
    }

    async fn bring_back(&self, id: &str, path: &str, mark: &str) -> EngineResult<()> {
        self.change(format!("bring_back {}", self.name(id)), |world| {
            let volume = world.engine.volume_mut(id, path)?;
            if let Some(data) = volume.aside.remove(mark) {
                volume.data = data;
            }
            Ok(())
        })
        .await
    }

    async fn drop_aside(&self, id: &str, path: &str, mark: &str) -> EngineResult<()> {
        self.change(format!("drop_aside {}", self.name(id)), |world| {
            world.engine.volume_mut(id, path)?.aside.remove(mark);
            Ok(())
        })
        .await
    }

    async fn volume_size(&self, name: &str) -> EngineResult<Option<u64>> {
        self.read("volume_size", |world| {
            Ok(world.engine.volumes.get(name).map(|volume| volume.data.len() as u64))
        })
        .await
    }

    async fn pause(&self, id: &str) -> EngineResult<()> {
        self.change(format!("pause {}", self.name(id)), |world| {
            world.engine.running(id, "pausing")?;
            world.engine.get_mut(id, "pausing")?.life.status = Status::Paused;
            Ok(())
        })
        .await
    }

    async fn unpause(&self, id: &str) -> EngineResult<()> {
        self.change(format!("unpause {}", self.name(id)), |world| {
            if let Ok(container) = world.engine.get_mut(id, "unpausing")
                && container.life.status == Status::Paused
            {
                container.life.status = Status::Running;
            }
            Ok(())
        })
        .await
    }
}

#[async_trait]
impl Volumes for FakeEngine {
    async fn volumes(&self, project: &str) -> EngineResult<Vec<String>> {
        self.read("volumes", |world| Ok(world.engine.project_volumes(project))).await
    }

    async fn remove_volume(&self, name: &str) -> EngineResult<()> {
        let point = format!("remove_volume {name}");
        self.change(point, |world| world.engine.remove_volume(name)).await
    }
}
