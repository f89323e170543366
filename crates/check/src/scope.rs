//! Scopes: the names of the file, and those of the blocks around a statement.

use std::collections::HashMap;

use super::checker::Checker;
use super::symbol::{State, SymbolId, SymbolKind};
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
}

/// The start of a block.
#[derive(Clone, Copy)]
pub(super) struct Mark(usize);

impl<'t> Scope<'t> {
    /// Opens a block.
    pub(super) fn open(&mut self) -> Mark {
        self.depth += 1;
        Mark(self.undo.len())
    }

    /// Closes a block: its names go out of scope.
    pub(super) fn close(&mut self, mark: Mark) {
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

    fn add(&mut self, name: &'t str, id: SymbolId) {
        let before = self.locals.insert(name, id);
        self.undo.push((name, before));
    }
}

impl<'t> Checker<'t> {
    /// Runs a check in a block of its own.
    pub(super) fn in_block<R>(&mut self, look: impl FnOnce(&mut Self) -> R) -> R {
        let mark = self.scope.open();
        let result = look(self);
        self.scope.close(mark);
        result
    }

    /// Runs a check that sees only the names of the file.
    pub(super) fn outside_blocks<R>(&mut self, look: impl FnOnce(&mut Self) -> R) -> R {
        let locals = std::mem::take(&mut self.scope.locals);
        let undo = std::mem::take(&mut self.scope.undo);
        let result = look(self);
        self.scope.locals = locals;
        self.scope.undo = undo;
        result
    }

    /// Declares a name of the body, visible until the end of its block.
    pub(super) fn declare_local(&mut self, name: &'t tree::Name, kind: SymbolKind<'t>, ty: Type) {
        if name.text.is_empty() {
            return;
        }
        let depth = self.scope.depth;
        if let Some(old) = self.scope.find(&name.text).and_then(|id| self.symbols.get(id)) {
            // Names that only a test or another file's body sees do not conflict.
            let finding = if old.depth == depth && !old.imported {
                Some(self.duplicate(name, old))
            } else if matches!(old.kind, SymbolKind::Define(_)) {
                None
            } else {
                Some(self.shadowed(name, old))
            };
            if let Some(finding) = finding {
                self.report(finding);
            }
        } else if let Some(finding) = self.reserved(name) {
            self.report(finding);
        }
        let id = self.push_symbol(name, kind, State::Known(ty), depth);
        self.scope.add(&name.text, id);
    }

    /// Declares the parameters of a declaration. They may shadow names of the file.
    pub(super) fn declare_arguments(&mut self, names: &'t [tree::Name], handed_on: bool) {
        for (index, name) in names.iter().enumerate() {
            if let Some(first) = names.iter().take(index).find(|other| other.text == name.text) {
                let finding = self
                    .finding(
                        Code::NAME_DUPLICATE,
                        format!("`{}` is a parameter twice", name.text),
                        name.span,
                        "again here",
                    )
                    .also(self.at(first.span), "first here")
                    .help("give each parameter its own name");
                self.report(finding);
                continue;
            }
            let kind = SymbolKind::Argument { handed_on };
            let id = self.push_symbol(name, kind, State::Known(Type::Any), self.scope.depth);
            self.scope.add(&name.text, id);
        }
    }

    /// Declares one parameter with the type that a call passes.
    pub(super) fn declare_argument_of(&mut self, name: &'t tree::Name, ty: Type) {
        let kind = SymbolKind::Argument { handed_on: false };
        let id = self.push_symbol(name, kind, State::Known(ty), self.scope.depth);
        self.scope.add(&name.text, id);
    }

    /// Returns the finding for a name of the file that is already declared.
    pub(super) fn name_taken(&self, name: &'t tree::Name, kind: &SymbolKind<'t>) -> Option<Diagnostic> {
        if let Some(old) = self.scope.globals.get(name.text.as_str()).and_then(|id| self.symbols.get(*id)) {
            return Some(self.duplicate(name, old));
        }
        let called = match kind {
            SymbolKind::Expression(_) => true,
            SymbolKind::Metric(metric) => !metric.params.is_empty(),
            _ => false,
        };
        if called && super::functions::find(&name.text).is_some() {
            let message = format!("`{}` is a function of the language", name.text);
            let finding = self.finding(Code::NAME_DUPLICATE, message, name.span, "declared again here");
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
        let finding = self.finding(Code::NAME_DUPLICATE, message, name.span, "declared again here");
        Some(finding.help(format!("give it another name: `{}` is {what}", name.text)))
    }

    fn duplicate(&self, name: &'t tree::Name, old: &super::symbol::Symbol<'t>) -> Diagnostic {
        let help = match old.kind {
            SymbolKind::Local | SymbolKind::Constant(..) => "give it another name: a value is set once",
            _ => "give one of them another name",
        };
        self.finding(
            Code::NAME_DUPLICATE,
            format!("`{}` is already {}", name.text, old.noun()),
            name.span,
            "named again here",
        )
        .also(old.place(), "first named here")
        .help(help)
    }

    fn shadowed(&self, name: &'t tree::Name, old: &super::symbol::Symbol<'t>) -> Diagnostic {
        self.finding(
            Code::NAME_SHADOWED,
            format!("`{}` hides {} of the same name", name.text, old.noun()),
            name.span,
            "hides the one above",
        )
        .also(old.place(), "hidden from there on")
        .help("give it another name, so that nobody reads the wrong value at night")
    }
}
