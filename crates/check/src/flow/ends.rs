//! Finds statements after an end: they can never run.

use super::super::findings::Findings;
use rbl_syntax::diagnostic::{Code, Diagnostic};
use rbl_syntax::source::{SourceId, Span};
use rbl_syntax::tree;
use rbl_syntax::tree::{Arm, Block, Item, Statement, StatementKind, Wait};

/// Reports the first statement after each end.
pub(super) fn check(tree: &tree::File, source: SourceId, findings: &mut Findings) {
    let mut search = EndSearch { source, findings };
    let mut ended: Option<Span> = None;
    for item in &tree.items {
        let (span, end) = match item {
            Item::Declaration(_) | Item::Test(_) | Item::Background(_) => continue,
            Item::Step(step) => (step.title.span, search.block(&step.body)),
            Item::Statement(statement) => (statement.span, search.statement(statement)),
        };
        if let Some(end) = ended.take() {
            search.report(span, end);
            return;
        }
        ended = end;
    }
}

struct EndSearch<'a> {
    source: SourceId,
    findings: &'a mut Findings,
}

impl EndSearch<'_> {
    /// Returns the statement that ends the run on every path through the block; `None` if some path continues.
    fn block(&mut self, block: &Block) -> Option<Span> {
        let mut ended: Option<Span> = None;
        let mut reported = false;
        for statement in &block.statements {
            let end = self.statement(statement);
            if let Some(before) = ended
                && !reported
            {
                self.report(statement.span, before);
                reported = true;
            }
            ended = ended.or(end);
        }
        ended
    }

    fn statement(&mut self, it: &Statement) -> Option<Span> {
        match &it.kind {
            StatementKind::Resolve { .. } | StatementKind::Stop { .. } => Some(it.span),
            StatementKind::If(it) => {
                let mut all = true;
                let mut last = None;
                for branch in &it.branches {
                    let end = self.block(&branch.block);
                    all &= end.is_some();
                    last = end;
                }
                // A *no* without `else` continues after the `if`; an unknown without `unknown` stops.
                let (otherwise, unknown) = self.arms(it.otherwise.as_ref(), it.unknown.as_ref());
                let all = all && matches!(otherwise, Arrival::Ends) && !matches!(unknown, Arrival::Continues);
                if all { last } else { None }
            }
            StatementKind::Match(it) => {
                let mut all = true;
                let mut last = None;
                for arm in &it.arms {
                    let end = self.block(&arm.block);
                    all &= end.is_some();
                    last = end;
                }
                // Nothing fits and there is no `else`: it stops.
                let (otherwise, unknown) = self.arms(it.otherwise.as_ref(), it.unknown.as_ref());
                let goes_on =
                    matches!(otherwise, Arrival::Continues) || matches!(unknown, Arrival::Continues);
                if all && !goes_on { last } else { None }
            }
            StatementKind::Check(it) => self.only_within([it.otherwise.as_ref(), it.unknown.as_ref()]),
            StatementKind::Action(it) => {
                let done = it.block.as_ref().and_then(|block| self.block(block));
                // Where it fails and there is no `else`, it stops.
                match self.arm(it.otherwise.as_ref()) {
                    Arrival::Continues => None,
                    Arrival::Ends | Arrival::NotWritten => done,
                }
            }
            StatementKind::Escalate(it) => self.only_within([it.otherwise.as_ref(), None]),
            StatementKind::Run(it) => self.only_within([it.otherwise.as_ref(), None]),
            StatementKind::Lock(it) => self.only_within([it.otherwise.as_ref(), None]),
            StatementKind::Wait(Wait::Until { otherwise, unknown, .. }) => {
                self.only_within([otherwise.as_ref(), unknown.as_ref()])
            }
            StatementKind::ForEach(it) => {
                self.block(&it.body);
                self.only_within([it.none.as_ref(), it.unknown.as_ref()])
            }
            StatementKind::Repeat(it) => {
                self.block(&it.body);
                self.only_within([it.otherwise.as_ref(), it.unknown.as_ref()])
            }
            StatementKind::Broken { blocks } => {
                for block in blocks {
                    self.block(block);
                }
                None
            }
            StatementKind::Prose { .. }
            | StatementKind::Wait(Wait::Duration { .. })
            | StatementKind::Let(_)
            | StatementKind::Record(_) => None,
        }
    }

    /// Handles the arms of a statement that can also continue without them.
    fn only_within(&mut self, arms: [Option<&Arm>; 2]) -> Option<Span> {
        for arm in arms.into_iter().flatten() {
            self.block(&arm.block);
        }
        None
    }

    /// What happens on a no and on an unknown result.
    fn arms(&mut self, otherwise: Option<&Arm>, unknown: Option<&Arm>) -> (Arrival, Arrival) {
        let no = self.arm(otherwise);
        let both = otherwise.is_some_and(|arm| arm.both);
        let unknown = if both { no } else { self.arm(unknown) };
        (no, unknown)
    }

    fn arm(&mut self, arm: Option<&Arm>) -> Arrival {
        match arm {
            None => Arrival::NotWritten,
            Some(arm) => self.block(&arm.block).map_or(Arrival::Continues, |_| Arrival::Ends),
        }
    }

    fn report(&mut self, span: Span, end: Span) {
        let finding = Diagnostic::new(
            Code::FLOW_UNREACHABLE,
            "this can never run",
            span.in_source(self.source),
            "never reached",
        );
        self.findings.report(
            finding
                .also(end.in_source(self.source), "every way ends here or before")
                .help("put it before the end, or take it out"),
        );
    }
}

/// What happens to a run that takes an arm.
#[derive(Clone, Copy)]
enum Arrival {
    NotWritten,
    Ends,
    Continues,
}
