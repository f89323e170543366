//! The check of one file.
//!
//! The [entry points](super::checked) proceed in this order:
//!
//! 1. **Gather.** [`Gathered`](super::file_graph::Gathered) reads the checked file and every file that it uses, runs or
//!    tests, and sorts them so that each comes after those it depends on. Each file then has a [`Checker`] of its own.
//! 2. **Resolve.** The checker's [`SymbolTable`] imports the names of the libraries and declares those of the file.
//!    The declarations of a file may stand in any order.
//! 3. **Infer.** The checker walks the declarations, the body and the tests, and infers the type of every expression.
//!    The type of a declaration is inferred when its name is first used; [`Inference`] holds what must be known about
//!    the declarations that are being evaluated at that moment.
//! 4. **Flow.** [`flow`] walks the body again, with the complete symbol table: where a run can go, and what is known
//!    there.
//! 5. **Paths.** Once all files are free of errors, [`assemble`](super::assemble) builds the program, and
//!    [`paths`](super::paths) compares the paths through it with the time that its triggers allow.
//!
//! Every phase reports into one collection of [`Findings`], which keeps one finding per cause. After the last file,
//! `allow` comments are applied and repeated findings are folded.
//!
//! The parts of the checker:
//!
//! | part | holds |
//! |---|---|
//! | [`CheckInputs`] | the files that were read, the interfaces of those checked before, the configured names |
//! | [`CurrentFile`] | the file itself, and how a finding is placed in it |
//! | [`SymbolTable`] | what names mean, and which are visible |
//! | [`Inference`] | the declaration being evaluated, the limits of expansion, facts about metrics |
//! | [`Findings`] | what was reported |
//!
//! A method that needs only one part belongs to that part. The rules of the language need all of them, since a rule
//! for one construct checks the constructs inside it: they are methods of the [`Checker`], in `declaration.rs`,
//! `expression/` and `statement/`. The check of a test is a [`TestChecker`](super::test::TestChecker).

use super::current_file::CurrentFile;
use super::file_graph::FileId;
use super::findings::Findings;
use super::inference::Inference;
use super::inputs::{CheckInputs, Interface};
use super::symbol::{SymbolId, TypeState};
use super::symbol_table::SymbolTable;
use super::types::Type;
use super::{file_content, flow, unused};
use rbl_syntax::diagnostic::{Code, Diagnostic, Severity};
use rbl_syntax::source::{Place, Span};
use rbl_syntax::tree;

/// The check of one file; see the module documentation.
pub(super) struct Checker<'t> {
    pub(super) inputs: CheckInputs<'t>,
    pub(super) file: CurrentFile<'t>,
    pub(super) symbols: SymbolTable<'t>,
    pub(super) inference: Inference,
    pub(super) findings: Findings,
    /// The size of all regular expressions so far.
    pub(super) regexes: usize,
}

impl<'t> Checker<'t> {
    /// Starts the check of a file; `None` if there is no such file.
    pub(super) fn new(inputs: &CheckInputs<'t>, file: FileId) -> Option<Self> {
        let file = CurrentFile::of(inputs, file)?;
        Some(Self {
            inputs: inputs.clone(),
            file,
            symbols: SymbolTable::new(file),
            inference: Inference::new(),
            findings: Findings::beside(file.gathered.unread.clone()),
            regexes: 0,
        })
    }

    /// Checks the whole file; returns its interface and the findings.
    pub(super) fn check(mut self) -> (Interface<'t>, Vec<Diagnostic>) {
        let tree = self.file.tree();
        self.findings.report_all(self.symbols.import(&self.inputs));
        self.declare(tree);
        self.declarations(tree);
        self.body(tree);
        self.tests(tree);
        if self.file.is_runbook() {
            self.owner(tree);
        }
        file_content::check(self.file, &mut self.findings);
        flow::check(self.file, &self.symbols, &mut self.findings);
        if self.file.is_runbook() {
            self.has_a_body(tree);
        }
        if self.file.is_runbook() && self.file.is_clean() {
            unused::report(self.symbols.all(), &mut self.findings);
        }
        (self.symbols.into_interface(), self.findings.into_list())
    }

    /// Keeps a finding.
    pub(super) fn report(&mut self, finding: Diagnostic) {
        self.findings.report(finding);
    }

    /// Converts a span of this file to a place.
    pub(super) fn at(&self, span: Span) -> Place {
        self.file.at(span)
    }

    /// Creates a finding at a span of this file.
    pub(super) fn finding(
        &self,
        code: Code,
        message: impl Into<String>,
        span: Span,
        label: impl Into<String>,
    ) -> Diagnostic {
        self.file.finding(code, message, span, label)
    }

    /// Returns the author's text of a span.
    pub(super) fn slice(&self, span: Span) -> &'t str {
        self.file.slice(span)
    }

    /// Returns an operand as a message names it: its own text if that is short, else `this`.
    pub(super) fn shown(&self, span: Span) -> String {
        self.file.shown(span)
    }

    /// Returns the type of a symbol; checks its declaration first if necessary.
    pub(super) fn type_of(&mut self, id: SymbolId) -> Type {
        match self.symbols.get(id).map(|symbol| &symbol.state) {
            Some(TypeState::Known(known)) => known.clone(),
            Some(TypeState::Waiting) => self.check_declaration(id),
            Some(TypeState::Busy) | None => Type::Any,
        }
    }

    /// Reports a runbook without a statement, once its declarations are right: a run of it would end resolved, and nothing was done.
    fn has_a_body(&mut self, tree: &'t tree::File) {
        let runs = tree.items.iter().any(|item| match item {
            tree::Item::Step(_) => true,
            tree::Item::Statement(it) => it.kind.begins_body(),
            tree::Item::Declaration(_) | tree::Item::Test(_) | tree::Item::Background(_) => false,
        });
        let header = tree.declarations().find_map(|it| match it {
            tree::Declaration::Runbook(it) => Some(it.span),
            _ => None,
        });
        let Some(header) = header.filter(|_| !runs && self.file.is_clean() && !self.findings.has_errors())
        else {
            return;
        };
        let finding = self.finding(
            Code::FLOW_EMPTY,
            "this runbook does nothing",
            header,
            "no statement comes after it",
        );
        self.report(finding.help("write what is done first: `check …`, `action …`, or a text in quotes"));
    }

    /// Reports a runbook without an owner: it pages nobody when it is stuck.
    fn owner(&mut self, tree: &'t tree::File) {
        let mut header = None;
        for declaration in tree.declarations() {
            match declaration {
                tree::Declaration::Runbook(it) => header = header.or(Some(it.span)),
                tree::Declaration::Owner(_) => return,
                _ => {}
            }
        }
        let Some(header) = header.filter(|_| self.file.is_clean()) else { return };
        let mut finding = self.finding(
            Code::UPKEEP_NO_OWNER,
            "nobody owns this runbook",
            header,
            "no `owner` after this header",
        );
        if let Some(used) = self.symbols.owner_use() {
            finding.severity = Severity::Error;
            finding = finding.also(self.at(used), "pages the owner");
        }
        self.report(finding.help("write `owner \"TEAM\"`: that team is paged when a run cannot continue"));
    }
}
