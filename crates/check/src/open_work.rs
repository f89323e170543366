//! Comments that say what is still to be done.

use rbl_syntax::diagnostic::{Code, Diagnostic};
use rbl_syntax::source::{Source, SourceId};
use rbl_syntax::tree;

/// The word that begins such a comment.
const MARK: &str = concat!("TO", "DO");

/// Reports each comment of a file that begins with the mark.
pub(super) fn found<'a>(
    id: SourceId,
    source: &'a Source,
    tree: &'a tree::File,
) -> impl Iterator<Item = Diagnostic> + 'a {
    tree.comments.iter().filter_map(move |comment| {
        let text = source.slice(comment.span).trim_start_matches('#').trim_start();
        let what = text.strip_prefix(MARK)?;
        if what.starts_with(|c: char| c.is_alphanumeric()) {
            return None;
        }
        let message = "something is still to be done here";
        let finding = Diagnostic::new(Code::UPKEEP_OPEN, message, comment.span.in_source(id), "decide this");
        Some(finding.help("do it, then take the comment out"))
    })
}
