//! Checks `lock`, `limit` and `at most`.

use super::super::checker::Checker;
use super::super::symbol::{Symbol, SymbolKind};
use rbl_syntax::diagnostic::Code;
use rbl_syntax::tree;
use rbl_syntax::tree::{AtMost, Expr, ExprKind, Limit, Lock};

impl<'t> Checker<'t> {
    /// `lock TEXT [within D] [else {…}]`, without its arm.
    pub(super) fn lock(&mut self, it: &'t Lock) {
        self.name_text(&it.name, "`lock`");
        if let ExprKind::Text(text) = &it.name.bare().kind
            && text.literal().is_some_and(|name| name.trim().is_empty())
        {
            let finding = self.finding(Code::TYPE_TEXT, "a lock without a name", it.name.span, "no name");
            self.report(finding.help("name what only one run may touch at a time: `lock \"db-1\"`"));
        }
        if let Some(within) = &it.within {
            self.duration(within, "within");
        }
    }

    /// Every `limit` of a file.
    pub(crate) fn limits(&mut self, tree: &'t tree::File) {
        let mut seen: Vec<&'t Limit> = Vec::new();
        for declaration in tree.declarations() {
            let tree::Declaration::Limit(it) = declaration else { continue };
            self.findings.next_statement();
            self.limit(it);
            let same = |other: &&&Limit| {
                let by = |limit: &Limit| limit.by.as_ref().map(|name| name.text.clone());
                let window = |limit: &Limit| limit.window.as_ref().map(|it| self.slice(it.span).to_owned());
                by(other) == by(it) && window(other) == window(it)
            };
            if let Some(first) = seen.iter().find(same) {
                let first = self.at(first.span);
                let finding = self
                    .finding(Code::NAME_DUPLICATE, "the same limit twice", it.span, "again here")
                    .also(first, "first here")
                    .help("keep the one with the smaller number");
                self.report(finding);
            }
            seen.push(it);
        }
    }

    fn limit(&mut self, it: &'t Limit) {
        self.count(&it.count, "limit");
        self.written(&it.count, "limit");
        if let Some(window) = &it.window {
            self.duration(window, "in");
            self.written(window, "limit");
        }
        let Some(name) = &it.by else { return };
        let id = self.symbols.global_id(&name.text);
        let symbol = id.and_then(|id| self.symbols.get(id));
        match (id, symbol.map(|symbol| symbol.kind)) {
            (Some(id), Some(SymbolKind::Param(_))) => self.mark(id, name),
            _ if name.text.is_empty() || self.symbols.may_be_unread(name) => {}
            _ => {
                let message = format!("`{}` is no param of this runbook", name.text);
                let finding =
                    self.finding(Code::NAME_UNKNOWN, message, name.span, "counted by a value of the start");
                let near = self
                    .symbols
                    .near(&name.text, |symbol: &Symbol<'t>| matches!(symbol.kind, SymbolKind::Param(_)));
                self.report(match near {
                    Some(near) => self.file.suggest(finding, name.span, &near),
                    None => finding.help(format!("declare it: `param {}`, or leave `by` out", name.text)),
                });
            }
        }
    }

    /// `at most N in D` of a `define`.
    pub(crate) fn at_most(&mut self, it: &'t AtMost) {
        self.count(&it.times, "at most");
        self.written(&it.times, "at most");
        self.duration(&it.window, "in");
        self.written(&it.window, "at most");
    }

    /// Checks that a number is written where it is used: it is needed before anything has been looked at, and it is the
    /// same in every run.
    fn written(&mut self, it: &'t Expr, word: &str) {
        if matches!(it.bare().kind, ExprKind::Number { .. } | ExprKind::Broken) {
            return;
        }
        let message = format!("`{word}` takes a number as it is written");
        let finding = self.finding(Code::TYPE_FIXED, message, it.span, "known only during the run");
        self.report(finding.help(format!("write the number itself: `{word} 3 …`")));
    }
}
