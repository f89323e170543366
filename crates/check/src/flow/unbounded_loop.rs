//! Reports a `for each` that acts without `up to`: the runbook, not a provider, must bound its passes.

use super::super::findings::Findings;
use super::super::walk;
use rbl_syntax::diagnostic::{Code, Diagnostic};
use rbl_syntax::source::{SourceId, Span};
use rbl_syntax::tree;
use rbl_syntax::tree::StatementKind;

/// Reports every `for each` that acts and has no `up to`. Actions, runs of other runbooks and pages all count as
/// acting: forty people paged are a blast radius too.
pub(super) fn check(tree: &tree::File, source: SourceId, findings: &mut Findings) {
    walk::statements(tree, &mut |statement| {
        let StatementKind::ForEach(it) = &statement.kind else { return };
        // A list that is written here bounds itself.
        if it.up_to.is_some() || matches!(it.over.bare().kind, tree::ExprKind::List { .. }) {
            return;
        }
        let mut acts: Option<(Span, &str)> = None;
        walk::block(&it.body, &mut |inner| {
            let Some((keyword, how)) = act(&inner.kind) else { return };
            let length = u32::try_from(keyword.len()).unwrap_or(u32::MAX).min(inner.span.len());
            acts = acts.or(Some((Span::new(inner.span.start, inner.span.start + length), how)));
        });
        let Some((act, how)) = acts else { return };
        let head =
            Span::new(statement.span.start, it.filter.as_ref().map_or(it.over.span.end, |it| it.span.end));
        let finding = Diagnostic::new(
            Code::ACTION_LIMIT,
            "a loop that acts without `up to`",
            head.in_source(source),
            "for how many at most?",
        );
        findings.next_statement();
        findings.report(
            finding
                .also(act.in_source(source), format!("{how} for each of them"))
                .help("write the most that may be touched in one run: `up to 3` before the `{`"),
        );
    });
}

/// The keyword of a statement that changes something outside the run, and what it does, in words. A record is a note: it
/// touches nothing.
fn act(kind: &StatementKind) -> Option<(&'static str, &'static str)> {
    match kind {
        StatementKind::Action(_) => Some(("action", "acts")),
        StatementKind::Run(_) => Some(("run", "runs a runbook")),
        StatementKind::Escalate(_) => Some(("escalate", "pages")),
        StatementKind::Prose { .. }
        | StatementKind::Check(_)
        | StatementKind::If(_)
        | StatementKind::Match(_)
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
