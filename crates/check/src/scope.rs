//! Scopes: the names of the file, and those of the blocks around a statement.

use std::collections::HashMap;

use super::checker::Checker;
use super::symbol::{Symbol, SymbolId, SymbolKind, TypeState};
use super::symbol_table::SymbolTable;
use super::types::Type;
use rbl_syntax::diagnostic::{Code, Diagnostic};
use rbl_syntax::tree;

/// The names in scope at one place.
#[derive(Debug, Default)]
pub(super) struct Scope<'t> {
    /// Visible in the whole file.
    pub(super) globals: HashMap<&'t str, SymbolId>,
    /// Visible in the surrounding blocks.
    pub(super) locals: HashMap<&'t str, SymbolId>,
    /// The symbol that each name of an open block shadows, restored when the block closes.
    undo: Vec<(&'t str, Option<SymbolId>)>,
    /// How many blocks are open.
    pub(super) depth: u32,
    /// The number of the step, from 1; 0 before the body.
    pub(super) step: u32,
    /// Whether that step has a title.
    titled: bool,
}

/// The start of a block.
#[derive(Clone, Copy)]
pub(super) struct ScopeMark(usize);

impl<'t> Scope<'t> {
    /// Opens a block.
    pub(super) fn open(&mut self) -> ScopeMark {
        self.depth += 1;
        ScopeMark(self.undo.len())
    }

    /// Begins the next step: its names may hide those of the steps before it.
    pub(super) fn next_step(&mut self, titled: bool) {
        self.step += 1;
        self.titled = titled;
    }

    /// Closes a block: its names go out of scope.
    pub(super) fn close(&mut self, mark: ScopeMark) {
        self.depth = self.depth.saturating_sub(1);
        while self.undo.len() > mark.0 {
            let Some((name, before)) = self.undo.pop() else { return };
            match before {
                Some(id) => self.locals.insert(name, id),
                None => self.locals.remove(name),
            };
        }
    }

    /// Returns the symbol with that name.
    pub(super) fn find(&self, name: &str) -> Option<SymbolId> {
        self.locals.get(name).or_else(|| self.globals.get(name)).copied()
    }

    /// Hides the names of all open blocks.
    fn hide_blocks(&mut self) -> HiddenBlocks<'t> {
        HiddenBlocks { locals: std::mem::take(&mut self.locals), undo: std::mem::take(&mut self.undo) }
    }

    /// Makes the names of hidden blocks visible again.
    fn show_blocks(&mut self, hidden: HiddenBlocks<'t>) {
        self.locals = hidden.locals;
        self.undo = hidden.undo;
    }

    fn add(&mut self, name: &'t str, id: SymbolId) {
        let before = self.locals.insert(name, id);
        self.undo.push((name, before));
    }
}

/// The names of the blocks that are hidden while a declaration of the file is checked.
pub(super) struct HiddenBlocks<'t> {
    locals: HashMap<&'t str, SymbolId>,
    undo: Vec<(&'t str, Option<SymbolId>)>,
}

impl Checker<'_> {
    /// Runs a check in a block of its own.
    pub(super) fn in_block<R>(&mut self, look: impl FnOnce(&mut Self) -> R) -> R {
        let mark = self.symbols.scope.open();
        let result = look(self);
        self.symbols.scope.close(mark);
        result
    }

    /// Runs a check that sees only the names of the file.
    pub(super) fn outside_blocks<R>(&mut self, look: impl FnOnce(&mut Self) -> R) -> R {
        let hidden = self.symbols.scope.hide_blocks();
        let result = look(self);
        self.symbols.scope.show_blocks(hidden);
        result
    }
}

impl<'t> SymbolTable<'t> {
    /// Declares a name that is visible in the whole file; returns the finding if the name is taken, and then does not
    /// declare it.
    pub(super) fn declare_global(
        &mut self,
        name: &'t tree::Name,
        kind: SymbolKind<'t>,
        state: TypeState,
    ) -> Option<Diagnostic> {
        if name.text.is_empty() {
            return None;
        }
        let taken = self.name_taken(name, &kind);
        if taken.is_none() {
            let id = self.push(name, kind, state, 0);
            self.scope.globals.insert(&name.text, id);
        }
        taken
    }

    /// Declares a name of the body, visible until the end of its block; returns a finding if it hides another.
    pub(super) fn declare_local(
        &mut self,
        name: &'t tree::Name,
        kind: SymbolKind<'t>,
        ty: Type,
    ) -> Option<Diagnostic> {
        if name.text.is_empty() {
            return None;
        }
        let depth = self.scope.depth;
        let finding = match self.find(&name.text) {
            // Names that only a test or another file's body sees do not conflict.
            Some(old) if old.depth == depth && !old.imported && !self.may_shadow(old) => {
                Some(self.duplicate(name, old))
            }
            Some(old) if matches!(old.kind, SymbolKind::Define(_)) => None,
            Some(old) => Some(self.shadowed(name, old)),
            None => self.reserved(name),
        };
        let id = self.push(name, kind, TypeState::Known(ty), depth);
        self.scope.add(&name.text, id);
        finding
    }

    /// Whether a name directly in a step may hide this one of the top level: one of an earlier step, or, below a title,
    /// one of the file.
    fn may_shadow(&self, old: &Symbol<'t>) -> bool {
        self.scope.depth == 0 && if old.step == 0 { self.scope.titled } else { old.step != self.scope.step }
    }

    /// Declares the parameters of a declaration, which may shadow names of the file; returns a finding for each that
    /// is repeated.
    pub(super) fn declare_arguments(&mut self, names: &'t [tree::Name], handed_on: bool) -> Vec<Diagnostic> {
        let mut findings = Vec::new();
        for (index, name) in names.iter().enumerate() {
            if let Some(first) = names.iter().take(index).find(|other| other.text == name.text) {
                let finding = self
                    .file
                    .finding(
                        Code::NAME_DUPLICATE,
                        format!("`{}` is a parameter twice", name.text),
                        name.span,
                        "again here",
                    )
                    .also(self.file.at(first.span), "first here")
                    .help("give each parameter its own name");
                findings.push(finding);
                continue;
            }
            self.declare_argument(name, SymbolKind::Argument { handed_on }, Type::Any);
        }
        findings
    }

    /// Declares one parameter with the type that a call passes.
    pub(super) fn declare_argument_of(&mut self, name: &'t tree::Name, ty: Type) {
        self.declare_argument(name, SymbolKind::Argument { handed_on: false }, ty);
    }

    fn declare_argument(&mut self, name: &'t tree::Name, kind: SymbolKind<'t>, ty: Type) {
        let id = self.push(name, kind, TypeState::Known(ty), self.scope.depth);
        self.scope.add(&name.text, id);
    }

    /// Returns the finding for a name of the file that is already declared.
    fn name_taken(&self, name: &'t tree::Name, kind: &SymbolKind<'t>) -> Option<Diagnostic> {
        if let Some(old) = self.global(&name.text) {
            return Some(self.duplicate(name, old));
        }
        let called = match kind {
            SymbolKind::Expression(_) | SymbolKind::Probe(_) => true,
            SymbolKind::Metric(metric) => !metric.params.is_empty(),
            _ => false,
        };
        if called && super::functions::find(&name.text).is_some() {
            let message = format!("`{}` is a function of the language", name.text);
            let finding = self.file.finding(Code::NAME_DUPLICATE, message, name.span, "declared again here");
            return Some(finding.help("give it another name"));
        }
        self.reserved(name)
    }

    fn reserved(&self, name: &'t tree::Name) -> Option<Diagnostic> {
        let what = match name.text.as_str() {
            "alert" => "the alert that started the run",
            "owner" => "the team that owns the runbook",
            _ => return None,
        };
        let message = format!("`{}` has a meaning of its own", name.text);
        let finding = self.file.finding(Code::NAME_DUPLICATE, message, name.span, "declared again here");
        Some(finding.help(format!("give it another name: `{}` is {what}", name.text)))
    }

    fn duplicate(&self, name: &'t tree::Name, old: &Symbol<'t>) -> Diagnostic {
        let help = match old.kind {
            SymbolKind::Local | SymbolKind::Constant(..) => "give it another name: a value is set once",
            _ => "give one of them another name",
        };
        self.file
            .finding(
                Code::NAME_DUPLICATE,
                format!("`{}` is already {}", name.text, old.noun()),
                name.span,
                "named again here",
            )
            .also(old.place(), "first named here")
            .help(help)
    }

    fn shadowed(&self, name: &'t tree::Name, old: &Symbol<'t>) -> Diagnostic {
        self.file
            .finding(
                Code::NAME_SHADOWED,
                format!("`{}` hides {} of the same name", name.text, old.noun()),
                name.span,
                "hides the one above",
            )
            .also(old.place(), "hidden from there on")
            .help("give it another name, so that nobody reads the wrong value at night")
    }
}
