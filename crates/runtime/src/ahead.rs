//! What a runbook would still do behind a statement: its actions and the runbooks that it runs, as they are written.

use super::interpreter::Interpreter;
use rbl_syntax::counted;
use rbl_syntax::source::{SourceId, Span};
use rbl_syntax::tree::{Arm, Block, Statement, StatementKind};

/// At most this many are listed.
const LISTED: usize = 8;

/// What is collected on the way through the text.
struct Ahead<'p> {
    /// The statement behind which it begins; `None`: it was passed.
    behind: Option<(SourceId, Span)>,
    source: SourceId,
    /// Whether it depends on something whether this is reached.
    depends: bool,
    found: Vec<(SourceId, Span, bool)>,
    /// The blocks that are left to look at.
    blocks: Vec<&'p Block>,
}

impl Interpreter<'_, '_> {
    /// The actions and runbooks that follow the target of an action in the runbook that is walked, a line each.
    pub(super) fn ahead(&self, target: Span) -> Vec<String> {
        let mut ahead = Ahead {
            behind: Some((self.frame.source, target)),
            source: self.frame.source,
            depends: false,
            found: Vec::new(),
            blocks: Vec::new(),
        };
        for step in &self.frame.runbook.steps {
            ahead.source = step.source;
            ahead.statements(&step.statements);
        }
        let all = ahead.found.len();
        let mut lines: Vec<String> = ahead.found.into_iter().take(LISTED).map(|it| self.listed(it)).collect();
        if let Some(more) = all.checked_sub(LISTED).filter(|more| *more > 0) {
            lines.push(format!("and {}", counted(more, "more", "more")));
        }
        lines
    }

    fn listed(&self, (source, span, depends): (SourceId, Span, bool)) -> String {
        let sources = self.program.sources();
        let line = sources.get(source).map_or(0, |it| it.line_column(span.start).line);
        let text = super::operand_trace::one_line(sources.slice(span.in_source(source)));
        let text = text.trim_matches('`');
        let perhaps = if depends { ", perhaps" } else { "" };
        format!("then{perhaps}, at line {line}: `{text}`")
    }
}

impl<'p> Ahead<'p> {
    fn statements(&mut self, statements: &'p [Statement]) {
        for statement in statements {
            let mine = self.blocks.len();
            let was = self.depends;
            blocks(&statement.kind, &mut self.blocks);
            if let Some((source, target)) = self.behind {
                if source == self.source && contains(statement.span, target) {
                    self.passing(statement, target);
                }
            } else {
                if let Some(span) = acting(&statement.kind) {
                    self.found.push((self.source, span, self.depends));
                }
                self.depends = self.depends || !matches!(statement.kind, StatementKind::Action(_));
                for block in self.blocks.split_off(mine) {
                    self.statements(&block.statements);
                }
            }
            self.blocks.truncate(mine);
            self.depends = was;
        }
    }

    /// The statement that holds the target, or is its action: of its blocks, the one in which the target is.
    fn passing(&mut self, statement: &'p Statement, target: Span) {
        if let StatementKind::Action(action) = &statement.kind
            && action.target.span() == target
        {
            self.behind = None;
            if let Some(block) = &action.block {
                self.statements(&block.statements);
            }
            return;
        }
        let mut blocks = Vec::new();
        self::blocks(&statement.kind, &mut blocks);
        if let Some(block) = blocks.into_iter().find(|block| contains(block.span, target)) {
            self.statements(&block.statements);
        }
    }
}

fn contains(outer: Span, inner: Span) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

/// What of a statement acts: the target of an action, the file of a runbook.
fn acting(kind: &StatementKind) -> Option<Span> {
    match kind {
        StatementKind::Action(action) => Some(action.target.span()),
        StatementKind::Run(run) => Some(run.file.span),
        StatementKind::Prose { .. }
        | StatementKind::Check(_)
        | StatementKind::If(_)
        | StatementKind::Match(_)
        | StatementKind::Escalate(_)
        | StatementKind::Wait(_)
        | StatementKind::Let(_)
        | StatementKind::Record(_)
        | StatementKind::ForEach(_)
        | StatementKind::Repeat(_)
        | StatementKind::Lock(_)
        | StatementKind::Resolve { .. }
        | StatementKind::Stop { .. }
        | StatementKind::Broken { .. } => None,
    }
}

/// The blocks directly in a statement.
fn blocks<'p>(kind: &'p StatementKind, into: &mut Vec<&'p Block>) {
    use rbl_syntax::tree::Wait;
    let mut arms: Vec<&'p Option<Arm>> = Vec::new();
    match kind {
        StatementKind::Check(it) => arms.extend([&it.otherwise, &it.unknown]),
        StatementKind::If(it) => {
            into.extend(it.branches.iter().map(|branch| &branch.block));
            arms.extend([&it.otherwise, &it.unknown]);
        }
        StatementKind::Match(it) => {
            into.extend(it.arms.iter().map(|arm| &arm.block));
            arms.extend([&it.otherwise, &it.unknown]);
        }
        StatementKind::Action(it) => {
            into.extend(it.block.as_ref());
            arms.push(&it.otherwise);
        }
        StatementKind::Escalate(it) => arms.push(&it.otherwise),
        StatementKind::Wait(Wait::Until { otherwise, unknown, .. }) => arms.extend([otherwise, unknown]),
        StatementKind::ForEach(it) => {
            into.push(&it.body);
            arms.extend([&it.none, &it.unknown]);
        }
        StatementKind::Repeat(it) => {
            into.push(&it.body);
            arms.extend([&it.otherwise, &it.unknown]);
        }
        StatementKind::Run(it) => arms.push(&it.otherwise),
        StatementKind::Lock(it) => arms.push(&it.otherwise),
        StatementKind::Broken { blocks } => into.extend(blocks),
        StatementKind::Prose { .. }
        | StatementKind::Wait(Wait::Duration { .. })
        | StatementKind::Let(_)
        | StatementKind::Record(_)
        | StatementKind::Resolve { .. }
        | StatementKind::Stop { .. } => {}
    }
    into.extend(arms.into_iter().flatten().map(|arm| &arm.block));
}
