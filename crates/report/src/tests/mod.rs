//! Reports the results of tests: for people, and as JSON, `JUnit` XML and TAP.

mod junit;
pub mod pretty;
pub mod result;
mod tap;

use std::time::Duration;

use crate::json;
pub use crate::tests::result::{Tested, TestsSummary, schema, tested};
use rbl_terminal::Output;
use rbl_terminal::Style;

/// The format of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TestReportFormat {
    /// Text for people.
    Pretty(Style),
    /// One JSON object for each test, and a last one for all.
    Json,
    /// `JUnit` XML, for build servers.
    Junit,
    /// The Test Anything Protocol, version 14.
    Tap,
}

/// Prints the results of the tests; `left_out`: the number of tests that a filter left out.
pub fn print(tests: &[Tested], left_out: usize, took: Duration, form: TestReportFormat, out: &mut Output) {
    let summary = TestsSummary::of(tests, left_out, took);
    match form {
        TestReportFormat::Pretty(style) => pretty::print(tests, &summary, style, out),
        TestReportFormat::Json => {
            for test in tests {
                out.line(&json::line(test));
            }
            out.line(&serde_json::to_string(&summary).unwrap_or_default());
        }
        TestReportFormat::Junit => junit::print(tests, &summary, out),
        TestReportFormat::Tap => tap::print(tests, out),
    }
}
