//! Prints the findings of a check in the requested format.

use crate::findings::{FindingsSummary, Pretty, json};
use rbl_syntax::diagnostic::{Diagnostic, short};
use rbl_syntax::harmless;
use rbl_syntax::source::Sources;
use rbl_terminal::Output;
use rbl_terminal::Style;

/// The format of the findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FindingsFormat {
    /// For people, with the source lines.
    Pretty(Style),
    /// One line for each finding.
    Short,
    /// One JSON object for each finding.
    Json,
}

/// The most findings of one check that are shown to people: nobody reads more, and the first ones cause the others.
const SHOWN: usize = 1_000;

/// Prints the findings of one check, and counts them. Machine-readable formats get all of them.
pub fn print(
    diagnostics: &[Diagnostic],
    sources: &Sources,
    form: FindingsFormat,
    out: &mut Output,
    summary: &mut FindingsSummary,
) {
    let pretty = match form {
        FindingsFormat::Pretty(style) => Some(Pretty::new(diagnostics, sources, style)),
        FindingsFormat::Short | FindingsFormat::Json => None,
    };
    // Errors take precedence: none is left out in favour of a warning.
    let mut errors = SHOWN;
    let mut others = SHOWN.saturating_sub(diagnostics.iter().filter(|it| it.is_error()).count());
    let mut left_out = 0usize;
    for diagnostic in diagnostics {
        summary.count(diagnostic);
        let left = if diagnostic.is_error() { &mut errors } else { &mut others };
        if form != FindingsFormat::Json && *left == 0 {
            left_out += 1;
            continue;
        }
        *left = left.saturating_sub(1);
        match (&pretty, form) {
            (Some(pretty), _) => out.line(&pretty.draw(diagnostic)),
            (None, FindingsFormat::Json) => out.line(&json(diagnostic, sources)),
            (None, _) => out.line(&short(diagnostic, sources)),
        }
    }
    if left_out > 0 {
        let name = sources.iter().next().map(|(_, source)| harmless(source.name())).unwrap_or_default();
        out.line(&format!("{name}: and {left_out} more"));
    }
}
