//! One line per finding, as compilers write it, for editors and `grep`.

use crate::diagnostic::{Diagnostic, Severity};
use crate::harmless::harmless;
use crate::source::Sources;

impl Severity {
    /// The word people read: `error`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Advice => "advice",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// Formats `file:line:column: severity[code]: message`, without a line end. A finding without a place begins with its
/// severity.
pub fn short(diagnostic: &Diagnostic, sources: &Sources) -> String {
    let message = diagnostic.message.replace('\n', " ");
    let finding = format!("{}[{}]: {message}", diagnostic.severity.word(), diagnostic.code);
    let place = diagnostic.place().and_then(|place| Some((sources.get(place.source)?, place.span)));
    let line = match place {
        Some((source, span)) => {
            let at = source.line_column(span.start);
            format!("{}:{}:{}: {finding}", source.name(), at.line, at.column)
        }
        None => finding,
    };
    harmless(&line).replace('\t', " ")
}
