//! Building and running the targets, and the table of what came of it.

use super::options::Options;
use super::report::{self, Row};
use super::{build, target};
use crate::failure::{Failure, Result};
use crate::{cargo, ui};

/// Runs the targets one after the other. Where they can't be built, it says so and all is well: the ordinary tests run the
/// corpus too.
pub(crate) fn run(options: &Options) -> Result<()> {
    let known = target::all()?;
    if let Some(name) = options.targets.iter().find(|name| !known.contains(name)) {
        let hint = format!("the targets are {}", known.join(", "));
        return Err(Failure::new(format!("no fuzz target `{name}`")).hint(hint));
    }
    if let Some(why) = build::obstacle() {
        ui::warn(&format!("the fuzz targets can't be built here: {why}; they were not run"));
        return Ok(());
    }
    let folder = cargo::target()?.join("fuzz");
    ui::step("building the fuzz targets");
    let programs = build::build(&folder)?;
    let names = if options.targets.is_empty() { &known } else { &options.targets };
    ui::step(&format!("{} fuzz targets, {} s each", names.len(), options.seconds));
    let run = |name: &String| target::run(&programs.join(name), name, &folder, options);
    let rows: Vec<Row> = names.iter().map(run).collect::<Result<_>>()?;
    ui::note(&report::render(&rows));
    rows.iter().find_map(|row| Some(failed(row, row.crash.as_ref()?))).map_or(Ok(()), Err)
}

fn failed(row: &Row, (input, why): &(std::path::PathBuf, String)) -> Failure {
    let (name, input) = (&row.target, input.display());
    let hint = format!(
        "the input is {input}; copy it to fuzz/corpus/{name}/, from where every test run takes it:\n  \
         cargo test -p backstay-testkit --test fuzz_corpus"
    );
    Failure::new(format!("the fuzz target {name} found an input that breaks it\n{why}")).hint(hint)
}
