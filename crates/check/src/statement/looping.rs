//! Checks `for each` and `repeat`.

use super::super::checker::Checker;
use super::super::symbol::SymbolKind;
use rbl_syntax::tree::{ForEach, Repeat};

impl<'t> Checker<'t> {
    /// `for each NAME in EXPR [where COND] [up to N] {…} [none {…}] [unknown {…}]`
    pub(super) fn for_each(&mut self, it: &'t ForEach) {
        let element = self.element(&it.over);
        if let Some(up_to) = &it.up_to {
            self.count(up_to, "up to");
        }
        self.in_block(|checker| {
            let kind = SymbolKind::Element;
            checker.findings.report_all(checker.symbols.declare_local(&it.name, kind, element));
            if let Some(filter) = &it.filter {
                checker.condition(filter);
            }
            checker.block(&it.body);
        });
        self.arms(it.none.as_ref(), it.unknown.as_ref());
    }

    /// `repeat up to N times [every D] [until COND] {…} …`. Names declared in the body are not visible to `until`.
    pub(super) fn repeat(&mut self, it: &'t Repeat) {
        self.count(&it.times, "up to");
        if let Some(every) = &it.every {
            self.duration(every, "every");
        }
        if let Some(until) = &it.until {
            self.condition(until);
        }
        self.block(&it.body);
        self.arms(it.otherwise.as_ref(), it.unknown.as_ref());
    }
}
