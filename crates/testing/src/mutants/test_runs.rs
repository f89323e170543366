//! The runs of the tests before anything is changed, with the statements that each run reached.

use std::collections::HashSet;

use super::original::{all_of_tests, tests, without};
use crate::suite::passes;
use crate::{SimulatedRun, TestCase, cases};
use rbl_check::{Mention, Program};
use rbl_syntax::source::{Source, SourceId, Span};
use rbl_syntax::tree::Test;

/// The selected tests of a file, and the file.
#[derive(Debug)]
pub struct SelectedTests<'t> {
    /// The program under test.
    pub program: &'t Program,
    /// The tests.
    pub tests: Vec<&'t Test>,
    /// The source ID of the file in the program.
    pub id: SourceId,
    /// The identity of the file.
    pub identity: String,
}

/// Every run of the tests.
#[derive(Debug)]
pub struct TestRuns<'t> {
    pub(super) runs: Vec<TestRun<'t>>,
    pub(super) files: Vec<TestFile>,
}

/// A file with tests.
#[derive(Debug)]
pub(super) struct TestFile {
    /// Its text without the tests that are not selected.
    pub(super) source: Source,
    /// Its identity.
    pub(super) identity: String,
    /// The text of its tests and of what they start with; `None` if they have escapes or values, with which they may
    /// name something in other words.
    tests: Option<String>,
}

/// A run of a test.
#[derive(Debug)]
pub(super) struct TestRun<'t> {
    pub(super) case: TestCase<'t>,
    /// The source ID of the file of the test.
    pub(super) id: SourceId,
    /// The statements of the runbook under test that it reached.
    reached: HashSet<Span>,
    /// How many statements it executed.
    executed: u64,
}

impl<'t> TestRuns<'t> {
    /// Runs the tests of a runbook, which may be in several files. Fails with the first test that does not pass.
    pub fn of(files: &[SelectedTests<'t>]) -> Result<Self, &'t Test> {
        let mut runs = Vec::new();
        for file in files {
            let program = file.program;
            for test in &file.tests {
                for case in cases(test).map_err(|_| *test)? {
                    if !passes(program, file.id, &case, |_| ()) {
                        return Err(test);
                    }
                    let simulated = SimulatedRun::new(program, file.id, case.lines()).map_err(|_| *test)?;
                    let (reached, executed) = simulated.reached();
                    runs.push(TestRun { case, id: file.id, reached, executed });
                }
            }
        }
        let files = files.iter().filter_map(|file| Some(TestFile::new(file.meant()?, &file.identity)));
        let files = files.collect();
        Ok(Self { runs, files })
    }

    /// How many statements are executed at most to try a mutant of this statement.
    pub(super) fn work(&self, statement: Option<Span>) -> u64 {
        self.runs.iter().filter(|run| run.reached(statement)).map(|run| run.executed).sum()
    }
}

impl TestFile {
    fn new(source: Source, identity: &str) -> Self {
        let pieces: Vec<&str> = all_of_tests(&source).into_iter().map(|piece| source.slice(piece)).collect();
        let tests = pieces.join("\n");
        let plain = !["\\", "\"\"\"", "#{"].iter().any(|it| tests.contains(it));
        Self { identity: identity.to_owned(), tests: plain.then_some(tests), source }
    }

    /// Whether one of its tests may name this.
    pub(super) fn may_name(&self, mention: &Mention) -> bool {
        self.tests.as_ref().is_none_or(|tests| mention.may_be_named_in(tests))
    }
}

impl SelectedTests<'_> {
    /// The file without the tests that are not selected.
    fn meant(&self) -> Option<Source> {
        let source = self.program.sources().get(self.id)?;
        let meant: HashSet<Span> = self.tests.iter().map(|test| test.span).collect();
        let others: Vec<Span> =
            tests(source).iter().map(|test| test.span).filter(|span| !meant.contains(span)).collect();
        Some(without(source, &others))
    }
}

impl TestRun<'_> {
    /// Whether the run reached a statement; every run reaches a declaration.
    pub(super) fn reached(&self, statement: Option<Span>) -> bool {
        statement.is_none_or(|span| self.reached.contains(&span))
    }
}
