//! The steps of a walk.

use std::time::Duration;

use backstay_core::ops::deploy::DeployOptions;
use backstay_core::ops::rollback::RollbackOptions;
use backstay_core::release::Retention;

use super::dice::Dice;
use super::drift::Drift;
use super::stock::SHAPES;
use crate::fake::harness::Act;
use crate::fake::{Behaviour, Fault, Kept, Kind};

/// A step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Step {
    /// The next version stands on the disk.
    Edit { shape: usize, of_b: Behaviour },
    /// Somebody does something by hand.
    Drift(Drift),
    /// An operation.
    Run { what: What, trouble: Trouble },
}

/// An operation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum What {
    Deploy,
    UpdateA,
    UpdateB,
    Rollback,
    RollbackTo(usize),
    TakeUpdateBack,
    Recover,
    Prune,
}

/// What goes wrong in an operation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Trouble {
    None,
    Fault(Fault),
    /// The power goes at this call.
    Power(usize, Kept),
}

const FAULTS: [Kind; 10] = [
    Kind::CrashBefore,
    Kind::CrashAfter,
    Kind::CrashMidway,
    Kind::ErrorBefore,
    Kind::ErrorAfter,
    Kind::ErrorMidway,
    Kind::DiskFull,
    Kind::DiskDies,
    Kind::EngineGone,
    Kind::Interrupt,
];

/// The steps of a seed: a first version, and up to a dozen more.
pub(super) fn steps(seed: u64) -> Vec<Step> {
    let mut dice = Dice::new(seed);
    let well = Behaviour::Healthy;
    let mut steps = vec![Step::Edit { shape: dice.below(SHAPES), of_b: well }];
    for _ in 0..4 + dice.below(9) {
        steps.push(step(&mut dice));
        // An edit is of no use without a deploy, and an interrupted run mostly calls for a recovery.
        match steps.last() {
            Some(Step::Edit { .. }) if dice.below(3) > 0 => steps.push(deploy(&mut dice)),
            Some(Step::Run { trouble, .. }) if *trouble != Trouble::None && dice.below(2) > 0 => {
                steps.push(Step::Run { what: What::Recover, trouble: Trouble::None });
            }
            _ => {}
        }
    }
    steps
}

fn step(dice: &mut Dice) -> Step {
    match dice.below(10) {
        0..=2 => {
            let bad = [Behaviour::BuildFails, Behaviour::NeverHealthy, Behaviour::CannotStart];
            let of_b = if dice.below(4) == 0 { dice.pick(&bad) } else { Behaviour::Healthy };
            Step::Edit { shape: dice.below(SHAPES), of_b }
        }
        3..=4 => Step::Drift(Drift::any(dice)),
        5..=6 => deploy(dice),
        _ => {
            let what = match dice.below(12) {
                0..=2 => What::Rollback,
                3 => What::RollbackTo(1 + dice.below(3)),
                4..=5 => What::UpdateA,
                6..=7 => What::UpdateB,
                8 => What::TakeUpdateBack,
                9 => What::Prune,
                _ => What::Recover,
            };
            Step::Run { what, trouble: trouble(dice) }
        }
    }
}

fn deploy(dice: &mut Dice) -> Step {
    Step::Run { what: What::Deploy, trouble: trouble(dice) }
}

fn trouble(dice: &mut Dice) -> Trouble {
    match dice.below(10) {
        0..=4 => Trouble::None,
        5..=8 => Trouble::Fault(Fault { at: dice.below(110), kind: dice.pick(&FAULTS) }),
        _ => Trouble::Power(dice.below(220), dice.pick(&Kept::ALL)),
    }
}

impl What {
    pub(super) fn act(self) -> Act {
        let monitor = Some(Duration::from_millis(200));
        let only = |service: &str| Some([service.to_owned()].into());
        let deploy = DeployOptions { monitor, ..DeployOptions::default() };
        let back = RollbackOptions { monitor, ..RollbackOptions::default() };
        match self {
            Self::Deploy => Act::Deploy(deploy),
            Self::UpdateA => Act::Deploy(DeployOptions { services: only("a"), ..deploy }),
            Self::UpdateB => Act::Deploy(DeployOptions { services: only("b"), ..deploy }),
            Self::Rollback => Act::Rollback(back),
            Self::RollbackTo(number) => {
                Act::Rollback(RollbackOptions { target: Some(number.to_string()), ..back })
            }
            Self::TakeUpdateBack => Act::Rollback(RollbackOptions { updates: true, ..back }),
            Self::Recover => Act::Recover,
            Self::Prune => Act::Prune(Retention { keep_days: None, keep_last: Some(2) }),
        }
    }

    /// Whether it is about the whole stack.
    pub(super) const fn is_whole(self) -> bool {
        matches!(self, Self::Deploy | Self::Rollback | Self::RollbackTo(_))
    }

    /// Whether it puts files back.
    pub(super) const fn restores_files(self) -> bool {
        matches!(self, Self::Rollback | Self::RollbackTo(_) | Self::TakeUpdateBack)
    }
}
