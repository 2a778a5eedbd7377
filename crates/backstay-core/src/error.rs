//! What can go wrong before, beside or around a run. A release that fails inside a run is a [`crate::event::Failure`].

use std::path::{Path, PathBuf};

use crate::certificate::CertificateError;
use crate::engine_error::EngineError;
use crate::holder::Holder;
use crate::lost::Lost;
use crate::unsupported::Unsupported;

/// Shorthand for results of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why the gateway can't be turned on, or off.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GatewayRefusal {
    /// Compose would read no file of ours beside the stack's: they are named one by one, or one of theirs is there.
    #[error("name `{name}` as the last of the stack's files")]
    NoPlace {
        /// The file that the user has to name.
        name: String,
    },
    /// There is no such service.
    #[error("there is no service `{service}`")]
    NoService {
        /// Its name.
        service: String,
    },
    /// It publishes no port that can be held.
    #[error("`{service}` publishes no TCP port of its own")]
    NoPort {
        /// Its name.
        service: String,
    },
    /// No service publishes such a port.
    #[error("no service publishes a TCP port of its own")]
    Nothing,
    /// Compose does not know how to take a list away.
    #[error("Compose {found} is too old, it has to be {needed} or newer")]
    OldCompose {
        /// Its version.
        found: String,
        /// The oldest that will do.
        needed: String,
    },
}

/// An error with what a person needs in order to act: what, where, and enough to say what to do.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The model is not valid.
    #[error("the stack is not valid: {0}")]
    Model(String),
    /// Parts of the model that can't be carried out.
    #[error("the stack has what is not supported: {}", .0.iter().map(|part| part.key.as_str()).collect::<Vec<_>>().join(", "))]
    Unsupported(Vec<Unsupported>),
    /// The gateway can't be turned on like this.
    #[error("the gateway can't be turned on: {0}")]
    Gateway(GatewayRefusal),
    /// No compose file was found.
    #[error("no compose file in `{0}` or above it")]
    NoComposeFile(PathBuf),
    /// A file that the model names is not there.
    #[error("`{file}`, which {user} names, does not exist")]
    MissingFile {
        /// The file.
        file: PathBuf,
        /// What names it.
        user: String,
    },
    /// Variables that the stack can't do without have no value.
    #[error("variables without a value: {}", .variables.iter().map(|v| v.name.as_str()).collect::<Vec<_>>().join(", "))]
    MissingVariables {
        /// The variables.
        variables: Vec<MissingVariable>,
        /// The env file where they belong.
        env_file: PathBuf,
    },
    /// There is no certificate, and none can be made.
    #[error("the certificate: {0}")]
    Certificate(#[from] CertificateError),
    /// The engine or Compose refused or is not there.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// Another run holds the lock.
    #[error("another run holds the lock: {0}")]
    Locked(Holder),
    /// A run on another machine works on the project.
    #[error("a run on another machine works on the project: {holder}")]
    Claimed {
        /// Who.
        holder: Holder,
        /// The name of its mark on the engine, a volume.
        mark: String,
    },
    /// The project belongs to another stack.
    #[error("the project `{project}` is that of another stack, in `{}`", directory.display())]
    OtherStack {
        /// The project.
        project: String,
        /// Where the other stack is.
        directory: PathBuf,
        /// Its files.
        files: Vec<PathBuf>,
        /// Its services that run.
        services: Vec<String>,
    },
    /// The machine is not ready for this run.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    NotReady(Vec<Obstacle>),
    /// A journal is damaged.
    #[error("`{}` line {line} is damaged: {problem}", file.display())]
    Journal {
        /// The journal.
        file: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        problem: String,
    },
    /// A release is damaged.
    #[error("`{}` is damaged: {problem}", file.display())]
    Damaged {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// A format newer than this program.
    #[error("`{}` has format version {found}; this program reads up to {known}", file.display())]
    TooNew {
        /// The file.
        file: PathBuf,
        /// Its version.
        found: u64,
        /// The newest version that is known here.
        known: u64,
    },
    /// No release of that name is kept.
    #[error("no release `{0}` is kept")]
    NoRelease(String),
    /// There is no earlier good release.
    #[error("no earlier release is kept")]
    NoEarlierRelease,
    /// There is no data to save.
    #[error("{}", if *.declared { "nothing runs that has the data which is declared" } else { "no data is declared" })]
    NothingToSave {
        /// Whether some is declared.
        declared: bool,
    },
    /// No data is kept.
    #[error("no data is kept")]
    NoData,
    /// A release lacks things that it needs.
    #[error("release `{release}` can't be restored: {}", missing.join("; "))]
    Incomplete {
        /// The release.
        release: String,
        /// What is missing.
        missing: Vec<String>,
    },
    /// A release had files otherwise that can't be brought back, so that going back would give what never ran before.
    #[error("release `{release}` had these otherwise, and they can't be brought back: {}", lost.iter().map(|lost| lost.path.as_str()).collect::<Vec<_>>().join(", "))]
    NotWhole {
        /// The release.
        release: String,
        /// What can't be brought back.
        lost: Vec<Lost>,
    },
    /// A release that must stay.
    #[error("release `{0}` is protected: it runs now, or is the one before")]
    Protected(String),
    /// The stack of a folder runs under another project's name.
    #[error("the stack in `{}` has run as `{was}` so far, not as `{is}`", directory.display())]
    Renamed {
        /// The project that runs.
        was: String,
        /// The project that the files give now.
        is: String,
        /// The stack's directory.
        directory: PathBuf,
    },
    /// A backup that somebody has pinned.
    #[error("release `{0}` is pinned")]
    Pinned(String),
    /// A folder that is a link: what is kept in it would be written, and removed, where that leads.
    #[error("`{}` is a link", .0.display())]
    Linked(PathBuf),
    /// A path that leaves the place it belongs to.
    #[error("`{}` is outside of `{}`", path.display(), root.display())]
    Outside {
        /// The path.
        path: PathBuf,
        /// The folder it should be in.
        root: PathBuf,
    },
    /// A file that is no release which was exported, or not as it was.
    #[error("`{}` can't be imported: {problem}", file.display())]
    NotImportable {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// A file with a release of another project.
    #[error("the release in `{}` is of the project `{theirs}`, not of `{ours}`", file.display())]
    OtherProject {
        /// The file.
        file: PathBuf,
        /// Whose the release is.
        theirs: String,
        /// The project that is meant here.
        ours: String,
    },
    /// Reading or writing failed.
    #[error("{action} `{}`: {source}", path.display())]
    Io {
        /// What was tried: `reading`, `writing`, …
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// Why it failed.
        source: std::io::Error,
    },
    /// The user stopped it before anything was done.
    #[error("interrupted")]
    Interrupted,
}

impl Error {
    /// An I/O error with its place.
    pub fn io(action: &'static str, path: &Path, source: std::io::Error) -> Self {
        Self::Io { action, path: path.to_owned(), source }
    }

    /// Whether the cause is a full disk.
    #[must_use]
    pub fn is_disk_full(&self) -> bool {
        matches!(self, Self::Io { source, .. }
            if matches!(source.kind(), std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded))
    }
}

/// A variable that has to have a value and has none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingVariable {
    /// Its name.
    pub name: String,
    /// The compose file that requires it.
    pub file: PathBuf,
    /// Why, in that file's words.
    pub why: Option<String>,
    /// Whether only Backstay asks for it: `x-backstay.required`.
    pub is_listed: bool,
}

/// Something that stands in the way of a run, found before it starts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Obstacle {
    /// A host port belongs to somebody else.
    #[error("port {port} of service `{service}` is taken by {}", holder.as_deref().unwrap_or("another process"))]
    PortTaken {
        /// The service that wants it.
        service: String,
        /// `8080/tcp`, with the address before it where one is given.
        port: String,
        /// The name of the container that has it; `None` for another process.
        holder: Option<String>,
    },
    /// Too little space.
    #[error("`{}` has {free} bytes free; at least {needed} are needed", path.display())]
    DiskFull {
        /// The folder.
        path: PathBuf,
        /// Bytes that are free.
        free: u64,
        /// Bytes that are needed.
        needed: u64,
    },
    /// Too little space for the images that are to be stored.
    #[error("the vault needs about {needed} bytes for {}; `{}` has {free} bytes free, of which {reserve} are left over", images.iter().map(|(service, _)| service.as_str()).collect::<Vec<_>>().join(", "), path.display())]
    VaultFull {
        /// The vault's folder.
        path: PathBuf,
        /// Bytes that are free.
        free: u64,
        /// Bytes that are needed.
        needed: u64,
        /// Bytes that are left over.
        reserve: u64,
        /// Which services' images need how many of them.
        images: Vec<(String, u64)>,
    },
    /// A file that a service mounts is not there, or a source that the model forbids to make.
    #[error("`{}`, which service `{service}` mounts, does not exist", path.display())]
    SourceMissing {
        /// The file.
        path: PathBuf,
        /// The service.
        service: String,
    },
    /// A folder is in the place of a file.
    #[error("`{}` is a folder, and a file is meant", path.display())]
    FolderForFile {
        /// The folder.
        path: PathBuf,
        /// Whether nothing is in it.
        is_empty: bool,
    },
    /// A container that is not the stack's has the name of one of its containers.
    #[error("the name `{name}` of service `{service}` belongs to another container")]
    NameTaken {
        /// The service that wants it.
        service: String,
        /// The name.
        name: String,
        /// The project of the container that has it; `None` for one that Compose did not make.
        project: Option<String>,
    },
    /// A file that the model names is not there.
    #[error("`{}`, named by {user}, does not exist", file.display())]
    FileMissing {
        /// The file.
        file: PathBuf,
        /// What names it.
        user: String,
    },
}
