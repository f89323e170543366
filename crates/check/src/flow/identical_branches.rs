//! Finds branches that all do the same: the decision has no effect.

use super::super::walk;
use super::report::FlowReport;
use super::structure;
use rbl_syntax::diagnostic::Code;
use rbl_syntax::source::Span;
use rbl_syntax::tree;
use rbl_syntax::tree::{Arm, Block, StatementKind};

/// Reports every `if` and `match` whose branches, including `else`, are identical.
pub(super) fn check(tree: &tree::File, report: &mut FlowReport<'_>) {
    walk::statements(tree, &mut |statement| match &statement.kind {
        StatementKind::If(it) => {
            let Some(otherwise) = &it.otherwise else { return };
            let blocks: Vec<&Block> = it.branches.iter().map(|branch| &branch.block).collect();
            report_same(report, &blocks, Some(otherwise), "the condition");
        }
        StatementKind::Match(it) => {
            let blocks: Vec<&Block> = it.arms.iter().map(|arm| &arm.block).collect();
            report_same(report, &blocks, it.otherwise.as_ref(), "the `match`");
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
        | StatementKind::Broken { .. } => {}
    });
}

fn report_same(report: &mut FlowReport<'_>, blocks: &[&Block], otherwise: Option<&Arm>, what: &str) {
    let Some((first, others)) = blocks.split_first() else { return };
    let others: Vec<&Block> = others.iter().copied().chain(otherwise.map(|arm| &arm.block)).collect();
    let length = first.statements.len();
    // Hashing a block costs time proportional to its length, so it is skipped if a quick comparison is enough.
    if length == 0 || others.is_empty() || others.iter().any(|other| other.statements.len() != length) {
        return;
    }
    let print = structure::of_block(first);
    if others.iter().any(|other| structure::of_block(other) != print) {
        return;
    }
    let Some(last) = others.last() else { return };
    let place = otherwise.map_or(Span::new(last.span.start, last.span.start + 1), |arm| arm.keyword);
    let all = if others.len() == 1 { "both arms do the same" } else { "all arms do the same" };
    let finding = report.finding(Code::FLOW_SAME, all, place, "the same as above");
    let begin = Span::new(first.span.start, first.span.start + 1);
    report.add(
        finding
            .also(report.at(begin), "done either way")
            .help(format!("let them differ, or do it without {what}")),
    );
}
