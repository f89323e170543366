//! The order in which findings are printed: by file, by place, the most severe first.

use crate::diagnostic::Diagnostic;

/// Sorts by file, place, severity (errors first) and code; the same findings always come in the same order.
pub fn sort(diagnostics: &mut [Diagnostic]) {
    diagnostics.sort_by(|a, b| {
        let key = |it: &Diagnostic| (it.place(), std::cmp::Reverse(it.severity), it.code);
        key(a).cmp(&key(b)).then_with(|| a.message.cmp(&b.message))
    });
}
