//! Mutants of arms: swaps two arms, or drops an `unknown` or an `else`.

use super::collector::{MutantCollector, is_prose};
use super::kind::MutantKind;
use super::mutant::MutantEdit;
use rbl_syntax::source::Span;
use rbl_syntax::tree::{Arm, Block, If, Match, Statement, StatementKind, Wait};

/// Finds the mutants of a statement.
pub(super) fn statement(statement: &Statement, looked: &mut MutantCollector<'_>) {
    let span = statement.span;
    match &statement.kind {
        StatementKind::Check(it) => {
            let what = looked.condition(&it.condition);
            otherwise(it.otherwise.as_ref(), &format!("{what} is no"), looked);
            unknown(it.unknown.as_ref(), &what, looked);
        }
        StatementKind::If(it) => {
            swapped_branches(span, it, looked);
            let what = it.branches.last().map_or_else(String::new, |last| looked.condition(&last.condition));
            // An `if` also continues without an `else`.
            let acts = it.otherwise.as_ref().filter(|arm| !is_prose(&arm.block));
            otherwise(acts, &format!("{what} is no"), looked);
            unknown(it.unknown.as_ref(), &what, looked);
        }
        StatementKind::Match(it) => {
            swapped_arms(it, looked);
            let what = looked.condition(&it.subject);
            otherwise(it.otherwise.as_ref(), &format!("{what} is none of the others"), looked);
            unknown(it.unknown.as_ref(), &what, looked);
        }
        StatementKind::Action(it) => {
            let what = looked.quoted(it.target.span());
            otherwise(it.otherwise.as_ref(), &format!("{what} fails"), looked);
        }
        StatementKind::Wait(Wait::Until { condition, otherwise: no, unknown: open, .. }) => {
            let what = looked.condition(condition);
            otherwise(no.as_ref(), &format!("{what} does not come to hold"), looked);
            unknown(open.as_ref(), &what, looked);
        }
        StatementKind::Repeat(it) => {
            let what = it.until.as_ref().map_or_else(|| "the loop".into(), |until| looked.condition(until));
            otherwise(it.otherwise.as_ref(), &format!("{what} does not come to hold"), looked);
            unknown(it.unknown.as_ref(), &what, looked);
        }
        StatementKind::Run(it) => {
            let what = looked.quoted(it.file.span);
            otherwise(it.otherwise.as_ref(), &format!("{what} does not end resolved"), looked);
        }
        StatementKind::Lock(it) => {
            let name = looked.bare(it.name.span);
            otherwise(it.otherwise.as_ref(), &format!("the lock {name} is held"), looked);
        }
        StatementKind::Escalate(it) => {
            let team = looked.bare(it.team.span());
            otherwise(
                it.otherwise.as_ref(),
                &format!(
                    "the page to {team} does not arrive{}",
                    if it.acknowledged.is_some() { " or is not acknowledged" } else { "" }
                ),
                looked,
            );
        }
        StatementKind::ForEach(it) => {
            let what = looked.quoted(it.over.span);
            if let Some(arm) = it.none.as_ref().filter(|arm| !is_prose(&arm.block)) {
                let by = format!("a test in which {what} has nothing, and that expects what `none` does");
                looked.add(MutantKind::Else, vec![MutantEdit::drop(whole(arm, looked))], by);
            }
            unknown(it.unknown.as_ref(), &what, looked);
        }
        StatementKind::Wait(Wait::Duration { .. })
        | StatementKind::Prose { .. }
        | StatementKind::Let(_)
        | StatementKind::Record(_)
        | StatementKind::Resolve { .. }
        | StatementKind::Stop { .. }
        | StatementKind::Broken { .. } => {}
    }
}

fn otherwise(arm: Option<&Arm>, when: &str, looked: &mut MutantCollector<'_>) {
    let Some(arm) = arm else { return };
    let by = format!("a test in which {when}, and that expects what the `else` does");
    if arm.both {
        looked.add(MutantKind::Else, vec![MutantEdit::replace(arm.keyword, "unknown")], by);
        let by = "a test in which it is unknown, and that expects what `else or unknown` does".to_owned();
        looked.add(MutantKind::Unknown, vec![MutantEdit::replace(arm.keyword, "else")], by);
    } else {
        looked.add(MutantKind::Else, vec![MutantEdit::drop(whole(arm, looked))], by);
    }
}

fn unknown(arm: Option<&Arm>, what: &str, looked: &mut MutantCollector<'_>) {
    if let Some(arm) = arm {
        let by = format!("a test in which {what} is unknown, and that expects what the `unknown` arm does");
        looked.add(MutantKind::Unknown, vec![MutantEdit::drop(whole(arm, looked))], by);
    }
}

/// The span of an arm with the blanks before it.
fn whole(arm: &Arm, looked: &MutantCollector<'_>) -> Span {
    let before = looked.text(Span::new(0, arm.keyword.start)).trim_end();
    Span::between(before.len(), arm.block.span.range().end)
}

/// Swaps each branch with the next one; the last one with the `else`, or with nothing if there is none.
fn swapped_branches(span: Span, it: &If, looked: &mut MutantCollector<'_>) {
    let blocks: Vec<&Block> = it
        .branches
        .iter()
        .map(|branch| &branch.block)
        .chain(it.otherwise.iter().map(|arm| &arm.block))
        .collect();
    for pair in blocks.windows(2) {
        if let [one, other] = pair {
            swap(one, other, looked);
        }
    }
    if let (None, Some(last)) = (&it.otherwise, it.branches.last()) {
        let block = last.block.span;
        let head = looked.text(Span::new(span.start, block.start)).lines().last().unwrap_or("").trim();
        let shown = looked.brief(&last.block, 0);
        let lines = (format!("{head} {shown}"), format!("{head} {{ }} else {shown}"));
        let by = format!(
            "a test that expects what is done only where {} holds",
            looked.condition(&last.condition)
        );
        let edit = MutantEdit::replace(Span::new(block.start, block.start), "{ } else ");
        looked.add_shown(MutantKind::Arms, vec![edit], lines, by);
    }
}

/// Swaps each arm with the next one.
fn swapped_arms(it: &Match, looked: &mut MutantCollector<'_>) {
    let blocks: Vec<&Block> =
        it.arms.iter().map(|arm| &arm.block).chain(it.otherwise.iter().map(|arm| &arm.block)).collect();
    for pair in blocks.windows(2) {
        if let [one, other] = pair {
            swap(one, other, looked);
        }
    }
}

fn swap(one: &Block, other: &Block, looked: &mut MutantCollector<'_>) {
    let (first, second) = (looked.text(one.span), looked.text(other.span));
    // A test cannot see differences in text that is only shown.
    if acts(one, looked).eq(acts(other, looked)) {
        return;
    }
    let differs = |index: &usize| {
        let text = |block: &Block| block.statements.get(*index).map(|it| looked.bare(it.span));
        text(one) != text(other)
    };
    let shown = (0..one.statements.len().max(other.statements.len())).find(differs).unwrap_or(0);
    let edits = vec![MutantEdit::replace(one.span, second), MutantEdit::replace(other.span, first)];
    let head = |block: &Block| head(looked, block);
    let (a, b) = (looked.brief(one, shown), looked.brief(other, shown));
    let line = |x: &str, y: &str| format!("{} {x}\n{} {y}", head(one), head(other));
    let (before, mut after) = (line(&a, &b), line(&b, &a));
    // They differ only in nested blocks.
    if before == after {
        after.push_str(" (the two swapped)");
    }
    let lines = (before, after);
    let by = "a test that expects what only one of the two arms does".to_owned();
    looked.add_shown(MutantKind::Arms, edits, lines, by);
}

/// The statements of a block, without those that only show text.
fn acts<'a>(block: &'a Block, looked: &'a MutantCollector<'_>) -> impl Iterator<Item = String> + 'a {
    let acts = block.statements.iter().filter(|it| !matches!(it.kind, StatementKind::Prose { .. }));
    acts.map(|it| looked.bare(it.span))
}

/// The line before a block: `if p99 < 500ms`, `else`.
fn head<'t>(looked: &MutantCollector<'t>, block: &Block) -> &'t str {
    let before = looked.text(Span::new(0, block.span.start));
    before.lines().last().unwrap_or("").trim().trim_start_matches('}').trim_start()
}
