//! What a run asks at the moment.

use rbl_runtime::journal::{
    JournalRecord, OpenEffect, RunState, RunSummary, Signal, Stage, approvals, deciding, open,
};
use rbl_runtime::{AskKind, Parked};
use rbl_syntax::value::Time;

use super::views::{EvidenceView, QuestionView, QuorumView};

/// The open question of a run, from its records, as long as nobody has decided it. A process that has not parked the run asks at its
/// own terminal, except for the acknowledgement of a page.
pub(super) fn questions(
    summary: &RunSummary,
    records: &[JournalRecord],
    signals: &[Signal],
) -> Vec<QuestionView> {
    let is_over = matches!(summary.state, RunState::Ended { .. } | RunState::Stuck { .. });
    let is_running = matches!(summary.state, RunState::Running { .. });
    let open = open(records).ok().flatten().filter(|_| !is_over);
    // A server executes a run for a moment at each answer: meanwhile the question is the one it was parked for.
    let open = open.filter(|open| match open.stage {
        Stage::Acknowledgement(_) => true,
        Stage::Question(_) | Stage::Instruction(_) => !is_running || open.parked.is_some(),
        // It may be under way.
        Stage::Action(_) | Stage::Other(_) => !is_running,
    });
    open.and_then(question).and_then(|question| undecided(question, records, signals)).into_iter().collect()
}

/// The question with how many have to approve it, and who has; `None` where it is decided.
fn undecided(question: QuestionView, records: &[JournalRecord], signals: &[Signal]) -> Option<QuestionView> {
    let about = || signals.iter().filter(|signal| signal.question() == question.question);
    if question.kind != "yes_no" || question.by.is_none() {
        return deciding(about(), 1).is_none().then_some(question);
    }
    // Where the configuration cannot be read nobody can answer now, and it is shown as if one were enough.
    let teams = rbl_engine::beginning(records).and_then(|begun| rbl_engine::connections(&begun));
    let quorum = teams.map(|it| it.team_rules.quorum(question.by.as_deref()));
    if quorum.as_ref().is_ok_and(|quorum| deciding(about(), *quorum).is_some()) {
        return None;
    }
    let approved = approvals(about()).into_iter().filter_map(|author| author.by).collect();
    let quorum = QuorumView { needs: quorum.unwrap_or(1), approved };
    Some(QuestionView { quorum: Some(quorum), ..question })
}

/// Until when it waits; `None`: without an end, or nobody asked from elsewhere.
fn until(parked: Option<&Parked>) -> Option<Time> {
    match parked {
        Some(Parked::Person { until, .. }) => *until,
        Some(Parked::Acknowledgement { until, .. }) => Some(*until),
        Some(Parked::Until(_) | Parked::Lock { .. } | Parked::ByHand | Parked::NotWritten(_)) | None => None,
    }
}

fn question(open: OpenEffect) -> Option<QuestionView> {
    let question = open.seq.to_string();
    let until = until(open.parked.as_ref());
    let simple = |kind, text, by| QuestionView {
        question: question.clone(),
        kind,
        text,
        choices: Vec::new(),
        by,
        until,
        quorum: None,
        evidence: Vec::new(),
    };
    match open.stage {
        Stage::Question(ask) => {
            let (kind, choices) = match ask.kind {
                AskKind::YesNo => ("yes_no", Vec::new()),
                AskKind::Text => ("text", Vec::new()),
                AskKind::Secret(_) => ("secret", Vec::new()),
                AskKind::Choice(choices) => ("choice", choices),
            };
            let evidence = ask.showing.into_iter();
            let evidence = evidence.map(|it| EvidenceView { title: it.title, value: it.value }).collect();
            Some(QuestionView { choices, evidence, ..simple(kind, ask.prompt, ask.by) })
        }
        Stage::Instruction(act) => {
            let evidence = act.showing.into_iter();
            let evidence = evidence.map(|it| EvidenceView { title: it.title, value: it.value }).collect();
            Some(QuestionView { evidence, ..simple("instruction", act.title, act.by) })
        }
        Stage::Acknowledgement(it) => Some(simple("acknowledgement", it.reason, Some(it.team))),
        Stage::Action(act) => Some(simple("whether_done", act.title, None)),
        Stage::Other(_) => None,
    }
}
