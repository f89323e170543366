//! `rbl test --random N`: runs runbooks in random worlds, and checks each run against the properties that every run
//! must have.

use std::collections::HashSet;
use std::time::Instant;

use super::processor_time::processor_time;
use super::test::{Suite, Suites, TestArguments, TestFormat};
use super::{CliContext, CommandResult};
use crate::Exit;
use rbl_engine::run_id;
use rbl_project::Refusal;
use rbl_project::parallel;
use rbl_report::fuzz as report;
use rbl_report::fuzz::FuzzedRunbook;
use rbl_testing::fuzz::{FuzzResults, Hints, Oracle, random as run_worlds};

/// The number of worlds in one batch: enough to keep a core busy, few enough to share between cores.
const SHARE: u64 = 50;

/// Runs each target runbook in `count` worlds.
pub(super) fn random(asked: &TestArguments, count: u64, context: &mut CliContext) -> CommandResult {
    let form = match asked.format {
        TestFormat::Pretty => report::FuzzReportFormat::Pretty(context.terminal.stdout),
        TestFormat::Json => report::FuzzReportFormat::Json,
        TestFormat::Junit | TestFormat::Tap => {
            return Err(Refusal::new("random worlds are printed as pretty or json")
                .help("leave out `--format`, or write `--format json`"));
        }
    };
    let begun = Instant::now();
    let found = Suites::whole(&asked.paths, context);
    let exit = found.exit(context);
    let mut suites = found.all;
    let mut known = HashSet::new();
    suites.retain(|suite| known.insert(suite.file().to_owned()));
    if suites.is_empty() && exit.is_none() {
        return Err(Refusal::new(format!("no runbook found in {}", asked.paths.join(", "))));
    }
    let seed = asked.seed.unwrap_or_else(|| run_id::random() & 0xffff_ffff);
    let oracles: Vec<Oracle<'_>> = suites.iter().map(|suite| Oracle::new(&suite.program)).collect();
    let hints = parallel::each(&suites, |suite| Hints::of(&suite.program, processor_time));
    let shares: Vec<(usize, u64, u64)> = (0..oracles.len())
        .flat_map(|runbook| {
            let firsts = (0..count.div_ceil(SHARE)).map(|share| share * SHARE);
            firsts.map(move |first| (runbook, seed.wrapping_add(first), SHARE.min(count - first)))
        })
        .collect();
    let parts = parallel::each(&shares, |(runbook, first, count)| {
        let (Some(oracle), Some(hints)) = (oracles.get(*runbook), hints.get(*runbook)) else {
            return (*runbook, FuzzResults::default());
        };
        (*runbook, run_worlds(oracle, hints, *first, *count, processor_time))
    });
    let mut by_runbook: Vec<FuzzResults> = oracles.iter().map(|_| FuzzResults::default()).collect();
    for (runbook, part) in parts {
        if let Some(whole) = by_runbook.get_mut(runbook) {
            whole.and(part);
        }
    }
    let all: Vec<(&Suite, &Oracle<'_>, FuzzResults)> = suites
        .iter()
        .zip(&oracles)
        .zip(by_runbook)
        .map(|((suite, oracle), seen)| (suite, oracle, seen))
        .collect();
    let reports: Vec<FuzzedRunbook> = parallel::each(&all, |(suite, oracle, seen)| {
        let mut shown = seen.clone();
        shown.violations =
            shown.violations.into_iter().map(|it| it.smallest(oracle, processor_time)).collect();
        report::runbook(oracle, suite.file(), &shown)
    });
    report::print(&reports, seed, begun.elapsed(), form, &mut context.out);
    context.out.flush();
    if let Some(exit) = exit {
        return Ok(exit);
    }
    Ok(if reports.iter().all(FuzzedRunbook::is_clean) { Exit::Fine } else { Exit::Findings })
}
