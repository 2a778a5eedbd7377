//! How long nobody answered when host ports last changed hands: from the times of the journals, before anybody is asked.

use jiff::Timestamp;

use crate::context::Context;
use crate::error::Result;
use crate::event::Event;
use crate::journal::{Record, load};
use crate::layout::Layout;
use crate::plan::{Step, Undo};
use crate::release::runs;
use crate::stack::StackRef;
use crate::state::find;

/// A time that was measured on this stack, in milliseconds. Clocks may jump: none is taken that is not plausible.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gap {
    /// The gateway took the ports over, or gave them back.
    Hands(i64),
    /// A container was stopped and its successor started.
    Swap(i64),
}

/// No change of hands takes longer.
const MOST: i64 = 600_000;

/// What is known of it: of the last time that it was turned on (or off), else of the last swap by stop and start; `None` where
/// neither has happened.
///
/// # Errors
/// When the records can't be listed.
pub async fn gap(ctx: &Context, stack: &StackRef, on: bool) -> Result<Option<Gap>> {
    let layout = find(ctx, stack).await?.layout;
    measured(ctx, &layout, on)
}

fn measured(ctx: &Context, layout: &Layout, on: bool) -> Result<Option<Gap>> {
    let mut swap = None;
    for run in runs(layout, &*ctx.store)?.iter().rev() {
        // What can't be read tells nothing.
        let Ok((records, _)) = load(&layout.journal(run), &*ctx.store) else { continue };
        if let Some(found) = hands(&records, on) {
            return Ok(Some(Gap::Hands(found)));
        }
        swap = swap.or_else(|| swapped(&records).map(Gap::Swap));
    }
    Ok(swap)
}

/// From the moment in which the one who has the ports begins to let go of them until the other one answers.
fn hands(records: &[Record], on: bool) -> Option<i64> {
    let switches = |step: &Step| matches!(step, Step::SwitchGateway { on: found } if *found == on);
    let switch = started(records, &|step, _| switches(step))?;
    let retire = started(records, &|step, _| on && matches!(step, Step::Retire { .. }));
    let from = retire.filter(|(index, _)| *index + 1 == switch.0).unwrap_or(switch).1;
    let until = if on { switch.0 } else { switch.0 + 1 };
    between(from, finished(records, until)?)
}

fn swapped(records: &[Record]) -> Option<i64> {
    let one = |_: &Step, undo: &Undo| match undo {
        Undo::Replace { swaps } => swaps.iter().any(|swap| !swap.overlap && swap.old.is_some()),
        _ => false,
    };
    let (index, from) = started(records, &one)?;
    between(from, finished(records, index)?)
}

fn started(
    records: &[Record],
    wanted: &dyn Fn(&Step, &Undo) -> bool,
) -> Option<(usize, Timestamp)> {
    records.iter().find_map(|record| match &record.event {
        Event::StepStarted { index, step, undo } if wanted(step, undo) => {
            Some((*index, record.at.parse().ok()?))
        }
        _ => None,
    })
}

fn finished(records: &[Record], wanted: usize) -> Option<Timestamp> {
    let end = records
        .iter()
        .find(|record| matches!(record.event, Event::StepFinished { index } if index == wanted));
    end?.at.parse().ok()
}

fn between(from: Timestamp, until: Timestamp) -> Option<i64> {
    let millis = i64::try_from(until.duration_since(from).as_millis()).ok()?;
    (1..=MOST).contains(&millis).then_some(millis)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(seq: u64, millis: i64, event: Event) -> Record {
        let at = Timestamp::from_millisecond(millis).unwrap_or_default().to_string();
        Record { v: 2, seq, at, event }
    }

    #[test]
    fn it_is_from_the_letting_go_to_the_answer() {
        let start = |index, step| Event::StepStarted { index, step, undo: Undo::Nothing };
        let retire = Step::Retire { services: vec!["web".to_owned()] };
        let records = [
            record(0, 1000, start(0, retire)),
            record(1, 1300, Event::StepFinished { index: 0 }),
            record(2, 1301, start(1, Step::SwitchGateway { on: true })),
            record(3, 1812, Event::StepFinished { index: 1 }),
        ];
        assert_eq!(hands(&records, true), Some(812));
        assert_eq!((hands(&records, false), swapped(&records)), (None, None));
        // One that was never complete has taken no time that means anything.
        assert_eq!(hands(&records[..3], true), None);
    }
}
