//! What is tested: the runbooks that are meant, with the tests in whatever files they stand.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

use super::super::Context;
use super::super::check::unreadable;
use super::super::targets::{Target, targets};
use crate::Exit;
use rbl_check as check;
use rbl_check::{Catalogue, Kind, Program};
use rbl_project::Refusal;
use rbl_project::files;
use rbl_project::files::{Files, Named, Unread};
use rbl_project::parallel;
use rbl_report::findings::Summary;
use rbl_report::findings::print;
use rbl_report::findings::print::Form;
use rbl_syntax::diagnostic::{Code, Diagnostic};
use rbl_syntax::source::{Source, SourceId, Sources};
use rbl_syntax::tree;
use rbl_testing::test_writer;

/// All that was found.
#[derive(Debug)]
pub(crate) struct Suites {
    /// Each file with a runbook or with tests of one.
    pub all: Vec<Suite>,
    /// How many files have errors.
    pub broken: usize,
    /// What could not be read, though it was named; it is not told yet.
    pub refusals: Vec<Refusal>,
    /// Whether errors were told.
    pub errors: bool,
}

impl Suites {
    /// Reads and checks what is meant, each runbook with the file of its tests; tells the errors of those that have some.
    pub(crate) fn of(paths: &[String], context: &mut Context) -> Self {
        let (targets, refusals) = targets(paths);
        let targets = with_their_tests(targets);
        let outcomes = parallel::each(&targets, prepare);
        Self::told(outcomes, refusals, context)
    }

    /// The same, with all tests of each runbook: a file of tests that is named is seldom all that its runbook has.
    pub(crate) fn whole(paths: &[String], context: &mut Context) -> Self {
        let (targets, refusals) = targets(paths);
        let targets = with_their_tests(targets);
        let mut outcomes = parallel::each(&targets, prepare);
        let others = beside_their_runbooks(&targets, &outcomes);
        outcomes.extend(parallel::each(&others, prepare));
        Self::told(outcomes, refusals, context)
    }

    fn told(outcomes: Vec<Outcome>, refusals: Vec<Refusal>, context: &mut Context) -> Self {
        let mut found = Self { all: Vec::new(), broken: 0, refusals, errors: false };
        let mut summary = Summary::default();
        let mut told = HashSet::new();
        let style = context.terminal.stderr;
        for outcome in outcomes {
            match outcome {
                Outcome::Ready(suite) => found.all.push(suite),
                Outcome::Nothing => {}
                Outcome::Refused(refusal) => found.refusals.push(refusal),
                Outcome::Errors(sources, mut diagnostics) => {
                    found.broken += 1;
                    // What stands in a runbook is found again from its file of tests.
                    diagnostics.retain(|it| {
                        let place = it.place();
                        let file = place.and_then(|it| sources.get(it.source)).map(|it| it.name().to_owned());
                        told.insert((file, place.map(|it| it.span), it.code, it.message.clone()))
                    });
                    print::print(&diagnostics, &sources, Form::Pretty(style), &mut context.err, &mut summary);
                }
            }
        }
        found.errors = summary.errors > 0;
        found
    }

    /// Tells what could not be read; what the errors and that come to, where there is anything of the kind.
    pub(crate) fn exit(&self, context: &mut Context) -> Option<Exit> {
        for refusal in &self.refusals {
            context.err.line(&refusal.to_string());
        }
        if self.errors { Some(Exit::Errors) } else { (!self.refusals.is_empty()).then_some(Exit::Cannot) }
    }
}

/// What one file came to.
#[derive(Debug)]
enum Outcome {
    /// Its tests can be run, if it has any.
    Ready(Suite),
    /// It has errors; nothing of it is run.
    Errors(Arc<Sources>, Vec<Diagnostic>),
    /// There is nothing to test in it.
    Nothing,
    /// It could not be read, though it was named.
    Refused(Refusal),
}

/// A file with tests, and the program that they test.
#[derive(Debug)]
pub(crate) struct Suite {
    pub program: Program,
    /// The file of the tests.
    pub source: SourceId,
    /// None, where a runbook has none of its own: what tests of others take of it counts all the same.
    pub tests: Vec<tree::Test>,
    /// What names each file of the program for good, in the order of its sources.
    pub identities: Vec<String>,
}

impl Suite {
    /// The file of the runbook that is tested, as it is shown.
    pub(crate) fn file(&self) -> &str {
        let source = self.program.sources().get(self.program.main_source());
        source.map_or("", |source| source.name())
    }
}

/// A runbook that is named brings the file of its tests with it.
fn with_their_tests(targets: Vec<Target>) -> Vec<Target> {
    let mut all: Vec<Target> = Vec::with_capacity(targets.len());
    for target in targets {
        let beside = beside(&target.path).filter(|_| target.named);
        if all.iter().all(|known| known.path != target.path) {
            all.push(target);
        }
        if let Some(path) = beside
            && all.iter().all(|known| known.path != path)
        {
            all.push(Target { path, named: false });
        }
    }
    all
}

/// The runbooks that files of tests are of, and what stands in the `NAME_test.rb` beside them, as far as they are not among
/// these targets.
fn beside_their_runbooks(targets: &[Target], outcomes: &[Outcome]) -> Vec<Target> {
    let identity = |path: &str| files::identity(Path::new(path)).ok();
    let mut known: HashSet<Option<String>> = targets.iter().map(|it| identity(&it.path)).collect();
    let mut others = Vec::new();
    for outcome in outcomes {
        let Outcome::Ready(suite) = outcome else { continue };
        let runbook = suite.file().to_owned();
        let tests = beside(&runbook);
        for path in std::iter::once(runbook).chain(tests) {
            let is = identity(&path);
            if is.is_some() && known.insert(is) {
                others.push(Target { path, named: false });
            }
        }
    }
    others
}

/// `NAME_test.rb` beside `NAME.rb`, where it is there.
fn beside(path: &str) -> Option<String> {
    let beside = test_writer::beside(Path::new(path))?;
    beside.is_file().then(|| beside.to_string_lossy().into_owned())
}

/// Reads and checks a file. What is configured does not matter: nothing of it is within reach of a test.
fn prepare(target: &Target) -> Outcome {
    let named = match Named::read(&target.path) {
        Ok(named) => named,
        Err(why @ Unread::Closed(_)) if target.named => return Outcome::Refused(why.refusal(&target.path)),
        Err(why) => {
            let findings = unreadable(&target.path, &why);
            return Outcome::Errors(findings.sources, findings.diagnostics);
        }
    };
    let source = Source::new(named.shown.as_str(), named.text.as_str());
    let mut files = Files::new(&named);
    let checked = check::check(source, &named.identity, &mut files, &Catalogue::default());
    let is_ruby = |it: &Diagnostic| it.code == Code::SYNTAX_RUBY;
    if !target.named && checked.diagnostics.iter().any(is_ruby) {
        return Outcome::Nothing;
    }
    if checked.diagnostics.iter().any(Diagnostic::is_error) {
        let errors = checked.diagnostics.into_iter().filter(Diagnostic::is_error).collect();
        return Outcome::Errors(checked.sources, errors);
    }
    let Some(program) = checked.program else { return Outcome::Nothing };
    let (source, tests) = match (checked.kind, program.runbook(program.main())) {
        (Kind::Tests, _) => (SourceId(0), checked.tests),
        (_, Some(runbook)) => (runbook.source, runbook.tests.clone()),
        (_, None) => return Outcome::Nothing,
    };
    let identities = program.sources().iter().map(|(_, source)| files.identity(source.name()).to_owned());
    let identities = identities.collect();
    Outcome::Ready(Suite { program, source, tests, identities })
}
