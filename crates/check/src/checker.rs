//! The check of one file: declares its names, then checks its declarations, its body and its tests.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use super::findings::Findings;
use super::gather::{FileId, GatheredFile};
use super::promql::Counts;
use super::scope::Scope;
use super::symbol::{State, Symbol, SymbolId, SymbolKind};
use super::types::Type;
use super::unread::Unread;
use super::{Catalogue, Kind, flow, place, shown, unused};
use rbl_syntax::diagnostic::{Code, Diagnostic};
use rbl_syntax::source::{Place, SourceId, Sources, Span};
use rbl_syntax::tree;

/// The context of the check of one file.
#[derive(Clone)]
pub(super) struct Terminal<'t> {
    pub(super) sources: &'t Sources,
    pub(super) files: &'t [GatheredFile],
    /// The interfaces of the files that were checked before.
    pub(super) interfaces: Vec<Option<Rc<Interface<'t>>>>,
    pub(super) catalogue: &'t Catalogue,
}

impl<'t> Terminal<'t> {
    /// Returns the interface of a file that was checked before.
    pub(super) fn interface(&self, file: FileId) -> Option<Rc<Interface<'t>>> {
        self.interfaces.get(file).and_then(Clone::clone)
    }
}

/// The names that a checked file exports.
pub(super) struct Interface<'t> {
    /// Its own names, and those of its libraries.
    pub(super) symbols: Vec<Symbol<'t>>,
    /// Whether all names are known; `false` if something could not be read.
    pub(super) complete: bool,
}

/// The check of one file.
pub(super) struct Checker<'t> {
    pub(super) around: Terminal<'t>,
    pub(super) file: &'t GatheredFile,
    pub(super) source: SourceId,
    pub(super) text: &'t str,
    pub(super) symbols: Vec<Symbol<'t>>,
    pub(super) scope: Scope<'t>,
    pub(super) findings: Findings,
    /// Whether all names that the file can see are known.
    pub(super) complete: bool,
    /// One more than the highest number of a constant that was used since the last reset.
    pub(super) needs: u32,
    /// The constant being evaluated: constants with this or a higher number have no value yet.
    pub(super) taking: Option<u32>,
    /// Whether the default of a `param` is being checked: it is evaluated before anything is read.
    pub(super) in_default: bool,
    /// The uses of `owner` as a team.
    pub(super) owner_used: Vec<Span>,
    /// Names from the configuration that were reported as missing: each is reported once.
    pub(super) not_configured: HashSet<(Code, &'t str)>,
    /// The place of each `let` and `as` of the body; built when a name is first not found.
    pub(super) later: Option<HashMap<&'t str, Vec<Span>>>,
    /// How many calls of named expressions may still be expanded, and how many are being expanded.
    pub(super) expressions_left: usize,
    pub(super) expressions_open: usize,
    /// How many names may still be compared for did-you-mean.
    pub(super) comparisons_left: usize,
    /// The unreadable parts; built when a name is first not found.
    pub(super) unread: Option<Unread<'t>>,
    /// Facts about the numbers of metrics whose queries were checked.
    pub(super) counts: HashMap<*const tree::Metric, Counts>,
}

impl<'t> Checker<'t> {
    /// Starts the check of a file; `None` if there is no such file.
    pub(super) fn new(around: &Terminal<'t>, file: FileId) -> Option<Self> {
        let file = around.files.get(file)?;
        let source = file.source;
        let text = around.sources.get(source)?.text();
        Some(Self {
            around: around.clone(),
            file,
            source,
            text,
            symbols: Vec::new(),
            scope: Scope::default(),
            findings: Findings::beside(file.unread.clone()),
            complete: !file.incomplete,
            needs: 0,
            taking: None,
            in_default: false,
            owner_used: Vec::new(),
            not_configured: HashSet::new(),
            later: None,
            expressions_left: 10_000,
            expressions_open: 0,
            comparisons_left: 1_000_000,
            unread: None,
            counts: HashMap::new(),
        })
    }

    /// Checks the whole file; returns its interface and the findings.
    pub(super) fn check(mut self) -> (Interface<'t>, Vec<Diagnostic>) {
        let tree = &self.file.tree;
        self.import();
        self.declare(tree);
        self.declarations(tree);
        self.body(tree);
        self.tests(tree);
        if self.file.kind == Kind::Runbook {
            self.owner(tree);
        }
        place::check(tree, self.file.kind, self.source, self.text, &mut self.findings);
        flow::check(
            tree,
            self.source,
            self.text,
            &self.symbols,
            &self.scope.globals,
            self.file.clean,
            &mut self.findings,
        );
        if self.file.kind == Kind::Runbook && self.file.clean {
            unused::report(&self.symbols, &mut self.findings);
        }
        let complete = self.complete && self.file.clean;
        let mut symbols = self.symbols;
        symbols.retain(|symbol| symbol.depth == 0 && !matches!(symbol.kind, SymbolKind::Argument { .. }));
        (Interface { symbols, complete }, self.findings.into_list())
    }

    /// Imports the names of the libraries, and for a file of tests those of its runbook.
    fn import(&mut self) {
        let needed = self.file.uses.iter().chain(&self.file.tests);
        for file in needed {
            let Some(interface) = self.around.interface(*file) else {
                self.complete = false;
                continue;
            };
            self.complete &= interface.complete;
            for symbol in &interface.symbols {
                let body_only =
                    matches!(symbol.kind, SymbolKind::Local | SymbolKind::Element | SymbolKind::ActionResult);
                if body_only || self.known_twice(symbol) {
                    continue;
                }
                let id = self.symbols.len();
                self.symbols.push(Symbol { used: false, imported: true, needs: 0, ..symbol.clone() });
                self.scope.globals.insert(symbol.text(), id);
            }
        }
    }

    /// Whether the name already exists: the same one through another import, or a different one, which is reported.
    fn known_twice(&mut self, new: &Symbol<'t>) -> bool {
        let Some(old) = self.scope.globals.get(new.text().as_str()).and_then(|id| self.symbols.get(*id))
        else {
            return false;
        };
        if old.place() != new.place() {
            let message = format!("two libraries declare `{}`", new.text());
            let finding = Diagnostic::new(Code::NAME_DUPLICATE, message, new.place(), "here")
                .also(old.place(), "and here")
                .help("give one of them another name");
            self.findings.report(finding);
        }
        true
    }

    /// Declares a name that is visible in the whole file.
    pub(super) fn declare_global(&mut self, name: &'t tree::Name, kind: SymbolKind<'t>, state: State) {
        if name.text.is_empty() {
            return;
        }
        if let Some(finding) = self.name_taken(name, &kind) {
            self.findings.report(finding);
            return;
        }
        let id = self.push_symbol(name, kind, state, 0);
        self.scope.globals.insert(&name.text, id);
    }

    /// Adds a symbol to the table without making its name visible.
    pub(super) fn push_symbol(
        &mut self,
        name: &'t tree::Name,
        kind: SymbolKind<'t>,
        state: State,
        depth: u32,
    ) -> SymbolId {
        let source = self.source;
        let id = self.symbols.len();
        self.symbols.push(Symbol {
            name,
            source,
            kind,
            state,
            used: false,
            imported: false,
            depth,
            needs: 0,
        });
        id
    }

    /// Keeps a finding.
    pub(super) fn report(&mut self, finding: Diagnostic) {
        self.findings.report(finding);
    }

    /// Converts a span of this file to a place.
    pub(super) fn at(&self, span: Span) -> Place {
        span.in_source(self.source)
    }

    /// Creates a finding at a span of this file.
    pub(super) fn finding(
        &self,
        code: Code,
        message: impl Into<String>,
        span: Span,
        label: impl Into<String>,
    ) -> Diagnostic {
        Diagnostic::new(code, message, self.at(span), label)
    }

    /// Returns the author's text of a span.
    pub(super) fn slice(&self, span: Span) -> &'t str {
        self.text.get(span.range()).unwrap_or("")
    }

    /// Returns an operand as a message names it: its own text if that is short, else `this`.
    pub(super) fn shown(&self, span: Span) -> String {
        shown::shown(self.text, span)
    }

    /// Returns the type of a symbol; checks its declaration first if necessary.
    pub(super) fn type_of(&mut self, id: SymbolId) -> Type {
        match self.symbols.get(id).map(|symbol| &symbol.state) {
            Some(State::Known(known)) => known.clone(),
            Some(State::Waiting) => self.look_at(id),
            Some(State::Busy) | None => Type::Any,
        }
    }

    /// Reports a runbook without an owner: it pages nobody when it is stuck.
    fn owner(&mut self, tree: &'t tree::File) {
        let mut header = None;
        for declaration in tree.declarations() {
            match declaration {
                tree::Declaration::Runbook(it) => header = header.or(Some(it.span)),
                tree::Declaration::Owner(_) => return,
                _ => {}
            }
        }
        let Some(header) = header.filter(|_| self.file.clean) else { return };
        let mut finding = self.finding(
            Code::UPKEEP_NO_OWNER,
            "nobody owns this runbook",
            header,
            "no `owner` after this header",
        );
        if let Some(used) = self.owner_used.first() {
            finding.severity = rbl_syntax::diagnostic::Severity::Error;
            finding = finding.also(self.at(*used), "pages the owner");
        }
        self.report(finding.help("write `owner \"TEAM\"`: that team is paged when a run cannot continue"));
    }
}
