//! The services of an update, each in a block of its own with the guide's four steps.
//!
//! Services are updated side by side; their blocks are told one after the other, so that each can be read as a whole.

use backstay_core::event::Activity;
use backstay_core::plan::{Action, Method, Plan, Step};

use super::Wording;
use crate::i18n::t;
use crate::ui::clean;

/// The blocks, in the order of dependencies.
#[derive(Debug, Default)]
pub(super) struct Blocks {
    blocks: Vec<Block>,
}

#[derive(Debug)]
struct Block {
    service: String,
    image: Image,
    stops_first: bool,
    reached: usize,
    shown: usize,
    fate: Fate,
}

/// Where a service's image comes from.
#[derive(Debug, Clone, Copy)]
enum Image {
    Built,
    Pulled,
    Present,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Open,
    Passed,
    Unchanged,
}

/// How far the image is.
const IMAGE: usize = 2;
/// How far the start is.
const START: usize = 3;
/// How far the check is.
const CHECK: usize = 4;

impl Blocks {
    /// The services that the update is about, as far as something may change about them.
    pub(super) fn of(outlook: &Plan) -> Self {
        let (mut built, mut pulled) = (Vec::new(), Vec::new());
        for step in &outlook.steps {
            match step {
                Step::Build { services } => built.extend(services),
                Step::Pull { services } => pulled.extend(services),
                _ => {}
            }
        }
        let changed = outlook.changes.iter().filter(|change| change.action != Action::Keep);
        let blocks = changed.map(|change| Block {
            service: change.service.clone(),
            image: if built.contains(&&change.service) {
                Image::Built
            } else if pulled.contains(&&change.service) {
                Image::Pulled
            } else {
                Image::Present
            },
            stops_first: change.method == Method::StopFirst,
            reached: IMAGE,
            shown: 0,
            fate: Fate::Open,
        });
        Self { blocks: blocks.collect() }
    }

    /// The services.
    pub(super) fn services(&self) -> impl Iterator<Item = &str> {
        self.blocks.iter().map(|block| block.service.as_str())
    }

    /// What is decided after the build: a service whose image came out the same stays.
    pub(super) fn decided(&mut self, plan: &Plan) {
        for block in &mut self.blocks {
            if plan.change(&block.service).is_some_and(|change| change.action == Action::Keep) {
                block.fate = Fate::Unchanged;
            }
        }
    }

    /// A service has got further.
    pub(super) fn doing(&mut self, service: &str, activity: &Activity) {
        let Some(block) = self.blocks.iter_mut().find(|block| block.service == service) else {
            return;
        };
        let (reached, fate) = match activity {
            Activity::Rehearsing | Activity::Switching => (START, Fate::Open),
            Activity::Waiting { .. } | Activity::Failed => (CHECK, Fate::Open),
            Activity::Ready | Activity::Completed | Activity::Live => (CHECK, Fate::Passed),
            Activity::Removing
            | Activity::Restored
            | Activity::Following { .. }
            | Activity::Saving { .. } => return,
        };
        block.reached = block.reached.max(reached);
        if fate != Fate::Open {
            block.fate = fate;
        }
    }

    /// The lines that can be told now: those of the first block that is not at its end, and of all before it.
    pub(super) fn lines(&mut self, wording: &Wording) -> Vec<String> {
        let mut lines = Vec::new();
        for (at, block) in self.blocks.iter_mut().enumerate() {
            // One that has not come further than its image waits for its turn; the first one tells of the build.
            if at > 0 && block.fate == Fate::Open && block.reached == IMAGE {
                break;
            }
            lines.extend(block.lines(wording));
            if block.fate == Fate::Open {
                break;
            }
        }
        lines
    }

    /// Whether a block has begun that is not at its end: no other line belongs there.
    pub(super) fn is_open(&self) -> bool {
        self.blocks.iter().any(|block| block.shown > 0 && block.fate == Fate::Open)
    }

    /// The lines up to the block of a service that failed.
    pub(super) fn lines_to(&mut self, wording: &Wording, failed: &[String]) -> Vec<String> {
        let last = self.blocks.iter().rposition(|block| failed.contains(&block.service));
        let count = last.map_or(0, |at| at + 1);
        self.blocks.iter_mut().take(count).flat_map(|block| block.lines(wording)).collect()
    }
}

impl Block {
    /// The lines that have not been told yet.
    fn lines(&mut self, wording: &Wording) -> Vec<String> {
        let lang = wording.lang;
        let mut lines = Vec::new();
        if self.shown == 0 {
            lines.push(format!("  {}", t!(lang, "update-service", service = &self.service)));
        }
        for number in self.shown + 1..=self.reached {
            let text = match (number, self.image) {
                (1, _) if self.stops_first => t!(lang, "update-runs-until"),
                (1, _) => t!(lang, "update-keeps-running"),
                (IMAGE, Image::Built) => t!(lang, "update-build"),
                (IMAGE, Image::Pulled) => t!(lang, "update-pull"),
                (IMAGE, Image::Present) => t!(lang, "update-present"),
                (START, _) if self.stops_first => t!(lang, "update-start-after-stop"),
                (START, _) => t!(lang, "update-start"),
                _ => t!(lang, "update-check"),
            };
            let mark = wording.style.accent(&format!("[{number}/{CHECK}]"));
            lines.push(format!("    {mark} {text}"));
        }
        if self.fate == Fate::Unchanged && self.shown < CHECK {
            let service = clean::line(&self.service);
            let text = t!(lang, "update-unchanged", service = service);
            lines.push(format!("  {}", wording.good(&text)));
            self.reached = CHECK;
        }
        self.shown = self.reached;
        lines
    }
}
