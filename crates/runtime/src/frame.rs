//! [`RunbookFrame`]: the state of one runbook of a run. A `run` statement replaces it until the other runbook ends.

use std::sync::Arc;

use super::cleanup::Registered;
use super::environment::Environment;
use rbl_check::Runbook;
use rbl_syntax::source::SourceId;
use rbl_syntax::value::{Reason, ReasonKind};

/// Why a runbook without an owner has nobody to page.
pub(super) fn no_owner() -> Reason {
    Reason::new(ReasonKind::NoField, "the runbook names no owner")
}

/// The state of a runbook that is being walked, or waits while it runs another.
pub(super) struct RunbookFrame<'p> {
    pub(super) runbook: &'p Runbook,
    /// The file being walked: the runbook's own or a library's.
    pub(super) source: SourceId,
    pub(super) environment: Environment,
    pub(super) cleanup: Vec<Registered>,
    /// Whether the owner was reached for the end of this runbook, where a block that is left had it paged before it was
    /// put back.
    pub(super) called: Option<bool>,
    /// What failed of the `finally` actions of blocks that an abort left.
    pub(super) not_put_back: Vec<(String, Reason)>,
    pub(super) links: Arc<[(String, String)]>,
    /// Its owner, else that of the runbook that runs it; the error says why there is none that can be paged.
    pub(super) owner: Result<String, Reason>,
    /// Its title.
    pub(super) title: String,
    pub(super) severity: Option<String>,
}

impl<'p> RunbookFrame<'p> {
    /// The state at the beginning of a runbook; `owner` is that of the runbook that runs it.
    pub(super) fn new(runbook: &'p Runbook, owner: Result<String, Reason>) -> Self {
        Self {
            runbook,
            source: runbook.source,
            environment: Environment::default(),
            cleanup: Vec::new(),
            called: None,
            not_put_back: Vec::new(),
            links: Arc::from([]),
            owner,
            title: String::new(),
            severity: None,
        }
    }

    /// What the runbook says about its alert.
    pub(super) fn about(&self) -> Option<String> {
        self.runbook.about.as_ref().and_then(|about| about.literal()).map(str::to_owned)
    }
}
