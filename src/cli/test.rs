//! `rbl test [PATH…]`: runs the tests of runbooks in simulated time, in a world that the tests describe.

mod coverage;
mod mutants;
mod rehearsals;
mod suites;

use std::time::Instant;

use self::coverage::Measuring;
pub(super) use self::suites::{Suite, Suites};
use super::input_files::TargetFile;
use super::{CliContext, CommandResult};
use crate::Exit;
use clap::{ArgGroup, Args, ValueEnum};
use rbl_project::Refusal;
use rbl_project::parallel;
use rbl_report::tests::{self as report, Tested, tested};
use rbl_syntax::tree;
use rbl_testing::coverage::Share;
use rbl_testing::coverage::TakenPaths;
use rbl_testing::{EventUse, run_test};
use std::fmt;

/// `rbl test`
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 all passed, 1 a test failed, or less is covered or noticed than --fail-under asks for, \
                  2 no test found, 3 a runbook or a test has errors.",
    group = ArgGroup::new("measures").multiple(true)
)]
pub(crate) struct TestArguments {
    /// Runbooks and test files, or folders: everything below them that `.gitignore` does not exclude
    #[arg(value_name = "PATH", default_value = ".")]
    pub paths: Vec<String>,
    /// Run only the tests with this text in their title
    #[arg(long, value_name = "TEXT")]
    pub filter: Option<String>,
    /// How test results are printed
    #[arg(long, value_enum, default_value = "pretty")]
    pub format: TestFormat,
    /// Write tests for the arms that no test takes yet, at most N, to `NAME_test.rb`, for a person to review
    #[arg(long, value_name = "N", num_args = 0..=1, require_equals = true, default_missing_value = "0", conflicts_with_all = ["coverage", "mutants", "filter", "random", "format"])]
    pub write_missing: Option<usize>,
    /// Run each runbook in N random worlds instead, and check what holds for every run
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..), conflicts_with_all = ["coverage", "mutants", "filter"])]
    pub random: Option<u64>,
    /// The seed of the first random world; the same seed gives the same worlds again
    #[arg(long, value_name = "S", requires = "random")]
    pub seed: Option<u64>,
    /// Report which arms and paths of each runbook the tests take; `json` and `lcov` print nothing else on standard
    /// output
    #[arg(
        long,
        value_enum,
        value_name = "FORM",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "text",
        group = "measures"
    )]
    pub coverage: Option<CoverageFormat>,
    /// Change the runbooks in small ways, and report which changes no test notices; `json` prints nothing else on
    /// standard output
    #[arg(
        long,
        value_enum,
        value_name = "FORM",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "text",
        group = "measures"
    )]
    pub mutants: Option<MutantsFormat>,
    /// End with exit code 1 if less than this is covered, or noticed
    #[arg(long, value_name = "PERCENT", requires = "measures")]
    pub fail_under: Option<Percent>,
}

/// How coverage is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CoverageFormat {
    /// For people: each runbook, and the lines with arms that no test takes
    Text,
    /// One JSON object for each runbook
    Json,
    /// An lcov tracefile
    Lcov,
}

/// How mutants are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum MutantsFormat {
    /// For people: each runbook, and the changes that no test notices
    Text,
    /// One JSON object for each mutant, noticed or not, and one for each runbook
    Json,
}

/// A percentage: `80%`, or `80`.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub(crate) struct Percent(pub f64);

impl std::str::FromStr for Percent {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = text.trim().trim_end_matches('%').trim_end();
        match number.parse::<f64>() {
            Ok(percent) if (0.0..=100.0).contains(&percent) => Ok(Self(percent)),
            Ok(_) => Err("a share is between 0% and 100%".into()),
            Err(_) => Err("write it as `80%` or `80`".into()),
        }
    }
}

/// Writes the percentage as the author does: `80%`.
impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}%", self.0)
    }
}

/// How test results are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TestFormat {
    /// For people: the failed tests, each with its story
    Pretty,
    /// One JSON object for each test
    Json,
    /// JUnit XML, which build servers read
    Junit,
    /// The Test Anything Protocol
    Tap,
}

/// Runs all selected tests, and prints the results.
pub(super) fn test(asked: &TestArguments, context: &mut CliContext) -> CommandResult {
    if let Some(most) = asked.write_missing {
        return super::write_missing::missing_tests(asked, most, context);
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
    let used_for = if measuring.is_some() { EventUse::Telling } else { EventUse::Judging };
    let (results, taken): (Vec<Tested>, Vec<Option<TakenPaths>>) =
        parallel::each(&wanted, |(suite, test)| {
            let result = run_test(&suite.program, suite.source, test, used_for, &suite.budget);
            let taken = measuring.as_ref().map(|measuring| measuring.taken(suite, &result));
            (tested(&result, suite.program.sources()), taken)
        })
        .into_iter()
        .unzip();
    if asked.filter.is_none() && !errors && refusals.is_empty() {
        rehearsals::keep(wanted.iter().map(|(suite, _)| *suite).zip(&results), context);
    }
    // A machine-readable report of coverage or mutants is printed alone.
    let alone = matches!(asked.coverage, Some(CoverageFormat::Json | CoverageFormat::Lcov))
        || asked.mutants == Some(MutantsFormat::Json);
    let (out, style) = if alone {
        (&mut context.err, context.terminal.stderr)
    } else {
        (&mut context.out, context.terminal.stdout)
    };
    let form = match asked.format {
        TestFormat::Pretty => report::TestReportFormat::Pretty(style),
        TestFormat::Json => report::TestReportFormat::Json,
        TestFormat::Junit => report::TestReportFormat::Junit,
        TestFormat::Tap => report::TestReportFormat::Tap,
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
        enough = coverage::print(&coverage, asked, context);
    }
    if asked.mutants.is_some() && !wanted.is_empty() {
        enough &= mutants::print(&suites, &wanted, &results, broken, asked, context);
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

/// What the tests of a file with a runbook say.
#[derive(Debug)]
pub(super) struct TestedFile {
    /// The runbook, as it is shown.
    pub(super) file: String,
    /// The titles of the tests that fail.
    pub(super) failed: Vec<String>,
    /// Which part of its arms is taken.
    pub(super) arms: Share,
}

/// Runs all tests of files, and reports nothing: a file with errors has no result.
pub(super) fn tested_files(targets: &[TargetFile]) -> Vec<TestedFile> {
    let suites = Suites::ready(targets);
    let all: Vec<(&Suite, &tree::Test)> =
        suites.iter().flat_map(|suite| suite.tests.iter().map(move |test| (suite, test))).collect();
    let measuring = Measuring::of(&suites);
    let (passed, taken): (Vec<bool>, Vec<TakenPaths>) = parallel::each(&all, |(suite, test)| {
        let result = run_test(&suite.program, suite.source, test, EventUse::Telling, &suite.budget);
        (result.passed(), measuring.taken(suite, &result))
    })
    .into_iter()
    .unzip();
    let failed = |file: &str| {
        let of_file =
            all.iter().zip(&passed).filter(|((suite, _), passed)| suite.file() == file && !**passed);
        of_file.map(|((_, test), _)| test.title.literal().unwrap_or_default().to_owned()).collect()
    };
    let coverage = measuring.coverage(all.iter().map(|(suite, _)| *suite).zip(taken), 0, 0);
    coverage
        .runbooks
        .iter()
        .map(|it| TestedFile { file: it.file.clone(), failed: failed(&it.file), arms: it.arms() })
        .collect()
}

/// Whether the filter selects a test: its title contains the text, ignoring case.
fn is_meant(test: &tree::Test, filter: Option<&str>) -> bool {
    let Some(filter) = filter else { return true };
    test.title.literal().unwrap_or_default().to_lowercase().contains(&filter.to_lowercase())
}

fn nothing_found(asked: &TestArguments, known: usize) -> Refusal {
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
fn enough(share: Share, what: &str, asked: &TestArguments, context: &mut CliContext) -> bool {
    let Some(under) = asked.fail_under.filter(|under| share.percent() < under.0) else { return true };
    context.err.line(&format!(
        "rbl: {} of {} {what} ({share}), and `--fail-under` asks for {under}",
        share.covered, share.of
    ));
    false
}
