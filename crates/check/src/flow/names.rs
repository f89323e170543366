//! Resolves the names of a runbook, as far as the flow analysis needs it.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::super::certainty::holds_large;
use super::super::functions;
use super::super::symbol::{Symbol, SymbolId, SymbolKind, TypeState};
use super::super::types::Type;
use super::super::walk;
use rbl_syntax::tree::{DefineTarget, Expr, ExprKind, Name, Param, Target};
use rbl_syntax::value::Dimension;

/// The names of a file, and those of the blocks around the current position.
pub(super) struct FlowNames<'t> {
    symbols: &'t [Symbol<'t>],
    globals: &'t HashMap<&'t str, SymbolId>,
    locals: HashMap<&'t str, Local>,
    hidden: Vec<(&'t str, Option<Local>)>,
    last: u64,
}

/// A value that is evaluated once, or the element of a loop.
#[derive(Debug, Clone, Copy)]
pub(super) struct Local {
    /// Distinguishes it from every other value.
    pub(super) id: u64,
    /// Its dimension, if known.
    pub(super) dimension: Option<Dimension>,
    /// Whether it can be unknown.
    pub(super) unknown: bool,
    /// Whether it can be where another runbook fills the parameters.
    pub(super) unknown_from_outside: bool,
    /// Whether it is a reading: the element of a loop over a metric is read anew when readings are.
    pub(super) read: bool,
}

/// The meaning of a name.
pub(super) enum Meaning<'t> {
    /// A value that is evaluated once in the body.
    Local(Local),
    /// A parameter, the alert or the owner: known before the run, and constant.
    Fixed {
        /// Its dimension, if known.
        dimension: Option<Dimension>,
        /// Whether it can be unknown.
        unknown: bool,
        /// The parameter, if it is one.
        param: Option<&'t Param>,
    },
    /// `let NAME = EXPR` before the body.
    Constant(&'t Expr),
    /// A metric.
    Metric(Option<Dimension>),
    /// A named expression: evaluated at each use.
    Expression(&'t Expr),
    /// A built-in function.
    Function,
    /// Anything else.
    Other,
}

/// The start of a block.
pub(super) struct BlockStart(usize);

impl<'t> FlowNames<'t> {
    /// Creates the names of a checked file.
    pub(super) fn new(symbols: &'t [Symbol<'t>], globals: &'t HashMap<&'t str, SymbolId>) -> Self {
        Self { symbols, globals, locals: HashMap::new(), hidden: Vec::new(), last: 0 }
    }

    /// Opens a block.
    pub(super) fn open(&mut self) -> BlockStart {
        BlockStart(self.hidden.len())
    }

    /// Closes a block: its names go out of scope.
    pub(super) fn close(&mut self, mark: &BlockStart) {
        while self.hidden.len() > mark.0 {
            let Some((name, before)) = self.hidden.pop() else { return };
            match before {
                Some(local) => self.locals.insert(name, local),
                None => self.locals.remove(name),
            };
        }
    }

    /// Declares a value; `unknown`: whether it can be unknown, and whether it can be where another runbook fills the parameters.
    pub(super) fn take(&mut self, name: &'t Name, dimension: Option<Dimension>, unknown: (bool, bool)) {
        self.take_element(name, dimension, unknown, false);
    }

    /// Declares the element of a loop; `read`: over a metric.
    pub(super) fn take_element(
        &mut self,
        name: &'t Name,
        dimension: Option<Dimension>,
        (unknown, from_outside): (bool, bool),
        read: bool,
    ) {
        self.last += 1;
        let unknown_from_outside = unknown || from_outside;
        let local = Local { id: self.last, dimension, unknown, unknown_from_outside, read };
        let before = self.locals.insert(&name.text, local);
        self.hidden.push((&name.text, before));
    }

    fn symbol(&self, name: &Name) -> Option<&'t Symbol<'t>> {
        self.globals.get(name.text.as_str()).and_then(|id| self.symbols.get(*id))
    }

    /// Returns the meaning of a name.
    pub(super) fn meaning(&self, name: &Name) -> Meaning<'t> {
        if let Some(local) = self.locals.get(name.text.as_str()) {
            return Meaning::Local(*local);
        }
        let Some(symbol) = self.symbol(name) else {
            return match name.text.as_str() {
                "alert" | "owner" => Meaning::Fixed { dimension: None, unknown: true, param: None },
                other if functions::find(other).is_some() => Meaning::Function,
                _ => Meaning::Other,
            };
        };
        let dimension = match &symbol.state {
            TypeState::Known(ty) => ty.dimension(),
            TypeState::Waiting | TypeState::Busy => None,
        };
        match symbol.kind {
            SymbolKind::Param(it) => Meaning::Fixed {
                dimension,
                param: Some(it),
                unknown: !matches!(&symbol.state, TypeState::Known(ty) if !ty.is_any())
                    || it.default.as_ref().is_some_and(holds_large),
            },
            SymbolKind::Metric(_) => {
                let series = match &symbol.state {
                    TypeState::Known(Type::Samples(dimension, _)) => Some(*dimension),
                    _ => None,
                };
                Meaning::Metric(dimension.or(series))
            }
            SymbolKind::Expression(it) => Meaning::Expression(&it.value),
            SymbolKind::Probe(it) => Meaning::Expression(&it.look),
            SymbolKind::Constant(it, _) => Meaning::Constant(&it.value),
            SymbolKind::Secret
            | SymbolKind::Define(_)
            | SymbolKind::Local
            | SymbolKind::Element
            | SymbolKind::ActionResult
            | SymbolKind::Argument { .. } => Meaning::Other,
        }
    }

    /// Returns the fingerprint of a name's value; `None` for something that may differ at each use.
    pub(super) fn print(&self, name: &Name) -> Option<u64> {
        let mut hasher = DefaultHasher::new();
        match self.meaning(name) {
            Meaning::Local(local) => (0, local.id).hash(&mut hasher),
            Meaning::Expression(body) if !self.is_fixed(body, 0) => return None,
            Meaning::Other => return None,
            Meaning::Fixed { .. }
            | Meaning::Constant(_)
            | Meaning::Metric(..)
            | Meaning::Expression(_)
            | Meaning::Function => (1, &name.text).hash(&mut hasher),
        }
        Some(hasher.finish())
    }

    /// Whether a named expression has the same value at each use while readings are kept.
    fn is_fixed(&self, body: &Expr, depth: u32) -> bool {
        let mut fixed = depth < 3;
        walk::expressions(body, &mut |it| {
            fixed &= match &it.kind {
                ExprKind::Now
                | ExprKind::Command { .. }
                | ExprKind::Question(_)
                | ExprKind::Ask { .. }
                | ExprKind::BadUnit
                | ExprKind::Broken => false,
                ExprKind::Name(name) | ExprKind::Call { name, .. } if depth < 3 => match self.symbol(name) {
                    Some(Symbol { kind: SymbolKind::Probe(_), .. }) => false,
                    Some(Symbol { kind: SymbolKind::Expression(inner), .. }) => {
                        self.is_fixed(&inner.value, depth + 1)
                    }
                    _ => true,
                },
                _ => true,
            };
        });
        fixed
    }

    /// Whether a value depends on a reading: then it holds only until readings are taken again.
    pub(super) fn is_read(&self, it: &Expr) -> bool {
        let mut read = false;
        walk::expressions(it, &mut |inner| {
            read |= walk::is_firing(inner)
                || walk::name_of(inner).is_some_and(|name| match self.meaning(name) {
                    Meaning::Metric(..) | Meaning::Expression(_) => true,
                    Meaning::Local(local) => local.read,
                    Meaning::Fixed { .. } | Meaning::Constant(_) | Meaning::Function | Meaning::Other => {
                        false
                    }
                });
        });
        read
    }

    /// Whether the elements of a loop over this may be readings: it is a metric, or may give one.
    pub(super) fn may_give_series(&self, over: &Expr) -> bool {
        match &over.bare().kind {
            ExprKind::Name(name) | ExprKind::Call { name, .. } => {
                matches!(self.meaning(name), Meaning::Metric(..) | Meaning::Expression(_))
            }
            ExprKind::Ago { of, .. } => self.may_give_series(of),
            ExprKind::Conditional { branches, otherwise } => {
                self.may_give_series(otherwise)
                    || branches.iter().any(|branch| self.may_give_series(&branch.value))
            }
            _ => false,
        }
    }

    /// Whether an expression has the same value however long the run waits: nothing in it is read, run or asked again.
    pub(super) fn never_changes(&self, it: &Expr) -> bool {
        self.is_frozen(it, 0)
    }

    fn is_frozen(&self, it: &Expr, depth: u32) -> bool {
        let mut frozen = depth < 3;
        walk::expressions(it, &mut |inner| {
            frozen &= match &inner.kind {
                ExprKind::Now
                | ExprKind::Command { .. }
                | ExprKind::Question(_)
                | ExprKind::Ask { .. }
                | ExprKind::BadUnit
                | ExprKind::Broken => false,
                ExprKind::Field { .. } => !walk::is_firing(inner),
                ExprKind::Name(name) | ExprKind::Call { name, .. } => match self.meaning(name) {
                    Meaning::Local(local) => !local.read,
                    Meaning::Fixed { .. } | Meaning::Constant(_) | Meaning::Function => true,
                    Meaning::Expression(body) => depth < 3 && self.is_frozen(body, depth + 1),
                    Meaning::Metric(..) => false,
                    // The parameter of a named expression: its arguments are looked at where it is used.
                    Meaning::Other => depth > 0 && self.symbol(name).is_none(),
                },
                _ => true,
            };
        });
        frozen
    }

    /// Returns what an action ultimately does, following the name it is defined by.
    pub(super) fn action_target(&self, target: &'t Target) -> ActionTarget<'t> {
        match target {
            Target::Prose(_) => ActionTarget::Instruction,
            Target::Command(command) => ActionTarget::Command(&command.parts),
            Target::Call { name, .. } => match self.symbol(name).map(|symbol| symbol.kind) {
                Some(SymbolKind::Define(define)) => match &define.target {
                    DefineTarget::Prose(_) => ActionTarget::Instruction,
                    DefineTarget::Command(command) => ActionTarget::Command(&command.parts),
                    DefineTarget::Executor { .. } => ActionTarget::Executor,
                },
                _ => ActionTarget::Executor,
            },
        }
    }
}

/// What an action does.
#[derive(Debug, Clone, Copy)]
pub(super) enum ActionTarget<'t> {
    /// An instruction to a person.
    Instruction,
    /// A command.
    Command(&'t [rbl_syntax::tree::Part]),
    /// A reference for an executor.
    Executor,
}
