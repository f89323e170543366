//! `rbl test --coverage`: measures which arms and paths the tests take, and prints the result.

use super::super::CliContext;
use super::{CoverageFormat, Suite, TestArguments, TestFormat, enough};
use rbl_check::Catalogue;
use rbl_check::paths::Paths;
use rbl_project::parallel;
use rbl_report::coverage;
use rbl_testing::TestResult;
use rbl_testing::coverage::TakenPaths;
use rbl_testing::coverage::{Coverage, CoverageSubject};

/// The paths of each suite, with which its runs are compared.
#[derive(Debug)]
pub(super) struct Measuring<'a> {
    suites: Vec<(&'a Suite, Paths)>,
}

impl<'a> Measuring<'a> {
    /// Lists the paths of all tested runbooks.
    pub(super) fn of(suites: &'a [Suite]) -> Self {
        // The arms do not depend on the configuration.
        let catalogue = Catalogue::default();
        let paths = parallel::each(suites, |suite| Paths::of(&suite.program, &catalogue));
        Self { suites: suites.iter().zip(paths).collect() }
    }

    /// The arms and paths that the runs of a test took.
    pub(super) fn taken(&self, suite: &Suite, result: &TestResult) -> TakenPaths {
        let paths = self.suites.iter().find(|(known, _)| std::ptr::eq(*known, suite));
        paths.map(|(_, paths)| TakenPaths::by(&result.runs, paths)).unwrap_or_default()
    }

    /// The coverage of all suites, from the result of each test.
    pub(super) fn coverage(
        &self,
        tests: impl Iterator<Item = (&'a Suite, TakenPaths)>,
        left_out: usize,
        broken: usize,
    ) -> Coverage {
        let mut subjects: Vec<(&Suite, CoverageSubject<'_>)> = self
            .suites
            .iter()
            .map(|(suite, paths)| {
                let (program, identities) = (&suite.program, suite.identities.as_slice());
                (
                    *suite,
                    CoverageSubject { program, identities, paths, tests: 0, taken: TakenPaths::default() },
                )
            })
            .collect();
        for (suite, taken) in tests {
            if let Some((_, subject)) = subjects.iter_mut().find(|(known, _)| std::ptr::eq(*known, suite)) {
                subject.tests += 1;
                subject.taken.add(taken);
            }
        }
        let subjects: Vec<CoverageSubject<'_>> = subjects.into_iter().map(|(_, subject)| subject).collect();
        Coverage::of(&subjects, left_out, broken)
    }
}

/// Prints the coverage. Returns whether it reaches `--fail-under`.
pub(super) fn print(coverage: &Coverage, asked: &TestArguments, context: &mut CliContext) -> bool {
    match asked.coverage {
        None => {}
        Some(CoverageFormat::Json) => coverage::json(coverage, &mut context.out),
        Some(CoverageFormat::Lcov) => coverage::lcov(coverage, &mut context.out),
        Some(CoverageFormat::Text) if asked.format == TestFormat::Pretty => {
            coverage::text(coverage, context.terminal.stdout, &mut context.out);
        }
        // A machine-readable report of the tests is not followed by text.
        Some(CoverageFormat::Text) => {
            coverage::text(coverage, context.terminal.stderr, &mut context.err);
        }
    }
    context.out.flush();
    enough(coverage.arms(), "arms are covered", asked, context)
}
