//! What is known about names on the paths of a runbook: which of them can be unknown.

use super::build::{GraphBuilder, GraphFrame};
use super::constant::{Bindings, NameScope};
use crate::certainty::{self, NameCertainty};
use crate::{Runbook, functions};
use rbl_syntax::tree::{Expr, ExprKind, Match, Name, PatternKind};
use rbl_syntax::value::Dimension;

/// The number of constants that are followed, each in the value of the one before it.
const DEEPEST: u32 = 4;

struct PathCertainty<'a> {
    runbook: &'a Runbook,
    bindings: &'a Bindings,
    names: NameScope,
    depth: u32,
}

impl NameCertainty for PathCertainty<'_> {
    fn name_can_be_unknown(&self, name: &Name) -> bool {
        // Metrics, named expressions and the alert are not bound.
        self.bindings.can_be_unknown(self.names, &name.text).unwrap_or(true)
    }

    fn is_function(&self, name: &Name) -> bool {
        functions::find(&name.text).is_some()
            && !self.runbook.metrics.contains_key(&name.text)
            && !self.runbook.expressions.contains_key(&name.text)
    }

    fn fixed_number(&self, name: &Name) -> Option<(f64, Dimension)> {
        if self.depth >= DEEPEST {
            return None;
        }
        let constant = self.runbook.constants.iter().find(|it| it.declaration.name.text == name.text)?;
        let inside = Self { depth: self.depth + 1, ..*self };
        certainty::constant(&constant.declaration.value, &inside)
    }
}

impl<'p> GraphBuilder<'p, '_> {
    /// Whether an expression can be unknown at this place.
    pub(super) fn can_be_unknown(&self, frame: &GraphFrame<'p>, names: NameScope, it: &Expr) -> bool {
        let known = PathCertainty { runbook: frame.runbook, bindings: &self.bindings, names, depth: 0 };
        certainty::can_be_unknown(it, &known)
    }

    /// Whether it can be unknown which arm of a `match` fits.
    pub(super) fn match_can_be_unknown(&self, frame: &GraphFrame<'p>, names: NameScope, it: &Match) -> bool {
        let can = |expr: &Expr| self.can_be_unknown(frame, names, expr) || certainty::holds_large(expr);
        // A text is read as a quantity where it is compared with one, and may be none.
        let texts = it.arms.iter().all(|arm| match &arm.pattern.kind {
            PatternKind::Value { value } => is_text(value),
            PatternKind::Contains { .. } => true,
            PatternKind::Matches { regex } => is_text(regex),
            PatternKind::Compare { .. } => false,
        });
        let patterns = it.arms.iter().any(|arm| match &arm.pattern.kind {
            PatternKind::Value { value } | PatternKind::Compare { value, .. } => can(value),
            PatternKind::Contains { text } => can(text),
            PatternKind::Matches { regex } => can(regex),
        });
        can(&it.subject) || patterns || !(texts || Self::is_number(frame, &it.subject))
    }

    /// Whether an expression is a quantity for certain: a parameter of a declared kind, or a number.
    fn is_number(frame: &GraphFrame<'p>, it: &Expr) -> bool {
        use rbl_syntax::tree::ParamType;
        match &it.bare().kind {
            ExprKind::Number { .. } => true,
            ExprKind::Name(name) => frame.runbook.params.iter().any(|param| {
                param.declaration.name.text == name.text
                    && matches!(
                        param.of,
                        Some(ParamType::Number | ParamType::Duration | ParamType::Data | ParamType::Ratio)
                    )
            }),
            _ => false,
        }
    }
}

/// Whether a pattern is compared as a text or as yes and no.
fn is_text(value: &Expr) -> bool {
    match &value.bare().kind {
        ExprKind::Text(_) | ExprKind::Bool { .. } => true,
        ExprKind::List { items } => items.iter().all(is_text),
        _ => false,
    }
}
