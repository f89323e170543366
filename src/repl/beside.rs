//! The files that a session's text takes in, read from beside the one that is loaded.

use rbl_check::{Loaded, Loader};
use rbl_project::files::{Files, Named};

/// Reads the files beside the one that is loaded.
pub(super) struct Beside<'a> {
    shown: &'a str,
    identity: &'a str,
    files: Option<Files>,
}

impl<'a> Beside<'a> {
    /// Beside this one: how it is shown, and what names it for good.
    pub(super) fn the(shown: &'a str, identity: &'a str) -> Self {
        Self { shown, identity, files: None }
    }
}

impl Loader for Beside<'_> {
    fn load(&mut self, from: &str, named: &str) -> Result<Loaded, String> {
        let (shown, identity) = (self.shown.to_owned(), self.identity.to_owned());
        let first = || Named { shown, identity, text: String::new() };
        self.files.get_or_insert_with(|| Files::new(&first())).load(from, named)
    }
}
