//! Running the tests on one engine after the other.

use super::kind::Kind;
use super::outcome::Outcome;
use super::programs::{self, Program};
use super::trial::Trial;
use super::{differences, page, store};
use crate::beside::Seat;
use crate::failure::{Failure, Result};
use crate::{cargo, leftovers, static_program, ui};
use std::fs;
use std::path::Path;

/// What is no part of the core: faults have a command of their own.
const NOT_CORE: [&str; 2] = ["faults::", "hostile::"];
/// What a quick run takes.
const SAMPLE: [&str; 2] = ["stacks::", "guide::"];
const PAGE: &str = "docs/compatibility.md";

#[derive(Debug, Default)]
pub(crate) struct Options {
    /// A sample, and no page.
    pub(crate) quick: bool,
    /// One engine; the page takes the others as they were the last time.
    pub(crate) only: Option<Kind>,
    /// What failed the last time, and engines that were not tried yet.
    pub(crate) again: bool,
}

/// Tries each engine. All are tried, whatever one of them says.
pub(crate) fn run(options: &Options) -> Result<()> {
    let server = static_program::demo_server()?;
    let gateway = static_program::gateway()?;
    ui::step("building the tests");
    let programs = programs::build(&["backstay", "backstay-docker"], ["e2e", "engine"])?;
    let kinds = Kind::ALL.into_iter().filter(|kind| options.only.is_none_or(|only| only == *kind));
    let known = if options.again { store::read()? } else { Vec::new() };
    let mut trials = Vec::new();
    for kind in kinds {
        let last = known.iter().find(|trial| trial.kind == kind).map(|trial| &trial.outcome);
        if last.is_some_and(|last| last.failed.is_empty()) {
            continue;
        }
        let seat = kind.start()?;
        let versions = seat.versions()?;
        ui::step(&format!("{}: {versions}", kind.name()));
        let before = leftovers::projects(&seat)?;
        let files = [&*server, &*gateway];
        let outcome = match last {
            Some(last) => last.clone().again(&tried_again(last, &seat, files, &programs)?),
            None => tried(kind, &seat, files, &programs, options.quick)?,
        };
        let trial = Trial { kind, versions, outcome };
        if !options.quick {
            store::write(&trial)?;
        }
        leftovers::check(&seat, &before)?;
        trials.push(trial);
    }
    ui::note(&page::table(&trials));
    if !options.quick {
        write_page()?;
    }
    let failed = trials.iter().flat_map(|trial| {
        trial.outcome.failed.iter().map(|name| format!("{}: {name}", trial.kind.name()))
    });
    let failed: Vec<String> = failed.collect();
    if failed.is_empty() {
        return Ok(());
    }
    Err(Failure::new(format!("{} tests have failed\n{}", failed.len(), failed.join("\n"))))
}

/// The page, where all engines were tried, now or before.
fn write_page() -> Result<()> {
    let known = store::read()?;
    if known.len() < Kind::ALL.len() {
        ui::warn(&format!("{PAGE} was not written: not all engines were tried yet"));
        return Ok(());
    }
    let page = cargo::root().join(PAGE);
    fs::write(&page, page::render(&known)).map_err(Failure::on(&page))
}

fn tried(
    kind: Kind,
    seat: &Seat,
    server: [&Path; 2],
    [e2e, engine]: &[Program; 2],
    quick: bool,
) -> Result<Outcome> {
    let left_out: Vec<&str> =
        differences::of(kind).flat_map(|difference| difference.tests).copied().collect();
    if quick {
        return e2e.run(seat, server, &SAMPLE, &[&NOT_CORE, &*left_out].concat());
    }
    let core = e2e.run(seat, server, &[], &[&NOT_CORE, &*left_out].concat())?;
    let conformance = engine.run(seat, server, &[], &left_out)?;
    Ok(core.and(conformance))
}

fn tried_again(
    last: &Outcome,
    seat: &Seat,
    server: [&Path; 2],
    programs: &[Program; 2],
) -> Result<Outcome> {
    let names = last.to_run_again();
    let [core, conformance] = programs;
    Ok(core.run(seat, server, &names, &[])?.and(conformance.run(seat, server, &names, &[])?))
}
