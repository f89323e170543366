//! `rbl test --random N`: runs runbooks in worlds that nobody thought of, and holds each run against what all keep to.

use std::collections::HashSet;
use std::time::Instant;

use super::arguments::{Test, TestFormat};
use super::targets::targets;
use super::test::{Outcome, Suite, prepare, with_their_tests};
use super::{Context, Done};
use crate::check::Program;
use crate::diagnostic::Summary;
use crate::front::findings::{self, Form};
use crate::front::rehearsal::report::worlds::{self as report, Runbook};
use crate::front::rehearsal::worlds::{Hints, Oracle, Seen, random as run_worlds};
use crate::front::{Exit, Refusal, cores, run_id};

/// So many worlds are looked at in one go: enough to keep a core busy, few enough to share them out.
const SHARE: u64 = 50;

/// What runbooks were found.
pub(super) struct Found {
    /// Each file with a runbook or with tests of one.
    pub(super) suites: Vec<Suite>,
    /// What stands against others.
    pub(super) exit: Option<Exit>,
}

/// Runs each runbook that is meant in so many worlds.
pub(super) fn random(asked: &Test, count: u64, context: &mut Context) -> Done {
    let form = match asked.format {
        TestFormat::Pretty => report::Form::Pretty(context.surroundings.stdout),
        TestFormat::Json => report::Form::Json,
        TestFormat::Junit | TestFormat::Tap => {
            return Err(Refusal::new("random worlds are told as pretty or json")
                .help("leave out `--format`, or write `--format json`"));
        }
    };
    let begun = Instant::now();
    let mut found = runbooks(asked, context);
    let mut known = HashSet::new();
    found.suites.retain(|suite| known.insert(name(&suite.program).to_owned()));
    if found.suites.is_empty() && found.exit.is_none() {
        return Err(Refusal::new(format!("no runbook found in {}", asked.paths.join(", "))));
    }
    let seed = asked.seed.unwrap_or_else(|| run_id::chance() & 0xffff_ffff);
    let oracles: Vec<Oracle<'_>> = found.suites.iter().map(|suite| Oracle::new(&suite.program)).collect();
    let hints = cores::each(&found.suites, |suite| Hints::of(&suite.program));
    let shares: Vec<(usize, u64, u64)> = (0..oracles.len())
        .flat_map(|runbook| {
            let firsts = (0..count.div_ceil(SHARE)).map(|share| share * SHARE);
            firsts.map(move |first| (runbook, seed.wrapping_add(first), SHARE.min(count - first)))
        })
        .collect();
    let parts = cores::each(&shares, |(runbook, first, count)| {
        let (Some(oracle), Some(hints)) = (oracles.get(*runbook), hints.get(*runbook)) else {
            return (*runbook, Seen::default());
        };
        (*runbook, run_worlds(oracle, hints, *first, *count))
    });
    let mut seen: Vec<Seen> = oracles.iter().map(|_| Seen::default()).collect();
    for (runbook, part) in parts {
        if let Some(seen) = seen.get_mut(runbook) {
            seen.and(part);
        }
    }
    let all: Vec<(&Oracle<'_>, Seen)> = oracles.iter().zip(seen).collect();
    let told: Vec<Runbook> = cores::each(&all, |(oracle, seen)| {
        let mut seen = seen.clone();
        seen.violations = seen.violations.into_iter().map(|it| it.smallest(oracle)).collect();
        report::runbook(oracle, name(oracle.program), &seen)
    });
    report::print(&told, seed, begun.elapsed(), form, &mut context.out);
    context.out.flush();
    if let Some(exit) = found.exit {
        return Ok(exit);
    }
    Ok(if told.iter().all(Runbook::keeps_to_it) { Exit::Fine } else { Exit::Findings })
}

/// The runbooks that are meant, by themselves or by their tests; what stands against one is told.
pub(super) fn runbooks(asked: &Test, context: &mut Context) -> Found {
    let (targets, refusals) = targets(&asked.paths);
    let mut suites: Vec<Suite> = Vec::new();
    let (mut errors, mut refused) = (Summary::default(), false);
    for outcome in cores::each(&with_their_tests(targets), prepare) {
        match outcome {
            Outcome::Ready(suite) => suites.push(suite),
            Outcome::Nothing => {}
            Outcome::Refused(refusal) => {
                refused = true;
                context.err.line(&refusal.to_string());
            }
            Outcome::Errors(sources, diagnostics) => {
                let form = Form::Pretty(context.surroundings.stderr);
                findings::print(&diagnostics, &sources, form, &mut context.err, &mut errors);
            }
        }
    }
    for refusal in &refusals {
        context.err.line(&refusal.to_string());
    }
    refused |= !refusals.is_empty();
    let exit = if errors.errors > 0 { Some(Exit::Errors) } else { refused.then_some(Exit::Cannot) };
    Found { suites, exit }
}

/// The file of a program's main runbook, as it is shown.
pub(super) fn name(program: &Program) -> &str {
    let source = program.runbook(program.main()).map(|runbook| runbook.source);
    source.and_then(|source| program.sources().get(source)).map_or("", |source| source.name())
}
