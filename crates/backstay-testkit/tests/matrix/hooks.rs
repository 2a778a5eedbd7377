//! Hooks of a run: their places in it, and that each leaves what it did exactly where its run does.

use std::sync::Arc;

use backstay_core::event::{Cause, Event, HookTrouble, Note, Outcome};
use backstay_core::ops::deploy::DeployOptions;
use backstay_core::ops::rollback::RollbackOptions;
use backstay_core::plan::Step;
use backstay_core::stack::HookPoint;
use backstay_testkit::fake::harness::{Act, Findings, Scenario};
use backstay_testkit::fake::{Behaviour, Ended, FakeStack, kept};

use super::gates::Ear;
use super::stacks::{CHECK, deploy, explore, explore_and_repeat, options, rollback};

/// `web` is built, `cache` is not; both have the data. These are the hooks at the top.
fn shop(version: &str, behaviour: Behaviour, hooks: &str) -> FakeStack {
    let text = format!(
        "services:\n  cache:\n    image: redis:7\n    restart: always\n    volumes: [\"data:/data\"]\n  \
         web:\n    build: ./web\n    restart: always\n    {CHECK}\n    depends_on: [cache]\n    volumes: [\"data:/data\"]\n\
         volumes: {{data: }}\nx-backstay: {{hooks: {hooks}}}\n"
    );
    FakeStack::new("/srv/shop")
        .compose(&text)
        .env("GREETING=hello\n")
        .context("web", version, behaviour)
        .registry("redis:7", "7", Behaviour::Healthy)
}

fn good(version: &str, hooks: &str) -> FakeStack {
    shop(version, Behaviour::Healthy, hooks)
}

/// The first version has no hooks.
fn update(name: &str, hooks: &str) -> Scenario {
    Scenario::new(name).deployed(&good("1", "{}")).edited(&good("2", hooks)).act(deploy())
}

/// Hooks at each place, each of which marks something and takes it back.
const ALL: &str = "{\
    before_deploy: [{run: [mark, a], undo: [unmark, a]}, {run: [mark, b], undo: [unmark, b], service: cache}], \
    before_switch: [{run: [mark, c], undo: [unmark, c]}, {run: [mark, d], undo: [unmark, d], service: web}], \
    after_switch: [{run: [mark, e], undo: [unmark, e]}, {run: [mark, f], undo: [unmark, f], service: web}], \
    after_commit: {run: [say, committed]}, after_rollback: {run: [say, undone]}}";

/// What an operation called, in order, what it told, and how it ended.
struct Ran {
    calls: Vec<String>,
    events: Vec<Event>,
    outcome: Outcome,
    failure: Option<backstay_core::event::Failure>,
}

impl Ran {
    fn of(act: &Act, scenario: &Scenario) -> Self {
        let (ear, process) = (Arc::new(Ear::default()), scenario.machine().process());
        let ended = act.perform_before(&process, scenario.reference(), ear.clone());
        let Ended::Done(Ok(mut reports)) = ended else { panic!("{ended:?}") };
        let report = reports.pop().unwrap();
        let calls = process.points().into_iter().map(|point| point.name).collect();
        let events = ear.0.lock().unwrap().clone();
        Self { calls, events, outcome: report.outcome, failure: report.failure }
    }

    /// The hooks that it ran.
    fn hooks(&self) -> Vec<&str> {
        let is_one = |call: &&String| call.contains("mark ") || call.contains(" say ");
        self.calls.iter().filter(is_one).map(String::as_str).collect()
    }

    /// Their last words.
    fn words(&self) -> Vec<&str> {
        self.hooks().into_iter().map(|call| call.rsplit(' ').next().unwrap()).collect()
    }

    /// Where something was called first.
    fn at(&self, part: &str) -> usize {
        let found = self.calls.iter().position(|call| call.contains(part));
        found.unwrap_or_else(|| panic!("no {part}: {:#?}", self.calls))
    }

    fn notes(&self) -> impl Iterator<Item = &Note> {
        self.events.iter().filter_map(|event| match event {
            Event::Note { note } => Some(note),
            _ => None,
        })
    }
}

#[test]
fn each_is_run_in_its_place() {
    let scenario = update("all hooks", ALL);
    let ran = Ran::of(&deploy(), &scenario);
    assert_eq!(ran.words(), ["a", "b", "c", "d", "e", "f", "committed"], "{:?}", ran.hooks());
    let called = |part: &str| &ran.calls[ran.at(part)];
    assert!(called("mark b").contains("run_inside shop-cache-1"));
    assert!(called("mark d").contains("run_beside shop-web-1"), "{}", called("mark d"));
    assert!(called("mark f").contains("run_inside shop-web-1"), "{}", called("mark f"));
    let stopped = ran.at("engine.stop shop-web-1");
    assert!(ran.at("mark b") < ran.at("engine.build"));
    assert!(ran.at("engine.create") < ran.at("mark c") && ran.at("mark d") < stopped);
    assert!(stopped < ran.at("mark e"));
    explore_and_repeat(&scenario);
}

#[test]
fn what_a_failed_release_had_done_is_taken_back() {
    let bad = shop("2", Behaviour::NeverHealthy, ALL);
    let scenario = Scenario::new("hooks in vain").deployed(&good("1", "{}")).edited(&bad);
    explore_and_repeat(&scenario.act(deploy()).fails());
}

/// One that fails undoes the run, and what had begun before it.
fn fails_at(point: &str, service: &str) {
    let hooks = format!(
        "{{{point}: [{{run: [mark, a], undo: [unmark, a]}}, {{name: x, run: [mark, b, fail, say], undo: [unmark, b]{service}}}], \
         after_rollback: {{run: [say, undone]}}, after_commit: {{run: [say, committed]}}}}"
    );
    let scenario = update(&format!("{point}{service} fails"), &hooks).fails();
    let ran = Ran::of(&deploy(), &scenario);
    let failure = ran.failure.clone().unwrap();
    let trouble = HookTrouble::Exit { code: Some(3) };
    assert_eq!(failure.cause, Cause::RunHook { hook: "x".to_owned(), trouble });
    assert_eq!(failure.logs[0], "mark b fail say");
    let tails: Vec<&str> =
        ran.hooks().iter().map(|call| call.rsplit("mark ").next().unwrap()).collect();
    assert_eq!(tails, ["a", "b fail say", "b", "a", "host.run say undone"], "{service}");
    explore_and_repeat(&scenario);
}

#[test]
fn one_that_fails_before_anything_is_touched_undoes_the_run() {
    fails_at("before_deploy", "");
    fails_at("before_deploy", ", service: cache");
}

#[test]
fn one_that_fails_before_the_switch_undoes_the_run() {
    fails_at("before_switch", "");
    fails_at("before_switch", ", service: web");
}

#[test]
fn one_that_fails_after_the_switch_undoes_the_run() {
    fails_at("after_switch", "");
    fails_at("after_switch", ", service: web");
}

#[test]
fn one_that_takes_too_long_is_ended_and_fails() {
    let hooks =
        "{before_switch: {run: [mark, a, hang], undo: [unmark, a], service: web, timeout: 5s}}";
    let scenario = update("too long", hooks).fails();
    let ran = Ran::of(&deploy(), &scenario);
    let cause = ran.failure.clone().unwrap().cause;
    let Cause::RunHook { trouble: HookTrouble::Late { waited }, .. } = cause else {
        panic!("{cause:?}")
    };
    assert_eq!(waited.as_secs(), 5);
    let undone = ran.at("unmark a");
    assert!(ran.at("host.end") < undone && ran.at("end_beside") < undone, "{:?}", ran.calls);
    explore_and_repeat(&scenario);
}

#[test]
fn one_that_nothing_takes_back_says_so() {
    let hooks = "{before_switch: [{name: kept, run: [say, kept]}, {run: [say, it, fail]}]}";
    let scenario = update("kept", hooks).fails();
    let ran = Ran::of(&deploy(), &scenario);
    let stays = ran.notes().filter_map(|note| match note {
        Note::HookStays { hook } => Some(hook.as_str()),
        _ => None,
    });
    assert_eq!(stays.collect::<Vec<_>>(), ["before_switch[1]", "kept"]);
    explore(&scenario);
}

#[test]
fn a_migration_comes_after_the_data_was_saved_and_goes_with_it() {
    // Without an undo of its own: the data is what comes back.
    let stack = |version: &str, behaviour: Behaviour| {
        let text = format!(
            "services:\n  cache:\n    image: redis:7\n    restart: always\n    volumes: [\"data:/data\"]\n    \
             x-backstay: {{data: {{dump: mysql, on_failure: restore}}}}\n  \
             web:\n    build: ./web\n    restart: always\n    {CHECK}\n    depends_on: [cache]\n    volumes: [\"data:/data\"]\n\
             volumes: {{data: }}\nx-backstay: {{hooks: {{before_switch: {{run: [mark, \"to{version}\"], service: web}}}}}}\n"
        );
        good(version, "{}").compose(&text).context("web", version, behaviour)
    };
    let first = || Scenario::new("a migration").deployed(&stack("1", Behaviour::Healthy));
    let well = first().edited(&stack("2", Behaviour::Healthy)).act(deploy());
    let ran = Ran::of(&deploy(), &well);
    let (stopped, saved) = (ran.at("engine.stop shop-web-1"), ran.at("engine.read_from"));
    assert!(stopped < saved && saved < ran.at("run_beside"), "{:?}", ran.calls);
    let bad = first().edited(&stack("2", Behaviour::ExitAtStart(1))).act(deploy()).fails();
    explore_and_repeat(&bad);
}

#[test]
fn on_a_first_deployment_a_new_service_finds_what_it_depends_on() {
    let scenario = Scenario::new("first").edited(&good("1", ALL)).act(deploy());
    let ran = Ran::of(&deploy(), &scenario);
    // Nothing of `cache` runs yet before anything is touched.
    assert!(ran.notes().any(|note| matches!(note, Note::HookLeftOut { .. })));
    assert!(!ran.words().contains(&"b"));
    let (cache, migrated) = (ran.at("engine.start shop-cache-1"), ran.at("mark d"));
    assert!(ran.at("mark c") < cache && cache < migrated, "{:?}", ran.calls);
    assert!(migrated < ran.at("engine.start shop-web-1"), "{:?}", ran.calls);
    explore(&scenario);
}

#[test]
fn where_nothing_changes_nothing_is_run() {
    let stack = |hooks: &str| {
        let text = format!(
            "services:\n  cache: {{image: \"redis:7\", restart: always}}\nx-backstay: {{hooks: {hooks}}}\n"
        );
        let stack = FakeStack::new("/srv/shop").compose(&text).env("");
        stack.registry("redis:7", "7", Behaviour::Healthy)
    };
    let hooks = "{before_deploy: {run: [mark, a]}, before_switch: {run: [mark, b]}, after_switch: {run: [mark, c]}, \
                 after_commit: {run: [say, d]}}";
    let scenario = Scenario::new("the same").deployed(&stack("{}")).edited(&stack(hooks));
    assert_eq!(Ran::of(&deploy(), &scenario).hooks(), Vec::<&str>::new());
}

#[test]
fn a_hook_at_a_service_is_run_where_that_one_changes() {
    let stack = |version: &str| {
        let text = format!(
            "services:\n  cache:\n    image: redis:7\n    restart: always\n    volumes: [\"data:/data\"]\n    \
             x-backstay: {{hooks: {{before_switch: {{run: [mark, cache]}}}}}}\n  \
             web:\n    build: ./web\n    restart: always\n    {CHECK}\n    \
             x-backstay: {{hooks: {{after_switch: {{run: [mark, web]}}}}}}\n\
             volumes: {{data: }}\n"
        );
        good(version, "{}").compose(&text)
    };
    let scenario = Scenario::new("of a service").deployed(&stack("1")).edited(&stack("2"));
    let ran = Ran::of(&deploy(), &scenario);
    assert_eq!(ran.words(), ["web"], "{:?}", ran.hooks());
    assert!(ran.hooks()[0].contains("run_inside shop-web-1"), "{:?}", ran.hooks());
}

#[test]
fn without_hooks_none_is_run_and_each_is_named() {
    let scenario = update("left out", ALL);
    let act = Act::Deploy(DeployOptions { hooks: false, ..options() });
    let ran = Ran::of(&act, &scenario);
    assert_eq!(ran.hooks(), Vec::<&str>::new());
    let named = ran.notes().find_map(|note| match note {
        Note::NoHooks { hooks } => Some(hooks),
        _ => None,
    });
    assert_eq!(named.unwrap().len(), 8);
}

#[test]
fn a_rollback_runs_those_of_the_release_that_are_for_it() {
    let of = |name: &str| {
        format!(
            "{{before_deploy: {{run: [mark, {name}1], undo: [unmark, {name}1], operations: [rollback]}}, \
             before_switch: [{{run: [say, {name}2]}}, \
             {{run: [mark, {name}3], service: web, undo: [unmark, {name}3], operations: rollback}}], \
             after_rollback: {{run: [say, {name}4]}}}}"
        )
    };
    let scenario = Scenario::new("back").deployed(&good("1", &of("old")));
    let scenario = scenario.deployed(&good("2", &of("new"))).act(rollback());
    assert_eq!(Ran::of(&rollback(), &scenario).words(), ["old1", "old3", "old4"]);
    let none = Act::Rollback(RollbackOptions { hooks: false, ..RollbackOptions::default() });
    assert_eq!(Ran::of(&none, &scenario).hooks(), Vec::<&str>::new());
    explore(&scenario);
}

#[test]
fn what_fails_after_the_end_changes_nothing() {
    let hooks = "{after_commit: [{name: one, run: [echo, say, fail]}, \
                 {name: two, run: [echo, say, hang], timeout: 1s}, {name: three, run: [echo, say, ok]}]}";
    let scenario = update("late failures", hooks);
    let ran = Ran::of(&deploy(), &scenario);
    assert_eq!((ran.outcome, ran.words()), (Outcome::Deployed, vec!["fail", "hang", "ok"]));
    let failed = ran.notes().filter_map(|note| match note {
        Note::HookFailed { hook, .. } => Some(hook.as_str()),
        _ => None,
    });
    assert_eq!(failed.collect::<Vec<_>>(), ["one", "two"]);
    explore(&scenario);
}

#[test]
fn a_hook_is_told_what_the_run_is() {
    let hooks = "{before_switch: {run: [echo, say], environment: [MINE=1]}}";
    let ran = Ran::of(&deploy(), &update("told", hooks));
    let said: Vec<&str> = ran
        .events
        .iter()
        .filter_map(|event| match event {
            Event::Output { line, .. } => line.strip_prefix("before_switch: "),
            _ => None,
        })
        .collect();
    let run = said.iter().find_map(|line| line.strip_prefix("BACKSTAY_RUN=")).unwrap();
    assert_eq!(
        said,
        [
            "echo say",
            "BACKSTAY_PROJECT=shop",
            &format!("BACKSTAY_RUN={run}"),
            "BACKSTAY_RELEASE=r2",
            "BACKSTAY_PREVIOUS_RELEASE=r1",
            "BACKSTAY_OPERATION=deploy",
            "BACKSTAY_HOOK=before_switch",
            "BACKSTAY_SERVICES=web",
        ]
    );
}

#[test]
fn a_plan_names_them_in_their_places() {
    use HookPoint::{AfterCommit, AfterRollback, AfterSwitch, BeforeDeploy, BeforeSwitch};
    let scenario = update("planned", ALL);
    let process = scenario.machine().process();
    let (ctx, options) = (process.context(), options());
    let plan = backstay_core::ops::deploy::plan(&ctx, scenario.reference(), &options);
    let Ended::Done(Ok(plan)) = process.run(plan) else { panic!("no plan") };
    let points = |steps: &[Step]| -> Vec<HookPoint> {
        let of = |step: &Step| match step {
            Step::Hook { point, .. } => Some(*point),
            _ => None,
        };
        steps.iter().filter_map(of).collect()
    };
    let wanted = [BeforeDeploy, BeforeDeploy, BeforeSwitch, BeforeSwitch, AfterSwitch, AfterSwitch];
    assert_eq!(points(&plan.steps), wanted);
    assert_eq!(points(&plan.afterwards), [AfterCommit, AfterRollback]);
    assert!(matches!(plan.steps[1], Step::Hook { .. }), "{:?}", plan.steps);
}

#[test]
fn what_ends_with_the_engine_is_taken_back_when_both_are_there_again() {
    let mut findings = Findings::default();
    let scenario = update("killed with the engine", ALL);
    assert!(scenario.kill_with_the_engine(1, &mut findings) > 50);
    findings.assert_none();
}

#[test]
fn an_undo_that_fails_is_tried_again_until_somebody_says_that_it_is_done() {
    let hooks = "{before_switch: {name: up, run: [mark, up, fail], undo: [unmark, other, fail], service: web}}";
    let scenario = update("stuck", hooks);
    let (machine, stack) = (scenario.machine(), scenario.reference());
    let stuck = |ended: Ended<Result<Vec<backstay_core::ops::RunReport>, backstay_core::Error>>| {
        let Ended::Done(Ok(reports)) = ended else { panic!("{ended:?}") };
        assert_eq!(reports[0].outcome, Outcome::Stuck, "{reports:?}");
        reports[0].clone()
    };
    stuck(deploy().perform(&machine.process(), stack));
    // The container in which it is to be run is there each time.
    let process = machine.process();
    let report = stuck(Act::Recover.perform(&process, stack));
    assert!(process.points().iter().any(|point| point.name.contains("unmark other")));
    // Nothing that is typed without a thought may leave it out.
    assert!(report.way_out.iter().all(|command| !command.contains("hook-")), "{report:?}");
    let root = kept(stack).journals();
    machine.with(|world| {
        let is_kept = |path: &&std::path::PathBuf| {
            path.starts_with(&root) && path.to_string_lossy().contains("hook-")
        };
        let path = world.disk.nodes.keys().find(is_kept).unwrap().clone();
        world.disk.remove_file(&path).unwrap();
    });
    let Ended::Done(Ok(reports)) = Act::Recover.perform(&machine.process(), stack) else {
        panic!("it does not end")
    };
    assert_eq!(reports[0].outcome, Outcome::RolledBack, "{reports:?}");
}
