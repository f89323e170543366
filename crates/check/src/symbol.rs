//! Symbols: the meanings of names.

use smol_str::SmolStr;

use super::types::Type;
use rbl_syntax::source::{Place, SourceId};
use rbl_syntax::tree;

/// The index of a symbol in the table of one file.
pub(super) type SymbolId = usize;

/// A name and its meaning.
#[derive(Debug, Clone)]
pub(super) struct Symbol<'t> {
    /// The name at its declaration.
    pub(super) name: &'t tree::Name,
    /// The file that declares it.
    pub(super) source: SourceId,
    /// Its kind.
    pub(super) kind: SymbolKind<'t>,
    /// Its type, once it was checked.
    pub(super) state: TypeState,
    /// Whether anything uses it.
    pub(super) used: bool,
    /// Whether it comes from a library.
    pub(super) imported: bool,
    /// The block depth of its declaration: 0 is the top level.
    pub(super) depth: u32,
    /// The number of the step in whose body it is declared; 0 for a declaration of the file.
    pub(super) step: u32,
    /// One more than the highest number of a constant it uses; 0 for none.
    pub(super) needs: u32,
}

/// The kind of a symbol.
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
    /// `let NAME = …` before the body, with its number in evaluation order.
    Constant(&'t tree::Let, u32),
    /// `probe`
    Probe(&'t tree::ProbeDeclaration),
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
        /// Whether it is passed by name to an executor, which counts as a use.
        handed_on: bool,
    },
}

/// The state of a symbol's type.
#[derive(Debug, Clone)]
pub(super) enum TypeState {
    /// Not checked yet.
    Waiting,
    /// Being checked: a use at this point is recursive.
    Busy,
    /// Known.
    Known(Type),
}

impl<'t> Symbol<'t> {
    /// Returns the place of its declaration.
    pub(super) fn place(&self) -> Place {
        self.name.span.in_source(self.source)
    }

    /// As written.
    pub(super) fn text(&self) -> &'t SmolStr {
        &self.name.text
    }

    /// Whether it is a value, as opposed to an action.
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
            SymbolKind::Probe(_) => "a probe",
            SymbolKind::Define(_) => "an action",
            SymbolKind::Element => "the name of a `for each`",
            SymbolKind::ActionResult => "the result of an action",
            SymbolKind::Argument { .. } => "a parameter",
        }
    }
}
