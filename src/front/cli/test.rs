//! `rbl test [PATH…]`: rehearses runbooks in simulated time, against a world that the tests describe.

mod coverage;
mod mutants;

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use self::coverage::Measuring;
use super::arguments::{CoverageFormat, MutantsFormat, Test, TestFormat};
use super::check::unreadable;
use super::targets::{Target, targets};
use super::{Context, Done};
use crate::check::{self, Catalogue, Kind, Program};
use crate::diagnostic::{Code, Diagnostic, Summary};
use crate::front::files::{Files, Named, Unread};
use crate::front::findings::{self, Form};
use crate::front::rehearsal::coverage::Taken;
use crate::front::rehearsal::report::{self, Tested, tested};
use crate::front::rehearsal::{rehearse, written};
use crate::front::{Exit, Refusal, cores};
use crate::source::{Source, SourceId, Sources};
use crate::syntax::tree;

/// What one file came to.
#[derive(Debug)]
pub(super) enum Outcome {
    /// Its tests can be run, if it has any.
    Ready(Suite),
    /// It has errors; nothing of it is run.
    Errors(Arc<Sources>, Vec<Diagnostic>),
    /// There is nothing to test in it.
    Nothing,
    /// It could not be read, though it was named.
    Refused(Refusal),
}

/// A file with tests, and the program that they test.
#[derive(Debug)]
pub(super) struct Suite {
    pub(super) program: Program,
    /// The file of the tests.
    pub(super) source: SourceId,
    /// None, where a runbook has none of its own: what tests of others take of it counts all the same.
    pub(super) tests: Vec<tree::Test>,
    /// What names each file of the program for good, in the order of its sources.
    pub(super) identities: Vec<String>,
}

/// Runs every test that is meant, and tells what came of it.
pub(super) fn test(asked: &Test, context: &mut Context) -> Done {
    if let Some(most) = asked.write_missing {
        return super::missing::missing_tests(asked, most, context);
    }
    if let Some(count) = asked.random {
        return super::random::random(asked, count, context);
    }
    let begun = Instant::now();
    let (targets, mut refusals) = targets(&asked.paths);
    let targets = with_their_tests(targets);
    let mut suites = Vec::new();
    let mut broken = 0;
    let mut summary = Summary::default();
    let mut told = HashSet::new();
    let style = context.surroundings.stderr;
    for outcome in cores::each(&targets, prepare) {
        match outcome {
            Outcome::Ready(suite) => suites.push(suite),
            Outcome::Nothing => {}
            Outcome::Refused(refusal) => refusals.push(refusal),
            Outcome::Errors(sources, mut diagnostics) => {
                broken += 1;
                // What stands in a runbook is found again from its file of tests.
                diagnostics.retain(|it| {
                    let place = it.place();
                    let file = place.and_then(|it| sources.get(it.source)).map(|it| it.name().to_owned());
                    told.insert((file, place.map(|it| it.span), it.code, it.message.clone()))
                });
                findings::print(&diagnostics, &sources, Form::Pretty(style), &mut context.err, &mut summary);
            }
        }
    }
    let all: Vec<(&Suite, &tree::Test)> =
        suites.iter().flat_map(|suite| suite.tests.iter().map(move |test| (suite, test))).collect();
    let wanted: Vec<(&Suite, &tree::Test)> =
        all.iter().filter(|(_, test)| is_meant(test, asked.filter.as_deref())).copied().collect();
    let left_out = all.len() - wanted.len();
    let measuring = asked.coverage.map(|_| Measuring::of(&suites));
    let (results, taken): (Vec<Tested>, Vec<Option<Taken>>) = cores::each(&wanted, |(suite, test)| {
        let result = rehearse(&suite.program, suite.source, test);
        let taken = measuring.as_ref().map(|measuring| measuring.taken(suite, &result));
        (tested(&result, suite.program.sources()), taken)
    })
    .into_iter()
    .unzip();
    // A machine that reads what is covered, or noticed, reads nothing else.
    let alone = matches!(asked.coverage, Some(CoverageFormat::Json | CoverageFormat::Lcov))
        || asked.mutants == Some(MutantsFormat::Json);
    let (out, style) = if alone {
        (&mut context.err, context.surroundings.stderr)
    } else {
        (&mut context.out, context.surroundings.stdout)
    };
    let form = match asked.format {
        TestFormat::Pretty => report::Form::Pretty(style),
        TestFormat::Json => report::Form::Json,
        TestFormat::Junit => report::Form::Junit,
        TestFormat::Tap => report::Form::Tap,
    };
    if !results.is_empty() {
        report::print(&results, left_out, begun.elapsed(), form, out);
        out.flush();
    }
    let mut enough = true;
    if let Some(measuring) = measuring
        && (all.is_empty() || !wanted.is_empty())
    {
        let by_test = wanted.iter().map(|(suite, _)| *suite).zip(taken.into_iter().flatten());
        let coverage = measuring.coverage(by_test, left_out, broken);
        enough = coverage::tell(&coverage, asked, context);
    }
    if asked.mutants.is_some() && !wanted.is_empty() {
        enough &= mutants::tell(&suites, &wanted, &results, broken, asked, context);
    }
    for refusal in &refusals {
        context.err.line(&refusal.to_string());
    }
    if summary.errors > 0 {
        return Ok(Exit::Errors);
    }
    if !refusals.is_empty() {
        return Ok(Exit::Cannot);
    }
    if results.is_empty() {
        return Err(nothing_found(asked, all.len()));
    }
    Ok(if results.iter().all(Tested::passed) && enough { Exit::Fine } else { Exit::Findings })
}

/// A runbook that is named brings the file of its tests with it.
pub(super) fn with_their_tests(targets: Vec<Target>) -> Vec<Target> {
    let mut all: Vec<Target> = Vec::with_capacity(targets.len());
    for target in targets {
        let beside = beside(&target.path).filter(|_| target.named);
        if all.iter().all(|known| known.path != target.path) {
            all.push(target);
        }
        if let Some(path) = beside
            && all.iter().all(|known| known.path != path)
        {
            all.push(Target { path, named: false });
        }
    }
    all
}

/// `NAME_test.rb` beside `NAME.rb`, where it is there.
pub(super) fn beside(path: &str) -> Option<String> {
    let beside = written::beside(Path::new(path))?;
    beside.is_file().then(|| beside.to_string_lossy().into_owned())
}

/// Reads and checks a file. What is configured does not matter: nothing of it is within reach of a test.
pub(super) fn prepare(target: &Target) -> Outcome {
    let named = match Named::read(&target.path) {
        Ok(named) => named,
        Err(why @ Unread::Closed(_)) if target.named => return Outcome::Refused(why.refusal(&target.path)),
        Err(why) => {
            let findings = unreadable(&target.path, &why);
            return Outcome::Errors(findings.sources, findings.diagnostics);
        }
    };
    let source = Source::new(named.shown.as_str(), named.text.as_str());
    let mut files = Files::new(&named);
    let checked = check::check(source, &named.identity, &mut files, &Catalogue::default());
    let is_ruby = |it: &Diagnostic| it.code == Code::SYNTAX_RUBY;
    if !target.named && checked.diagnostics.iter().any(is_ruby) {
        return Outcome::Nothing;
    }
    if checked.diagnostics.iter().any(Diagnostic::is_error) {
        let errors = checked.diagnostics.into_iter().filter(Diagnostic::is_error).collect();
        return Outcome::Errors(checked.sources, errors);
    }
    let Some(program) = checked.program else { return Outcome::Nothing };
    let (source, tests) = match (checked.kind, program.runbook(program.main())) {
        (Kind::Tests, _) => (SourceId(0), checked.tests),
        (_, Some(runbook)) => (runbook.source, runbook.tests.clone()),
        (_, None) => return Outcome::Nothing,
    };
    let identities = program.sources().iter().map(|(_, source)| files.identity(source.name()).to_owned());
    let identities = identities.collect();
    Outcome::Ready(Suite { program, source, tests, identities })
}

/// Whether a filter leaves a test in: its title holds the text, in capital letters or small ones.
fn is_meant(test: &tree::Test, filter: Option<&str>) -> bool {
    let Some(filter) = filter else { return true };
    test.title.literal().unwrap_or_default().to_lowercase().contains(&filter.to_lowercase())
}

fn nothing_found(asked: &Test, known: usize) -> Refusal {
    match (&asked.filter, known) {
        (Some(filter), 1..) => {
            let refusal = Refusal::new(format!("no test has `{filter}` in its title"));
            refusal.help(format!("there are {known} without `--filter`"))
        }
        _ => Refusal::new(format!("no test found in {}", asked.paths.join(", "))).help(
            "write `test \"TITLE\" { … }` behind the body of a runbook, or in NAME_test.rb, which begins with \
             `tests for \"NAME.rb\"`",
        ),
    }
}
