//! Findings of a check, printed in the form that was asked for.

use super::Output;
use crate::diagnostic::{Diagnostic, Pretty, Style, Summary, json, short};
use crate::source::Sources;

/// How findings are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// For people, with the lines it is about.
    Pretty(Style),
    /// One line a finding.
    Short,
    /// One JSON object a finding.
    Json,
}

/// Prints the findings of one check, and counts them.
pub(super) fn print(
    diagnostics: &[Diagnostic],
    sources: &Sources,
    form: Form,
    out: &mut Output,
    summary: &mut Summary,
) {
    let pretty = match form {
        Form::Pretty(style) => Some(Pretty::new(diagnostics, sources, style)),
        Form::Short | Form::Json => None,
    };
    for diagnostic in diagnostics {
        summary.count(diagnostic);
        match (&pretty, form) {
            (Some(pretty), _) => out.line(&pretty.draw(diagnostic)),
            (None, Form::Json) => out.line(&json(diagnostic, sources)),
            (None, _) => out.line(&short(diagnostic, sources)),
        }
    }
}
