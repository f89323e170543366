//! The runbook that is changed, and the programs that its changed texts make.

use std::sync::Arc;

use rbl_check as check;
use rbl_check::{Catalogue, Loaded, Loader, Program, Read};
use rbl_project::files::{Files, Named};
use rbl_project::source_cache::Shelf;
use rbl_syntax::diagnostic::Diagnostic;
use rbl_syntax::source::{Source, SourceId, Span};
use rbl_syntax::{parse, tree};

use super::mutant::Mutant;

/// A runbook as it is written.
#[derive(Debug)]
pub struct Original {
    /// Its text without its tests; every other byte stays where it is.
    body: Source,
    /// What names it for good.
    pub(super) identity: String,
    /// What it takes in and runs is read once.
    shelf: Arc<Shelf>,
}

impl Original {
    /// A runbook by its text, and by what names it for good: beside it lie the files that it names.
    pub fn new(source: &Source, identity: &str) -> Self {
        let tests: Vec<Span> = tests(source).iter().map(|test| test.span).collect();
        let body = without(source, &tests);
        Self { body, identity: identity.to_owned(), shelf: Arc::default() }
    }

    /// Whether it is the file that this names for good.
    pub fn is(&self, identity: &str) -> bool {
        self.identity == identity
    }

    /// Its text, blank where its tests stand.
    pub fn text(&self) -> &str {
        self.body.text()
    }

    /// Every mutant of it that has no errors of its own.
    pub fn mutants(&self) -> Vec<Mutant> {
        crate::mutants::looked::mutants(&self.body, &parse(SourceId::default(), self.body.text()).file)
    }

    /// The program of a mutant; nothing where it has errors.
    pub fn program(&self, mutant: &Mutant) -> Option<Program> {
        let checked = self.checked(mutant.applied(self.body.text()), &self.identity, &self.body, None);
        if checked.diagnostics.iter().any(Diagnostic::is_error) { None } else { checked.program }
    }

    /// Whether tests that stand in this text still fit the runbook with a mutant in it: a question that is no longer asked
    /// cannot be answered.
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
            Named { shown: like.name().to_owned(), identity: identity.to_owned(), text: String::new() };
        let files = Files::sharing(Arc::clone(&self.shelf), &named);
        let mut loader = Changed { files, original: self, mutant };
        let read = Read::new(identity, Source::new(like.name(), text));
        check::check_read(&read, &mut loader, &Catalogue::default(), None)
    }
}

/// Finds files as ever, but for the runbook that has a mutant in it.
struct Changed<'a> {
    files: Files,
    original: &'a Original,
    mutant: Option<&'a Mutant>,
}

impl Loader for Changed<'_> {
    fn load(&mut self, from: &str, named: &str) -> Result<Loaded, String> {
        self.files.load(from, named)
    }

    fn read(&mut self, from: &str, named: &str) -> Result<Read, String> {
        let read = self.files.read(from, named)?;
        match self.mutant {
            Some(mutant) if read.identity == self.original.identity => {
                let text = mutant.applied(self.original.body.text());
                Ok(Read::new(read.identity, Source::new(read.source.name(), text)))
            }
            _ => Ok(read),
        }
    }
}

/// The tests that stand in a text.
pub(super) fn tests(source: &Source) -> Vec<tree::Test> {
    parse(SourceId::default(), source.text()).file.tests().cloned().collect()
}

/// A text with blanks in place of these pieces, so that all the rest stays where it is.
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
