//! What happens, as data. The journal, the terminal, `--json` and whoever else looks on read this one stream.
//!
//! [`Event::is_journaled`] tells which events are the run's record; the others only say how it is going.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::digest::digest;
use crate::engine::Created;
pub use crate::gate::Unwell;
use crate::plan::{Plan, Step};
use crate::ports::CertificateFinding;
use crate::release::Lost;
use crate::stack::Again;

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case", rename_all_fields = "snake_case")]
pub enum Event {
    /// A run begins. Its first steps prepare; the rest follow in `Planned`.
    RunStarted {
        /// The run's id, `20240129_143052`.
        run: String,
        /// What kind of run.
        kind: RunKind,
        /// The project.
        project: String,
        /// The stack's directory; `None` in journals of older versions.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        directory: Option<PathBuf>,
        /// The process that runs it.
        pid: u32,
        /// For a rollback, the release that is to be restored.
        target: Option<String>,
        /// The id of the release that ran before, where there was one.
        previous: Option<String>,
    },
    /// What was not known at the beginning: the model could be read only after the first steps.
    Resolved {
        /// The project.
        project: String,
        /// The id of the release that ran before, where there was one.
        previous: Option<String>,
    },
    /// The plan stands; nothing that runs has been touched.
    Planned {
        /// The plan.
        plan: Plan,
    },
    /// A step is about to have effects.
    StepStarted {
        /// Its place in the run, from 0.
        index: usize,
        /// The step.
        step: Step,
        /// What undoing it needs.
        undo: Undo,
    },
    /// A step is complete.
    StepFinished {
        /// Its place in the run.
        index: usize,
    },
    /// A step failed. Unwinding follows.
    StepFailed {
        /// Its place in the run.
        index: usize,
        /// Why.
        failure: Failure,
    },
    /// Steps are being undone, newest first.
    UnwindStarted {
        /// Why.
        failure: Failure,
    },
    /// A step has been undone.
    UndoFinished {
        /// Its place in the run.
        index: usize,
    },
    /// A step could not be undone. The others still are.
    UndoFailed {
        /// Its place in the run.
        index: usize,
        /// Why.
        error: String,
    },
    /// The point of no return: from here on the run leads to the new release.
    Committed {
        /// The id of the release that runs now.
        release: String,
    },
    /// The run is over.
    Finished {
        /// How it ended.
        outcome: Outcome,
    },

    /// A numbered part of the run begins: `[2/8] …`.
    Phase {
        /// Its number, from 1.
        number: usize,
        /// How many there are.
        of: usize,
        /// Which.
        phase: Phase,
    },
    /// What the run is going to do, as far as it is known before anything is built.
    Outlook {
        /// The plan.
        plan: Plan,
    },
    /// A line of a build's or a pull's output.
    Output {
        /// Where it comes from.
        from: OutputSource,
        /// The line.
        line: String,
    },
    /// A service is doing something.
    Service {
        /// The service.
        service: String,
        /// What.
        activity: Activity,
    },
    /// A remark.
    Note {
        /// The remark.
        note: Note,
    },
    /// What was read back at the end of the run, or of its undoing, and found as it should be.
    Verified {
        /// The services, with the id of their image.
        services: BTreeMap<String, String>,
        /// Containers that the run did not touch, or brought back, and that were not well before it either.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        unwell: Vec<Unwell>,
    },
}

impl Event {
    /// Whether the event is part of the run's record.
    #[must_use]
    pub const fn is_journaled(&self) -> bool {
        !matches!(
            self,
            Self::Phase { .. }
                | Self::Outlook { .. }
                | Self::Output { .. }
                | Self::Service { .. }
                | Self::Note { .. }
                | Self::Verified { .. }
        )
    }
}

/// Kinds of runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RunKind {
    /// The whole stack, from its files.
    Deploy,
    /// Some services, from the stack's files.
    Update,
    /// Back to a release.
    Rollback,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The new release runs.
    Deployed,
    /// The old release runs.
    RolledBack,
    /// Something could not be undone, and a person is needed.
    Stuck,
}

/// What undoing a step needs, written down before the step has any effect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Undo {
    /// Nothing outside of the run's own records was touched.
    Nothing,
    /// Remove a folder of `.backup/`.
    Backup {
        /// Its name.
        folder: String,
    },
    /// Put files back.
    Files {
        /// For each path, where its old content was put; `None` where there was no such file.
        saved: BTreeMap<String, Option<SavedFile>>,
        /// For each path, the digest of what the step writes; `None` where it removes the file. What is neither this nor the
        /// old content was put there by somebody else since, and stays. A path that is not named is put back whatever is there.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        written: BTreeMap<String, Option<String>>,
        /// Folders that were made for them, those above others first; removed as far as they are empty.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        folders: Vec<String>,
    },
    /// Remove folders that were made, as far as they are empty.
    Directories {
        /// The folders, those above others first.
        made: Vec<String>,
        /// Further ones that were missing, and that the engine makes where we can't: removed as far as we can.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        by_engine: Vec<String>,
    },
    /// Take away the tags that the build gave.
    BuildTags {
        /// The tags.
        tags: Vec<String>,
    },
    /// Make references point where they pointed.
    Tags {
        /// For each reference the id of the image that it had; `None` where there was none.
        before: BTreeMap<String, Option<String>>,
    },
    /// Remove what the run created.
    Create {
        /// The project.
        project: String,
        /// The run that is on the containers' label.
        run: String,
        /// Networks that were there before.
        networks: Vec<String>,
    },
    /// Let old containers be live again, and new ones not.
    Replace {
        /// Old and new, side by side.
        swaps: Vec<Swap>,
    },
    /// Let services look again where those are that were replaced.
    Follow {
        /// Their containers.
        followers: Vec<FollowerRecord>,
        /// The containers that they may have looked up, by id, with their addresses by network.
        of: BTreeMap<String, BTreeMap<String, String>>,
    },
    /// Start containers that ran and do not run any more.
    Running {
        /// The project.
        project: String,
        /// Their ids.
        containers: Vec<String>,
    },
    /// Stop containers that were started.
    Start {
        /// Their ids.
        containers: Vec<String>,
    },
}

/// A file's content before the run, kept in the run's own folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedFile {
    /// Its name there.
    pub name: String,
    /// Its permission bits.
    pub mode: u32,
    /// The digest of its content.
    #[serde(default)]
    pub digest: Option<String>,
}

impl SavedFile {
    /// Whether a file has this content and these permission bits.
    #[must_use]
    pub fn is(&self, bytes: &[u8], mode: u32) -> bool {
        self.mode == mode && self.digest.as_ref() == Some(&digest(bytes))
    }
}

/// The replacement of one container, or the removal or addition of one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Swap {
    /// The service.
    pub service: String,
    /// The old container.
    pub old: Option<OldContainer>,
    /// The new container.
    pub new: Option<Created>,
    /// Whether both may run at the same time, so that the old one is back before the new one is stopped.
    pub overlap: bool,
    /// Whether the new one is started only when it is to take over, though both overlap: a twin has proved it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub late: bool,
    /// Whether the new one takes over the old one's addresses too, which leaves its networks for it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub address: bool,
}

/// A container that has to look again where another one is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FollowerRecord {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// How it is brought to look again.
    pub how: Again,
    /// When it was started, RFC 3339.
    pub started_at: String,
}

/// A live container that is to be replaced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OldContainer {
    /// Its id.
    pub id: String,
    /// Its name while it is live.
    pub name: String,
    /// Whether it ran.
    pub running: bool,
    /// Its DNS names by network.
    pub aliases: BTreeMap<String, Vec<String>>,
    /// The containers whose namespaces it lives in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lives_in: Vec<String>,
    /// The containers that live in its namespaces, and have to be started again after it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lends_to: Vec<String>,
}

/// Why a run failed, with what a person needs to see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What happened.
    pub cause: Cause,
    /// To which service, where it was one.
    pub service: Option<String>,
    /// The container, by name.
    pub container: Option<String>,
    /// The last lines of its output, oldest first.
    pub logs: Vec<String>,
    /// What its last health probes said, oldest first.
    pub health: Vec<String>,
    /// Services that it depends on without waiting until they are ready, where it ended by itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<String>,
}

impl Failure {
    /// A failure that is not one service's.
    #[must_use]
    pub const fn new(cause: Cause) -> Self {
        Self {
            cause,
            service: None,
            container: None,
            logs: Vec::new(),
            health: Vec::new(),
            needs: Vec::new(),
        }
    }

    /// A failure of a service.
    pub fn of(service: impl Into<String>, cause: Cause) -> Self {
        Self { service: Some(service.into()), ..Self::new(cause) }
    }
}

/// What makes a run fail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Cause {
    /// An image could not be built.
    Build {
        /// The builder's words.
        message: String,
    },
    /// An image could not be pulled.
    Pull {
        /// The registry's or the engine's words.
        message: String,
    },
    /// An image is neither there nor buildable.
    ImageMissing {
        /// Its reference or id.
        image: String,
    },
    /// Containers could not be created.
    Create {
        /// The words of Compose or the engine.
        message: String,
    },
    /// A container could not be started.
    Start {
        /// The engine's words.
        message: String,
    },
    /// A hook of a service failed.
    Hook {
        /// Which, and how.
        message: String,
    },
    /// A host port is taken.
    PortTaken {
        /// The engine's words.
        message: String,
    },
    /// A container ended.
    Exited {
        /// Its exit code.
        code: i64,
        /// Whether it was ended for want of memory.
        oom_killed: bool,
    },
    /// A container was restarted by its restart policy.
    Restarting {
        /// How often.
        restarts: u32,
        /// The exit code of its last end, where the engine still knows it.
        code: Option<i64>,
    },
    /// A container reports that it is unhealthy.
    Unhealthy {
        /// After how long its healthcheck gives up: `start_period + interval × retries`.
        #[serde(default)]
        expected: Option<Duration>,
        /// For how long it was watched, where it has never passed in that time.
        #[serde(default)]
        waited: Option<Duration>,
        /// Whether the healthcheck's command is not in the image.
        #[serde(default)]
        missing: bool,
    },
    /// A health check of `x-backstay.health` fails.
    Probe {
        /// Which: `http https://localhost:8443/health`, `tcp 6379`, `exec /check`.
        check: String,
        /// What it said.
        message: String,
    },
    /// No verdict in time.
    Deadline {
        /// How long was waited.
        waited: Duration,
    },
    /// A service could not be brought to look again where another one is that was replaced.
    Follow {
        /// What it said.
        message: String,
    },
    /// A container that was there is gone.
    Vanished,
    /// What runs is not what should run.
    Mismatch {
        /// The differences.
        differences: Vec<String>,
    },
    /// The user or the system asked to stop.
    Interrupted,
    /// An earlier process ended in the middle of the run.
    Crashed,
    /// No space is left.
    DiskFull {
        /// Where.
        message: String,
    },
    /// A file could not be read or written.
    Files {
        /// The system's words.
        message: String,
    },
    /// The engine refused something else.
    Engine {
        /// Its words.
        message: String,
    },
}

/// The numbered parts of a run, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Engine, Compose, disk, ports.
    Check,
    /// Save what runs.
    Backup,
    /// Variables and env files.
    Environment,
    /// The certificate.
    Certificate,
    /// Folders that are mounted.
    DataDirectories,
    /// What will change.
    Plan,
    /// Build and pull.
    Images,
    /// An update: build, pull, rehearse and replace the named services.
    Update,
    /// Rehearse, replace, watch, commit, verify.
    Services,
    /// Files of a release are put in place.
    RestoreFiles,
    /// Images of a release are checked, and loaded where they are gone.
    CheckImages,
    /// The same for some services only.
    RestoreImages,
    /// What runs is compared with what should run.
    Verify,
}

/// Where a line of output comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OutputSource {
    /// `docker compose build`.
    Build,
    /// `docker compose pull`.
    Pull,
    /// A hook of a service.
    Hook,
}

/// What a service is doing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Activity {
    /// Its new containers are being started beside the old ones.
    Rehearsing,
    /// Its new containers are up; a verdict on their health is awaited.
    Waiting {
        /// How many are ready.
        ready: u32,
        /// Of how many.
        of: u32,
    },
    /// Its new containers have passed.
    Ready,
    /// It ran to its end as it should.
    Completed,
    /// Traffic is being moved to the new containers.
    Switching,
    /// The new containers are live.
    Live,
    /// Its containers are being stopped for good: the new release does not have it.
    Removing,
    /// It failed; what follows undoes the run.
    Failed,
    /// Its old containers are live again.
    Restored,
    /// It looks again where another service is that was replaced.
    Following {
        /// That service.
        of: String,
        /// Whether its containers are started anew for that.
        restarted: bool,
    },
}

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
    /// The stack ran without Backstay; what its containers run was recorded.
    Adopted,
    /// A service's container does not run what the files on disk say.
    AdoptedDiffers {
        /// The service.
        service: String,
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
}
