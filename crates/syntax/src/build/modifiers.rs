//! Builds modifiers and arms: in any order, each at most once.

use super::{GrammarPair, TreeBuilder, first, parts};
use crate::diagnostic::{Code, Diagnostic, Safety};
use crate::grammar::Rule;
use crate::source::Span;
use crate::tree::{Arm, Block, Expr, ExprKind, Team};

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

    /// `else {…}`, `unknown {…}` or `else or unknown {…}`
    pub(super) fn arm(&mut self, pair: GrammarPair<'_>) -> Arm {
        let both = pair.as_rule() == Rule::both_arm;
        let mut inner = pair.into_inner();
        let word = first(&mut inner);
        let swapped = both && word.as_rule() == Rule::kw_unknown;
        let mut keyword = self.span(&word);
        let mut block = Block::default();
        for pair in inner {
            if pair.as_rule() == Rule::block {
                block = self.block(pair);
            } else {
                keyword = keyword.to(self.span(&pair));
            }
        }
        if swapped {
            self.report(
                Diagnostic::new(
                    Code::SYNTAX_HABIT,
                    "the arm for both is `else or unknown`",
                    self.place(keyword),
                    "the words are the other way round",
                )
                .help("write `else or unknown`")
                .fix(
                    "write `else or unknown`",
                    Safety::Safe,
                    self.place(keyword),
                    "else or unknown",
                ),
            );
        }
        Arm { keyword, both, block }
    }

    /// The arm of a statement that has no unknown result: reports `else or unknown`.
    pub(super) fn failure_arm(&mut self, pair: GrammarPair<'_>, statement: &str) -> Arm {
        let mut arm = self.arm(pair);
        if std::mem::take(&mut arm.both) {
            self.report(
                Diagnostic::new(
                    Code::SYNTAX_MODIFIER,
                    format!("`{statement}` has no `unknown`"),
                    self.place(arm.keyword),
                    "its `else` is taken whenever it did not succeed",
                )
                .help("write `else`")
                .fix("write `else`", Safety::Safe, self.place(arm.keyword), "else"),
            );
        }
        arm
    }

    /// Stores an arm in its slot.
    pub(super) fn arms(
        &mut self,
        pair: GrammarPair<'_>,
        otherwise: &mut Option<Arm>,
        unknown: &mut Option<Arm>,
    ) {
        let is_unknown = pair.as_rule() == Rule::unknown_arm;
        let arm = self.arm(pair);
        let keyword = arm.keyword;
        let has_both = otherwise.as_ref().is_some_and(|arm| arm.both);
        if is_unknown && has_both || arm.both && unknown.is_some() {
            // The second one is only for the report.
            self.once(&mut Some(()), keyword, "unknown", ());
        } else if is_unknown {
            self.once(unknown, keyword, "unknown", arm);
        } else {
            self.once(otherwise, keyword, "else", arm);
        }
    }

    /// Builds the one expression of a modifier such as `within D`.
    pub(super) fn modifier_value(&mut self, pair: GrammarPair<'_>) -> Expr {
        self.value(first(&mut parts(pair)))
    }
}
