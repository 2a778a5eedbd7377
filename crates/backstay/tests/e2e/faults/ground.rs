//! A stack on which one fault after the other is tried, and how each case ended.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use backstay_testkit::tally::{Case, Tally};

use crate::harness::{Picture, Run, Stack, inner, is_thorough, page, page_within, port, web};

/// How often it is looked whether the stack serves.
const LOOK: Duration = Duration::from_millis(20);
/// What has not answered by then is silent.
const ANSWER: Duration = Duration::from_secs(2);

/// What is run under a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verb {
    Deploy,
    Update,
    Rollback,
}

impl Verb {
    pub(crate) const ALL: [Self; 3] = [Self::Deploy, Self::Update, Self::Rollback];

    /// All of them, or in a sample one, each in its turn.
    pub(crate) fn some(turn: usize) -> Vec<Self> {
        if is_thorough() { Self::ALL.to_vec() } else { vec![Self::ALL[turn % Self::ALL.len()]] }
    }

    pub(crate) const fn arguments(self) -> &'static [&'static str] {
        match self {
            Self::Deploy => &["--json", "deploy"],
            Self::Update => &["--json", "update", "--yes"],
            Self::Rollback => &["--json", "rollback", "--yes"],
        }
    }
}

/// The stack before a case.
pub(crate) struct Before {
    pub(crate) picture: Picture,
    versions: Vec<String>,
    /// What the data says, where there is any.
    schema: Option<String>,
    watch: Watch,
}

/// The stack, and what was found so far.
pub(crate) struct Ground {
    pub(crate) stack: Stack,
    pub(crate) port: u16,
    version: usize,
    /// Whether it has a gateway, a hook and data too.
    is_full: bool,
    tally: Tally,
    problems: Vec<String>,
    /// What starts the engine anew, where that can be done.
    restart: Option<Box<dyn Fn()>>,
}

impl Ground {
    /// Two services, one with a host port, with two releases behind them.
    pub(crate) fn new(name: &str) -> Option<Self> {
        Some(Self::of(Stack::new(name)?))
    }

    /// The same of a stack that is somewhere else.
    pub(crate) fn of(stack: Stack) -> Self {
        let port = port();
        stack.mode("one", "ok").mode("two", "ok");
        let services = web("one", port) + &inner("two");
        stack.compose_file(&services.replace("monitor: 1s", "monitor: 200ms"));
        let (tally, problems) = (Tally::default(), Vec::new());
        let (version, is_full, restart) = (0, false, None);
        let mut ground = Self { stack, port, version, is_full, tally, problems, restart };
        for _ in 0..2 {
            ground.next_version();
            ground.stack.backstay(&["deploy"]).ends(0);
        }
        ground
    }

    /// The same behind a gateway. `one` has data, which each version migrates when it starts, and there is a hook that makes a mark on the
    /// host and takes it back.
    pub(crate) fn full(stack: Stack) -> Self {
        let port = port();
        stack.mode("one", "ok").mode("two", "ok").write("marks", "");
        let data = "    volumes: [\"db:/data\"]\n    x-backstay: {gateway: {keep_warm: 0s}}\n";
        let services = web("one", port) + data + &inner("two");
        let rules = "{copy: stop, on_failure: restore, keep_last: 3}";
        let hook = "{name: mark, run: 'echo $$BACKSTAY_RUN >> marks', undo: 'sed -i /$$BACKSTAY_RUN/d marks', \
                    operations: [deploy, update, rollback]}";
        let tops = format!(
            "volumes: {{db: {{x-backstay: {{data: {rules}}}}}}}\nx-backstay: {{hooks: {{before_switch: {hook}}}}}\n"
        );
        stack.compose_file(&(services.replace("monitor: 1s", "monitor: 200ms") + &tops));
        let (tally, problems) = (Tally::default(), Vec::new());
        let (version, is_full, restart) = (0, true, None);
        let mut ground = Self { stack, port, version, is_full, tally, problems, restart };
        for _ in 0..2 {
            ground.next_version();
            ground.stack.backstay(&["deploy"]).ends(0);
        }
        assert!(ground.schema().is_some(), "nobody answers behind the gateway");
        ground
    }

    /// The same, where the engine can be started anew.
    pub(crate) fn restarting(self, restart: impl Fn() + 'static) -> Self {
        Self { restart: Some(Box::new(restart)), ..self }
    }

    fn next_version(&mut self) {
        self.version += 1;
        self.stack.write(".env", &format!("VERSION={}\n", self.version));
        if self.is_full {
            self.stack.mode("one", &format!("migrate:{}", self.version));
        }
    }

    /// Where the engine listens.
    pub(crate) fn engine(&self) -> PathBuf {
        self.stack.socket()
    }

    /// Makes what a run of `verb` needs: another version, or a release to go back to.
    pub(crate) fn ready(&mut self, verb: Verb) -> Before {
        if verb == Verb::Rollback {
            // After a rollback that came to its end nothing may be left to go back to.
            if !self.versions().contains(&self.version.to_string()) {
                self.next_version();
                self.stack.backstay(&["deploy"]).ends(0);
            }
        } else {
            self.next_version();
        }
        let (picture, versions, schema) = (self.stack.picture(), self.versions(), self.schema());
        Before { picture, versions, schema, watch: self.watch() }
    }

    /// The program with this verb, as the leader of a group of processes.
    pub(crate) fn command(&self, verb: Verb) -> Command {
        use std::os::unix::process::CommandExt;
        let mut command = self.stack.command(verb.arguments());
        command.process_group(0).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// A run without a fault; what comes of it has to be the new release.
    pub(crate) fn undisturbed(&mut self, verb: Verb, host: Option<&str>) -> Run {
        self.ready(verb);
        let mut command = self.command(verb);
        command.envs(host.iter().map(|host| ("DOCKER_HOST", host)));
        Run::new(verb.arguments(), &command.output().unwrap()).ends(0)
    }

    /// The versions that the services have, as their containers say it; the published one also as it answers.
    fn versions(&self) -> Vec<String> {
        let format = "{{range .Config.Env}}{{println .}}{{end}}";
        let ids = [self.stack.ids("one"), self.stack.ids("two")].concat();
        if ids.is_empty() {
            return Vec::new();
        }
        let mut arguments = vec!["inspect", "--format", format];
        arguments.extend(ids.iter().map(String::as_str));
        let lines = self.stack.lines(&arguments);
        let versions = lines.iter().filter_map(|line| line.strip_prefix("VERSION="));
        let answered = page(self.port, "/version").unwrap_or_default();
        versions.map(str::to_owned).chain([answered]).collect()
    }

    /// What the data says.
    fn schema(&self) -> Option<String> {
        if self.is_full { page(self.port, "/schema") } else { None }
    }

    /// What is wrong with the data. It only grows, and where the old release runs again it is what it was, unless it is said that it stays.
    fn data(&self, before: Option<&str>, is_new: bool, said: &str) -> Option<String> {
        let (was, is) = (before?, self.schema().unwrap_or_default());
        let stays = said.contains("\"data-stays\"") || said.contains("had begun to write");
        let number = |text: &str| text.trim().parse::<u64>().unwrap_or(0);
        let is_right = is == was || number(&is) > number(was) && (is_new || stays);
        (!is_right).then(|| format!("the data is that of {is}, not of {was}"))
    }

    /// Looks from now on when the published port does not answer.
    fn watch(&self) -> Watch {
        let (port, over) = (self.port, Arc::new(AtomicBool::new(false)));
        let stop = Arc::clone(&over);
        let looking = std::thread::spawn(move || {
            let mut silences: Vec<(Instant, Instant)> = Vec::new();
            let mut was_silent = false;
            while !stop.load(Ordering::Relaxed) {
                let asked = Instant::now();
                let is_silent = page_within(port, "/version", ANSWER).is_none();
                match silences.last_mut() {
                    Some(last) if is_silent && was_silent => last.1 = Instant::now(),
                    _ if is_silent => silences.push((asked, Instant::now())),
                    _ => {}
                }
                was_silent = is_silent;
                std::thread::sleep(LOOK);
            }
            silences
        });
        Watch { over, looking }
    }

    /// Recovers after a fault that has passed, and judges what is there. `fault` is when it struck.
    pub(crate) fn judge(
        &mut self,
        kind: &str,
        what: &str,
        before: Before,
        ended: &Ended,
        fault: Instant,
    ) {
        let Before { picture, versions, schema, watch } = before;
        let Ended { code, screen } = ended;
        let mut problems = Vec::new();
        let mut recovered = self.stack.backstay(&["recover"]);
        let mut was_stuck = *code == Some(12);
        // A restart brings to light what only a hand can take away.
        for _ in 0..2 {
            if recovered.code != Some(12) || !self.take_the_way_out(&recovered) {
                break;
            }
            was_stuck = true;
            recovered = self.stack.backstay(&["recover"]);
        }
        if recovered.code != Some(0) {
            problems.push(format!("not recovered: {}", recovered.screen));
        }
        let silences = watch.stop();
        let after = self.stack.picture();
        let is_new = after != picture;
        if is_new {
            problems.extend(self.flaws(&picture, &versions, &after));
        } else if self.versions() != versions {
            problems.push(format!("it serves {:?}", self.versions()));
        }
        let said = format!("{screen}{}", recovered.screen);
        problems.extend(self.data(schema.as_deref(), is_new, &said));
        match code {
            Some(0) if !is_new => problems.push("it said `deployed`, and is not".to_owned()),
            Some(1..=11) if is_new => problems
                .push(format!("it said that nothing has changed:\n{:#?}\n{after:#?}", picture)),
            Some(12) if !screen.contains("backstay recover") => {
                problems.push("it is stuck without a way out".to_owned());
            }
            Some(0..=12) | None => {}
            Some(other) => problems.push(format!("exit code {other}")),
        }
        if !problems.is_empty() {
            problems.push(screen.clone());
        }
        let verified = self.stack.backstay(&["backups", "verify"]);
        if verified.code != Some(0) {
            problems.push(verified.screen);
        }
        let again = self.stack.backstay(&["recover"]);
        if again.code != Some(0) || self.stack.picture() != after {
            problems.push(format!("a second recovery changes something: {}", again.screen));
        }
        let took = silences.iter().map(|(from, to)| to.saturating_duration_since(fault.max(*from)));
        let took = took.max().unwrap_or_default();
        let case = Case { is_new, was_stuck, took, problems };
        self.tally.count(kind, &case);
        let end = if is_new { "new" } else { "old" };
        eprintln!("{kind}: {what}: exit code {code:?}, {end} release, silent for {took:?}");
        if !case.problems.is_empty() {
            self.problems.push(format!("{kind}: {what}: {}", case.problems.join("\n")));
        }
    }

    /// What a person does who is told that the engine has lost count. Whether it says so.
    fn take_the_way_out(&self, stuck: &Run) -> bool {
        let Some(restart) = &self.restart else { return false };
        if stuck.screen.contains("sudo systemctl restart containerd docker") {
            restart();
            return true;
        }
        stuck.remove_remains()
    }

    /// What is wrong with a stack that is not what it was before.
    fn flaws(&self, before: &Picture, old: &[String], after: &Picture) -> Vec<String> {
        let mut flaws = Vec::new();
        let versions = self.versions();
        let same = versions.len() == 3 && versions.iter().all(|version| *version == versions[0]);
        if !same || versions == old {
            flaws.push(format!("it serves {versions:?}, before {old:?}"));
        }
        let running = after.containers.iter().filter(|line| line.ends_with(" running")).count();
        let count = if self.is_full { 3 } else { 2 };
        if running != count || after.containers.len() != count {
            flaws.push(format!("{:?}", after.containers));
        }
        if after.tags.iter().any(|tag| tag.starts_with("backstay-build/")) {
            flaws.push(format!("{:?}", after.tags));
        }
        let status = self.stack.backstay(&["--json", "status"]);
        if !status.screen.contains("\"drift\":[],\"interrupted\":[]") {
            flaws.push(status.screen);
        }
        if !flaws.is_empty() {
            flaws.push(format!("before: {before:#?}\nafter: {after:#?}"));
        }
        flaws
    }

    /// Leaves the tally, and fails with all that was found.
    pub(crate) fn end(self) {
        self.tally.leave();
        assert!(self.problems.is_empty(), "{}", self.problems.join("\n\n"));
        assert!(self.tally.0.values().any(|counts| counts.cases > 0), "no case was tried");
    }
}

/// How a run ended.
pub(crate) struct Ended {
    /// Its exit code, none where it was killed.
    pub(crate) code: Option<i32>,
    /// All that it printed.
    pub(crate) screen: String,
}

/// A look at the published port.
struct Watch {
    over: Arc<AtomicBool>,
    looking: JoinHandle<Vec<(Instant, Instant)>>,
}

impl Watch {
    /// Ends it. From when to when it did not answer.
    fn stop(self) -> Vec<(Instant, Instant)> {
        self.over.store(true, Ordering::Relaxed);
        self.looking.join().unwrap()
    }
}

/// A run that is on its way.
pub(crate) struct Running {
    child: Child,
    /// The lines on its standard output, as they come.
    pub(crate) lines: Receiver<String>,
    all: JoinHandle<String>,
}

impl Running {
    /// Starts it. All that it prints is read, whether anybody listens or not.
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut child = command.spawn().unwrap();
        let (lines, all) = listen(&mut child);
        Self { child, lines, all }
    }

    /// Its process, which leads its group.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits for its end.
    pub(crate) fn end(mut self) -> Ended {
        let code = self.child.wait().unwrap().code();
        Ended { code, screen: self.all.join().unwrap() }
    }
}

fn listen(child: &mut Child) -> (Receiver<String>, JoinHandle<String>) {
    use std::io::{BufRead, BufReader, Read};
    let (sender, receiver) = mpsc::channel();
    let (output, mut errors) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    let errors = std::thread::spawn(move || {
        let mut text = String::new();
        let _ = errors.read_to_string(&mut text);
        text
    });
    let all = std::thread::spawn(move || {
        let mut all = String::new();
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            all.push_str(&line);
            all.push('\n');
            let _ = sender.send(line);
        }
        all + &errors.join().unwrap()
    });
    (receiver, all)
}

/// Whether a line of `--json` is a record of the journal: a boundary between steps.
pub(crate) fn is_boundary(line: &str) -> bool {
    let types = [
        "run-started",
        "planned",
        "step-started",
        "step-finished",
        "step-failed",
        "unwind-started",
        "undo-finished",
        "committed",
        "finished",
    ];
    types.iter().any(|kind| line.contains(&format!("\"type\":\"{kind}\"")))
}
