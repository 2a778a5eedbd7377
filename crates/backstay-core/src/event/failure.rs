//! Why a run failed.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::engine_error::{EngineError, EngineErrorKind as Kind};
use crate::error::Error;

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

impl Failure {
    /// The same, of this service.
    #[must_use]
    pub fn at(self, service: &str) -> Self {
        Self { service: Some(service.to_owned()), ..self }
    }
}

/// What the engine refused.
impl From<&EngineError> for Failure {
    fn from(error: &EngineError) -> Self {
        let message = error.message.clone();
        Self::new(match error.kind {
            Kind::Build => Cause::Build { message },
            Kind::Pull => Cause::Pull { message },
            Kind::PortTaken => Cause::PortTaken { message },
            Kind::DiskFull => Cause::DiskFull { message },
            Kind::Hook => {
                let mut lines = message.lines().map(str::to_owned);
                let message = lines.next().unwrap_or_default();
                return Self { logs: lines.collect(), ..Self::new(Cause::Hook { message }) };
            }
            Kind::LostCount => Cause::Start { message },
            Kind::GatewayProgram => Cause::GatewayProgram { message },
            _ => Cause::Engine { message: error.to_string() },
        })
    }
}

impl From<EngineError> for Failure {
    fn from(error: EngineError) -> Self {
        Self::from(&error)
    }
}

/// An error of ours that ends a run.
impl From<&Error> for Failure {
    fn from(error: &Error) -> Self {
        match error {
            Error::Engine(error) => error.into(),
            Error::Interrupted => Self::new(Cause::Interrupted),
            error if error.is_disk_full() => {
                Self::new(Cause::DiskFull { message: error.to_string() })
            }
            error => Self::new(Cause::Files { message: error.to_string() }),
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::from(&error)
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
    /// What the gateway sends to these services does not arrive.
    Unreachable {
        /// By name.
        services: Vec<String>,
    },
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
    /// The gateway's program is not in its place, or can't run on the engine.
    GatewayProgram {
        /// Where was looked, and what is wrong there, a line each.
        message: String,
    },
    /// The engine refused something else.
    Engine {
        /// Its words.
        message: String,
    },
    /// A hook of the run failed.
    RunHook {
        /// Its name.
        hook: String,
        /// What went wrong.
        trouble: HookTrouble,
    },
    /// Data could not be saved, or not be brought back.
    Data {
        /// The set.
        data: String,
        /// What was tried.
        action: DataAction,
        /// What went wrong.
        trouble: DataTrouble,
    },
}

/// What goes wrong with a hook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum HookTrouble {
    /// The container in which it is to be run is not there, or does not run.
    Off {
        /// The service.
        service: String,
    },
    /// It failed.
    Exit {
        /// Its exit code, where it is known.
        code: Option<i64>,
    },
    /// It took too long, and was ended.
    Late {
        /// How long was waited.
        waited: Duration,
    },
    /// It could not be run.
    Other {
        /// In whose words ever.
        message: String,
    },
}

/// What is done with data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DataAction {
    /// It is saved.
    Save,
    /// It is brought back.
    Restore,
}

/// What goes wrong with data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum DataTrouble {
    /// The container whose command it takes does not run.
    Off {
        /// The service.
        service: String,
    },
    /// The command failed.
    Exit {
        /// Its exit code, where it is known.
        code: Option<i64>,
    },
    /// The command wrote nothing.
    Empty,
    /// The end of the output is missing.
    Cut,
    /// It took too long.
    Late {
        /// How long was waited.
        waited: Duration,
    },
    /// There is no command for it.
    NoCommand,
    /// The command failed that encrypts it. What it said is in the failure's logs.
    Encrypt {
        /// The program.
        program: String,
        /// Its exit code, where it has one.
        code: Option<i64>,
    },
    /// The same of the one that decrypts it.
    Decrypt {
        /// The program.
        program: String,
        /// Its exit code, where it has one.
        code: Option<i64>,
    },
    /// It is encrypted, and no command is given that decrypts it.
    NoDecrypt,
    /// Something else.
    Other {
        /// In whose words ever.
        message: String,
    },
}
