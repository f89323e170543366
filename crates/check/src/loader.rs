//! How the check accesses other files: it reads none itself.

use std::sync::Arc;

use super::FileKind;
use rbl_syntax as syntax;
use rbl_syntax::diagnostic::Diagnostic;
use rbl_syntax::source::{Source, SourceId};
use rbl_syntax::tree;

/// A file that is named by `use` or `run`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadedFile {
    /// Its canonical name, however it was written: an absolute path without `..` and links.
    pub identity: String,
    /// The name to show: the path relative to the working directory.
    pub shown: String,
    /// Its text.
    pub text: String,
}

/// A file and its tree. Cloning copies neither, so that many checks can share it.
#[derive(Debug, Clone)]
pub struct ParsedFile {
    /// Its canonical name.
    pub identity: String,
    /// Its text, and the name it is shown under.
    pub source: Source,
    tree: Arc<tree::File>,
    /// Whether its body may be continued later: a session.
    pub(super) goes_on: bool,
    /// What could not be read in it, as if it were the first file of a check.
    diagnostics: Arc<[Diagnostic]>,
}

impl ParsedFile {
    /// Parses a text.
    pub fn new(identity: impl Into<String>, source: Source) -> Self {
        let parsed = syntax::parse(SourceId::default(), source.text());
        let (tree, diagnostics) = (parsed.file.into(), parsed.diagnostics.into());
        Self { identity: identity.into(), source, tree, goes_on: false, diagnostics }
    }

    /// Marks the body as unfinished: a test may refer to something that does not exist yet.
    #[must_use]
    pub fn unfinished(self) -> Self {
        Self { goes_on: true, ..self }
    }

    /// Returns the same file under another name.
    #[must_use]
    pub fn shown_as(mut self, name: &str) -> Self {
        self.source = self.source.renamed(name);
        self
    }

    /// Whether it is a library, for `use`.
    pub fn is_library(&self) -> bool {
        FileKind::of(&self.tree) == FileKind::Library
    }

    /// Returns the tree and the findings, with places in this source.
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
    /// Loads the file that `named` refers to in the file `from` (an identity). The error is the reason, for people.
    fn load(&mut self, from: &str, named: &str) -> Result<LoadedFile, String>;

    /// Loads and parses the file. A loader may cache the result.
    fn read(&mut self, from: &str, named: &str) -> Result<ParsedFile, String> {
        let LoadedFile { identity, shown, text } = self.load(from, named)?;
        Ok(ParsedFile::new(identity, Source::new(shown, text)))
    }
}
