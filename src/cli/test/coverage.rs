//! `rbl test --coverage`: measures what the tests come by, and tells it.

use super::super::Context;
use super::super::arguments::{CoverageFormat, Test, TestFormat};
use super::{Suite, enough};
use rbl_check::Catalogue;
use rbl_check::paths::Paths;
use rbl_project::parallel;
use rbl_report::coverage;
use rbl_testing::TestResult;
use rbl_testing::coverage::Taken;
use rbl_testing::coverage::{Coverage, Subject};

/// The paths of each suite, against which its runs are held.
#[derive(Debug)]
pub(super) struct Measuring<'a> {
    suites: Vec<(&'a Suite, Paths)>,
}

impl<'a> Measuring<'a> {
    /// Lists the paths of all that is tested.
    pub(super) fn of(suites: &'a [Suite]) -> Self {
        // Which arms there are does not depend on what is configured.
        let catalogue = Catalogue::default();
        let paths = parallel::each(suites, |suite| Paths::of(&suite.program, &catalogue));
        Self { suites: suites.iter().zip(paths).collect() }
    }

    /// What the runs of a test came by.
    pub(super) fn taken(&self, suite: &Suite, result: &TestResult) -> Taken {
        let paths = self.suites.iter().find(|(known, _)| std::ptr::eq(*known, suite));
        paths.map(|(_, paths)| Taken::by(&result.runs, paths)).unwrap_or_default()
    }

    /// What is covered by what came of each test.
    pub(super) fn coverage(
        &self,
        tests: impl Iterator<Item = (&'a Suite, Taken)>,
        left_out: usize,
        broken: usize,
    ) -> Coverage {
        let mut subjects: Vec<(&Suite, Subject<'_>)> = self
            .suites
            .iter()
            .map(|(suite, paths)| {
                let (program, identities) = (&suite.program, suite.identities.as_slice());
                (*suite, Subject { program, identities, paths, tests: 0, taken: Taken::default() })
            })
            .collect();
        for (suite, taken) in tests {
            if let Some((_, subject)) = subjects.iter_mut().find(|(known, _)| std::ptr::eq(*known, suite)) {
                subject.tests += 1;
                subject.taken.add(taken);
            }
        }
        let subjects: Vec<Subject<'_>> = subjects.into_iter().map(|(_, subject)| subject).collect();
        Coverage::of(&subjects, left_out, broken)
    }
}

/// Tells what is covered, and gives whether it is as much as was asked for.
pub(super) fn tell(coverage: &Coverage, asked: &Test, context: &mut Context) -> bool {
    match asked.coverage {
        None => {}
        Some(CoverageFormat::Json) => coverage::json(coverage, &mut context.out),
        Some(CoverageFormat::Lcov) => coverage::lcov(coverage, &mut context.out),
        Some(CoverageFormat::Text) if asked.format == TestFormat::Pretty => {
            coverage::text(coverage, context.terminal.stdout, &mut context.out);
        }
        // What a machine reads of the tests has no text behind it.
        Some(CoverageFormat::Text) => {
            coverage::text(coverage, context.terminal.stderr, &mut context.err);
        }
    }
    context.out.flush();
    enough(coverage.arms(), "arms are covered", asked, context)
}
