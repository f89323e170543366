//! Checks `run`: the arguments for the other runbook's parameters.

use super::super::checker::Checker;
use super::super::symbol::{SymbolKind, TypeState};
use super::super::types::Type;
use rbl_syntax::source::{Place, Span};
use rbl_syntax::tree::{Param, Run};

impl<'t> Checker<'t> {
    /// `run "FILE" [with (name: EXPR, …)] [else {…}]`
    pub(super) fn run(&mut self, it: &'t Run, statement: Span) {
        // A value in the path was reported when the file was loaded.
        for value in it.file.values() {
            self.value(value);
        }
        let mut types = Vec::with_capacity(it.with.len());
        for arg in &it.with {
            types.push(self.value(&arg.value));
        }
        self.handed_over(it, statement, &types);
        self.arms(it.otherwise.as_ref(), None);
    }

    fn handed_over(&mut self, it: &'t Run, statement: Span, types: &[Type]) {
        let interface = self.file.gathered.runs.get(&statement).and_then(|file| self.inputs.interface(*file));
        let Some(interface) = interface else { return };
        if !interface.complete {
            return;
        }
        let mut params: Vec<(&str, bool)> = Vec::new();
        let mut known: Vec<(&Param, Type, Place)> = Vec::new();
        for symbol in &interface.symbols {
            if let (SymbolKind::Param(param), false) = (symbol.kind, symbol.imported) {
                // A missing value may come from a label of the alert, so it is only reported when the run begins.
                params.push((&param.name.text, param.default.is_none()));
                let ty = if let TypeState::Known(ty) = &symbol.state { ty.clone() } else { Type::Any };
                known.push((param, ty, symbol.place()));
            }
        }
        let callee = it.file.literal().map_or("the runbook", |path| path.rsplit('/').next().unwrap_or(path));
        self.match_arguments(callee, &params, &it.with, None, statement_head(it, statement));
        for (arg, ty) in it.with.iter().zip(types) {
            let Some(name) = &arg.name else { continue };
            let Some((param, wanted, place)) = known.iter().find(|(param, ..)| param.name.text == name.text)
            else {
                continue;
            };
            if ty.holds_secret() {
                // The other runbook would treat it as text, and could show it.
                self.secret_shown(arg.value.span, ty, "a param");
            } else if !ty.fits(wanted) {
                self.wrong_argument(&arg.value, ty, wanted, &format!("`{}`", name.text), *place);
            } else {
                self.value_is_allowed(param, *place, &arg.value);
            }
        }
    }
}

/// Returns the span of the statement without its arm.
fn statement_head(it: &Run, statement: Span) -> Span {
    let end = it.with.last().map_or(it.file.span.end, |arg| arg.value.span.end);
    Span::new(statement.start, end)
}
