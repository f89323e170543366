//! Loads the files that the session's text uses, relative to the loaded file.

use rbl_check::{LoadedFile, Loader};
use rbl_project::files::{Files, NamedFile};

/// A loader for files relative to the loaded one.
pub(super) struct RelativeLoader<'a> {
    shown: &'a str,
    identity: &'a str,
    files: Option<Files>,
}

impl<'a> RelativeLoader<'a> {
    /// Returns a loader relative to this file, given how the file is shown and its identity.
    pub(super) fn the(shown: &'a str, identity: &'a str) -> Self {
        Self { shown, identity, files: None }
    }
}

impl Loader for RelativeLoader<'_> {
    fn load(&mut self, from: &str, named: &str) -> Result<LoadedFile, String> {
        let (shown, identity) = (self.shown.to_owned(), self.identity.to_owned());
        let first = || NamedFile { shown, identity, text: String::new() };
        self.files.get_or_insert_with(|| Files::new(&first())).load(from, named)
    }
}
