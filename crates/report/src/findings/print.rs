//! Findings of a check, printed in the form that was asked for.

use crate::findings::{Pretty, Summary, json};
use rbl_syntax::diagnostic::{Diagnostic, short};
use rbl_syntax::harmless;
use rbl_syntax::source::Sources;
use rbl_terminal::Output;
use rbl_terminal::Style;

/// How findings are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// For people, with the lines it is about.
    Pretty(Style),
    /// One line a finding.
    Short,
    /// One JSON object a finding.
    Json,
}

/// So many findings of one check are shown to people; nobody reads on, and the first ones cause the others.
const SHOWN: usize = 1_000;

/// Prints the findings of one check, and counts them. Machines are given all of them.
pub fn print(
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
    // An error is not left out for the sake of a warning.
    let mut errors = SHOWN;
    let mut others = SHOWN.saturating_sub(diagnostics.iter().filter(|it| it.is_error()).count());
    let mut left_out = 0usize;
    for diagnostic in diagnostics {
        summary.count(diagnostic);
        let left = if diagnostic.is_error() { &mut errors } else { &mut others };
        if form != Form::Json && *left == 0 {
            left_out += 1;
            continue;
        }
        *left = left.saturating_sub(1);
        match (&pretty, form) {
            (Some(pretty), _) => out.line(&pretty.draw(diagnostic)),
            (None, Form::Json) => out.line(&json(diagnostic, sources)),
            (None, _) => out.line(&short(diagnostic, sources)),
        }
    }
    if left_out > 0 {
        let name = sources.iter().next().map(|(_, source)| harmless(source.name())).unwrap_or_default();
        out.line(&format!("{name}: and {left_out} more"));
    }
}
