//! What the inputs of a session have built so far: its text and its values, and the earlier states to go back to.

use std::collections::VecDeque;
use std::path::Path;

use super::document::Document;
use crate::repl::given_layer::SessionMark;
use rbl_runtime::{Session, Start};

/// The most statements that can be gone back. *Why:* each state is a copy of all values, and a session that is fed by a program has no
/// end.
const MOST_EARLIER: usize = 1_000;

/// About as many bytes may all of these states take: of a long session fewer are kept.
const MOST_BYTES: usize = 128 << 20;

/// What a character of the text, and what an input, takes in a state, about: its tree, and its part of the story.
const BYTES_OF_A_CHARACTER: usize = 20;
const BYTES_OF_AN_INPUT: usize = 500;

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
        let state = self.document.length() * BYTES_OF_A_CHARACTER + self.inputs as usize * BYTES_OF_AN_INPUT;
        let most = (MOST_BYTES / state.max(1)).clamp(1, MOST_EARLIER);
        while self.earlier.len() >= most {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repl::given_layer::Givens;

    #[test]
    fn of_a_long_session_fewer_states_are_kept() {
        let mut state = SessionState::new(Path::new("."));
        let mark = Givens::default().mark();
        for _ in 0..MOST_EARLIER + 10 {
            let earlier = state.snapshot(mark);
            state.keep(earlier);
        }
        assert_eq!(state.earlier.len(), MOST_EARLIER);
        state.inputs = 100_000;
        let earlier = state.snapshot(mark);
        state.keep(earlier);
        assert!((1..10).contains(&state.earlier.len()), "{}", state.earlier.len());
    }
}
