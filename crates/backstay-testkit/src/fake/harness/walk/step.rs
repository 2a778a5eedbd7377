//! The steps of a walk.

use std::time::Duration;

use backstay_core::ops::deploy::DeployOptions;
use backstay_core::ops::gateway::GatewayChoice;
use backstay_core::ops::rollback::RollbackOptions;
use backstay_core::release::Retention;

use super::dice::Dice;
use super::drift::Drift;
use super::rich::{Sort, TWISTS};
use super::stock::SHAPES;
use crate::fake::harness::Act;
use crate::fake::{Behaviour, Fault, Kept, Kind};

/// A step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Step {
    /// The next version stands on the disk.
    Edit { sort: Sort, shape: usize, twist: usize, of_b: Behaviour },
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
    /// `gateway enable`, of all services or of one.
    Enable(Option<&'static str>),
    /// `gateway disable`, of all services or of one.
    Disable(Option<&'static str>),
    UpgradeGateway,
    EndWarm,
    Down,
    DeployNoData,
    SaveData,
    RestoreData(usize),
    RollbackData,
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
    let sort = Sort::any(&mut dice);
    let well = |what| Step::Run { what, trouble: Trouble::None };
    let mut steps = vec![edit(sort, Behaviour::Healthy, &mut dice)];
    let mut more = 4 + dice.below(9);
    if !sort.is_plain() {
        // There is somewhere to go back to.
        steps.push(well(What::Deploy));
        if sort.gateway && dice.below(2) == 0 {
            steps.push(well(What::Enable(None)));
        }
        steps.extend([edit(sort, Behaviour::Healthy, &mut dice), deploy(&mut dice)]);
        more = 1 + dice.below(5);
    }
    for _ in 0..more {
        steps.push(step(sort, &mut dice));
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

fn step(sort: Sort, dice: &mut Dice) -> Step {
    match dice.below(10) {
        0..=2 => {
            // With data, those of interest have begun to migrate it.
            let second = if sort.data { Behaviour::ExitAtStart(1) } else { Behaviour::CannotStart };
            let first = if sort.data { Behaviour::NeverHealthy } else { Behaviour::BuildFails };
            let bad = [first, Behaviour::NeverHealthy, second];
            let is_bad = dice.below(4) == 0;
            let of_b = if is_bad { dice.pick(&bad) } else { Behaviour::Healthy };
            edit(sort, of_b, dice)
        }
        3..=4 => Step::Drift(Drift::any(sort, dice)),
        5..=6 => deploy(dice),
        _ => Step::Run { what: operation(sort, dice), trouble: trouble(dice) },
    }
}

fn edit(sort: Sort, of_b: Behaviour, dice: &mut Dice) -> Step {
    Step::Edit { sort, shape: dice.below(SHAPES), twist: dice.below(TWISTS), of_b }
}

fn operation(sort: Sort, dice: &mut Dice) -> What {
    let of_gateway = |dice: &mut Dice| match dice.below(8) {
        0..=2 => What::Enable(dice.pick(&[None, None, Some("a"), Some("b")])),
        3..=4 => What::Disable(dice.pick(&[None, Some("a"), Some("b")])),
        5 => What::UpgradeGateway,
        6 => What::EndWarm,
        _ => What::Down,
    };
    let of_data = |dice: &mut Dice| match dice.below(6) {
        0 => What::DeployNoData,
        1..=2 => What::SaveData,
        3 => What::RestoreData(1 + dice.below(3)),
        _ => What::RollbackData,
    };
    let turn = dice.below(4);
    if sort.gateway && turn < 2 {
        return of_gateway(dice);
    }
    if sort.data && turn > 0 && turn < 3 {
        return of_data(dice);
    }
    match dice.below(12) {
        0..=2 => What::Rollback,
        3 => What::RollbackTo(1 + dice.below(3)),
        4..=5 => What::UpdateA,
        6..=7 => What::UpdateB,
        8 => What::TakeUpdateBack,
        9 => What::Prune,
        _ => What::Recover,
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
            Self::Enable(one) => {
                let services = one.map(str::to_owned).into_iter().collect();
                let gateway = GatewayChoice::Enable { services };
                Act::Deploy(DeployOptions { build: false, gateway, ..deploy })
            }
            Self::Disable(one) => {
                let services = one.map(str::to_owned).into_iter().collect();
                let gateway = GatewayChoice::Disable { services };
                Act::Deploy(DeployOptions { build: false, gateway, ..deploy })
            }
            Self::UpgradeGateway => Act::UpgradeGateway,
            Self::EndWarm => Act::EndWarm,
            Self::Down => Act::Down,
            Self::DeployNoData => Act::Deploy(DeployOptions { data: false, ..deploy }),
            Self::SaveData => Act::SaveData,
            Self::RestoreData(number) => Act::RestoreData(number.to_string()),
            Self::RollbackData => Act::Rollback(RollbackOptions { with_data: true, ..back }),
            Self::Prune => Act::Prune(Retention { keep_days: None, keep_last: Some(2) }),
        }
    }

    /// Whether it is about the whole stack.
    pub(super) const fn is_whole(self) -> bool {
        let is_deploy =
            matches!(self, Self::Deploy | Self::DeployNoData | Self::Enable(_) | Self::Disable(_));
        is_deploy || matches!(self, Self::Rollback | Self::RollbackTo(_) | Self::RollbackData)
    }

    /// Whether it puts files back.
    pub(super) const fn restores_files(self) -> bool {
        let is_back = matches!(self, Self::Rollback | Self::RollbackTo(_) | Self::TakeUpdateBack);
        is_back || matches!(self, Self::RollbackData)
    }
}
