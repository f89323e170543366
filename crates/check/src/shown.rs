//! Names the part of the source that a message is about: the text itself where it is short, else "this".

use rbl_syntax::source::Span;

/// Returns a part of a text as a message names it: itself if it is short, else `this`.
pub(super) fn shown(text: &str, span: Span) -> String {
    let piece = text.get(span.range()).unwrap_or("");
    if piece.is_empty() || piece.len() > 32 || piece.contains(['\n', '`']) {
        "this".into()
    } else {
        format!("`{piece}`")
    }
}
