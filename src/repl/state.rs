//! What the inputs of a session have built so far: its text and its values, and the earlier states to go back to.

use std::collections::VecDeque;
use std::path::Path;

use super::document::Document;
use crate::repl::given_layer::SessionMark;
use rbl_runtime::{Session, Start};

/// The most statements that can be gone back. *Why:* each state is a copy of all values, and a session that is fed by a program has no
/// end.
const MOST_EARLIER: usize = 1_000;

/// The text and the values of a session.
pub(super) struct SessionState {
    pub(super) document: Document,
    pub(super) session: Session,
    /// The states before the last [`MOST_EARLIER`] typed statements.
    earlier: VecDeque<Earlier>,
    inputs: u32,
}

/// The state before a statement, and the point in the given world.
pub(super) struct Earlier {
    document: Document,
    session: Session,
    mark: SessionMark,
}

impl SessionState {
    /// Returns the state of a new session in a folder.
    pub(super) fn new(folder: &Path) -> Self {
        Self {
            document: Document::new(folder),
            session: Session::new(Start { run_id: "session".into(), ..Start::default() }),
            earlier: VecDeque::new(),
            inputs: 0,
        }
    }

    /// Starts over with the declarations of a loaded runbook.
    pub(super) fn restart(&mut self, document: Document, start: Start) {
        self.document = document;
        self.session = Session::new(start);
        self.earlier.clear();
    }

    /// Counts an input; returns its number.
    pub(super) fn next_input(&mut self) -> u32 {
        self.inputs += 1;
        self.inputs
    }

    /// The number that the next input has.
    pub(super) fn following(&self) -> u32 {
        self.inputs + 1
    }

    /// Does not count the last input: it was empty.
    pub(super) fn uncount_input(&mut self) {
        self.inputs -= 1;
    }

    /// The current state, to go back to.
    pub(super) fn snapshot(&self, mark: SessionMark) -> Earlier {
        Earlier { document: self.document.clone(), session: self.session.clone(), mark }
    }

    /// Keeps the state from before a statement.
    pub(super) fn keep(&mut self, earlier: Earlier) {
        if self.earlier.len() == MOST_EARLIER {
            self.earlier.pop_front();
        }
        self.earlier.push_back(earlier);
    }

    /// Goes back to before the last statement; returns the point in the given world.
    pub(super) fn back(&mut self) -> Option<SessionMark> {
        let Earlier { document, session, mark } = self.earlier.pop_back()?;
        (self.document, self.session) = (document, session);
        Some(mark)
    }
}
