//! What a question looks like in Slack: its text, the evidence, the buttons; and later who answered what.

use rbl_runtime::{AskedQuestion, ClosedAsking, QuestionKind};
use serde_json::{Value, json};

use super::slack::{escaped, limited, name};
use super::wording;

/// The longest text of a section, in characters as Slack counts them.
const SECTION: usize = 2_900;

/// The longest evidence of a message altogether: Slack refuses a message whose blocks are longer than about 13,000 characters.
const EVIDENCE: usize = 8_000;

/// What a piece of evidence takes of that at least: its title and its frame take room too.
const LEAST_EVIDENCE: usize = 300;

/// The longest label of a button.
const LABEL: usize = 70;

/// How many buttons a row has, and how many rows there are at most.
const ROW: usize = 25;
const ROWS: usize = 4;

/// How the actions of a question begin.
pub(super) const ANSWERS: &str = "rbl_answer";

/// The action that shows a form.
pub(super) const FORM: &str = "rbl_form";

/// The blocks of a question. `has_buttons`: somebody can press them, and is heard.
pub(super) fn question_blocks(
    question: &AskedQuestion,
    runbook: &str,
    run: &str,
    has_buttons: bool,
) -> Value {
    let whom = question.by.as_ref().map(|team| format!(" ({})", escaped(team))).unwrap_or_default();
    let asks = format!("*{}*{whom} asks:\n{}", name(runbook), limited(&question.text, SECTION - 1_500));
    let mut blocks = vec![section(&asks)];
    let mut left = EVIDENCE;
    for (number, piece) in question.evidence.iter().enumerate() {
        if left < LEAST_EVIDENCE {
            let more = question.evidence.len().saturating_sub(number);
            blocks.push(section(&format!("({more} more pieces of evidence are left out)")));
            break;
        }
        // Three back quotes would end the block.
        let text = limited(&piece.text.replace("```", "'''"), left.min(SECTION - 300));
        left = left.saturating_sub(text.encode_utf16().count().max(LEAST_EVIDENCE));
        let title = limited(&wording::line(&piece.title, 100), 300);
        blocks.push(section(&format!("{title}\n```\n{text}\n```")));
    }
    let choices = match question.kind {
        QuestionKind::YesNo => answers(&[("Yes", "yes"), ("No", "no"), ("Not sure", "not sure")]),
        QuestionKind::Instruction => {
            answers(&[("Done", "done"), ("Failed", "failed"), ("Skipped", "skipped")])
        }
        // The number names a choice however long it is.
        QuestionKind::Choice => (1..)
            .zip(&question.choices)
            .map(|(number, it)| (it.clone(), number_of(number, question)))
            .collect(),
        QuestionKind::Text | QuestionKind::Secret => Vec::new(),
    };
    let fits = choices.len() <= ROW * ROWS;
    if has_buttons && question.kind == QuestionKind::Text {
        let value = json!({ "run": run, "question": question.question });
        blocks.push(actions(0, &[button("Answer…", FORM, &value, None)]));
    } else if has_buttons && fits {
        let rows = choices.chunks(ROW).map(<[_]>::to_vec);
        for (row, choices) in rows.enumerate() {
            let buttons = (0..).zip(choices).map(|(number, (label, answer))| {
                let value = json!({ "run": run, "question": question.question, "answer": answer });
                let style = match answer.as_str() {
                    "yes" | "done" => Some("primary"),
                    "no" | "failed" => Some("danger"),
                    _ => None,
                };
                button(&label, &format!("{ANSWERS}_{row}_{number}"), &value, style)
            });
            blocks.push(actions(row, &buttons.collect::<Vec<_>>()));
        }
    } else if question.kind == QuestionKind::Choice {
        let lines =
            (1..).zip(&question.choices).map(|(number, it)| format!("{number}. {}", wording::readable(it)));
        blocks.push(section(&limited(&lines.collect::<Vec<_>>().join("\n"), SECTION)));
    }
    let mut how = Vec::new();
    if question.quorum > 1 {
        how.push(format!("{} people have to approve.", question.quorum));
    }
    if let Some(until) = question.until {
        how.push(format!("Until {until}; after that there is no answer."));
    }
    let or = if has_buttons && question.kind != QuestionKind::Secret { "Or: " } else { "" };
    how.push(format!("{or}`{}`", limited(&question.answer, 1_000)));
    blocks.push(json!({ "type": "context", "elements": [{ "type": "mrkdwn", "text": how.join(" ") }] }));
    blocks.into()
}

/// The blocks of a question that does not wait any more.
pub(super) fn answered_blocks(runbook: &str, question: &ClosedAsking) -> Value {
    let asked = format!("*{}* asked:\n{}", name(runbook), limited(&question.text, SECTION - 1_500));
    json!([
        section(&asked),
        section(&format!(":ballot_box_with_check: {}", limited(&question.answer, SECTION - 100)))
    ])
}

/// A choice as an answer: its text, where no other reading of it comes first; else its number.
fn number_of(number: usize, question: &AskedQuestion) -> String {
    let text = question.choices.get(number.saturating_sub(1)).cloned().unwrap_or_default();
    // As it is written in the value of a button, which has at most 2,000 characters.
    if json!(text).to_string().len() <= 1_000 { text } else { number.to_string() }
}

fn answers(all: &[(&str, &str)]) -> Vec<(String, String)> {
    all.iter().map(|(label, answer)| ((*label).to_owned(), (*answer).to_owned())).collect()
}

fn section(text: &str) -> Value {
    json!({ "type": "section", "text": { "type": "mrkdwn", "text": text } })
}

fn actions(row: usize, buttons: &[Value]) -> Value {
    json!({ "type": "actions", "block_id": format!("{ANSWERS}_{row}"), "elements": buttons })
}

fn button(label: &str, action: &str, value: &Value, style: Option<&str>) -> Value {
    let label = wording::line(&wording::readable(label), LABEL);
    let label = if label.trim().is_empty() { "(empty)".into() } else { label };
    let mut button = json!({
        "type": "button",
        "action_id": action,
        "text": { "type": "plain_text", "text": label },
        "value": value.to_string(),
    });
    if let (Some(button), Some(style)) = (button.as_object_mut(), style) {
        button.insert("style".into(), json!(style));
    }
    button
}

#[cfg(test)]
mod tests {
    use super::*;
    use rbl_runtime::EvidenceText;

    fn question(kind: QuestionKind, choices: Vec<String>) -> AskedQuestion {
        AskedQuestion {
            question: "7".into(),
            kind,
            text: "Is <!here> it & real? 🔥".repeat(2_000),
            choices,
            by: Some("dba".into()),
            until: None,
            evidence: vec![EvidenceText { title: "`df`".into(), text: "```&🔥".repeat(3_000) }; 60],
            quorum: 2,
            answer: kind.command("r1", 5, None),
            answer_url: None,
        }
    }

    #[test]
    fn whatever_is_asked_the_message_stays_within_what_slack_takes() {
        for (kind, choices) in [
            (QuestionKind::YesNo, vec![]),
            (QuestionKind::Instruction, vec![]),
            (QuestionKind::Text, vec![]),
            (QuestionKind::Secret, vec![]),
            (QuestionKind::Choice, (0..60).map(|it| format!("{it}{}", "x".repeat(900))).collect()),
            (QuestionKind::Choice, (0..300).map(|it| it.to_string()).collect()),
            (QuestionKind::Choice, vec!["\u{1}".repeat(450), "\u{202e}x".into(), " ".into()]),
        ] {
            let blocks = question_blocks(&question(kind, choices), &"&It🔥".repeat(500), "r1", true);
            let blocks = blocks.as_array().unwrap();
            assert!(blocks.len() <= 50, "{kind:?}: {}", blocks.len());
            let mut all = 0;
            for block in blocks {
                if let Some(text) = block.pointer("/text/text").and_then(Value::as_str) {
                    let length = text.encode_utf16().count();
                    assert!((1..=3_000).contains(&length), "{kind:?}: {length}");
                    assert!(!text.contains("<!here>"), "{text}");
                    all += length;
                }
                for button in block["elements"].as_array().into_iter().flatten() {
                    let value = button["value"].as_str().unwrap_or_default();
                    assert!(value.len() <= 2_000, "{value}");
                    let label = button.pointer("/text/text").and_then(Value::as_str).unwrap_or_default();
                    assert!(label.encode_utf16().count() <= 75, "{label}");
                    assert!(
                        !label.contains(['\u{1}', '\u{202e}']) && (value.is_empty() || !label.is_empty())
                    );
                }
                assert!(block["elements"].as_array().is_none_or(|all| all.len() <= 25));
            }
            assert!(all <= 13_000, "{kind:?}: {all}");
            assert!(json!(blocks).to_string().contains("more pieces of evidence are left out"));
        }
    }

    #[test]
    fn a_question_has_buttons_only_where_somebody_is_heard() {
        let has = |kind, buttons| {
            let blocks = question_blocks(&question(kind, vec!["a".into(), "b".into()]), "It", "r1", buttons);
            blocks.to_string().contains("\"button\"")
        };
        for kind in [QuestionKind::YesNo, QuestionKind::Choice, QuestionKind::Text, QuestionKind::Instruction]
        {
            assert!(has(kind, true) && !has(kind, false), "{kind:?}");
        }
        assert!(!has(QuestionKind::Secret, true), "a secret is typed at a terminal");
    }
}
