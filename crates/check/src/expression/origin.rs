//! Finds where the dimension of an operand comes from: the metric that was declared in a unit.

use super::super::symbol::SymbolKind;
use super::super::symbol_table::SymbolTable;
use rbl_syntax::source::Place;
use rbl_syntax::tree::{Expr, ExprKind, Metric};
use rbl_syntax::value::{TimeUnit, Unit};

impl<'t> SymbolTable<'t> {
    /// Returns the metric that an operand reads, if it is a single reading.
    pub(super) fn metric_of(&self, it: &Expr) -> Option<(&'t Metric, Place)> {
        match &it.bare().kind {
            ExprKind::Name(name) | ExprKind::Call { name, .. } => {
                if let Some(symbol) = self.find(&name.text)
                    && let SymbolKind::Metric(metric) = symbol.kind
                {
                    let span = metric.unit.map_or(metric.name.span, |unit| unit.span);
                    return Some((metric, span.in_source(symbol.source)));
                }
                if let ExprKind::Call { args, .. } = &it.bare().kind {
                    return args.last().and_then(|arg| self.metric_of(&arg.value));
                }
                None
            }
            ExprKind::Ago { of, .. } | ExprKind::Over { of, .. } => self.metric_of(of),
            _ => None,
        }
    }
}

/// "read in seconds here".
pub(super) fn read_in(unit: Option<Unit>) -> String {
    let Some(unit) = unit else { return "read as a plain number here".into() };
    let name = unit.symbol.row().name;
    let name = name.split(" (").next().unwrap_or(name);
    let name = name.split(',').next().unwrap_or(name);
    let counted = if name == "a plain number" { "a count" } else { name };
    match unit.per {
        None => format!("read in {counted} here").replace("in a ", "as a "),
        Some(per) => {
            let per = match per {
                TimeUnit::Second => "second",
                TimeUnit::Minute => "minute",
                TimeUnit::Hour => "hour",
                TimeUnit::Day => "day",
                TimeUnit::Week => "week",
            };
            format!("read in {counted} per {per} here").replace("in a ", "as a ")
        }
    }
}
