//! The rows that a terminal shows while something is going on.

use std::sync::Arc;

use backstay_cli::i18n::Language;
use backstay_cli::ui::{Memory, Parts, Style, TextReporter, Wording};
use backstay_core::event::{Activity, Event, OutputSource};
use backstay_core::plan::Step;
use backstay_core::plan::Undo;
use backstay_core::ports::Reporter;

use crate::harness::{doing, done, step};

#[test]
fn rows_say_what_is_going_on_and_go_when_it_is_done() {
    let screen = Memory::live();
    let mut wording = Wording::plain(Language::English, Style::default());
    wording.verbose = false;
    let reporter = TextReporter::new(Arc::new(screen.clone()), wording, Parts::default());
    let rows = || screen.rows().into_iter().map(|row| row.text).collect::<Vec<_>>();

    let services = vec!["web".to_owned()];
    reporter.report(&step(0, Step::Build { services }, Undo::Nothing));
    let line = "#7 5.1s\r#7 5.2s \x1b[2K done".to_owned();
    reporter.report(&Event::Output { from: OutputSource::Build, line });
    assert_eq!(rows(), ["build web", "│ #7 5.2s  done"]);
    reporter.report(&done(0));
    assert_eq!(rows(), [""; 0]);

    reporter.report(&doing("web", Activity::Waiting { ready: 0, of: 2 }));
    reporter.report(&doing("api", Activity::Rehearsing));
    assert_eq!(
        rows(),
        ["web: waiting until it is ready (0/2)", "api: starting beside the running one"]
    );
    reporter.report(&doing("web", Activity::Ready));
    assert_eq!(rows().len(), 1);
    assert_eq!(screen.text(), "  ✓ Built web\n  Waiting for services to start...\n");
}
