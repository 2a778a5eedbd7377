//! The wait at the gate. Progress decides, not only a wall clock: an end, a restart or a bad report counts at once, whatever
//! time is left.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::future::{Either, join_all, select};
use futures_util::stream::FuturesUnordered;

use super::connect::TIMEOUT;
use super::explain::explain;
use super::judge::{Asked, Others, Verdict};
use super::subject::{Subject, tolerated};
use crate::context::Context;
use crate::engine::{Answer, Container, EngineResult};
use crate::event::{Activity, Event, Failure, Note};
use crate::stack::{Check, Probe};

/// How often the engine is asked.
const PACE: Duration = Duration::from_millis(100);

/// Whether the reporter hears which services are ready.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Progress {
    /// It does.
    Told,
    /// It has heard so before, or hears of the whole step's end.
    Quiet,
}

/// Waits until each subject is ready, and then stayed so for its service's time in `watch` (none: not at all).
///
/// # Errors
/// The first failure that the model does not allow, with the container's last words.
pub(crate) async fn pass(
    ctx: &Context,
    subjects: &[Subject],
    watch: &BTreeMap<String, Duration>,
    progress: Progress,
) -> Result<(), Failure> {
    let begun = ctx.clock.elapsed();
    let mut entries: Vec<Asked<'_>> =
        subjects.iter().map(|subject| Asked::new(subject, begun)).collect();
    let mut failed: BTreeMap<&str, usize> = BTreeMap::new();
    let mut shown: BTreeMap<&str, u32> = BTreeMap::new();
    let mut questions = FuturesUnordered::new();
    loop {
        let open: Vec<usize> = (0..entries.len()).filter(|at| !entries[*at].done).collect();
        let looks = join_all(open.iter().map(|at| ctx.engine.container(&subjects[*at].id))).await;
        let mut judged = Vec::new();
        await_others(&mut entries);
        for (at, look) in open.into_iter().zip(looks) {
            let refuse = |error| Failure::from(error).at(&subjects[at].service);
            let found = look.map_err(refuse)?;
            entries[at].look(ctx, found.as_ref()).await.map_err(refuse)?;
            let verdict = entries[at].judge(ctx, found.as_ref(), ctx.clock.elapsed());
            judged.push((at, found, verdict));
        }
        ask(ctx, &judged, &mut entries).await?;
        let now = ctx.clock.elapsed();
        for (at, found, verdict) in judged {
            let entry = &mut entries[at];
            let subject = entry.subject;
            let is_ready = matches!(verdict, Verdict::Ready);
            let verdict = match entry.probing.failed() {
                Some(cause) if is_ready => Verdict::Failed(cause),
                None if is_ready && !entry.probing.pass() && entry.since.is_none() => {
                    Verdict::Waiting
                }
                _ => verdict,
            };
            let cause = match verdict {
                Verdict::Waiting if !entry.is_late(now) => None,
                Verdict::Waiting => Some(entry.late(now)),
                Verdict::Done => {
                    entry.done = true;
                    None
                }
                Verdict::Ready => {
                    ctx.memory.note_ready(&subject.service);
                    let first = *entry.since.get_or_insert(now);
                    let time = watch.get(&subject.service).copied().unwrap_or_default();
                    entry.done = now - first >= time && entry.is_steady();
                    None
                }
                Verdict::Again => {
                    let again = ctx.engine.start(&subject.id).await;
                    again
                        .map_err(|error| super::explain::start_failure(&subject.service, &error))?;
                    None
                }
                Verdict::Failed(cause) => Some(cause),
            };
            let Some(cause) = cause else { continue };
            let count = failed.entry(&subject.service).or_default();
            *count += 1;
            let total = subjects.iter().filter(|other| other.service == subject.service).count();
            if *count > tolerated(subject.tolerance, total) {
                return Err(explain(ctx, entry, found.as_ref(), cause).await);
            }
            entry.done = true;
            let note = Note::FailureTolerated { service: subject.service.clone() };
            ctx.reporter.report(&Event::Note { note });
        }
        if progress == Progress::Told {
            report_progress(ctx, &entries, &mut shown);
        }
        if entries.iter().all(|entry| entry.done) {
            return Ok(());
        }
        for (at, entry) in entries.iter_mut().enumerate().filter(|(_, entry)| !entry.done) {
            for (what, probe) in due(entry, now) {
                let id = entry.subject.id.as_str();
                questions.push(question(ctx, at, entry.life, what, probe, id));
            }
        }
        take_answers(ctx, &mut questions, &mut entries).await;
    }
}

/// Tells each whose dependencies are at the gate as well since when all of those are ready.
fn await_others(entries: &mut [Asked<'_>]) {
    for at in 0..entries.len() {
        let needs = &entries[at].subject.depends_on;
        let others = entries.iter().filter(|other| needs.contains(&other.subject.service));
        let ready: Vec<Option<Duration>> = others.map(|other| other.ready_since()).collect();
        entries[at].others = if ready.is_empty() {
            Others::None
        } else {
            let since: Option<Vec<Duration>> = ready.into_iter().collect();
            since.and_then(|since| since.into_iter().max()).map_or(Others::Awaited, Others::Ready)
        };
    }
}

/// What is asked of a container beside what it says of itself.
#[derive(Debug, Clone, Copy)]
enum What {
    Own,
    Port(u16),
}

struct Heard {
    at: usize,
    life: u32,
    what: What,
    asked: Duration,
    answer: Answer,
}

fn due(entry: &mut Asked<'_>, now: Duration) -> Vec<(What, Probe)> {
    let mut due = Vec::new();
    if let Some(own) = entry.own.as_mut().filter(|own| own.probe.retries > 0)
        && own.take_turn(now)
    {
        due.push((What::Own, own.probe.clone()));
    }
    due.extend(entry.ports_due(now).into_iter().map(|port| (What::Port(port), connection(port))));
    due
}

const fn connection(port: u16) -> Probe {
    Probe {
        check: Check::Tcp(port),
        interval: TIMEOUT,
        timeout: TIMEOUT,
        retries: 1,
        start_period: Duration::ZERO,
    }
}

async fn question(
    ctx: &Context,
    at: usize,
    life: u32,
    what: What,
    probe: Probe,
    id: &str,
) -> Heard {
    let asked = ctx.clock.elapsed();
    let answer: EngineResult<Answer> = ctx.engine.probe(id, &probe).await;
    // An engine that does not answer is found out when the container is looked at.
    let answer = answer.unwrap_or_else(|error| Answer::Failed(error.message));
    Heard { at, life, what, asked, answer }
}

/// Takes what is answered until the engine is to be asked again.
async fn take_answers(
    ctx: &Context,
    questions: &mut FuturesUnordered<impl Future<Output = Heard> + Send>,
    entries: &mut [Asked<'_>],
) {
    let mut nap = pin!(ctx.clock.sleep(PACE));
    loop {
        if questions.is_empty() {
            return nap.await;
        }
        match select(pin!(questions.next()), nap.as_mut()).await {
            Either::Left((Some(heard), _)) => take(ctx, &mut entries[heard.at], heard),
            Either::Left((None, _)) => {}
            Either::Right(_) => return,
        }
    }
}

fn take(ctx: &Context, entry: &mut Asked<'_>, heard: Heard) {
    if heard.life != entry.life {
        return;
    }
    match heard.what {
        What::Port(port) => entry.take_port(port, &heard.answer),
        What::Own => {
            if let Some(own) = &mut entry.own {
                own.take(heard.answer, heard.asked, ctx.clock.elapsed());
            }
        }
    }
}

/// Asks those that say of themselves that they are ready the checks of `x-backstay.health`.
async fn ask(
    ctx: &Context,
    judged: &[(usize, Option<Container>, Verdict)],
    entries: &mut [Asked<'_>],
) -> Result<(), Failure> {
    let is_ready = |at: usize| {
        judged.iter().any(|(index, _, verdict)| *index == at && matches!(verdict, Verdict::Ready))
    };
    let ready = entries.iter_mut().enumerate().filter(|(at, _)| is_ready(*at));
    let asked = ready.map(async |(_, entry)| {
        let asked = entry.probing.ask(ctx, &entry.subject.id).await;
        asked.map_err(|error| Failure::from(error).at(&entry.subject.service))
    });
    join_all(asked).await.into_iter().collect()
}

fn report_progress<'a>(ctx: &Context, entries: &[Asked<'a>], shown: &mut BTreeMap<&'a str, u32>) {
    let mut counts: BTreeMap<&str, (u32, u32)> = BTreeMap::new();
    for entry in entries {
        let (ready, of) = counts.entry(&entry.subject.service).or_default();
        *ready += u32::from(entry.since.is_some() || entry.done);
        *of += 1;
    }
    for (service, (ready, of)) in counts {
        if shown.insert(service, ready) != Some(ready) {
            let activity =
                if ready == of { Activity::Ready } else { Activity::Waiting { ready, of } };
            ctx.reporter.report(&Event::Service { service: service.to_owned(), activity });
        }
    }
}
