//! Reports merge-conflict markers left in a file.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::{SourceId, Span};

/// Reports one finding per conflict; findings that the markers caused in between are dropped.
pub(super) fn fold(source: SourceId, text: &str, diagnostics: &mut Vec<Diagnostic>) {
    let mut conflicts: Vec<Span> = Vec::new();
    let mut open: Option<u32> = None;
    let mut at = 0u32;
    for line in text.split_inclusive('\n') {
        let length = u32::try_from(line.len()).unwrap_or(0);
        if line.starts_with("<<<<<<< ") {
            open = Some(at);
        } else if line.starts_with(">>>>>>> ")
            && let Some(start) = open.take()
        {
            conflicts.push(Span::new(start, at + length));
        }
        at += length;
    }
    if conflicts.is_empty() {
        return;
    }
    diagnostics.retain(|diagnostic| {
        let at = diagnostic.place().map_or(0, |place| place.span.start);
        // The conflicts are ordered and disjoint: only the last one that begins before can contain it.
        let behind = conflicts.partition_point(|conflict| conflict.start <= at);
        behind.checked_sub(1).and_then(|last| conflicts.get(last)).is_none_or(|last| at >= last.end)
    });
    for conflict in conflicts {
        let place = Span::new(conflict.start, conflict.start + 7).in_source(source);
        diagnostics.push(
            Diagnostic::new(
                Code::SYNTAX_CONFLICT,
                "a merge conflict is left in this file",
                place,
                "begins here",
            )
            .help("keep one of the two sides and take the marker lines out"),
        );
    }
}
