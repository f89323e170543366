//! The entry points of the check: from a text to its findings, and to a program if there are no errors.

use std::collections::HashSet;
use std::rc::Rc;
use std::sync::Arc;

use jiff::civil::Date;
use smol_str::SmolStr;

use super::allow::{self, AllowScope};
use super::checker::Checker;
use super::file_graph::Gathered;
use super::inputs::CheckInputs;
use super::symbol::{Symbol, SymbolKind, TypeState};
use super::{Catalogue, Loader, ParsedFile, Program, arrange, assemble, open_work, paths, written_secret};
use rbl_syntax::diagnostic::Diagnostic;
use rbl_syntax::source::{Place, Source, Sources, Span};
use rbl_syntax::tree;

/// The kind of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// It begins with `runbook`.
    Runbook,
    /// Declarations that other files import with `use`.
    Library,
    /// It begins with `tests for`.
    Tests,
}

impl FileKind {
    /// Returns the kind of a file, by its header.
    pub(super) fn of(file: &tree::File) -> Self {
        for declaration in file.declarations() {
            match declaration {
                tree::Declaration::Runbook(_) => return Self::Runbook,
                tree::Declaration::Tests(_) => return Self::Tests,
                _ => {}
            }
        }
        Self::Library
    }
}

/// The result of a check.
#[derive(Debug, Clone)]
pub struct Checked {
    /// The checked file (the first) and all files that it uses and runs.
    pub sources: Arc<Sources>,
    /// The findings in all of them, by file and place; repeated findings are folded into one.
    pub diagnostics: Vec<Diagnostic>,
    /// `Some` if and only if the file is a runbook without errors.
    pub program: Option<Program>,
    /// `Some` if and only if the file is a runbook without errors outside its tests: a mistake in a test is reported by
    /// `check` and `test`, and never keeps a run from starting. Its tests are not to be run.
    pub runnable: Option<Program>,
    /// The kind of the file.
    pub kind: FileKind,
    /// For a file of tests: its tests. They run against `program`, which is then the runbook under test.
    pub tests: Vec<tree::Test>,
    /// The places of all tests, and of what they start with.
    test_places: Vec<Place>,
}

impl Checked {
    /// The findings that concern a run: those outside the tests.
    pub fn of_a_run(&self) -> impl Iterator<Item = &Diagnostic> {
        self.diagnostics.iter().filter(|it| !is_in(&self.test_places, it))
    }
}

/// Whether a finding is placed within one of these.
fn is_in(places: &[Place], finding: &Diagnostic) -> bool {
    finding.place().is_some_and(|at| {
        places.iter().any(|place| place.source == at.source && place.span.contains(at.span))
    })
}

/// The places of the tests of a file, and of what they start with.
fn test_places(tree: &tree::File) -> impl Iterator<Item = Span> {
    tree.tests().map(|test| test.span).chain(tree.backgrounds().map(|it| it.span))
}

/// The providers' answers for the metrics of a program.
#[derive(Debug, Default)]
pub struct ProviderAnswers {
    /// What a run would not get.
    pub findings: Vec<Diagnostic>,
    /// The metrics that were asked for and answered, by the place of the name in the declaration.
    pub answered: HashSet<Place>,
}

/// Asks the providers for the metrics of a program.
pub type AskProviders<'a> = &'a dyn Fn(&Program) -> ProviderAnswers;

/// Checks a file. `identity` is its canonical name, as for [`Loader`], so that a cycle back to it is detected.
pub fn check(source: Source, identity: &str, loader: &mut dyn Loader, catalogue: &Catalogue) -> Checked {
    check_on(source, identity, loader, catalogue, None)
}

/// A name that a file declares, with its meaning; for completion and type queries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredName {
    /// The name.
    pub name: SmolStr,
    /// The word that declares it, with its article: `a metric`.
    pub noun: &'static str,
    /// Its type in words: `a duration`, `one value for each mount`; `None` for something without a value (an action).
    pub of: Option<String>,
    /// The values that a parameter allows; empty for anything else.
    pub allowed: Vec<String>,
}

/// Returns the names that a file and its libraries declare before the body, with their types; findings are discarded.
pub fn names(
    source: Source,
    identity: &str,
    loader: &mut dyn Loader,
    catalogue: &Catalogue,
) -> Vec<DeclaredName> {
    let Gathered { sources, files, order, .. } = Gathered::read(&ParsedFile::new(identity, source), loader);
    let interfaces = vec![None; files.len()];
    let mut inputs = CheckInputs { sources: &sources, files: &files, interfaces, catalogue };
    for file in order {
        let Some(checker) = Checker::new(&inputs, file) else { continue };
        let (interface, _) = checker.check();
        if let Some(slot) = inputs.interfaces.get_mut(file) {
            *slot = Some(Rc::new(interface));
        }
    }
    let Some(interface) = inputs.interface(0) else { return Vec::new() };
    let known = |symbol: &Symbol<'_>| DeclaredName {
        name: symbol.text().clone(),
        noun: symbol.noun(),
        of: match &symbol.state {
            TypeState::Known(of) if symbol.is_value() => Some(of.in_words()),
            _ => None,
        },
        allowed: match symbol.kind {
            SymbolKind::Param(it) => {
                it.allowed().unwrap_or_default().into_iter().map(str::to_owned).collect()
            }
            _ => Vec::new(),
        },
    };
    interface.symbols.iter().map(known).collect()
}

/// Checks a file as of a day: an `allow` that is past its date is reported only if the day is known. The day is
/// requested only for an `allow` with a date, since finding it means reading the machine's time zones.
pub fn check_on(
    source: Source,
    identity: &str,
    loader: &mut dyn Loader,
    catalogue: &Catalogue,
    today: Option<&dyn Fn() -> Date>,
) -> Checked {
    check_read(&ParsedFile::new(identity, source), loader, catalogue, today)
}

/// Checks a file that has already been parsed, as of a day.
pub fn check_read(
    first: &ParsedFile,
    loader: &mut dyn Loader,
    catalogue: &Catalogue,
    today: Option<&dyn Fn() -> Date>,
) -> Checked {
    check_asking(first, loader, catalogue, today, None)
}

/// Checks a file and, if there are no errors, also asks for its metrics. The resulting findings can be allowed by
/// comments like all others.
pub fn check_asking(
    first: &ParsedFile,
    loader: &mut dyn Loader,
    catalogue: &Catalogue,
    today: Option<&dyn Fn() -> Date>,
    ask: Option<AskProviders<'_>>,
) -> Checked {
    checked(first, loader, catalogue, today, ask, true)
}

/// What was found in a file.
#[derive(Debug, Clone)]
pub struct FileFindings {
    /// The checked file (the first) and all files that it uses and runs.
    pub sources: Arc<Sources>,
    /// The findings in all of them, by file and place; repeated findings are folded into one.
    pub diagnostics: Vec<Diagnostic>,
}

/// Checks a file for its findings alone. They are those of [`check_read`], which also makes a program: its trees are
/// copies of those that were checked.
pub fn findings(
    first: &ParsedFile,
    loader: &mut dyn Loader,
    catalogue: &Catalogue,
    today: Option<&dyn Fn() -> Date>,
) -> FileFindings {
    let Checked { sources, diagnostics, .. } = checked(first, loader, catalogue, today, None, false);
    FileFindings { sources, diagnostics }
}

/// Whether a finding may be about the program as a whole.
fn needs_program(tree: &tree::File) -> bool {
    tree.declarations().any(|it| {
        matches!(it, tree::Declaration::Trigger(trigger)
            if matches!(trigger.kind, tree::TriggerKind::Schedule { window: Some(_), .. }))
    })
}

/// Checks a file. If no program is wanted, one is made only for the findings that require it, and the result may lack
/// it.
fn checked(
    first: &ParsedFile,
    loader: &mut dyn Loader,
    catalogue: &Catalogue,
    today: Option<&dyn Fn() -> Date>,
    ask: Option<AskProviders<'_>>,
    program_wanted: bool,
) -> Checked {
    let Gathered { sources, files, order, mut diagnostics, .. } = Gathered::read(first, loader);
    let interfaces = vec![None; files.len()];
    let mut inputs = CheckInputs { sources: &sources, files: &files, interfaces, catalogue };
    for file in order {
        let Some(checker) = Checker::new(&inputs, file) else { continue };
        let (interface, mut found) = checker.check();
        diagnostics.append(&mut found);
        if let Some(slot) = inputs.interfaces.get_mut(file) {
            *slot = Some(Rc::new(interface));
        }
    }
    drop(inputs);
    written_secret::report(&sources, &mut diagnostics);
    let kind = files.first().map_or(FileKind::Library, |file| file.kind);
    let sources = Arc::new(sources);
    let trees: Vec<_> = files.iter().map(|file| (file.source, Arc::clone(&file.tree))).collect();
    // Errors cannot be allowed.
    let sound = !diagnostics.iter().any(Diagnostic::is_error);
    let test_places: Vec<Place> = trees
        .iter()
        .flat_map(|(source, tree)| test_places(tree).map(|span| span.in_source(*source)))
        .collect();
    let runs = diagnostics.iter().all(|it| !it.is_error() || is_in(&test_places, it));
    let runs = runs && (program_wanted || trees.iter().any(|(_, tree)| needs_program(tree)));
    let (runnable, tests) =
        if runs { assemble::assemble(files, Arc::clone(&sources)) } else { (None, Vec::new()) };
    let program = if sound { runnable.clone() } else { None };
    let tests = if sound { tests } else { Vec::new() };
    // Findings that require the whole program.
    diagnostics.extend(program.as_ref().and_then(|program| paths::window(program, catalogue)));
    let mut answers = ask.and_then(|ask| program.as_ref().map(ask));
    if let Some(answers) = &mut answers {
        diagnostics.append(&mut answers.findings);
    }
    let answered = answers.as_ref().map(|answers| &answers.answered);
    for (id, tree) in trees {
        if let Some(source) = sources.get(id) {
            diagnostics.extend(open_work::found(id, source, &tree));
            allow::apply(&AllowScope { id, source, tree: &tree }, today, answered, &mut diagnostics);
        }
    }
    let mut diagnostics = arrange::arrange(diagnostics, &sources);
    written_secret::hide(&sources, &mut diagnostics);
    Checked { sources, diagnostics, program, runnable, kind, tests, test_places }
}
