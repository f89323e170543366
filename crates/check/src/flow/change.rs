//! Changes that take more than one action: begun and not yet completed.

use rbl_syntax::source::Span;

/// A change in progress.
#[derive(Debug, Clone)]
pub(super) struct UnfinishedChange {
    /// The action that began it.
    pub(super) begun: Span,
    /// The words of an action that ends it; empty if `finally` does when the run ends.
    pub(super) ended_by: &'static [&'static str],
    /// The conditions since then that would stop the run if unknown.
    pub(super) unhandled: Vec<Span>,
}

impl UnfinishedChange {
    /// Merges the state of two paths.
    pub(super) fn join(one: Option<Self>, other: Option<Self>) -> Option<Self> {
        match (one, other) {
            (Some(mut one), Some(other)) if one.begun == other.begun => {
                for span in other.unhandled {
                    if !one.unhandled.contains(&span) {
                        one.unhandled.push(span);
                    }
                }
                Some(one)
            }
            (one, other) => one.or(other),
        }
    }
}

/// Words that take something out of its state, and words that restore it.
const OPPOSITES: [(&str, &[&str]); 18] = [
    ("drain", &["uncordon", "undrain", "enable", "activate"]),
    ("cordon", &["uncordon"]),
    ("stop", &["start"]),
    ("disable", &["enable"]),
    ("deactivate", &["activate"]),
    ("pause", &["resume", "unpause"]),
    ("suspend", &["resume"]),
    ("mask", &["unmask"]),
    ("lock", &["unlock"]),
    ("detach", &["attach"]),
    ("deregister", &["register"]),
    ("umount", &["mount"]),
    ("unmount", &["mount"]),
    ("freeze", &["unfreeze", "thaw"]),
    ("fsfreeze", &["unfreeze", "thaw"]),
    ("silence", &["unsilence", "expire"]),
    ("quiesce", &["unquiesce", "resume"]),
    ("block", &["unblock", "allow"]),
];

/// Returns the words that end what these words begin.
pub(super) fn ended_by(words: &[String]) -> Option<&'static [&'static str]> {
    OPPOSITES.iter().find(|(word, _)| words.iter().any(|own| own == word)).map(|(_, ends)| *ends)
}
