//! The symbol table of one file: what each name means, and which names are visible at the current place.
//!
//! Its methods report nothing: one that can fail returns the finding. Block scopes and declarations are in `scope.rs`,
//! lookups that fail in `names.rs`.
//!
//! *Not here:* the types of declarations. A symbol starts as [`TypeState::Waiting`] and the
//! [`Checker`](super::checker::Checker) infers its type on first use.

use std::collections::HashMap;

use super::current_file::CurrentFile;
use super::inputs::{CheckInputs, Interface};
use super::scope::Scope;
use super::symbol::{Symbol, SymbolId, SymbolKind, TypeState};
use super::unreadable::UnreadableStatements;
use rbl_syntax::diagnostic::{Code, Diagnostic};
use rbl_syntax::source::Span;
use rbl_syntax::tree;

/// How many names are compared for did-you-mean in one file, which may contain a hundred thousand wrong names.
const MOST_COMPARISONS: usize = 1_000_000;

/// The symbols of one file.
pub(super) struct SymbolTable<'t> {
    pub(super) file: CurrentFile<'t>,
    symbols: Vec<Symbol<'t>>,
    pub(super) scope: Scope<'t>,
    /// Whether all names that the file can see are known.
    complete: bool,
    /// The first use of `owner` as a team.
    owner_use: Option<Span>,
    /// How many names may still be compared for did-you-mean.
    pub(super) comparisons_left: usize,
    /// The place of each `let` and `as` of the body; built when a name is first not found.
    pub(super) later: Option<HashMap<&'t str, Vec<Span>>>,
    /// The unreadable parts; built when a name is first not found.
    pub(super) unread: Option<UnreadableStatements<'t>>,
}

impl<'t> SymbolTable<'t> {
    /// Creates the empty table of a file.
    pub(super) fn new(file: CurrentFile<'t>) -> Self {
        Self {
            file,
            symbols: Vec::new(),
            scope: Scope::default(),
            complete: !file.gathered.incomplete,
            owner_use: None,
            comparisons_left: MOST_COMPARISONS,
            later: None,
            unread: None,
        }
    }

    /// Imports the names of the libraries, and for a file of tests those of its runbook; returns a finding for each
    /// name that two libraries declare.
    pub(super) fn import(&mut self, inputs: &CheckInputs<'t>) -> Vec<Diagnostic> {
        let mut findings = Vec::new();
        let gathered = self.file.gathered;
        for file in gathered.uses.iter().chain(&gathered.tests) {
            let Some(interface) = inputs.interface(*file) else {
                self.complete = false;
                continue;
            };
            self.complete &= interface.complete;
            for symbol in &interface.symbols {
                let body_only =
                    matches!(symbol.kind, SymbolKind::Local | SymbolKind::Element | SymbolKind::ActionResult);
                if body_only {
                    continue;
                }
                if let Some(known) = self.global(symbol.text()) {
                    findings.extend(declared_twice(symbol, known));
                    continue;
                }
                let id = self.symbols.len();
                self.symbols.push(Symbol { used: false, imported: true, needs: 0, ..symbol.clone() });
                self.scope.globals.insert(symbol.text(), id);
            }
        }
        findings
    }

    /// Returns the names that other files can import.
    pub(super) fn into_interface(self) -> Interface<'t> {
        let complete = self.complete && self.file.is_clean();
        let mut symbols = self.symbols;
        symbols.retain(|symbol| symbol.depth == 0 && !matches!(symbol.kind, SymbolKind::Argument { .. }));
        Interface { symbols, complete }
    }

    /// Whether all names that the file can see are known.
    pub(super) fn is_complete(&self) -> bool {
        self.complete
    }

    /// Adds a symbol without making its name visible.
    pub(super) fn push(
        &mut self,
        name: &'t tree::Name,
        kind: SymbolKind<'t>,
        state: TypeState,
        depth: u32,
    ) -> SymbolId {
        let source = self.file.source();
        let id = self.symbols.len();
        self.symbols.push(Symbol {
            name,
            source,
            kind,
            state,
            used: false,
            imported: false,
            depth,
            step: self.scope.step,
            needs: 0,
        });
        id
    }

    /// Removes the symbols since a count, which came from expanding a call: they are a second copy of the
    /// declaration's own.
    pub(super) fn truncate(&mut self, count: usize) {
        self.symbols.truncate(count);
    }

    /// Returns the number of symbols.
    pub(super) fn len(&self) -> usize {
        self.symbols.len()
    }

    /// Returns a symbol.
    pub(super) fn get(&self, id: SymbolId) -> Option<&Symbol<'t>> {
        self.symbols.get(id)
    }

    /// Returns a symbol to modify.
    pub(super) fn get_mut(&mut self, id: SymbolId) -> Option<&mut Symbol<'t>> {
        self.symbols.get_mut(id)
    }

    /// Returns all symbols, in the order of their declarations.
    pub(super) fn all(&self) -> &[Symbol<'t>] {
        &self.symbols
    }

    /// Returns the visible symbol with a name.
    pub(super) fn find(&self, name: &str) -> Option<&Symbol<'t>> {
        self.get(self.scope.find(name)?)
    }

    /// Returns the index of the visible symbol with a name.
    pub(super) fn find_id(&self, name: &str) -> Option<SymbolId> {
        self.scope.find(name)
    }

    /// Whether a name is visible.
    pub(super) fn has(&self, name: &str) -> bool {
        self.scope.find(name).is_some()
    }

    /// Returns the symbol with a name among those that are visible in the whole file.
    pub(super) fn global(&self, name: &str) -> Option<&Symbol<'t>> {
        self.get(self.global_id(name)?)
    }

    /// Returns the index of the symbol with a name among those that are visible in the whole file.
    pub(super) fn global_id(&self, name: &str) -> Option<SymbolId> {
        self.scope.globals.get(name).copied()
    }

    /// Marks a symbol as used even if the use is wrong, so that it is not reported as unused too.
    pub(super) fn touch(&mut self, id: SymbolId) {
        if let Some(symbol) = self.symbols.get_mut(id) {
            symbol.used = true;
        }
    }

    /// Returns the param with a name.
    pub(super) fn param(&self, name: &str) -> Option<&'t tree::Param> {
        match self.find(name)?.kind {
            SymbolKind::Param(param) => Some(param),
            _ => None,
        }
    }

    /// Returns the metric with a name.
    pub(super) fn metric(&self, name: &str) -> Option<&'t tree::Metric> {
        match self.find(name)?.kind {
            SymbolKind::Metric(metric) => Some(metric),
            _ => None,
        }
    }

    /// Notes a use of `owner` as a team.
    pub(super) fn use_owner(&mut self, span: Span) {
        self.owner_use.get_or_insert(span);
    }

    /// Returns the first use of `owner` as a team.
    pub(super) fn owner_use(&self) -> Option<Span> {
        self.owner_use
    }
}

/// Returns the finding for a name that is imported twice; `None` for the same declaration through two imports.
fn declared_twice(new: &Symbol<'_>, known: &Symbol<'_>) -> Option<Diagnostic> {
    (known.place() != new.place()).then(|| {
        let message = format!("two libraries declare `{}`", new.text());
        Diagnostic::new(Code::NAME_DUPLICATE, message, new.place(), "here")
            .also(known.place(), "and here")
            .help("give one of them another name")
    })
}
