//! `rbl test --random N`: runs runbooks in worlds that nobody thought of, and holds each run against what all keep to.

use std::collections::HashSet;
use std::path::Path;
use std::time::Instant;

use super::arguments::{Test, TestFormat};
use super::targets::{Target, targets};
use super::test::{Outcome, Suite, beside, prepare, with_their_tests};
use super::{Context, Done};
use crate::check::Program;
use crate::diagnostic::Summary;
use crate::front::findings::{self, Form};
use crate::front::rehearsal::report::worlds::{self as report, Runbook};
use crate::front::rehearsal::worlds::{Hints, Oracle, Seen, random as run_worlds};
use crate::front::{Exit, Refusal, cores, files, run_id};

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
    let mut by_runbook: Vec<Seen> = oracles.iter().map(|_| Seen::default()).collect();
    for (runbook, part) in parts {
        if let Some(whole) = by_runbook.get_mut(runbook) {
            whole.and(part);
        }
    }
    let all: Vec<(&Oracle<'_>, Seen)> = oracles.iter().zip(by_runbook).collect();
    let told: Vec<Runbook> = cores::each(&all, |(oracle, seen)| {
        let mut shown = seen.clone();
        shown.violations = shown.violations.into_iter().map(|it| it.smallest(oracle)).collect();
        report::runbook(oracle, name(oracle.program), &shown)
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
    let targets = with_their_tests(targets);
    let mut outcomes = cores::each(&targets, prepare);
    // A file of tests that is named is seldom all that its runbook has.
    let others = beside_their_runbooks(&targets, &outcomes);
    outcomes.extend(cores::each(&others, prepare));
    for outcome in outcomes {
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

/// The runbooks that files of tests are of, and what stands in the `NAME_test.rb` beside them, as far as they are not among
/// these targets.
fn beside_their_runbooks(targets: &[Target], outcomes: &[Outcome]) -> Vec<Target> {
    let identity = |path: &str| files::identity(Path::new(path)).ok();
    let mut known: HashSet<Option<String>> = targets.iter().map(|it| identity(&it.path)).collect();
    let mut others = Vec::new();
    for outcome in outcomes {
        let Outcome::Ready(suite) = outcome else { continue };
        let runbook = name(&suite.program).to_owned();
        let tests = beside(&runbook);
        for path in std::iter::once(runbook).chain(tests) {
            let is = identity(&path);
            if is.is_some() && known.insert(is) {
                others.push(Target { path, named: false });
            }
        }
    }
    others
}

/// The file of a program's main runbook, as it is shown.
pub(super) fn name(program: &Program) -> &str {
    let source = program.runbook(program.main()).map(|runbook| runbook.source);
    source.and_then(|source| program.sources().get(source)).map_or("", |source| source.name())
}
