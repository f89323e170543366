//! The results as JUnit XML, for build servers: one suite for each file, one case for each test.

use std::time::Duration;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use crate::junit::{document, set_file, text};
use crate::tests::result::{FIRST_KEPT, Failed, Tested, TestsSummary};
use rbl_syntax::value::Took;
use rbl_terminal::Output;

/// Prints the whole document.
pub(super) fn print(tests: &[Tested], summary: &TestsSummary, out: &mut Output) {
    let mut report = Report::new("rbl");
    report.set_time(duration(summary.seconds));
    for tests in tests.chunk_by(|a, b| a.file == b.file) {
        let Some(first) = tests.first() else { continue };
        let mut suite = TestSuite::new(text(&first.file));
        suite.set_time(duration(tests.iter().map(|test| test.seconds).sum()));
        suite.add_test_cases(tests.iter().map(case));
        report.add_test_suite(suite);
    }
    out.line(&document(&report));
}

/// A test is one case. The format has one failure for a case: that of a test with several failed rows has the message of
/// the first, and the text of all.
fn case(test: &Tested) -> TestCase {
    let status = if test.passed {
        TestCaseStatus::success()
    } else {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        let first = test.failures.first().and_then(|failure| failure.unmet.first());
        status.set_message(text(first.map_or("", |unmet| unmet.happened.as_str())));
        status.set_description(text(&test.failures.iter().map(words).collect::<Vec<_>>().join("\n")));
        status
    };
    let mut case = TestCase::new(text(&test.title), status);
    case.set_time(duration(test.seconds));
    set_file(&mut case, &test.file, Some(test.line));
    case
}

fn duration(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or_default()
}

/// The text of a failure, without colours and without a width.
pub(super) fn words(failure: &Failed) -> String {
    use std::fmt::Write as _;
    let mut text = String::new();
    for unmet in &failure.unmet {
        let expected = &unmet.expected;
        let _ = writeln!(text, "expected: {} ({}:{})", expected.text, expected.file, expected.line);
        let _ = write!(text, "but: {}", unmet.happened);
        if let Some(at) = &unmet.at {
            let _ = write!(text, " ({}:{})", at.file, at.line);
        }
        text.push('\n');
    }
    for row in &failure.with {
        let _ = writeln!(text, "with: {} ({}:{})", row.text, row.file, row.line);
    }
    for (index, line) in failure.story.iter().enumerate() {
        if index == FIRST_KEPT && failure.story_left_out > 0 {
            let _ = writeln!(text, "… {} lines left out …", failure.story_left_out);
        }
        let place = line.line.map(|number| format!("line {number}: ")).unwrap_or_default();
        let _ = writeln!(text, "{} {place}{} {}", Took(line.at), line.word, line.text.replace('\n', " / "));
    }
    text
}
