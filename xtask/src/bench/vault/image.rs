//! The images: large files of which a half can be compressed, as in real ones, and one small layer that changes.

use crate::failure::{Failure, Result};
use crate::shell;
use std::fs;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

const MIB: usize = 1 << 20;
/// The layer that stays, and the one that changes.
const LARGE: usize = 198 * MIB;
pub(super) const SMALL: usize = 2 * MIB;

const DOCKERFILE: &str = "\
FROM scratch
COPY demo-server /demo-server
COPY large /large
COPY small /small
ENTRYPOINT [\"/demo-server\"]
";

/// What an image of 200 MB is built of.
pub(super) fn write_context(folder: &Path, demo_server: &Path) -> Result<()> {
    fs::copy(demo_server, folder.join("demo-server")).map_err(Failure::on(demo_server))?;
    fs::write(folder.join("Dockerfile"), DOCKERFILE).map_err(Failure::on(folder))?;
    let seed = u64::from(std::process::id());
    write(&folder.join("large"), LARGE, seed << 8, true)?;
    change(folder, 0)
}

/// Gives the small layer other bytes, which can't be compressed.
pub(super) fn change(folder: &Path, release: usize) -> Result<()> {
    write(&folder.join("small"), SMALL, u64::from(std::process::id()) << 16 | release as u64, false)
}

/// Writes so many bytes, of which every other block is text where `half` is set.
fn write(path: &Path, size: usize, seed: u64, half: bool) -> Result<()> {
    const BLOCK: usize = 64 << 10;
    let file = fs::File::create(path).map_err(Failure::on(path))?;
    let mut file = BufWriter::new(file);
    let mut state = seed | 1;
    for at in 0..size / BLOCK {
        let mut block = Vec::with_capacity(BLOCK);
        while block.len() < BLOCK {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            if half && at % 2 == 1 {
                let line =
                    format!("{:04} an ordinary line of a file that says little\n", state % 997);
                block.extend_from_slice(line.as_bytes());
            } else {
                block.extend_from_slice(&state.to_le_bytes());
            }
        }
        block.truncate(BLOCK);
        file.write_all(&block).map_err(Failure::on(path))?;
    }
    file.flush().map_err(Failure::on(path))
}

/// An image of 200 MB that no build knows: the engine would find its layer in the cache of a build.
pub(super) struct Imported {
    pub(super) name: String,
    folder: PathBuf,
}

impl Imported {
    pub(super) fn new(demo_server: &Path) -> Result<Self> {
        let name = format!("backstay-bench-vault-{}", std::process::id());
        let folder = std::env::temp_dir().join(&name);
        fs::create_dir_all(folder.join("root")).map_err(Failure::on(&folder))?;
        let image = Self { name, folder };
        write_context(&image.folder.join("root"), demo_server)?;
        let root = image.folder.join("root").display().to_string();
        let tar = image.folder.join("root.tar").display().to_string();
        shell::run_quietly(&mut shell::command("tar", &["-C", &root, "-cf", &tar, "."]))?;
        let change = "ENTRYPOINT [\"/demo-server\"]";
        let import = ["import", "--change", change, &tar, &image.name];
        shell::run_quietly(&mut shell::command("docker", &import))?;
        // What `docker load` is measured with.
        shell::run_quietly(&mut shell::command(
            "docker",
            &["save", "-o", &image.tar(), &image.name],
        ))?;
        Ok(image)
    }

    /// The file of `docker save`.
    pub(super) fn tar(&self) -> String {
        self.folder.join("image.tar").display().to_string()
    }

    /// The file of `docker save | zstd`.
    pub(super) fn packed(&self) -> String {
        self.folder.join("image.tar.zst").display().to_string()
    }
}

impl Drop for Imported {
    fn drop(&mut self) {
        let _ = shell::output(&mut shell::command("docker", &["rmi", "--force", &self.name]));
        let _ = fs::remove_dir_all(&self.folder);
    }
}
