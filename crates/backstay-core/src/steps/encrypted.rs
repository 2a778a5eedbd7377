//! What the commands that encrypt data and decrypt it have to say where something breaks off.

use std::io::Read;
use std::path::Path;

use super::data_trouble::{Stopped, failure, told};
use crate::context::Context;
use crate::data::{self, Coming, CommandFailed, SavedData, Saving};
use crate::event::{DataAction, DataTrouble, Failure};
use crate::stack::DataSet;

/// Where nothing could be written any more, the command through which it goes says why.
pub(super) async fn unbroken<T>(
    set: &DataSet,
    saving: Saving,
    read: Result<T, Failure>,
) -> Result<(Saving, T), Failure> {
    match read {
        Ok(read) => Ok((saving, read)),
        Err(failure) => Err(match saving.command_failed().await {
            Some(failed) => not_saved(set, failed),
            None => failure,
        }),
    }
}

/// The command that encrypts it failed.
pub(super) fn not_saved(set: &DataSet, failed: CommandFailed) -> Failure {
    let CommandFailed { program, code, words } = failed;
    let trouble = DataTrouble::Encrypt { program, code };
    Failure { logs: words, ..failure(set, DataAction::Save, trouble) }
}

/// What was saved, on its way back; refused where nothing here decrypts it. `project` is the stack's folder.
pub(crate) fn open(
    ctx: &Context,
    project: &Path,
    folder: &Path,
    saved: &SavedData,
) -> Result<(Box<dyn Read + Send>, Coming), Failure> {
    if saved.set.stays_encrypted() {
        return Err(failure(&saved.set, DataAction::Restore, DataTrouble::NoDecrypt));
    }
    Ok(data::open(folder, saved, ctx, project)?)
}

/// Why it did not come back: the command that decrypts it knows better than whoever took what it made.
pub(crate) fn not_back(set: &DataSet, coming: &Coming, stopped: Stopped) -> Failure {
    let Some(failed) = coming.failed() else { return told(set, DataAction::Restore, stopped) };
    let CommandFailed { program, code, words } = failed;
    let trouble = DataTrouble::Decrypt { program, code };
    Failure { logs: words, ..failure(set, DataAction::Restore, trouble) }
}
