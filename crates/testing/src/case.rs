//! One run of a test: the [`Test`] with one line from each of its tables.

use rbl_syntax::source::Span;
use rbl_syntax::tree::{Asked, Test, TestStatement, TestStatementKind};

/// A test with more runs than this is refused: nobody reads that many results.
const MOST: usize = 10_000;

/// One run of a test.
#[derive(Debug, Clone)]
pub struct TestCase<'t> {
    /// The test.
    pub test: &'t Test,
    /// The line chosen from each table, in the order of the tables.
    pub rows: Vec<TableRow<'t>>,
}

/// A line of a table.
pub type TableRow<'t> = &'t TestStatement;

impl<'t> TestCase<'t> {
    /// The lines that apply in this run. The lines of the tables come last and override the others; an answer from a
    /// table replaces the others' answers to that question.
    pub fn lines(&self) -> impl Iterator<Item = &'t TestStatement> + Clone + '_ {
        let own = self.test.body.iter().filter(|line| match &line.kind {
            TestStatementKind::Each { .. } => false,
            TestStatementKind::Answer { question, .. } => !self.answers_anew(question),
            TestStatementKind::Param { .. }
            | TestStatementKind::Given { .. }
            | TestStatementKind::After { .. }
            | TestStatementKind::Expect(_)
            | TestStatementKind::Broken => true,
        });
        own.chain(self.rows.iter().copied())
    }

    /// Whether a line of the tables answers this question.
    fn answers_anew(&self, asked: &Asked) -> bool {
        self.rows.iter().any(|row| {
            let TestStatementKind::Answer { question, .. } = &row.kind else { return false };
            question.is_same(asked)
        })
    }
}

/// Returns every run of a test: one, or one for each line of its table; with several tables, every combination of their
/// lines. Fails with the place of a table if there are more than 10,000 runs.
pub fn cases(test: &Test) -> Result<Vec<TestCase<'_>>, Span> {
    let mut all = vec![Vec::new()];
    for line in &test.body {
        let TestStatementKind::Each { body } = &line.kind else { continue };
        if all.len().saturating_mul(body.len()) > MOST {
            return Err(line.span);
        }
        all = all
            .iter()
            .flat_map(|rows: &Vec<TableRow<'_>>| {
                body.iter().map(|row| rows.iter().copied().chain(std::iter::once(row)).collect())
            })
            .collect();
    }
    Ok(all.into_iter().map(|rows| TestCase { test, rows }).collect())
}
