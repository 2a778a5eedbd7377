//! Remarks that are not failures.

use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Failure, HookTrouble, Outcome, Phase};
use crate::certificate::CertificateFinding;
use crate::lost::Lost;

/// Remarks that are not failures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Note {
    /// The engine and Compose are there and new enough.
    EngineReady {
        /// The engine's version.
        engine: String,
        /// The version of Compose.
        compose: String,
    },
    /// Nothing runs yet, so there is nothing to save.
    FirstDeployment,
    /// The backup was made.
    BackupMade {
        /// Its folder.
        folder: String,
    },
    /// The user said `--no-backup`: a failure can't be undone by hand later.
    NoBackup,
    /// The backup that would have been the last one can't be read; an earlier one was taken.
    PassedOver {
        /// Its folder.
        folder: String,
        /// The folder of the one that was taken.
        taken: String,
    },
    /// The stack ran without Backstay; what its containers run was recorded.
    Adopted,
    /// A service's container does not run what the files on disk say.
    AdoptedDiffers {
        /// The service.
        service: String,
    },
    /// Something that was started again does not serve, as long as its definition gives it.
    NotServing {
        /// The service; of a gateway its container.
        service: String,
        /// What it lacks.
        failure: Failure,
    },
    /// Nothing has to change.
    UpToDate,
    /// An interrupted run was undone or finished first.
    Recovered {
        /// The run.
        run: String,
        /// How it ended.
        outcome: Outcome,
    },
    /// No certificate is configured.
    NoCertificate,
    /// A part was skipped because the user said so.
    Skipped {
        /// The part.
        phase: Phase,
    },
    /// The image of a service that is rolled back is on the engine.
    ImageRestored {
        /// The service.
        service: String,
    },
    /// A template was put in the place of `.env`.
    EnvironmentPlaced {
        /// The template's file.
        template: String,
        /// Whether there was an `.env` before.
        replaced: bool,
    },
    /// `.env` stays as it is.
    EnvironmentKept,
    /// The stack has no `.env`, and it is not asked for one.
    NoEnvironment,
    /// Variables that the stack can't do without have their values.
    Variables {
        /// Their names.
        names: Vec<String>,
    },
    /// A certificate was made.
    CertificateMade {
        /// Its files.
        files: Vec<String>,
        /// Its last moment.
        not_after: Timestamp,
    },
    /// The certificate that is there stays.
    CertificateKept {
        /// Its file.
        path: String,
        /// Its last moment, where it could be read.
        not_after: Option<Timestamp>,
    },
    /// Something is wrong with the certificate that is there, or soon will be.
    CertificateFound {
        /// Its file.
        path: String,
        /// What.
        finding: CertificateFinding,
    },
    /// The password of the PFX file has characters that Java does not read.
    CertificatePassword,
    /// A data directory was created.
    DirectoryCreated {
        /// The path.
        path: String,
    },
    /// The data directories are all there.
    DirectoriesPresent,
    /// A service can't write a folder that it mounts.
    DirectoryNotWritable {
        /// The path.
        path: String,
        /// The service.
        service: String,
        /// The user that it runs as.
        user: u32,
    },
    /// A folder that services mount can't be made by this user; it is left to the engine.
    DirectoryLeft {
        /// The path.
        path: String,
    },
    /// A file is where a mount means a folder.
    DirectoryIsFile {
        /// The path.
        path: String,
        /// The service.
        service: String,
    },
    /// A file of the release is outside of the stack and differs; it is not written.
    FileOutside {
        /// The path.
        path: String,
    },
    /// A folder that services mount is not what it was in the release, and stays as it is: a service can write it, or it is
    /// the machine's.
    FolderNotKept {
        /// The path.
        path: String,
    },
    /// Something that the release had otherwise can't be brought back, and the user said to go on.
    NotBroughtBack {
        /// What, and why.
        lost: Lost,
    },
    /// Backstay deployed what runs, and the record of that is not here.
    RecordElsewhere {
        /// The machine and the folder of its state, with a colon between, where it is or was.
        place: String,
    },
    /// A container of the project that is another stack's, or nobody's any more, and is left alone.
    Orphan {
        /// Its name.
        container: String,
        /// The project directory that it was made from, where it says so.
        directory: Option<PathBuf>,
    },
    /// A real `.backup` folder was moved to the state.
    StateMoved {
        /// Where it was.
        from: PathBuf,
        /// Where it is.
        to: PathBuf,
    },
    /// A file that the run had written was changed since by somebody else, and is left as it is.
    FileChangedSince {
        /// The path.
        path: String,
    },
    /// A read-only folder that has changed is too large to be kept, or has more in it than files.
    FolderTooLarge {
        /// The path.
        path: String,
        /// The service.
        service: String,
    },
    /// A file that the run had made was removed.
    FileRemoved {
        /// The path.
        path: String,
    },
    /// A file was put in place.
    FileRestored {
        /// The path.
        path: String,
    },
    /// A container can't be reached from here, so that its check is left out.
    CheckOutOfReach {
        /// The service.
        service: String,
        /// The check.
        check: String,
        /// Why.
        reason: String,
    },
    /// Nobody listens on these ports of a service without a healthcheck; the run does not wait for them any longer.
    PortsSilent {
        /// The service.
        service: String,
        /// The ports.
        ports: Vec<u16>,
    },
    /// Of these services, which have neither a healthcheck nor a port that somebody listens on, it is known only that they
    /// run.
    OnlyRan {
        /// The services.
        services: Vec<String>,
    },
    /// A port of the host did not lead to a service's container any more; it was started anew, and now it does.
    PortMended {
        /// The service.
        service: String,
        /// The port.
        port: u16,
    },
    /// A first deployment failed while this database was in its first start: what it has begun to write stays, and may be
    /// half of it.
    HalfMade {
        /// The service.
        service: String,
        /// The volumes, by their names on the engine, and the folders.
        places: Vec<String>,
    },
    /// A backup of the old scripts says nothing of a service's image: the one that its reference points to is used.
    ImageNotKept {
        /// The service.
        service: String,
        /// The reference.
        reference: String,
    },
    /// Newer images were asked for, and there is nothing to pull for a service: it names no image, or its `pull_policy`
    /// forbids it.
    NothingToPull {
        /// The service.
        service: String,
    },
    /// A service keeps running though some of its containers fail: the model allows it.
    FailureTolerated {
        /// The service.
        service: String,
    },
    /// An image was loaded from the vault.
    ImageLoaded {
        /// Its reference.
        image: String,
    },
    /// An image could not be copied to the vault: going back needs it on the engine.
    ImageNotSaved {
        /// Its id.
        image: String,
        /// Why.
        reason: String,
    },
    /// The release serves, and its images are copied to the vault.
    Storing {
        /// How many.
        images: usize,
    },
    /// An image could not be copied to the vault so far. It stays on the engine, and is stored later.
    ImageWaits {
        /// Its id.
        image: String,
        /// Why.
        reason: String,
    },
    /// The images are all there.
    ImagesPresent,
    /// An old release was removed by the retention rules.
    Pruned {
        /// The release.
        release: String,
    },
    /// An old release was removed because the vault has become too large.
    PrunedForSize {
        /// The release.
        release: String,
        /// Bytes that the vault may have.
        limit: u64,
    },
    /// The record of what runs is damaged, and what runs is recorded anew.
    RecordDamaged {
        /// What is wrong, and with which file.
        problem: String,
    },
    /// What came through the gateway while the run went on.
    Visitors {
        /// Requests, and connections that are no requests.
        came: u64,
        /// Those of them that failed, by the gateway's own account, or were cut off.
        failed: u64,
        /// Those that waited for a while.
        held: u64,
    },
    /// The old containers of these services stay up for a while: until then a rollback is a switch back.
    KeptWarm {
        /// The services.
        services: Vec<String>,
        /// Until when: RFC 3339, in UTC.
        until: String,
        /// The command that goes back.
        command: String,
    },
    /// After an undo, what runs is not what ran before.
    NotAsBefore {
        /// The differences.
        differences: Vec<String>,
    },
    /// Something that does not matter for the outcome could not be done.
    CleanupFailed {
        /// What, and why.
        message: String,
    },
    /// Data was saved with the release.
    DataSaved {
        /// The set.
        data: String,
        /// Its file in the backup's folder.
        file: String,
        /// The file's size in bytes.
        size: u64,
        /// How long it took.
        took: Duration,
    },
    /// The user said `--no-data`: the backup is without it.
    NoData {
        /// The sets.
        data: Vec<String>,
    },
    /// There is nothing of a set yet: nothing runs that has it.
    DataAbsent {
        /// The set.
        data: String,
    },
    /// Data was brought back.
    DataRestored {
        /// The set.
        data: String,
        /// Of which moment it is, RFC 3339.
        at: String,
    },
    /// The new release had begun to write, so that data was left as it is; how it was before lies in a backup.
    DataStays {
        /// The set.
        data: String,
        /// The backup's folder.
        folder: String,
    },
    /// The user said `--no-hooks`: these are not run.
    NoHooks {
        /// Their names.
        hooks: Vec<String>,
    },
    /// Nothing runs yet in which a hook could be run.
    HookLeftOut {
        /// Its name.
        hook: String,
        /// The service.
        service: String,
    },
    /// A hook is run when the run has ended.
    HookRuns {
        /// Its name.
        hook: String,
    },
    /// A hook after the end of a run failed, which changes nothing.
    HookFailed {
        /// Its name.
        hook: String,
        /// What went wrong.
        trouble: HookTrouble,
        /// Its last lines, oldest first.
        lines: Vec<String>,
    },
    /// What takes a hook back was run.
    HookUndone {
        /// Its name.
        hook: String,
    },
    /// A hook had begun when the run was undone, and nothing takes it back.
    HookStays {
        /// Its name.
        hook: String,
    },
}
