//! The supervisor's loop: it waits in the kernel until a worker says something, a process ends, or time is out.

use super::binaries;
use super::keeper::{Keeper, READY, Role, Worker};
use crate::channel::{Settings, ToWorker};
use crate::log::say;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::io;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// After the time that workers have, before they are killed.
const ALLOWANCE: Duration = Duration::from_millis(500);

/// How soon to look again after a worker's end of the link was closed.
const END: Duration = Duration::from_millis(2);

/// Begins in a new container.
pub(crate) fn serve(settings: Settings) -> ExitCode {
    finish(Keeper::begin(settings).map(run))
}

/// Goes on where the program before has stopped.
pub(crate) fn adopt() -> ExitCode {
    finish(Keeper::unpack().map(|keeper| {
        // It has got this far, so it is the one to start from now on.
        binaries::keep(&keeper.folder, &keeper.image, &keeper.binary);
        run(keeper)
    }))
}

fn finish(ran: io::Result<()>) -> ExitCode {
    match ran {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say!("the supervisor can't go on: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(mut keeper: Keeper) {
    loop {
        keeper.reap();
        keeper.kill_late();
        if keeper.stops() && keeper.workers.is_empty() {
            let _ = std::fs::remove_file(keeper.folder.control());
            return;
        }
        if !keeper.has_server() && keeper.start_at.is_none() && !keeper.stops() {
            keeper.plan_start(false);
        }
        keeper.start_if_due();
        if let Some(binary) = keeper.become_next.take()
            && !keeper.stops()
        {
            keeper.become_other(&binary);
        }
        for pid in wait(&keeper) {
            if !keeper.hear(pid) {
                // Its process is about to be reaped.
                std::thread::sleep(END);
            }
        }
        if keeper.signals.take() && !keeper.stops() {
            stop(&mut keeper);
        }
    }
}

fn stop(keeper: &mut Keeper) {
    let grace = Duration::from_millis(keeper.settings.grace_ms);
    keeper.stop_until = Some(Instant::now() + grace + ALLOWANCE);
    keeper.start_at = None;
    let pids: Vec<u32> = keeper.workers.iter().map(|worker| worker.pid).collect();
    pids.into_iter().for_each(|pid| keeper.tell(pid, &ToWorker::Stop));
}

/// Waits for the next event. Gives the workers that have said something.
fn wait(keeper: &Keeper) -> Vec<u32> {
    let mut sources: Vec<PollFd<'_>> = keeper
        .signals
        .sources()
        .into_iter()
        .map(|source| PollFd::from_borrowed_fd(source, PollFlags::IN))
        .collect();
    let signals = sources.len();
    sources.extend(keeper.workers.iter().map(|worker| PollFd::new(&worker.link, PollFlags::IN)));
    let limit = deadline(keeper).map(|at| {
        let left = at.saturating_duration_since(Instant::now()) + Duration::from_millis(1);
        Timespec::try_from(left).unwrap_or(Timespec { tv_sec: 1, tv_nsec: 0 })
    });
    if poll(&mut sources, limit.as_ref()).is_err() {
        return Vec::new();
    }
    let says = |(worker, source): (&Worker, &PollFd<'_>)| {
        source.revents().intersects(PollFlags::IN | PollFlags::HUP).then_some(worker.pid)
    };
    keeper.workers.iter().zip(&sources[signals..]).filter_map(says).collect()
}

fn deadline(keeper: &Keeper) -> Option<Instant> {
    let starting = keeper
        .workers
        .iter()
        .filter(|worker| !matches!(worker.role, Role::Serving | Role::Retiring))
        .map(|worker| worker.began + READY);
    starting.chain(keeper.stop_until).chain(keeper.start_at).min()
}
