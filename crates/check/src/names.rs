//! Resolves the uses of names, and reports unknown ones.

use std::collections::HashMap;

use super::checker::Checker;
use super::functions;
use super::symbol::{Symbol, SymbolId, SymbolKind};
use super::symbol_table::SymbolTable;
use super::unreadable::UnreadableStatements;
use super::walk;
use rbl_syntax::diagnostic::{Code, Diagnostic, Safety, did_you_mean};
use rbl_syntax::source::Span;
use rbl_syntax::tree;
use rbl_syntax::tree::Name;

/// Names that other languages have and this one does not, each with what to write, and its spelling here.
const ELSEWHERE: [(&str, &str, Option<&str>); 17] = [
    ("True", "write `true`", Some("true")),
    ("TRUE", "write `true`", Some("true")),
    ("False", "write `false`", Some("false")),
    ("FALSE", "write `false`", Some("false")),
    ("yes", "write `true`", None),
    ("no", "write `false`", None),
    ("nil", NOTHING, None),
    ("null", NOTHING, None),
    ("None", NOTHING, None),
    ("undefined", NOTHING, None),
    ("nan", NOTHING, None),
    ("NaN", NOTHING, None),
    ("ENV", OUTSIDE, None),
    ("env", OUTSIDE, None),
    ("params", "write the name of the param alone", None),
    ("vars", "write the name of the value alone", None),
    ("self", "write the name of the value alone", None),
];

const NOTHING: &str = "what has no value is unknown: say what is done then in an arm, `unknown {…}`";
const OUTSIDE: &str =
    "take it from outside: `param NAME` is given by `--param`, `secret NAME from env \"VAR\"` is read";

impl<'t> Checker<'t> {
    /// Returns the symbol of a name that is used as a value; reports it if there is none.
    pub(super) fn use_value(&mut self, name: &'t Name) -> Option<SymbolId> {
        let Some(id) = self.symbols.find_id(&name.text) else {
            self.unknown_value(name);
            return None;
        };
        self.mark(id, name);
        Some(id)
    }

    /// Marks a symbol as used, and reports a use before its value exists.
    pub(super) fn mark(&mut self, id: SymbolId, name: &'t Name) {
        self.type_of(id);
        self.symbols.touch(id);
        let Some(needs) = self.symbols.constants_needed(id) else { return };
        if !self.inference.need(needs) {
            self.findings.report_all(self.symbols.early(name, id, needs));
        }
    }

    /// Reports a name that is not declared as a value.
    pub(super) fn unknown_value(&mut self, name: &'t Name) {
        if name.text.is_empty() || self.symbols.may_be_unread(name) {
            return;
        }
        if let Some(finding) = self.symbols.taken_elsewhere(name) {
            self.report(finding);
            return;
        }
        let finding = self.finding(
            Code::NAME_UNKNOWN,
            format!("nothing is called `{}`", name.text),
            name.span,
            "not declared",
        );
        if let Some((_, help, right)) = ELSEWHERE.iter().find(|(word, ..)| *word == name.text) {
            let finding = finding.help(*help);
            self.report(match right {
                Some(right) => {
                    finding.fix(format!("write `{right}`"), Safety::Safe, self.at(name.span), *right)
                }
                None => finding,
            });
        } else if let Some(near) = self.symbols.near(&name.text, Symbol::is_value) {
            self.report(self.file.suggest(finding, name.span, &near));
        } else if self.inputs.catalogue.teams.contains(name.text.as_str()) {
            self.report(finding.help(format!("write `\"{}\"` if the team is meant", name.text)));
        } else if functions::find(&name.text).is_some() {
            self.report(finding.help(format!("write `{}(…)` to call the function", name.text)));
        } else {
            let finding = finding.help(format!(
                "declare it: `metric {0} from PROVIDER \"QUERY\"`, `param {0}` or `let {0} = …`",
                name.text
            ));
            self.findings.undeclared(&name.text, finding);
        }
    }
}

impl<'t> SymbolTable<'t> {
    /// Returns one more than the highest number of a constant that a use of this symbol needs; `None` for an imported
    /// symbol, whose constants are evaluated before.
    fn constants_needed(&self, id: SymbolId) -> Option<u32> {
        let symbol = self.get(id).filter(|symbol| !symbol.imported)?;
        Some(if let SymbolKind::Constant(_, number) = symbol.kind { number + 1 } else { symbol.needs })
    }

    /// Returns the finding for a use of a symbol before the constants that it needs are set.
    fn early(&self, name: &'t Name, id: SymbolId, needs: u32) -> Option<Diagnostic> {
        let symbol = self.get(id)?;
        let constant = self.all().iter().find(
            |it| matches!(it.kind, SymbolKind::Constant(_, number) if number + 1 == needs && !it.imported),
        )?;
        let needed = constant.text();
        let message = if matches!(symbol.kind, SymbolKind::Constant(..)) {
            format!("`{}` is used before it is set", name.text)
        } else {
            format!("`{}` needs `{needed}`, which is set later", name.text)
        };
        let finding = self.file.finding(Code::NAME_EARLY, message, name.span, "needed here");
        Some(finding.also(constant.place(), "set here").help(format!("put `let {needed} = …` above")))
    }

    /// Whether to stay silent: the name may be declared in something that could not be read.
    pub(super) fn may_be_unread(&mut self, name: &Name) -> bool {
        if !self.is_complete() {
            return true;
        }
        if self.file.is_clean() {
            return false;
        }
        let file = self.file;
        let unread = self.unread.get_or_insert_with(|| UnreadableStatements::of(file.tree(), file.text));
        unread.may_declare(name)
    }

    /// Returns the known name nearest to a written one; it counts as used, since it was probably meant.
    pub(super) fn near(&mut self, written: &str, wanted: impl Fn(&Symbol<'t>) -> bool) -> Option<String> {
        // Limits the total work: a file may contain a hundred thousand wrong names.
        let known = self.scope.globals.len() + self.scope.locals.len();
        self.comparisons_left = self.comparisons_left.checked_sub(known)?;
        let ids = self.scope.globals.values().chain(self.scope.locals.values());
        let names =
            ids.filter_map(|id| self.get(*id)).filter(|symbol| wanted(symbol)).map(|it| it.text().as_str());
        let near = did_you_mean(written, names)?.to_owned();
        if let Some(id) = self.find_id(&near) {
            self.touch(id);
        }
        Some(near)
    }

    /// Returns the finding for a name that the body declares later, or in another block.
    fn taken_elsewhere(&mut self, name: &'t Name) -> Option<Diagnostic> {
        let tree = self.file.tree();
        let later = self.later.get_or_insert_with(|| taken_in(tree));
        let places = later.get(name.text.as_str())?;
        let behind = places.iter().find(|span| span.start > name.span.start).copied();
        let before = places.iter().rfind(|span| span.start < name.span.start).copied();
        Some(match (before, behind) {
            (Some(before), _) => self
                .file
                .finding(
                    Code::NAME_EARLY,
                    format!("`{}` is not known here", name.text),
                    name.span,
                    "outside the block that declares it",
                )
                .also(self.file.at(before), "known to the end of its block")
                .help(format!("declare `{}` in a block around both places", name.text)),
            (None, behind) => self
                .file
                .finding(
                    Code::NAME_EARLY,
                    format!("`{}` is used before it is set", name.text),
                    name.span,
                    "needed here",
                )
                .also(self.file.at(behind?), "set here")
                .help("set it above the place that needs it"),
        })
    }
}

/// Returns where the body declares each name.
fn taken_in(tree: &tree::File) -> HashMap<&str, Vec<Span>> {
    let mut found: HashMap<&str, Vec<Span>> = HashMap::new();
    walk::statements(tree, &mut |statement| {
        if let Some(name) = statement.kind.bound_name() {
            found.entry(name.text.as_str()).or_default().push(name.span);
        }
    });
    found
}
