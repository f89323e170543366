//! What came of the tests, told: for people, and for the machines that read JSON, `JUnit` and TAP.

mod junit;
pub mod pretty;
pub mod result;
mod tap;

use std::time::Duration;

use crate::json;
pub use crate::tests::result::{Summary, Tested, schema, tested};
use rbl_terminal::Output;
use rbl_terminal::Style;

/// How the tests are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// For people.
    Pretty(Style),
    /// One JSON object a test, and a last one for all.
    Json,
    /// The XML that build servers read.
    Junit,
    /// The Test Anything Protocol, version 14.
    Tap,
}

/// Prints what came of the tests; `left_out`: how many a filter left out.
pub fn print(tests: &[Tested], left_out: usize, took: Duration, form: Form, out: &mut Output) {
    let summary = Summary::of(tests, left_out, took);
    match form {
        Form::Pretty(style) => pretty::print(tests, &summary, style, out),
        Form::Json => {
            for test in tests {
                out.line(&json::line(test));
            }
            out.line(&serde_json::to_string(&summary).unwrap_or_default());
        }
        Form::Junit => junit::print(tests, &summary, out),
        Form::Tap => tap::print(tests, out),
    }
}
