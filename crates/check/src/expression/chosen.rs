//! Checks values that are chosen or made: `if COND { X } else { Y }` and `[for each NAME in LIST: VALUE]`.

use super::super::checker::Checker;
use super::super::symbol::SymbolKind;
use super::super::types::Type;
use super::super::walk;
use rbl_syntax::diagnostic::Code;
use rbl_syntax::tree::{Comprehension, ConditionalBranch, Expr, ExprKind};

impl<'t> Checker<'t> {
    /// Returns the type that all sides of a conditional value have.
    pub(super) fn conditional(&mut self, branches: &'t [ConditionalBranch], otherwise: &'t Expr) -> Type {
        let mut first: Option<(&'t Expr, Type)> = None;
        let mut sides = Vec::with_capacity(branches.len() + 1);
        for branch in branches {
            self.condition(&branch.condition);
            sides.push(&branch.value);
        }
        sides.push(otherwise);
        for side in sides {
            let ty = self.value(side);
            first = Some(match first {
                None => (side, ty),
                Some((before, known)) if ty.fits(&known) || known.fits(&ty) => (before, known.joined(&ty)),
                Some((before, known)) => {
                    let finding = self
                        .finding(
                            Code::TYPE_SIDES,
                            format!("one side is {}, the other {}", known.in_words(), ty.in_words()),
                            side.span,
                            ty.in_words(),
                        )
                        .also(self.at(before.span), known.in_words())
                        .help("give all sides of the `if` one kind of value");
                    self.report(finding);
                    return Type::Any;
                }
            });
        }
        first.map_or(Type::Any, |(_, ty)| ty)
    }

    /// Returns the type of a list that is made of another.
    pub(super) fn comprehension(&mut self, it: &'t Expr, made: &'t Comprehension) -> Type {
        let element = self.element(&made.over);
        let value = self.in_block(|checker| {
            let kind = SymbolKind::Element;
            checker.findings.report_all(checker.symbols.declare_local(&made.name, kind, element));
            if let Some(filter) = &made.filter {
                checker.condition(filter);
            }
            checker.value(&made.value)
        });
        let mut asked = None;
        walk::expressions(it, &mut |inner| {
            if matches!(inner.kind, ExprKind::Question(_) | ExprKind::Ask { .. }) {
                asked = asked.or(Some(inner.span));
            }
        });
        if let Some(span) = asked {
            let finding = self.finding(
                Code::SYNTAX_PLACE,
                "nobody can be asked while a list is made",
                span,
                "once for each element",
            );
            self.report(finding.help("ask in a `for each`, or before it with `let`"));
        }
        Type::List(Box::new(value))
    }
}
