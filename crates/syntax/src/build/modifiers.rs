//! Builds modifiers and arms: in any order, each at most once.

use super::{GrammarPair, TreeBuilder, first, parts};
use crate::diagnostic::{Code, Diagnostic};
use crate::grammar::Rule;
use crate::source::Span;
use crate::tree::{Arm, Expr, ExprKind, Team};

impl TreeBuilder<'_> {
    /// Sets a part that may be given only once; reports a repetition.
    pub(super) fn once<T>(&mut self, slot: &mut Option<T>, span: Span, word: &str, value: T) {
        if slot.is_some() {
            self.report(
                Diagnostic::new(
                    Code::SYNTAX_TWICE,
                    format!("`{word}` is said twice"),
                    self.place(span),
                    "said before already",
                )
                .help("keep one of them"),
            );
        } else {
            *slot = Some(value);
        }
    }

    /// `by TEAM`
    pub(super) fn by_team(&mut self, pair: GrammarPair<'_>) -> Team {
        self.team(first(&mut parts(pair)))
    }

    /// A team: `owner`, a text, or an expression that gives one.
    pub(super) fn team(&mut self, pair: GrammarPair<'_>) -> Team {
        let expr = self.value(pair);
        match &expr.kind {
            ExprKind::Name(name) if name.text == "owner" => Team::Owner { span: expr.span },
            _ => Team::Named(expr),
        }
    }

    /// `else {…}` or `unknown {…}`
    pub(super) fn arm(&mut self, pair: GrammarPair<'_>) -> Arm {
        let mut inner = pair.into_inner();
        let keyword = self.span(&first(&mut inner));
        Arm { keyword, block: self.block(first(&mut inner)) }
    }

    /// Stores an arm in its slot.
    pub(super) fn arms(
        &mut self,
        pair: GrammarPair<'_>,
        otherwise: &mut Option<Arm>,
        unknown: &mut Option<Arm>,
    ) {
        let is_else = pair.as_rule() == Rule::else_arm;
        let arm = self.arm(pair);
        if is_else {
            self.once(otherwise, arm.keyword, "else", arm);
        } else {
            self.once(unknown, arm.keyword, "unknown", arm);
        }
    }

    /// Builds the one expression of a modifier such as `within D`.
    pub(super) fn modifier_value(&mut self, pair: GrammarPair<'_>) -> Expr {
        self.value(first(&mut parts(pair)))
    }
}
