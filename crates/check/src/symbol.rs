//! What a name stands for.

use smol_str::SmolStr;

use super::types::Type;
use rbl_syntax::source::{Place, SourceId};
use rbl_syntax::tree;

/// The place of a symbol in the table of one file.
pub(super) type SymbolId = usize;

/// A name and what it stands for.
#[derive(Debug, Clone)]
pub(super) struct Symbol<'t> {
    /// Where and how it is named.
    pub(super) name: &'t tree::Name,
    /// The file it is named in.
    pub(super) source: SourceId,
    /// What it stands for.
    pub(super) kind: SymbolKind<'t>,
    /// Its type, once it was looked at.
    pub(super) state: State,
    /// Whether anything uses it.
    pub(super) used: bool,
    /// Whether a library brought it.
    pub(super) imported: bool,
    /// The block depth it is named at: 0 is the top level.
    pub(super) depth: u32,
    /// One more than the number of the last constant it needs; 0 for none.
    pub(super) needs: u32,
}

/// What a name stands for.
#[derive(Debug, Clone, Copy)]
pub(super) enum SymbolKind<'t> {
    /// `param`
    Param(&'t tree::Param),
    /// `secret`
    Secret,
    /// `metric`
    Metric(&'t tree::Metric),
    /// `let NAME(PARAMS) = …`
    Expression(&'t tree::LetDeclaration),
    /// `let NAME = …` before the body, with its number in the order of taking.
    Constant(&'t tree::Let, u32),
    /// `define`
    Define(&'t tree::Define),
    /// `let` in the body.
    Local,
    /// The name of `for each`.
    Element,
    /// The name of `action … as NAME`.
    ActionResult,
    /// A parameter of a metric, a define or a named expression.
    Argument {
        /// Whether the executor it is handed to by name uses it.
        handed_on: bool,
    },
}

/// How far a symbol's type is known.
#[derive(Debug, Clone)]
pub(super) enum State {
    /// Not looked at yet.
    Waiting,
    /// Being looked at: whoever needs it now needs itself.
    Busy,
    /// Known.
    Known(Type),
}

impl<'t> Symbol<'t> {
    /// Where it is named.
    pub(super) fn place(&self) -> Place {
        self.name.span.in_source(self.source)
    }

    /// As written.
    pub(super) fn text(&self) -> &'t SmolStr {
        &self.name.text
    }

    /// Whether it stands for a value, not for an action.
    pub(super) fn is_value(&self) -> bool {
        !matches!(self.kind, SymbolKind::Define(_))
    }

    /// The word it is declared with, with its article.
    pub(super) fn noun(&self) -> &'static str {
        match self.kind {
            SymbolKind::Param(_) => "a param",
            SymbolKind::Secret => "a secret",
            SymbolKind::Metric(_) => "a metric",
            SymbolKind::Expression(_) => "a named expression",
            SymbolKind::Constant(..) | SymbolKind::Local => "a let",
            SymbolKind::Define(_) => "an action",
            SymbolKind::Element => "the name of a `for each`",
            SymbolKind::ActionResult => "the result of an action",
            SymbolKind::Argument { .. } => "a parameter",
        }
    }
}
