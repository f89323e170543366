//! `rbl test [PATH…]`: runs the tests of runbooks in simulated time, in a world that the tests describe.

mod coverage;
mod mutants;
mod suites;

use std::time::Instant;

use self::coverage::Measuring;
pub(super) use self::suites::{Suite, Suites};
use super::arguments::{CoverageFormat, MutantsFormat, Test, TestFormat};
use super::{Context, Done};
use crate::Exit;
use rbl_project::Refusal;
use rbl_project::parallel;
use rbl_report::tests::{self as report, Tested, tested};
use rbl_syntax::tree;
use rbl_testing::coverage::Share;
use rbl_testing::coverage::Taken;
use rbl_testing::rehearse;

/// Runs all selected tests, and prints the results.
pub(super) fn test(asked: &Test, context: &mut Context) -> Done {
    if let Some(most) = asked.write_missing {
        return super::missing::missing_tests(asked, most, context);
    }
    if let Some(count) = asked.random {
        return super::random::random(asked, count, context);
    }
    let begun = Instant::now();
    let Suites { all: suites, broken, refusals, errors } = Suites::of(&asked.paths, context);
    let all: Vec<(&Suite, &tree::Test)> =
        suites.iter().flat_map(|suite| suite.tests.iter().map(move |test| (suite, test))).collect();
    let wanted: Vec<(&Suite, &tree::Test)> =
        all.iter().filter(|(_, test)| is_meant(test, asked.filter.as_deref())).copied().collect();
    let left_out = all.len() - wanted.len();
    let measuring = asked.coverage.map(|_| Measuring::of(&suites));
    let (results, taken): (Vec<Tested>, Vec<Option<Taken>>) = parallel::each(&wanted, |(suite, test)| {
        let result = rehearse(&suite.program, suite.source, test);
        let taken = measuring.as_ref().map(|measuring| measuring.taken(suite, &result));
        (tested(&result, suite.program.sources()), taken)
    })
    .into_iter()
    .unzip();
    // A machine-readable report of coverage or mutants is printed alone.
    let alone = matches!(asked.coverage, Some(CoverageFormat::Json | CoverageFormat::Lcov))
        || asked.mutants == Some(MutantsFormat::Json);
    let (out, style) = if alone {
        (&mut context.err, context.terminal.stderr)
    } else {
        (&mut context.out, context.terminal.stdout)
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
    if errors {
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

/// Whether the filter selects a test: its title contains the text, ignoring case.
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

/// Whether the share reaches `--fail-under`. Reports it if it does not.
fn enough(share: Share, what: &str, asked: &Test, context: &mut Context) -> bool {
    let Some(under) = asked.fail_under.filter(|under| share.percent() < under.0) else { return true };
    context.err.line(&format!(
        "rbl: {} of {} {what} ({share}), and `--fail-under` asks for {under}",
        share.covered, share.of
    ));
    false
}
