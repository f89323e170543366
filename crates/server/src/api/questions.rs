//! What a run asks at the moment.

use rbl_runtime::AskKind;
use rbl_runtime::journal::{JournalRecord, OpenEffect, RunState, RunSummary, Signal, Stage, approvals, open};
use rbl_syntax::value::Time;

use super::views::{EvidenceView, QuestionView, QuorumView};

/// The open question of a run, from its records. A run that is executed asks nothing that can be answered from elsewhere,
/// except for the acknowledgement of a page.
pub(super) fn questions(
    summary: &RunSummary,
    records: &[JournalRecord],
    signals: &[Signal],
) -> Vec<QuestionView> {
    let is_over = matches!(summary.state, RunState::Ended { .. } | RunState::Stuck { .. });
    let open = open(records).ok().flatten().filter(|_| !is_over);
    let until = match &summary.state {
        RunState::Parked(parked) => parked.until,
        _ => None,
    };
    let is_running = matches!(summary.state, RunState::Running { .. });
    open.and_then(|open| question(open, until))
        .map(|question| with_approvals(question, records, signals))
        .filter(|question| !is_running || question.kind == "acknowledgement")
        .into_iter()
        .collect()
}

/// How many have to approve it, and who has.
fn with_approvals(question: QuestionView, records: &[JournalRecord], signals: &[Signal]) -> QuestionView {
    if question.kind != "yes_no" || question.by.is_none() {
        return question;
    }
    // Where the configuration cannot be read nobody can answer now, and it is shown without.
    let teams = rbl_engine::beginning(records).and_then(|begun| rbl_engine::connections(&begun));
    let quorum = teams.map_or(1, |it| it.team_rules.quorum(question.by.as_deref()));
    let about = signals.iter().filter(|signal| signal.question() == question.question);
    let approved = approvals(about).into_iter().filter_map(|author| author.by).collect();
    QuestionView { quorum: Some(QuorumView { needs: quorum, approved }), ..question }
}

fn question(open: OpenEffect, until: Option<Time>) -> Option<QuestionView> {
    let question = open.seq.to_string();
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
