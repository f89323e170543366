//! [`Original`]: the runbook that is changed, and the programs that its changed texts produce.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use rbl_check as check;
use rbl_check::{Catalogue, LoadedFile, Loader, Mention, ParsedFile, Program};
use rbl_project::files::{Files, NamedFile};
use rbl_project::source_cache::SourceCache;
use rbl_syntax::diagnostic::{Code, Diagnostic};
use rbl_syntax::source::{Source, SourceId, Span};
use rbl_syntax::{parse, tree};

use super::excerpt::{Excerpts, MutantExcerpt};
use super::mutant::Mutant;
use super::sample::{check_work, thin_out};
use super::test_runs::TestFile;

/// A runbook as written.
#[derive(Debug)]
pub struct Original {
    /// Its text with the tests blanked, so that every other byte keeps its position.
    body: Source,
    /// The identity of its file.
    pub(super) identity: String,
    /// The source cache: the files that it uses and runs are read once.
    cache: Arc<SourceCache>,
    /// What is known of it as written; read when the first mutant is tried.
    written: OnceLock<Option<WrittenRunbook>>,
}

/// A runbook as written, without errors.
#[derive(Debug)]
struct WrittenRunbook {
    program: Program,
    excerpts: Excerpts,
    /// Everything that a test can name, and how often it is there.
    mentions: HashMap<Mention, usize>,
}

/// A mutant without errors.
#[derive(Debug)]
pub(super) struct CompiledMutant {
    program: CompiledProgram,
    /// What a test could name in the runbook as written and not in this one, or the other way round; `None` where that
    /// is not known.
    differences: Option<Vec<Mention>>,
}

#[derive(Debug)]
enum CompiledProgram {
    Whole(Program),
    /// The program as written with this step in the place of one; built only for a test that reaches it.
    Step {
        /// The program of the excerpt.
        excerpt: Program,
        /// The step in that program; `None` if nothing is left of it.
        at: Option<usize>,
        /// The step that it replaces.
        item: usize,
    },
}

impl Original {
    /// Creates it from the text and the identity of the file; that also locates the files that it names.
    pub fn new(source: &Source, identity: &str) -> Self {
        let body = without(source, &all_of_tests(source));
        Self { body, identity: identity.to_owned(), cache: Arc::default(), written: OnceLock::new() }
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

    /// Returns the mutants that there is time to try, spread over the runbook, and how many are left out. `work`: how many
    /// statements are executed to try one, besides its check.
    pub(crate) fn mutants_in_time(&self, work: impl Fn(&Mutant) -> u64) -> (Vec<Mutant>, usize) {
        let all = self.mutants();
        let whole = self.body.text().len();
        let lengths = match self.written() {
            Some(written) => written.excerpts.lengths(whole, &all),
            None => vec![whole; all.len()],
        };
        let mut all: Vec<(Mutant, usize)> = all.into_iter().zip(lengths).collect();
        let left_out = thin_out(&mut all, |(mutant, length)| check_work(*length) + work(mutant));
        (all.into_iter().map(|(mutant, _)| mutant).collect(), left_out)
    }

    /// Compiles a mutant; `None` if it has errors.
    pub fn program(&self, mutant: &Mutant) -> Option<Program> {
        self.program_of(&self.compiled(mutant)?)
    }

    /// Compiles a mutant; `None` if it has errors. Checks only what the change can affect, where that is known.
    pub(super) fn compiled(&self, mutant: &Mutant) -> Option<CompiledMutant> {
        let written = self.written();
        let excerpt = written.and_then(|it| it.excerpts.of_mutant(self.body.text(), mutant));
        let (Some(written), Some(excerpt)) = (written, excerpt) else {
            let program = CompiledProgram::Whole(self.whole_program(mutant)?);
            return Some(CompiledMutant { program, differences: None });
        };
        let MutantExcerpt { text, item, at, others } = excerpt;
        let changed = self.checked(text, &self.identity, &self.body, None).program?;
        let steps = &changed.runbook(changed.main())?.steps;
        let left = (steps.len() > others).then_some(at);
        let was = written.program.runbook(written.program.main())?.steps.get(item)?;
        let is = left.and_then(|at| steps.get(at));
        let differences = written.differences(
            &Mention::of_statements(&was.statements),
            &is.map(|step| Mention::of_statements(&step.statements)).unwrap_or_default(),
        );
        let program = CompiledProgram::Step { excerpt: changed, at: left, item };
        Some(CompiledMutant { program, differences: Some(differences) })
    }

    /// The whole program of a mutant.
    pub(super) fn program_of(&self, compiled: &CompiledMutant) -> Option<Program> {
        match &compiled.program {
            CompiledProgram::Whole(program) => Some(program.clone()),
            CompiledProgram::Step { excerpt, at, item } => {
                self.written()?.program.with_step(*item, at.map(|at| (excerpt, at)))
            }
        }
    }

    fn written(&self) -> Option<&WrittenRunbook> {
        self.written.get_or_init(|| self.read()).as_ref()
    }

    /// The runbook as written; `None` if it has errors.
    fn read(&self) -> Option<WrittenRunbook> {
        let file = parse(SourceId::default(), self.body.text()).file;
        let checked = self.checked(self.body.text().to_owned(), &self.identity, &self.body, None);
        let program = checked.program?;
        let mut mentions = HashMap::new();
        for mention in file.items.iter().flat_map(Mention::of_item) {
            *mentions.entry(mention).or_default() += 1;
        }
        Some(WrittenRunbook { program, excerpts: Excerpts::of(&self.body, &file), mentions })
    }

    /// Compiles a mutant from its whole text; `None` if it has errors.
    pub(super) fn whole_program(&self, mutant: &Mutant) -> Option<Program> {
        let mut text = mutant.applied(self.body.text());
        let mut checked = self.checked(text.clone(), &self.identity, &self.body, None);
        if only_empty(&checked) {
            // Without its last statement it does nothing; as does a text in its place.
            text.push_str("\n\"nothing\"\n");
            checked = self.checked(text, &self.identity, &self.body, None);
        }
        if checked.diagnostics.iter().any(Diagnostic::is_error) { None } else { checked.program }
    }

    /// Whether the tests of a file still fit the runbook with a mutant in it: for example, a test cannot answer a
    /// question that is no longer asked.
    pub(super) fn fits(&self, mutant: &Mutant, compiled: &CompiledMutant, file: &TestFile) -> bool {
        let unaffected =
            compiled.differences.as_ref().is_some_and(|all| !all.iter().any(|it| file.may_name(it)));
        unaffected || self.whole_fits(mutant, &file.source, &file.identity)
    }

    /// Whether the tests fit, as the check of the whole text says.
    pub fn whole_fits(&self, mutant: &Mutant, tests: &Source, identity: &str) -> bool {
        let checked = if identity == self.identity {
            self.checked(mutant.applied(tests.text()), identity, tests, None)
        } else {
            self.checked(tests.text().to_owned(), identity, tests, Some(mutant))
        };
        only_empty(&checked) || !checked.diagnostics.iter().any(Diagnostic::is_error)
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

impl WrittenRunbook {
    /// What the whole runbook gains or loses when these mentions of one item become those.
    fn differences(&self, was: &[Mention], is: &[Mention]) -> Vec<Mention> {
        let mut change: HashMap<&Mention, isize> = HashMap::new();
        for (mentions, by) in [(was, -1), (is, 1)] {
            for mention in mentions {
                *change.entry(mention).or_default() += by;
            }
        }
        let changed = change.into_iter().filter(|(mention, by)| {
            let before = self.mentions.get(mention).copied().unwrap_or_default();
            (before > 0) != (before.saturating_add_signed(*by) > 0)
        });
        changed.map(|(mention, _)| mention.clone()).collect()
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

/// Whether the only error is that nothing is left to be done.
fn only_empty(checked: &check::Checked) -> bool {
    let mut errors = checked.diagnostics.iter().filter(|it| it.is_error()).peekable();
    errors.peek().is_some() && errors.all(|it| it.code == Code::FLOW_EMPTY)
}

/// The tests in a text.
pub(super) fn tests(source: &Source) -> Vec<tree::Test> {
    parse(SourceId::default(), source.text()).file.whole_tests()
}

/// The places of the tests and of what they start with, in order.
pub(super) fn all_of_tests(source: &Source) -> Vec<Span> {
    let file = parse(SourceId::default(), source.text()).file;
    let mut spans: Vec<Span> =
        file.tests().map(|test| test.span).chain(file.backgrounds().map(|it| it.span)).collect();
    spans.sort_by_key(|span| span.start);
    spans
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
        let spans = all_of_tests(&source);
        let bare = without(&source, &spans);
        assert_eq!(bare.text().len(), text.len());
        assert_eq!(bare.text().find("\"behind\""), text.find("\"behind\""));
        assert_eq!(bare.text().lines().count(), text.lines().count());
        assert!(!bare.text().contains("expect"));
    }
}
