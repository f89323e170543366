//! How the check gets at other files: it reads none itself.

use std::sync::Arc;

use super::Kind;
use rbl_syntax as syntax;
use rbl_syntax::diagnostic::Diagnostic;
use rbl_syntax::source::{Source, SourceId};
use rbl_syntax::tree;

/// A file that `use` or `run` named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loaded {
    /// What names it for good, however it was written: an absolute path without `..` and links.
    pub identity: String,
    /// How it is shown: the path seen from where the person stands.
    pub shown: String,
    /// Its text.
    pub text: String,
}

/// A file and its tree. To copy it copies neither, so that many checks can share it.
#[derive(Debug, Clone)]
pub struct Read {
    /// What names it for good.
    pub identity: String,
    /// Its text, and the name it is shown under.
    pub source: Source,
    tree: Arc<tree::File>,
    /// Whether more of its body may still be written: a session.
    pub(super) goes_on: bool,
    /// What cannot be read in it, as if it were the first file of a check.
    diagnostics: Arc<[Diagnostic]>,
}

impl Read {
    /// Parses a text.
    pub fn new(identity: impl Into<String>, source: Source) -> Self {
        let parsed = syntax::parse(SourceId::default(), source.text());
        let (tree, diagnostics) = (parsed.file.into(), parsed.diagnostics.into());
        Self { identity: identity.into(), source, tree, goes_on: false, diagnostics }
    }

    /// As a body of which more may still be written: a test may speak of what is not there yet.
    #[must_use]
    pub fn going_on(self) -> Self {
        Self { goes_on: true, ..self }
    }

    /// The same file under another name.
    #[must_use]
    pub fn shown_as(mut self, name: &str) -> Self {
        self.source = self.source.renamed(name);
        self
    }

    /// Whether others take it in with `use`.
    pub fn is_library(&self) -> bool {
        Kind::of(&self.tree) == Kind::Library
    }

    /// The tree, and what cannot be read, as of the source of this number.
    pub(super) fn in_source(&self, id: SourceId) -> (Arc<tree::File>, Vec<Diagnostic>) {
        let mut diagnostics = self.diagnostics.to_vec();
        for diagnostic in &mut diagnostics {
            diagnostic.move_to(id);
        }
        (Arc::clone(&self.tree), diagnostics)
    }
}

/// Finds and reads the files that a file names.
pub trait Loader {
    /// The file that `named` means in the file `from` (an identity). The error is the reason, in words for people.
    fn load(&mut self, from: &str, named: &str) -> Result<Loaded, String>;

    /// The same file with its tree. A loader that keeps what it has read gives it again.
    fn read(&mut self, from: &str, named: &str) -> Result<Read, String> {
        let Loaded { identity, shown, text } = self.load(from, named)?;
        Ok(Read::new(identity, Source::new(shown, text)))
    }
}
