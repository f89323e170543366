//! Where a runbook can go: what can never be reached, and how far a loop may reach. Each finding has its own file.

mod ends;
mod limits;

use super::findings::Findings;
use crate::source::SourceId;
use crate::syntax::tree;

/// Looks at the flow of one file.
pub(super) fn check(tree: &tree::File, source: SourceId, findings: &mut Findings) {
    ends::check(tree, source, findings);
    limits::check(tree, source, findings);
}
