//! A Wine of Debian's next stable release, unpacked below `target/`, with a Windows of its own. Nothing is installed, and no display
//! is needed.

use crate::beside::{Source, Unpacked};
use crate::failure::{Failure, Result};
use crate::{cargo, engine, shell, ui};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// `libc-bin` has the locale without which names of files are ASCII.
const PACKAGES: [&str; 2] = ["wine64", "libc-bin"];
const LIBRARY: &str = "zlib1.dll";
/// What Wine takes for one of its own libraries has this at this place.
const MARK: &[u8; 16] = b"Wine builtin DLL";
const MARK_AT: usize = 64;

/// It needs a later libc than the machine may have, and so a root, in which it sees the folders that tests use. What hangs is ended.
const SCRIPT: &str = r#"#!/bin/sh
# Runs a Windows program in the folder where this is called; `--end` ends what Wine left running.
set -eu
target=@TARGET@
root=@ROOT@
export HOME="$target/wine/home" WINEPREFIX="$target/wine/prefix" XDG_RUNTIME_DIR="$target/wine/home"
export WINESERVER=/usr/lib/wine/wineserver64 WINEDEBUG=-all WINEDLLOVERRIDES=mscoree,mshtml=
export LC_ALL=C.UTF-8 PATH=/usr/sbin:/usr/bin:/sbin:/bin
unset DISPLAY WAYLAND_DISPLAY
mkdir -p "$HOME"
if [ "$1" = --end ]; then
  set -- "$WINESERVER" --kill
else
  set -- /usr/lib/wine/wine64 "$@"
fi
exec timeout --kill-after 5 120 unshare --mount --propagation private sh -euc '
root=$1
for part in /proc /sys /dev /tmp /var/tmp; do mkdir -p "$root$part"; mount --rbind "$part" "$root$part"; done
mkdir -p "$root$2"; mount --bind "$2" "$root$2"
shift 2
exec unshare --root "$root" --wd "$(pwd)" "$@"
' sh "$root" "$target" "$@"
"#;

/// Dropping it ends what Wine left running.
#[derive(Debug)]
pub(super) struct Wine {
    /// What a Windows program is run with.
    pub(super) script: PathBuf,
}

impl Wine {
    /// Fetches it and makes its Windows, unless that was done before.
    pub(super) fn get() -> Result<Self> {
        engine::may_change_roots()?;
        let unpacked = Unpacked::whole("wine", Source::Next, &PACKAGES)?;
        configure(unpacked.root())?;
        let target = cargo::target()?;
        let folder = target.join("wine");
        fs::create_dir_all(&folder).map_err(Failure::on(&folder))?;
        let script = folder.join("run");
        let text = SCRIPT
            .replace("@TARGET@", &quoted(&target))
            .replace("@ROOT@", &quoted(unpacked.root()));
        fs::write(&script, text).map_err(Failure::on(&script))?;
        shell::run_quietly(shell::command("chmod", &["755"]).arg(&script))?;
        let wine = Self { script };
        let made = folder.join("complete");
        if !made.exists() {
            ui::step("making a Windows for Wine");
            let _ = fs::remove_dir_all(folder.join("prefix"));
            shell::run_quietly(&mut wine.command(&["wineboot", "--init"]))?;
            fs::write(&made, "").map_err(Failure::on(&made))?;
        }
        Ok(wine)
    }

    fn command(&self, words: &[&str]) -> Command {
        shell::command(&self.script.to_string_lossy(), words)
    }

    /// What it calls itself.
    pub(super) fn version(&self) -> Result<String> {
        shell::capture(&mut self.command(&["--version"]))
    }
}

impl Drop for Wine {
    fn drop(&mut self) {
        let _ = shell::output(&mut self.command(&["--end"]));
    }
}

/// What the package does when it is installed: a library of another package becomes one of Wine's own.
fn configure(root: &Path) -> Result<()> {
    let to = root.join("usr/lib/x86_64-linux-gnu/wine/x86_64-windows").join(LIBRARY);
    if to.exists() {
        return Ok(());
    }
    let from = root.join("usr/x86_64-w64-mingw32/lib").join(LIBRARY);
    let mut bytes = fs::read(&from).map_err(Failure::on(&from))?;
    let place = bytes.get_mut(MARK_AT..MARK_AT + 2 * MARK.len());
    let place = place.ok_or_else(|| Failure::new(format!("{} is too short", from.display())))?;
    place.fill(0);
    place[..MARK.len()].copy_from_slice(MARK);
    fs::write(&to, bytes).map_err(Failure::on(&to))
}

/// A path as a shell takes it for one word.
fn quoted(path: &Path) -> String {
    format!("'{}'", path.to_string_lossy().replace('\'', r"'\''"))
}
