//! Mutants that page another team. The team that is asked a question, or that has to do something, is not changed: a
//! test cannot see it.

use super::collector::MutantCollector;
use super::kind::MutantKind;
use super::mutant::MutantEdit;
use rbl_check::{RunbookFacts, walk};
use rbl_syntax::source::Span;
use rbl_syntax::tree::{Declaration, ExprKind, Statement, StatementKind, Team, Template};

/// The team that is used if the file names no other.
const NOBODY: &str = "somebody-else";

/// `owner "TEAM"`
pub(super) fn declaration(declaration: &Declaration, looked: &mut MutantCollector<'_>) {
    if let Declaration::Owner(owner) = declaration
        && let Some(team) = owner.team.literal()
    {
        another(owner.team.span, team, "where nothing handles what happens", looked);
    }
}

/// `escalate to TEAM`
pub(super) fn statement(statement: &Statement, looked: &mut MutantCollector<'_>) {
    let StatementKind::Escalate(it) = &statement.kind else { return };
    let owner = owner(looked);
    if let Some(team) = named(&it.team).or_else(|| is_owner(&it.team).then(|| owner.unwrap_or_default())) {
        another(it.team.span(), &team, "for this page", looked);
    }
}

/// Another team of the runbook than this one.
pub(super) fn another_than(team: &Team, looked: &MutantCollector<'_>) -> String {
    let own = if is_owner(team) { owner(looked) } else { named(team) };
    let other = teams(looked).into_iter().find(|it| Some(it) != own.as_ref());
    other.unwrap_or_else(|| NOBODY.to_owned())
}

fn another(at: Span, team: &str, which: &str, looked: &mut MutantCollector<'_>) {
    let all = teams(looked);
    let other = all.iter().find(|it| *it != team).map_or(NOBODY, String::as_str);
    let by = format!("a test with `expect escalation to \"{team}\"` {which}");
    looked.add(MutantKind::Team, vec![MutantEdit::replace(at, format!("\"{other}\""))], by);
}

/// Every team that the runbook pages, in order.
fn teams(looked: &MutantCollector<'_>) -> Vec<String> {
    let mut all: Vec<String> = owner(looked).into_iter().collect();
    walk::statements(looked.file, &mut |statement| {
        if let StatementKind::Escalate(it) = &statement.kind {
            all.extend(named(&it.team));
        }
    });
    all
}

fn owner(looked: &MutantCollector<'_>) -> Option<String> {
    RunbookFacts::of(looked.file).owner.and_then(Template::literal).map(str::to_owned)
}

fn named(team: &Team) -> Option<String> {
    match team {
        Team::Named(expr) => match &expr.kind {
            ExprKind::Text(text) => text.literal().map(str::to_owned),
            _ => None,
        },
        Team::Owner { .. } => None,
    }
}

fn is_owner(team: &Team) -> bool {
    matches!(team, Team::Owner { .. })
}
