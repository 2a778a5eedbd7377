//! What the tests share: the program in a folder of its own, and reporters that write to memory.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use backstay_cli::i18n::Language;
use backstay_cli::ui::{Memory, Parts, Style, TextReporter, Wording};
use backstay_core::event::{Activity, Event, Failure, Note, Outcome, Phase, RunKind};
use backstay_core::plan::Undo;
use backstay_core::plan::{Action, Change, Method, Reason, Step};
use backstay_core::ports::Reporter;

/// A folder, and the program started in it without a terminal and without an engine.
pub(crate) struct Place {
    pub(crate) folder: tempfile::TempDir,
}

/// What the program said.
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn with(files: &[(&str, &str)]) -> Self {
        let place = Self::new();
        for (name, text) in files {
            let path = place.folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        place
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn command(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_backstay"));
        command.args(line.split_whitespace()).current_dir(self.path()).stdin(Stdio::null());
        for name in ["LC_ALL", "LC_MESSAGES", "COMPOSE_FILE", "COMPOSE_PROJECT_NAME", "NO_COLOR"] {
            command.env_remove(name);
        }
        command.env("LANG", "C.UTF-8");
        command.env("BACKSTAY_STATE", self.path().with_extension("state"));
        // No engine answers here.
        command.env("DOCKER_HOST", "unix:///nowhere/docker.sock").env_remove("DOCKER_CONTEXT");
        command
    }

    pub(crate) fn run(&self, line: &str) -> Said {
        let output = self.command(line).output().unwrap();
        let text = |bytes: Vec<u8>| {
            let folder = self.path().to_string_lossy().into_owned();
            String::from_utf8(bytes).unwrap().replace(&folder, "FOLDER")
        };
        Said {
            code: output.status.code().unwrap(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }
}

/// What a person sees of these events, without colour and with the seconds left out.
pub(crate) fn told(lang: Language, events: &[Event]) -> String {
    shown(lang, events, false)
}

/// The same with `--verbose`.
pub(crate) fn told_in_full(lang: Language, events: &[Event]) -> String {
    shown(lang, events, true)
}

fn shown(lang: Language, events: &[Event], verbose: bool) -> String {
    let screen = Memory::default();
    let mut wording = Wording::plain(lang, Style::default());
    wording.verbose = verbose;
    wording.directory = "/srv/shop".into();
    wording.files = vec!["/srv/shop/docker-compose.yml".into(), "/srv/shop/.env".into()];
    let reporter = TextReporter::new(Arc::new(screen.clone()), wording, parts(events));
    events.iter().for_each(|event| reporter.report(event));
    timeless(&screen.text())
}

/// With `…` for the seconds that a run took: `(0.1 s)`, `用时 0.1 秒`. How long anything else took stays.
fn timeless(text: &str) -> String {
    masked(&masked(text, "(", " s)"), "用时 ", " 秒")
}

/// With `…` for each time that stands between these two.
fn masked(text: &str, before: &str, after: &str) -> String {
    let (mut masked, mut rest) = (String::new(), text);
    while let Some((head, tail)) = rest.split_once(before) {
        masked += head;
        masked += before;
        rest = tail;
        let time = tail.split_once(after).map(|(time, _)| time);
        if let Some(time) = time.filter(|time| is_time(time)) {
            masked += "…";
            rest = &tail[time.len()..];
        }
    }
    masked + rest
}

/// Seconds and tenths.
fn is_time(text: &str) -> bool {
    let are_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let Some((whole, tenths)) = text.split_once('.') else { return false };
    are_digits(whole) && tenths.len() == 1 && are_digits(tenths)
}

#[test]
fn only_how_long_a_run_took_is_left_out() {
    let said = "(12.9 MB, 1.4 s) (2) (0.1 s) 用时 31.0 秒 (1.25 s) (0.0 s";
    assert_eq!(timeless(said), "(12.9 MB, 1.4 s) (2) (… s) 用时 … 秒 (1.25 s) (0.0 s");
}

pub(crate) fn started(kind: RunKind, previous: Option<&str>) -> Event {
    Event::RunStarted {
        run: "20240129_143052".into(),
        kind,
        project: "shop".into(),
        directory: None,
        pid: 1,
        target: None,
        previous: previous.map(Into::into),
    }
}

/// A part that a screen has with this number.
pub(crate) fn phase(number: usize, of: usize, phase: Phase) -> Event {
    assert!(PARTS.iter().any(|parts| parts.place(phase) == Some((number, of))), "{phase:?}");
    Event::Phase { phase }
}

const PARTS: [Parts; 6] = [
    Parts::Deployment,
    Parts::Update,
    Parts::Rollback,
    Parts::RollbackOfUpdate,
    Parts::DataSave,
    Parts::DataRestore,
];

/// The screen that has all parts of these events.
fn parts(events: &[Event]) -> Parts {
    let has_all = |parts: &&Parts| {
        events.iter().all(|event| match event {
            Event::Phase { phase } => parts.place(*phase).is_some(),
            _ => true,
        })
    };
    let kind = events.iter().find_map(|event| match event {
        Event::RunStarted { kind, .. } => Some(*kind),
        _ => None,
    });
    match kind {
        Some(RunKind::DataSave) => Parts::DataSave,
        Some(RunKind::DataRestore) => Parts::DataRestore,
        _ => *PARTS.iter().find(has_all).unwrap(),
    }
}

pub(crate) fn note(note: Note) -> Event {
    Event::Note { note }
}

pub(crate) fn step(index: usize, step: Step, undo: Undo) -> Event {
    Event::StepStarted { index, step, undo }
}

pub(crate) fn done(index: usize) -> Event {
    Event::StepFinished { index }
}

pub(crate) fn failed(index: usize, failure: &Failure) -> [Event; 2] {
    let failure = failure.clone();
    [Event::StepFailed { index, failure: failure.clone() }, Event::UnwindStarted { failure }]
}

pub(crate) fn doing(service: &str, activity: Activity) -> Event {
    Event::Service { service: service.into(), activity }
}

/// The parts of a deployment before the images.
pub(crate) fn prepared(previous: Option<&str>) -> Vec<Event> {
    let ready = Note::EngineReady { engine: "26.1.5".into(), compose: "2.26.1".into() };
    let mut events =
        vec![phase(1, 8, Phase::Check), note(ready), started(RunKind::Deploy, previous)];
    events.push(phase(2, 8, Phase::Backup));
    if previous.is_some() {
        let folder = "20240129_143052".to_owned();
        events.push(step(0, Step::Backup, Undo::Backup { folder: folder.clone() }));
        events.push(note(Note::BackupMade { folder }));
        events.push(done(0));
    } else {
        events.push(note(Note::FirstDeployment));
    }
    events.extend([
        phase(3, 8, Phase::Environment),
        phase(4, 8, Phase::Certificate),
        note(Note::NoCertificate),
        phase(5, 8, Phase::DataDirectories),
        phase(6, 8, Phase::Plan),
    ]);
    events
}

/// The end of an undoing: each of these steps is undone, and what ran before is read back.
pub(crate) fn undone(indexes: &[usize]) -> Vec<Event> {
    let mut events: Vec<Event> =
        indexes.iter().map(|index| Event::UndoFinished { index: *index }).collect();
    events.push(Event::Finished { outcome: Outcome::RolledBack });
    events.push(verified(&[("manager-api", "a"), ("redis", "c")]));
    events
}

/// What was read back: services, each with the digit that its image's id is made of.
pub(crate) fn verified(services: &[(&str, &str)]) -> Event {
    let image = |(service, digit): &(&str, &str)| ((*service).to_owned(), image(digit));
    Event::Verified { services: services.iter().map(image).collect(), unwell: Vec::new() }
}

pub(crate) fn image(digit: &str) -> String {
    format!("sha256:{}", digit.repeat(64))
}

pub(crate) fn change(service: &str, action: Action) -> Change {
    Change::new(service, action, Method::None, Vec::new(), Vec::new())
}

/// A service that is replaced because its image changes from `a…` to `b…`.
pub(crate) fn new_image(service: &str) -> Change {
    let reasons = vec![Reason::Image { from: image("a"), to: image("b") }];
    Change { reasons, method: Method::Beside, ..change(service, Action::Replace) }
}
