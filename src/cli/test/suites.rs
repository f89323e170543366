//! The suites of a test run: the target runbooks, with their tests from all files.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

use super::super::CliContext;
use super::super::check::unreadable;
use super::super::input_files::{TargetFile, targets};
use crate::Exit;
use rbl_check as check;
use rbl_check::{Catalogue, FileKind, Program};
use rbl_project::Refusal;
use rbl_project::files;
use rbl_project::files::{Files, UnreadableFile};
use rbl_project::parallel;
use rbl_report::findings::FindingsSummary;
use rbl_report::findings::print;
use rbl_report::findings::print::FindingsFormat;
use rbl_syntax::diagnostic::{Code, Diagnostic};
use rbl_syntax::source::{Source, SourceId, Sources};
use rbl_syntax::tree;
use rbl_testing::TestBudget;
use rbl_testing::test_writer;

/// All suites that were found.
#[derive(Debug)]
pub(crate) struct Suites {
    /// Every file with a runbook or with tests of one.
    pub all: Vec<Suite>,
    /// The number of files with errors.
    pub broken: usize,
    /// The named files that could not be read; not reported yet.
    pub refusals: Vec<Refusal>,
    /// Whether errors were reported.
    pub errors: bool,
}

impl Suites {
    /// Reads and checks the targets, each runbook together with its test file. Prints the errors of files that have
    /// some.
    pub(crate) fn of(paths: &[String], context: &mut CliContext) -> Self {
        let (targets, refusals) = targets(paths);
        let targets = with_their_tests(targets);
        let outcomes = parallel::each(&targets, prepare);
        Self::report(outcomes, refusals, context)
    }

    /// Like [`Self::of`], but with all tests of each runbook: a named test file rarely holds all tests of its
    /// runbook.
    pub(crate) fn whole(paths: &[String], context: &mut CliContext) -> Self {
        let (targets, refusals) = targets(paths);
        let targets = with_their_tests(targets);
        let mut outcomes = parallel::each(&targets, prepare);
        let others = beside_their_runbooks(&targets, &outcomes);
        outcomes.extend(parallel::each(&others, prepare));
        Self::report(outcomes, refusals, context)
    }

    /// The suites of files without errors; of the others, nothing is said.
    pub(crate) fn ready(targets: &[TargetFile]) -> Vec<Suite> {
        let ready = |it| match it {
            SuiteOutcome::Ready(suite) => Some(suite),
            SuiteOutcome::Errors(..) | SuiteOutcome::Nothing | SuiteOutcome::Refused(_) => None,
        };
        parallel::each(targets, prepare).into_iter().filter_map(ready).collect()
    }

    fn report(outcomes: Vec<SuiteOutcome>, refusals: Vec<Refusal>, context: &mut CliContext) -> Self {
        let mut found = Self { all: Vec::new(), broken: 0, refusals, errors: false };
        let mut summary = FindingsSummary::default();
        let mut reported = HashSet::new();
        let style = context.terminal.stderr;
        for outcome in outcomes {
            match outcome {
                SuiteOutcome::Ready(suite) => found.all.push(suite),
                SuiteOutcome::Nothing => {}
                SuiteOutcome::Refused(refusal) => found.refusals.push(refusal),
                SuiteOutcome::Errors(sources, mut diagnostics) => {
                    found.broken += 1;
                    // A finding in a runbook is found again from its test file.
                    diagnostics.retain(|it| {
                        let place = it.place();
                        let file = place.and_then(|it| sources.get(it.source)).map(|it| it.name().to_owned());
                        reported.insert((file, place.map(|it| it.span), it.code, it.message.clone()))
                    });
                    print::print(
                        &diagnostics,
                        &sources,
                        FindingsFormat::Pretty(style),
                        &mut context.err,
                        &mut summary,
                    );
                }
            }
        }
        found.errors = summary.errors > 0;
        found
    }

    /// Reports the files that could not be read. Returns the exit code for errors and unread files, if there are any.
    pub(crate) fn exit(&self, context: &mut CliContext) -> Option<Exit> {
        for refusal in &self.refusals {
            context.err.line(&refusal.to_string());
        }
        if self.errors { Some(Exit::Errors) } else { (!self.refusals.is_empty()).then_some(Exit::Cannot) }
    }
}

/// The result of reading one file.
#[derive(Debug)]
enum SuiteOutcome {
    /// Its tests, if it has any, can be run.
    Ready(Suite),
    /// It has errors; none of its tests is run.
    Errors(Arc<Sources>, Vec<Diagnostic>),
    /// It holds nothing to test.
    Nothing,
    /// It was named on the command line, but cannot be read.
    Refused(Refusal),
}

/// A file with tests, and the program that they test.
#[derive(Debug)]
pub(crate) struct Suite {
    pub program: Program,
    /// The file that holds the tests.
    pub source: SourceId,
    /// The tests; empty if a runbook has none of its own. Tests of other runbooks may still take its arms.
    pub tests: Vec<tree::Test>,
    /// The identity of each file of the program, in the order of its sources.
    pub identities: Vec<String>,
    /// What its tests may still compute.
    pub budget: TestBudget,
}

impl Suite {
    /// The path of the tested runbook, as it is shown.
    pub(crate) fn file(&self) -> &str {
        let source = self.program.sources().get(self.program.main_source());
        source.map_or("", |source| source.name())
    }
}

/// Adds the test file of each runbook that was named.
fn with_their_tests(targets: Vec<TargetFile>) -> Vec<TargetFile> {
    let mut all: Vec<TargetFile> = Vec::with_capacity(targets.len());
    for target in targets {
        let beside = beside(&target.path).filter(|_| target.named);
        if all.iter().all(|known| known.path != target.path) {
            all.push(target);
        }
        if let Some(path) = beside
            && all.iter().all(|known| known.path != path)
        {
            all.push(TargetFile { path, named: false });
        }
    }
    all
}

/// The runbooks of the test files, and the `NAME_test.rb` beside those runbooks, unless they are already targets.
fn beside_their_runbooks(targets: &[TargetFile], outcomes: &[SuiteOutcome]) -> Vec<TargetFile> {
    let identity = |path: &str| files::identity(Path::new(path)).ok();
    let mut known: HashSet<Option<String>> = targets.iter().map(|it| identity(&it.path)).collect();
    let mut others = Vec::new();
    for outcome in outcomes {
        let SuiteOutcome::Ready(suite) = outcome else { continue };
        let runbook = suite.file().to_owned();
        let tests = beside(&runbook);
        for path in std::iter::once(runbook).chain(tests) {
            let is = identity(&path);
            if is.is_some() && known.insert(is) {
                others.push(TargetFile { path, named: false });
            }
        }
    }
    others
}

/// The file `NAME_test.rb` beside `NAME.rb`, if it exists.
fn beside(path: &str) -> Option<String> {
    let beside = test_writer::beside(Path::new(path))?;
    beside.is_file().then(|| beside.to_string_lossy().into_owned())
}

/// Reads and checks a file. The configuration is ignored: no test can reach it.
fn prepare(target: &TargetFile) -> SuiteOutcome {
    let named = match target.read() {
        Ok(named) => named,
        Err(why @ UnreadableFile::Closed(_)) if target.named => {
            return SuiteOutcome::Refused(why.refusal(&target.path));
        }
        Err(why) => {
            let findings = unreadable(&target.path, &why);
            return SuiteOutcome::Errors(findings.sources, findings.diagnostics);
        }
    };
    let source = Source::new(named.shown.as_str(), named.text.as_str());
    let mut files = Files::new(&named);
    let checked = check::check(source, &named.identity, &mut files, &Catalogue::default());
    let is_ruby = |it: &Diagnostic| it.code == Code::SYNTAX_RUBY;
    if !target.named && checked.diagnostics.iter().any(is_ruby) {
        return SuiteOutcome::Nothing;
    }
    if checked.diagnostics.iter().any(Diagnostic::is_error) {
        let errors = checked.diagnostics.into_iter().filter(Diagnostic::is_error).collect();
        return SuiteOutcome::Errors(checked.sources, errors);
    }
    let Some(program) = checked.program else { return SuiteOutcome::Nothing };
    let (source, tests) = match (checked.kind, program.runbook(program.main())) {
        (FileKind::Tests, _) => (SourceId(0), checked.tests),
        (_, Some(runbook)) => (runbook.source, runbook.tests.clone()),
        (_, None) => return SuiteOutcome::Nothing,
    };
    let identities = program.sources().iter().map(|(_, source)| files.identity(source.name()).to_owned());
    let identities = identities.collect();
    SuiteOutcome::Ready(Suite { program, source, tests, identities, budget: TestBudget::default() })
}
