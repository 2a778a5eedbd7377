//! The gate: who passes, how soon, and what is said of whom.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use backstay_core::engine::Status;
use backstay_core::event::{Cause, Event, Note, Outcome};
use backstay_core::ops::RunReport;
use backstay_core::ops::deploy::DeployOptions;
use backstay_core::ports::Reporter;
use backstay_testkit::fake::harness::{Act, Scenario};
use backstay_testkit::fake::{Behaviour, Ended, FakeStack, Machine};

use super::stacks::explore;

const SECOND: Duration = Duration::from_secs(1);

/// Hears everything.
#[derive(Default)]
pub(super) struct Ear(pub(super) Mutex<Vec<Event>>);

impl Reporter for Ear {
    fn report(&self, event: &Event) {
        self.0.lock().unwrap().push(event.clone());
    }
}

/// What came of a deploy, and what was heard.
struct Done {
    report: RunReport,
    heard: Vec<Event>,
    took: Duration,
    machine: Machine,
}

impl Done {
    fn cause(&self) -> &Cause {
        &self.report.failure.as_ref().unwrap().cause
    }

    fn notes(&self) -> Vec<&Note> {
        let events = self.heard.iter();
        let note = events.filter_map(|event| match event {
            Event::Note { note } => Some(note),
            _ => None,
        });
        note.collect()
    }
}

fn act(options: DeployOptions) -> Act {
    Act::Deploy(options)
}

fn perform(scenario: &Scenario, options: DeployOptions) -> Done {
    let (machine, ear) = (scenario.machine(), Arc::new(Ear::default()));
    let now = || machine.with(|world| world.engine.now);
    let began = now();
    let ended = act(options).perform_before(&machine.process(), scenario.reference(), ear.clone());
    let Ended::Done(Ok(mut reports)) = ended else { panic!("{ended:?}") };
    let took = now() - began;
    Done { report: reports.remove(0), heard: ear.0.lock().unwrap().clone(), took, machine }
}

/// One service with this definition.
fn stack(version: &str, behaviour: Behaviour, definition: &str) -> FakeStack {
    let text = format!(
        "services:\n  app: {{build: ./app, {definition}}}\n  \
                        db: {{image: \"redis:7\", restart: always}}\n"
    );
    FakeStack::new("/srv/shop").compose(&text).context("app", version, behaviour).registry(
        "redis:7",
        "7",
        Behaviour::Healthy,
    )
}

const LEANS: &str = "restart: always, depends_on: [db], ports: [\"8080:80\"]";

#[test]
fn restarts_on_a_first_start_are_waited_out() {
    let until = Behaviour::CrashUntil(6 * SECOND);
    let scenario = Scenario::new("leans on its policy").edited(&stack("1", until, LEANS));
    let done = perform(&scenario, DeployOptions::default());
    assert_eq!(done.report.outcome, Outcome::Deployed, "{:?}", done.report.failure);
}

#[test]
fn a_first_start_that_never_comes_up_fails_and_says_what_it_may_have_needed() {
    let scenario = Scenario::new("never up").edited(&stack("1", Behaviour::ExitAtStart(3), LEANS));
    let done = perform(&scenario, DeployOptions::default());
    assert_eq!(done.report.outcome, Outcome::RolledBack);
    assert_eq!(done.report.failure.as_ref().unwrap().needs, ["db"]);
    let code = match done.cause() {
        Cause::Exited { code, .. } => Some(*code),
        Cause::Restarting { code, .. } => *code,
        other => panic!("{other:?}"),
    };
    assert_eq!(code, Some(3), "the engine's own code");
}

/// The twin of `app` meets the new `db`, which is not ready yet.
#[test]
fn what_is_rehearsed_with_its_dependency_waits_for_it() {
    let text = "services:\n  db: {build: ./db, restart: always, expose: [\"80\"]}\n  \
                app: {build: ./app, restart: always, depends_on: [db], ports: [\"8080:80\"]}\n";
    let version = |version: &str, db, app| {
        FakeStack::new("/srv/shop")
            .compose(text)
            .context("db", version, db)
            .context("app", version, app)
    };
    let slow = Behaviour::SlowHealthy(6 * SECOND);
    let old = version("1", Behaviour::Healthy, Behaviour::Healthy);
    let scenario = Scenario::new("together").deployed(&old);
    let leaning = version("2", slow, Behaviour::CrashUntil(6 * SECOND));
    let done = perform(&scenario.clone().edited(&leaning), DeployOptions::default());
    assert_eq!(done.report.outcome, Outcome::Deployed, "{:?}", done.report.failure);
    let broken = version("3", Behaviour::Healthy, Behaviour::ExitAtStart(3));
    let done = perform(&scenario.edited(&broken), DeployOptions::default());
    assert_eq!(done.report.outcome, Outcome::RolledBack);
    assert!(done.took < 15 * SECOND, "{:?}", done.took);
}

#[test]
fn restarts_of_a_replacement_are_no_start_to_wait_for() {
    let scenario = Scenario::new("a bad release")
        .deployed(&stack("1", Behaviour::Healthy, LEANS))
        .edited(&stack("2", Behaviour::CrashUntil(20 * SECOND), LEANS));
    let done = perform(&scenario, DeployOptions::default());
    assert_eq!(done.report.outcome, Outcome::RolledBack);
    assert!(done.took < 10 * SECOND, "{:?}", done.took);
}

#[test]
fn a_worker_that_ends_with_0_and_is_started_again_is_alive() {
    let worker = "restart: always";
    let scenario = Scenario::new("a batch after the other")
        .deployed(&stack("1", Behaviour::Completes(0), worker))
        .edited(&stack("2", Behaviour::Completes(0), worker));
    let done = perform(&scenario, DeployOptions::default());
    assert_eq!(done.report.outcome, Outcome::Deployed, "{:?}", done.report.failure);
}

#[test]
fn one_that_ran_for_good_and_ends_now_has_failed() {
    let worker = "restart: always";
    let scenario = Scenario::new("ends now")
        .deployed(&stack("1", Behaviour::Healthy, worker))
        .edited(&stack("2", Behaviour::Completes(0), worker));
    let done = perform(&scenario, DeployOptions::default());
    assert_eq!(done.report.outcome, Outcome::RolledBack);
}

#[test]
fn a_verdict_does_not_wait_for_the_interval() {
    let web = "restart: always, ports: [\"8080:80\"], \
               healthcheck: {test: [CMD, x], interval: 30s, timeout: 5s, retries: 3}";
    let slow = Behaviour::SlowHealthy(2 * SECOND);
    let scenario = Scenario::new("every 30 s").deployed(&stack("1", slow, web));
    let done = perform(&scenario.edited(&stack("2", slow, web)), DeployOptions::default());
    assert_eq!(done.report.outcome, Outcome::Deployed, "{:?}", done.report.failure);
    assert!(done.took < 18 * SECOND, "{:?}", done.took);
}

const HASTY: &str = "restart: always, ports: [\"8080:80\"], \
                     healthcheck: {test: [CMD, x], interval: 1s, timeout: 1s, retries: 3}";

#[test]
fn unhealthy_before_healthy_is_watched_on_for_a_while() {
    let slow = Behaviour::SlowHealthy(8 * SECOND);
    let scenario = Scenario::new("slow").edited(&stack("1", slow, HASTY));
    assert_eq!(perform(&scenario, DeployOptions::default()).report.outcome, Outcome::Deployed);
}

#[test]
fn the_user_says_how_long_an_unhealthy_container_is_given() {
    let slow = Behaviour::SlowHealthy(40 * SECOND);
    let scenario = Scenario::new("very slow").edited(&stack("1", slow, HASTY));
    let done = perform(&scenario, DeployOptions::default());
    assert_eq!(done.report.outcome, Outcome::RolledBack);
    let Cause::Unhealthy { expected, waited: Some(waited), .. } = done.cause() else {
        panic!("{:?}", done.cause())
    };
    assert_eq!(*expected, Some(3 * SECOND));
    assert!(*waited > 10 * SECOND && *waited < 25 * SECOND, "{waited:?}");
    let said = DeployOptions { wait_timeout: Some(60 * SECOND), ..DeployOptions::default() };
    assert_eq!(perform(&scenario, said).report.outcome, Outcome::Deployed);
}

#[test]
fn without_a_healthcheck_a_port_that_answers_is_ready() {
    let web = "restart: always, ports: [\"8080:80\"]";
    let scenario = Scenario::new("boots")
        .deployed(&stack("1", Behaviour::Healthy, web))
        .edited(&stack("2", Behaviour::SlowHealthy(15 * SECOND), web));
    let done = perform(&scenario, DeployOptions::default());
    assert_eq!(done.report.outcome, Outcome::Deployed, "{:?}", done.report.failure);
    assert!(done.took > 30 * SECOND, "twin and container are waited for: {:?}", done.took);
    let silent = |note: &&Note| matches!(note, Note::PortsSilent { .. });
    assert!(!done.notes().iter().any(silent));
}

#[test]
fn a_port_that_nobody_listens_on_fails_nobody() {
    let web = "restart: always, ports: [\"8080:80\"]";
    let scenario = Scenario::new("silent").edited(&stack("1", Behaviour::NeverHealthy, web));
    let done = perform(&scenario, DeployOptions::default());
    assert_eq!(done.report.outcome, Outcome::Deployed, "{:?}", done.report.failure);
    let silent = Note::PortsSilent { service: "app".to_owned(), ports: vec![80] };
    assert_eq!(done.notes().iter().filter(|note| ***note == silent).count(), 1);
}

#[test]
fn what_was_only_seen_to_run_is_said() {
    let scenario =
        Scenario::new("a worker").edited(&stack("1", Behaviour::Healthy, "restart: always"));
    let done = perform(&scenario, DeployOptions::default());
    let services = vec!["app".to_owned(), "db".to_owned()];
    assert!(done.notes().contains(&&Note::OnlyRan { services }));
}

/// `app` is left alone, and falls over again and again.
#[test]
fn what_is_not_well_is_not_said_to_be_as_it_should_be() {
    let crash = Behaviour::CrashAfter(4 * SECOND);
    let text = |port: u16| {
        format!(
            "services:\n  app: {{build: ./app, restart: always}}\n  \
                 web: {{build: ./web, restart: always, ports: [\"{port}:80\"]}}\n"
        )
    };
    let version = |port: u16| {
        FakeStack::new("/srv/shop").compose(&text(port)).context("app", "1", crash).context(
            "web",
            "1",
            Behaviour::Healthy,
        )
    };
    let scenario = Scenario::new("beside").edited(&version(8080));
    let scenario = scenario.changed(|machine| {
        machine.with(|world| world.compose_up(&version(8080).reference())).unwrap();
        machine.pass(20 * SECOND);
    });
    let done = perform(&scenario.edited(&version(8081)), DeployOptions::default());
    assert_eq!(done.report.outcome, Outcome::Deployed, "{:?}", done.report.failure);
    let verified = done.heard.iter().find_map(|event| match event {
        Event::Verified { services, unwell } => Some((services, unwell)),
        _ => None,
    });
    let (services, unwell) = verified.unwrap();
    assert_eq!(services.keys().collect::<Vec<_>>(), ["web"]);
    assert_eq!(unwell.len(), 1);
    assert_eq!((unwell[0].service.as_str(), unwell[0].code), ("app", Some(1)));
}

/// A fix over a container that the engine refuses to rename, and one that fails as well: what fell over falls over again.
#[test]
fn a_crash_loop_is_replaced_and_brought_back() {
    let crash = Behaviour::CrashAfter(SECOND);
    for (name, next) in [("fix", Behaviour::Healthy), ("no fix", Behaviour::ExitAtStart(1))] {
        for method in ["", ", deploy: {update_config: {order: stop-first}}"] {
            let web = format!("restart: always{method}");
            let old = stack("1", crash, &web);
            let scenario = Scenario::new(name).edited(&old).changed(|machine| {
                machine.with(|world| world.compose_up(&old.reference())).unwrap();
                let falls = |machine: &Machine| {
                    machine.with(|world| {
                        let mut all = world.engine.containers.values();
                        all.any(|c| c.life.status == Status::Restarting && c.life.restarts > 2)
                    })
                };
                while !falls(machine) {
                    machine.pass(Duration::from_millis(50));
                }
            });
            let scenario = scenario.edited(&stack("2", next, &web));
            let done = perform(&scenario, DeployOptions::default());
            let wanted =
                if next == Behaviour::Healthy { Outcome::Deployed } else { Outcome::RolledBack };
            assert_eq!(done.report.outcome, wanted, "{:?}", done.report);
            let containers = done.machine.with(|world| world.of_service("shop", "app"));
            assert_eq!(containers.len(), 1);
        }
    }
}

#[test]
fn restarts_are_waited_out_whatever_else_happens() {
    let until = Behaviour::CrashUntil(SECOND);
    let options =
        DeployOptions { monitor: Some(Duration::from_millis(200)), ..DeployOptions::default() };
    let scenario = Scenario::new("restarts").edited(&stack("1", until, "restart: always"));
    explore(&scenario.act(act(options)));
}
