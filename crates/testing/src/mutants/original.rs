//! [`Original`]: the runbook that is changed, and the programs that its changed texts produce.

use std::sync::Arc;

use rbl_check as check;
use rbl_check::{Catalogue, LoadedFile, Loader, ParsedFile, Program};
use rbl_project::files::{Files, NamedFile};
use rbl_project::source_cache::SourceCache;
use rbl_syntax::diagnostic::Diagnostic;
use rbl_syntax::source::{Source, SourceId, Span};
use rbl_syntax::{parse, tree};

use super::mutant::Mutant;

/// A runbook as written.
#[derive(Debug)]
pub struct Original {
    /// Its text with the tests blanked, so that every other byte keeps its position.
    body: Source,
    /// The identity of its file.
    pub(super) identity: String,
    /// The source cache: the files that it uses and runs are read once.
    cache: Arc<SourceCache>,
}

impl Original {
    /// Creates it from the text and the identity of the file; that also locates the files that it names.
    pub fn new(source: &Source, identity: &str) -> Self {
        let tests: Vec<Span> = tests(source).iter().map(|test| test.span).collect();
        let body = without(source, &tests);
        Self { body, identity: identity.to_owned(), cache: Arc::default() }
    }

    /// Whether this is the identity of its file.
    pub fn is(&self, identity: &str) -> bool {
        self.identity == identity
    }

    /// Its text, with blanks in place of its tests.
    pub fn text(&self) -> &str {
        self.body.text()
    }

    /// Returns every mutant of it. Some of them may have errors.
    pub fn mutants(&self) -> Vec<Mutant> {
        crate::mutants::collector::mutants(&self.body, &parse(SourceId::default(), self.body.text()).file)
    }

    /// Compiles a mutant; `None` if it has errors.
    pub fn program(&self, mutant: &Mutant) -> Option<Program> {
        let checked = self.checked(mutant.applied(self.body.text()), &self.identity, &self.body, None);
        if checked.diagnostics.iter().any(Diagnostic::is_error) { None } else { checked.program }
    }

    /// Whether the tests in this text still fit the runbook with a mutant in it: for example, a test cannot answer a
    /// question that is no longer asked.
    pub(super) fn fits(&self, mutant: &Mutant, tests: &Source, identity: &str) -> bool {
        let checked = if identity == self.identity {
            self.checked(mutant.applied(tests.text()), identity, tests, None)
        } else {
            self.checked(tests.text().to_owned(), identity, tests, Some(mutant))
        };
        !checked.diagnostics.iter().any(Diagnostic::is_error)
    }

    fn checked(
        &self,
        text: String,
        identity: &str,
        like: &Source,
        mutant: Option<&Mutant>,
    ) -> check::Checked {
        let named =
            NamedFile { shown: like.name().to_owned(), identity: identity.to_owned(), text: String::new() };
        let files = Files::sharing(Arc::clone(&self.cache), &named);
        let mut loader = MutantLoader { files, original: self, mutant };
        let read = ParsedFile::new(identity, Source::new(like.name(), text));
        check::check_read(&read, &mut loader, &Catalogue::default(), None)
    }
}

/// A loader that finds files as usual, but returns the mutant in place of the runbook.
struct MutantLoader<'a> {
    files: Files,
    original: &'a Original,
    mutant: Option<&'a Mutant>,
}

impl Loader for MutantLoader<'_> {
    fn load(&mut self, from: &str, named: &str) -> Result<LoadedFile, String> {
        self.files.load(from, named)
    }

    fn read(&mut self, from: &str, named: &str) -> Result<ParsedFile, String> {
        let read = self.files.read(from, named)?;
        match self.mutant {
            Some(mutant) if read.identity == self.original.identity => {
                let text = mutant.applied(self.original.body.text());
                Ok(ParsedFile::new(read.identity, Source::new(read.source.name(), text)))
            }
            _ => Ok(read),
        }
    }
}

/// The tests in a text.
pub(super) fn tests(source: &Source) -> Vec<tree::Test> {
    parse(SourceId::default(), source.text()).file.tests().cloned().collect()
}

/// Replaces these parts of a text with blanks, so that everything else keeps its position.
pub(super) fn without(source: &Source, pieces: &[Span]) -> Source {
    let mut text = String::with_capacity(source.text().len());
    let mut at = 0;
    for piece in pieces {
        let range = piece.range();
        text.push_str(source.text().get(at..range.start).unwrap_or(""));
        text.extend(source.slice(*piece).bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }));
        at = range.end;
    }
    text.push_str(source.text().get(at..).unwrap_or(""));
    Source::new(source.name(), text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_its_tests_everything_stays_where_it_is() {
        let text = "runbook \"ä\"\ntest \"ü\" {\n  expect resolved\n}\n\"behind\"\n";
        let source = Source::new("a.rb", text);
        let spans: Vec<Span> = tests(&source).iter().map(|test| test.span).collect();
        let bare = without(&source, &spans);
        assert_eq!(bare.text().len(), text.len());
        assert_eq!(bare.text().find("\"behind\""), text.find("\"behind\""));
        assert_eq!(bare.text().lines().count(), text.lines().count());
        assert!(!bare.text().contains("expect"));
    }
}
