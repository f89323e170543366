//! Checks `ago`, `over` and `for`: they query a provider for history, so only a metric has them.

use super::super::checker::Checker;
use super::super::symbol::{SymbolKind, TypeState};
use super::super::symbol_table::SymbolTable;
use super::super::types::Type;
use super::super::walk;
use rbl_syntax::diagnostic::Code;
use rbl_syntax::tree::{Expr, ExprKind, MetricType};

impl<'t> Checker<'t> {
    /// `X D ago`
    pub(super) fn ago(&mut self, it: &'t Expr, of: &'t Expr, duration: &'t Expr) -> Type {
        let window = matches!(of.bare().kind, ExprKind::Over { .. });
        let ty = if window { self.value_or_window(of) } else { self.value(of) };
        self.duration(duration, "ago");
        if window || self.symbols.is_metric(of) {
            if !window {
                self.only_numbers(of, &ty, "ago");
            }
            return ty;
        }
        if !ty.is_any() {
            self.no_history(it, of, &ty, "ago");
        }
        Type::Any
    }

    /// `X over D`
    pub(super) fn over(&mut self, it: &'t Expr, of: &'t Expr, duration: &'t Expr) -> Type {
        let ty = self.value(of);
        self.duration(duration, "over");
        if self.symbols.is_metric(of) {
            return match ty {
                Type::Quantity(dimension) => Type::Window(dimension),
                Type::Samples(dimension, _) => Type::Windows(dimension),
                ty => {
                    self.only_numbers(of, &ty, "over");
                    Type::Any
                }
            };
        }
        // One series of a `by` metric, in a `for each`.
        if let (Type::Sample(dimension, _), ExprKind::Name(_)) = (&ty, &of.bare().kind) {
            return Type::Window(*dimension);
        }
        if !ty.is_any() {
            self.no_history(it, of, &ty, "over");
        }
        Type::Any
    }

    /// Reports a metric of texts or lines where its past is asked for: providers keep numbers only.
    fn only_numbers(&mut self, of: &'t Expr, ty: &Type, word: &str) {
        if !matches!(ty, Type::Text | Type::Texts(_) | Type::List(_)) {
            return;
        }
        let message = format!("`{word}` looks back at numbers, {} is {}", self.shown(of.span), ty.in_words());
        let finding = self.finding(Code::TYPE_HISTORY, message, of.span, "no history is kept of it");
        self.report(finding.help("look at it now, or keep its value with `let` when it is taken"));
    }

    fn no_history(&mut self, it: &'t Expr, of: &'t Expr, ty: &Type, word: &str) {
        let message = format!("`{word}` looks back at a metric, {} is none", self.shown(of.span));
        let finding = self.finding(Code::TYPE_HISTORY, message, of.span, ty.in_words());
        let help = if matches!(of.bare().kind, ExprKind::Binary { .. }) {
            "look back at each metric by itself: `a 1h ago + b 1h ago`".to_owned()
        } else if matches!(of.bare().kind, ExprKind::Now) || matches!(ty, Type::Time) {
            format!("subtract instead: `{} - 1h`", self.slice(of.span))
        } else {
            format!("write the metric itself before `{word}`, or keep the value with `let` when it is taken")
        };
        let _ = it;
        self.report(finding.help(help));
    }

    /// `COND for D`
    pub(super) fn held(&mut self, it: &'t Expr, condition: &'t Expr, duration: &'t Expr) {
        self.condition(condition);
        self.duration(duration, "for");
        let mut asked = None;
        let mut metric = false;
        let mut kept = Vec::new();
        walk::expressions(condition, &mut |inner| match &inner.kind {
            ExprKind::Question(_) | ExprKind::Ask { .. } => asked = asked.or(Some((inner, "a person"))),
            ExprKind::Command { .. } => asked = asked.or(Some((inner, "a command"))),
            ExprKind::Name(_) | ExprKind::Call { .. } => {
                metric |= self.symbols.may_be_metric(inner);
                kept.extend(self.symbols.text_metric(inner).map(|words| (inner, words)));
            }
            ExprKind::Field { .. } if walk::is_firing(inner) => {
                kept.push((inner, "asked as of now"));
            }
            ExprKind::Broken | ExprKind::BadUnit => metric = true,
            _ => {}
        });
        if let Some((inner, words)) = kept.first() {
            let message = format!("`for` looks back at numbers, {} is {words}", self.shown(inner.span));
            let finding = self.finding(Code::TYPE_HISTORY, message, inner.span, "no history is kept of it");
            let help = "to wait until it holds for a while, write `wait until … for 5m within 1h`";
            self.report(finding.help(help));
            return;
        }
        let (span, who) = match asked {
            Some((inner, who)) => (inner.span, who),
            None if !metric => (condition.span, "this"),
            None => return,
        };
        let _ = it;
        let message = match who {
            "this" => "`for` looks back at metrics, and none is here".to_owned(),
            who => format!("{who} cannot be asked about the past"),
        };
        let finding = self.finding(Code::TYPE_HISTORY, message, span, "has no history");
        self.report(
            finding.help("to wait until it holds for a while, write `wait until … for 5m within 1h`"),
        );
    }
}

impl SymbolTable<'_> {
    /// Whether this is a reading itself, not something computed from one.
    fn is_metric(&self, it: &Expr) -> bool {
        if let ExprKind::Ago { of, .. } = &it.bare().kind {
            return self.is_metric(of);
        }
        walk::name_of(it.bare())
            .and_then(|name| self.find(&name.text))
            .is_some_and(|symbol| matches!(symbol.kind, SymbolKind::Metric(_)))
    }

    /// What a metric of texts or lines is, in words; `None` for every other expression.
    fn text_metric(&self, it: &Expr) -> Option<&'static str> {
        match walk::name_of(it).and_then(|name| self.find(&name.text))?.kind {
            SymbolKind::Metric(metric) => match metric.of {
                MetricType::Text => Some("a text"),
                MetricType::Lines => Some("lines"),
                MetricType::Number | MetricType::Unknown => None,
            },
            _ => None,
        }
    }

    /// Whether this is a reading, a named expression that may contain one, or unknown.
    fn may_be_metric(&self, it: &Expr) -> bool {
        match walk::name_of(it).and_then(|name| self.find(&name.text)) {
            Some(symbol) => match symbol.kind {
                SymbolKind::Metric(_) | SymbolKind::Expression(_) => true,
                // The element of a loop over a metric is a reading of its series.
                SymbolKind::Element => matches!(symbol.state, TypeState::Known(Type::Sample(..))),
                SymbolKind::Param(_)
                | SymbolKind::Probe(_)
                | SymbolKind::Constant(..)
                | SymbolKind::Secret
                | SymbolKind::Define(_)
                | SymbolKind::Local
                | SymbolKind::ActionResult
                | SymbolKind::Argument { .. } => false,
            },
            None => {
                !matches!(&it.kind, ExprKind::Call { name, .. } if super::super::functions::find(&name.text).is_some())
            }
        }
    }
}
