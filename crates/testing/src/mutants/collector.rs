//! The search for mutants: [`mutants`] walks a runbook; [`MutantCollector`] is the state of that walk.

use std::collections::{HashMap, HashSet};

use super::kind::MutantKind;
use super::mutant::{Mutant, MutantEdit, applied_within, around, lines};
use super::text_hash::TextHash;
use super::{arm, dropped, escalation, exit_code, limited, number, operator, side, time};
use rbl_check::walk;
use rbl_syntax::source::{Source, Span};
use rbl_syntax::tree::{Block, Declaration, Expr, ExprKind, File, Item, Statement, StatementKind};

/// A runbook, and the mutants found so far.
#[derive(Debug)]
pub(super) struct MutantCollector<'t> {
    /// Its text.
    pub(super) source: &'t Source,
    /// Its tree.
    pub(super) file: &'t File,
    /// The statement that is being searched; `None` for a declaration.
    statement: Option<Span>,
    /// Whether the statement only selects which text is shown, which a test cannot see.
    only_tells: bool,
    found: Vec<Mutant>,
    /// The mutants by the hash of their changed texts. The same change found twice is one mutant.
    by_hash: HashMap<u64, Vec<usize>>,
    hash: TextHash,
}

/// Returns every mutant of a runbook, by place. Some of them may have errors, which the check finds later.
pub fn mutants(source: &Source, file: &File) -> Vec<Mutant> {
    let mut looked = MutantCollector {
        source,
        file,
        statement: None,
        only_tells: false,
        found: Vec::new(),
        by_hash: HashMap::new(),
        hash: TextHash::of(source.text()),
    };
    for declaration in file.declarations() {
        number::declaration(declaration, &mut looked);
        time::declaration(declaration, &mut looked);
        escalation::declaration(declaration, &mut looked);
        exit_code::declaration(declaration, &mut looked);
        limited::declaration(declaration, &mut looked);
        side::declaration(declaration, &mut looked);
    }
    // A `let` before the body is searched before the first statement.
    let whole: HashSet<Span> = file
        .items
        .iter()
        .filter_map(|item| match item {
            Item::Statement(it) if matches!(it.kind, StatementKind::Let(_)) => Some(it.span),
            _ => None,
        })
        .collect();
    walk::statements(file, &mut |statement| {
        looked.statement = (!whole.contains(&statement.span)).then_some(statement.span);
        looked.only_tells = only_selects_text(statement);
        for find in [
            number::statement,
            operator::statement,
            arm::statement,
            escalation::statement,
            dropped::statement,
            time::statement,
            exit_code::statement,
            limited::statement,
            side::statement,
        ] {
            find(statement, &mut looked);
        }
    });
    let mut found = looked.found;
    found.sort_by_key(|mutant| mutant.edits.first().map(|edit| edit.span.start));
    found
}

/// Whether a statement only selects which text is shown. With a second condition it may do more, because that may be
/// unknown.
fn only_selects_text(statement: &Statement) -> bool {
    match &statement.kind {
        StatementKind::If(it) => {
            it.branches.len() == 1
                && it.branches.iter().all(|branch| is_prose(&branch.block))
                && it.otherwise.as_ref().is_none_or(|arm| is_prose(&arm.block))
        }
        StatementKind::Match(it) => {
            it.arms.iter().all(|arm| is_prose(&arm.block))
                && it.otherwise.as_ref().is_some_and(|arm| is_prose(&arm.block))
        }
        StatementKind::Prose { .. }
        | StatementKind::Check(_)
        | StatementKind::Action(_)
        | StatementKind::Escalate(_)
        | StatementKind::Wait(_)
        | StatementKind::Let(_)
        | StatementKind::Record(_)
        | StatementKind::ForEach(_)
        | StatementKind::Repeat(_)
        | StatementKind::Run(_)
        | StatementKind::Lock(_)
        | StatementKind::Resolve { .. }
        | StatementKind::Stop { .. }
        | StatementKind::Broken { .. } => false,
    }
}

/// Whether a block only shows text.
pub(super) fn is_prose(block: &Block) -> bool {
    block.statements.iter().all(|statement| matches!(statement.kind, StatementKind::Prose { .. }))
}

impl<'t> MutantCollector<'t> {
    /// Whether a name is that of a declared probe.
    pub(super) fn is_probe(&self, name: &str) -> bool {
        self.file.declarations().any(|it| matches!(it, Declaration::Probe(probe) if probe.name.text == name))
    }

    /// The source text of a span.
    pub(super) fn text(&self, span: Span) -> &'t str {
        self.source.slice(span)
    }

    /// The source text in one line, for messages: in backquotes unless it has quotes of its own.
    pub(super) fn quoted(&self, span: Span) -> String {
        let text = self.bare(span);
        if text.starts_with('`') || (text.starts_with('"') && text.ends_with('"')) {
            text
        } else {
            format!("`{text}`")
        }
    }

    /// The source text in one line.
    pub(super) fn bare(&self, span: Span) -> String {
        let text: Vec<&str> = self.text(span).split_whitespace().collect();
        text.join(" ")
    }

    /// A condition for messages; for a question its prompt.
    pub(super) fn condition(&self, expr: &Expr) -> String {
        match &expr.bare().kind {
            ExprKind::Question(question) => self.quoted(question.prompt.span),
            _ => self.quoted(expr.span),
        }
    }

    /// Adds a mutant that is shown by the line in which it begins. `noticed_by`: the test that would notice it.
    pub(super) fn add(&mut self, kind: MutantKind, edits: Vec<MutantEdit>, noticed_by: String) {
        let (before, after) = lines(self.source, &edits);
        self.add_shown(kind, edits, (before, after), noticed_by);
    }

    /// Adds a mutant that is shown by the given lines, as many before as after it.
    pub(super) fn add_shown(
        &mut self,
        kind: MutantKind,
        mut edits: Vec<MutantEdit>,
        (before, after): (String, String),
        noticed_by: String,
    ) {
        edits.sort_by_key(|edit| edit.span.start);
        let Some(first) = edits.first() else { return };
        let chooses = matches!(
            kind,
            MutantKind::Threshold
                | MutantKind::Boundary
                | MutantKind::Equality
                | MutantKind::Negation
                | MutantKind::Arms
        );
        if self.only_tells && chooses {
            return;
        }
        if self.is_known(&edits) {
            return;
        }
        let (before, after) = around(before, after);
        let line = self.source.line_column(first.span.start).line;
        let statement = self.statement;
        self.found.push(Mutant { kind, edits, statement, line, before, after, noticed_by });
    }

    /// Whether the text with these edits is the original, or that of an earlier mutant; notes it where it is not.
    fn is_known(&mut self, edits: &[MutantEdit]) -> bool {
        let text = self.source.text();
        let hash = self.hash.changed(text, edits);
        let alike = self.by_hash.entry(hash).or_default();
        let is_same = |other: &[MutantEdit]| same_change(text, edits, other);
        let is_known = is_same(&[])
            || alike.iter().filter_map(|at| self.found.get(*at)).any(|known| is_same(&known.edits));
        if !is_known {
            alike.push(self.found.len());
        }
        is_known
    }

    /// A block in one line, represented by one of its statements.
    pub(super) fn brief(&self, block: &Block, index: usize) -> String {
        let Some(shown) = block.statements.get(index) else {
            return if block.statements.is_empty() { "{ }".into() } else { "{ … }".into() };
        };
        let text = self.text(shown.span);
        let line = text.lines().next().unwrap_or("").trim_end();
        let more = block.statements.len() > index + 1 || text.lines().nth(1).is_some();
        let before = if index > 0 { "… " } else { "" };
        format!("{{ {before}{line}{} }}", if more { " …" } else { "" })
    }
}

/// Whether two lists of edits change a text in the same way. Only the part that one of them touches is compared.
fn same_change(text: &str, one: &[MutantEdit], other: &[MutantEdit]) -> bool {
    let both = || one.iter().chain(other);
    let (Some(start), Some(end)) =
        (both().map(|edit| edit.span.start).min(), both().map(|edit| edit.span.end).max())
    else {
        return true;
    };
    let part = Span::new(start, end);
    applied_within(one, text, part) == applied_within(other, text, part)
}
