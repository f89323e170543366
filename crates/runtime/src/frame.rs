//! [`RunbookFrame`]: the state of one runbook of a run. A `run` statement replaces it until the other runbook ends.

use std::sync::Arc;

use super::cleanup::Registered;
use super::environment::Environment;
use rbl_check::Runbook;
use rbl_syntax::source::SourceId;

/// The state of a runbook that is being walked, or waits while it runs another.
pub(super) struct RunbookFrame<'p> {
    pub(super) runbook: &'p Runbook,
    /// The file being walked: the runbook's own or a library's.
    pub(super) source: SourceId,
    pub(super) environment: Environment,
    pub(super) cleanup: Vec<Registered>,
    pub(super) links: Arc<[(String, String)]>,
    /// Its owner, else that of the runbook that runs it.
    pub(super) owner: Option<String>,
    /// Its title.
    pub(super) title: String,
    pub(super) severity: Option<String>,
}

impl<'p> RunbookFrame<'p> {
    /// The state at the beginning of a runbook; `owner` is that of the runbook that runs it.
    pub(super) fn new(runbook: &'p Runbook, owner: Option<String>) -> Self {
        Self {
            runbook,
            source: runbook.source,
            environment: Environment::default(),
            cleanup: Vec::new(),
            links: Arc::from([]),
            owner,
            title: String::new(),
            severity: None,
        }
    }
}
