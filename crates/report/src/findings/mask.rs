//! Masks secrets that are written in a source, so that no snippet repeats them.

use rbl_syntax::diagnostic::{Code, Diagnostic};
use rbl_syntax::source::{Place, SourceId};

/// The codes whose primary label is a secret.
const WRITTEN: &[Code] = &[Code::CONFIG_SECRET, Code::SECRET_WRITTEN];

/// The places that every snippet shows as dots.
#[derive(Debug, Clone, Default)]
pub(super) struct SnippetMask(Vec<Place>);

impl SnippetMask {
    /// Collects the primary places of all findings about a written secret.
    pub(super) fn of(diagnostics: &[Diagnostic]) -> Self {
        let written = diagnostics.iter().filter(|it| WRITTEN.contains(&it.code));
        Self(written.filter_map(Diagnostic::place).collect())
    }

    /// Whether the byte at a place is hidden.
    pub(super) fn hides(&self, source: SourceId, byte: usize) -> bool {
        self.0.iter().any(|place| place.source == source && place.span.range().contains(&byte))
    }
}
