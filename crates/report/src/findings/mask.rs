//! What must not be repeated even though it stands in the source: a secret written into the file.

use rbl_syntax::diagnostic::{Code, Diagnostic};
use rbl_syntax::source::{Place, SourceId};

/// The codes that say "a secret is written here", by their primary label.
const WRITTEN: &[Code] = &[Code::CONFIG_SECRET, Code::SECRET_WRITTEN];

/// The places whose text is shown as dots in every snippet.
#[derive(Debug, Clone, Default)]
pub(super) struct Mask(Vec<Place>);

impl Mask {
    /// The primary places of all findings that say "a secret is written here".
    pub(super) fn of(diagnostics: &[Diagnostic]) -> Self {
        let written = diagnostics.iter().filter(|it| WRITTEN.contains(&it.code));
        Self(written.filter_map(Diagnostic::place).collect())
    }

    /// Whether the byte at a place is to be hidden.
    pub(super) fn hides(&self, source: SourceId, byte: usize) -> bool {
        self.0.iter().any(|place| place.source == source && place.span.range().contains(&byte))
    }
}
