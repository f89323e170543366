//! [`AskedQuestion`]: a question that waits for an answer, as it is brought to those who can give it.

use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::{Ask, AskKind, Evidence};
use rbl_syntax::clean;
use rbl_syntax::value::{Time, Value};

/// How many lines of a piece of evidence are brought along: the last ones.
const LINES: usize = 20;

/// How many characters of a piece of evidence are brought along.
const CHARACTERS: usize = 2000;

/// How many pieces of evidence are brought along.
const PIECES: usize = 10;

/// A question, an instruction or an approval of a run that nobody watches.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AskedQuestion {
    /// What names it in an answer.
    pub question: SmolStr,
    /// What kind of answer it wants.
    pub kind: QuestionKind,
    /// What is asked.
    pub text: String,
    /// Of a choice: what can be chosen.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub choices: Vec<String>,
    /// The team that has to answer.
    pub by: Option<String>,
    /// From then on it counts as not answered.
    pub until: Option<Time>,
    /// What a person looks at before answering, bounded.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub evidence: Vec<EvidenceText>,
    /// How many different people have to approve.
    pub quorum: u32,
    /// The command that answers it: `rbl answer RUN yes`.
    pub answer: String,
    /// Where a program answers it, with the token of a person.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub answer_url: Option<String>,
}

/// The kinds of [`AskedQuestion`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum QuestionKind {
    /// Yes, no or not sure.
    YesNo,
    /// Any text.
    Text,
    /// One of a list.
    Choice,
    /// A secret, which is typed at a terminal and nowhere else.
    Secret,
    /// Something to do: done, failed or skipped.
    Instruction,
}

/// A piece of evidence as text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EvidenceText {
    /// Its source text in the runbook.
    pub title: String,
    /// Its value.
    pub text: String,
}

impl QuestionKind {
    /// The kind of a question.
    pub const fn of(kind: &AskKind) -> Self {
        match kind {
            AskKind::YesNo => Self::YesNo,
            AskKind::Text => Self::Text,
            AskKind::Secret(_) => Self::Secret,
            AskKind::Choice(_) => Self::Choice,
        }
    }

    /// What is written in place of the answer: `yes|no`.
    const fn placeholder(self) -> &'static str {
        match self {
            Self::YesNo => "yes|no",
            Self::Text => "TEXT",
            Self::Choice => "CHOICE",
            Self::Secret => "",
            Self::Instruction => "done|failed",
        }
    }

    /// The command that answers this question, and no later one: through the server, where it is known how that is reached.
    pub fn command(self, run: &str, question: u64, server: Option<&str>) -> String {
        let through =
            server.map_or_else(String::new, |url| format!(" --server {}", url.trim_end_matches('/')));
        match self {
            Self::Secret => format!("rbl resume {run}"),
            kind => format!("rbl answer {run} '{}' --question {question}{through}", kind.placeholder()),
        }
    }
}

impl EvidenceText {
    /// The evidence as text, bounded.
    pub fn all(showing: &[Evidence]) -> Vec<Self> {
        let of = |one: &Evidence| Self { title: clean(&one.title), text: bounded(&one.value) };
        showing.iter().take(PIECES).map(of).collect()
    }
}

/// A value as text: its last lines.
fn bounded(value: &Value) -> String {
    let text = match value {
        Value::Output(output) if output.stdout.trim().is_empty() => output.shown_errors().clone(),
        Value::Output(output) => output.shown().clone(),
        Value::Unknown(reason) => format!("unknown: {}", reason.text),
        other => other.to_string(),
    };
    let text = clean(text.trim_end());
    let lines: Vec<&str> = text.lines().collect();
    let skipped = lines.len().saturating_sub(LINES);
    let mut shown = lines.get(skipped..).unwrap_or_default().join("\n");
    let excess = shown.chars().count().saturating_sub(CHARACTERS);
    if excess > 0 {
        shown = std::iter::once('…').chain(shown.chars().skip(excess)).collect();
    }
    if skipped > 0 { format!("({skipped} earlier lines)\n{shown}") } else { shown }
}

impl AskedQuestion {
    /// What is asked of a person by an [`Ask`].
    pub fn kind_of(ask: &Ask) -> (QuestionKind, Vec<String>) {
        let choices = if let AskKind::Choice(choices) = &ask.kind { choices.clone() } else { Vec::new() };
        (QuestionKind::of(&ask.kind), choices)
    }

    /// All of it as text, for a channel that knows nothing better.
    pub fn text(&self, runbook: &str) -> String {
        let whom = self.by.as_ref().map(|team| format!(" ({team})")).unwrap_or_default();
        let mut text = format!("{runbook} asks{whom}: {}", self.text);
        for (number, choice) in (1..).zip(&self.choices) {
            let _ = write!(text, "\n  {number}. {choice}");
        }
        for piece in &self.evidence {
            let _ = write!(text, "\n{}:", piece.title);
            for line in piece.text.lines() {
                let _ = write!(text, "\n  {line}");
            }
        }
        text + &self.how_to_answer()
    }

    /// The end of [`Self::text`]: who has to answer, until when, and how. Where the text is too long, this is what has to stay.
    pub fn how_to_answer(&self) -> String {
        let mut text = String::new();
        if self.quorum > 1 {
            let _ = write!(text, "\n{} people have to approve.", self.quorum);
        }
        if let Some(until) = self.until {
            let _ = write!(text, "\nUntil {until}; after that there is no answer.");
        }
        let _ = write!(text, "\n{}", self.answer);
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rbl_syntax::value::CommandOutput;

    #[test]
    fn evidence_is_bounded_to_its_last_lines() {
        let stdout = (1..=5000).map(|line| format!("line {line}")).collect::<Vec<_>>().join("\n") + "\n";
        let output = CommandOutput { stdout, status: Some(0), ..CommandOutput::default() };
        let all =
            EvidenceText::all(&[Evidence { title: "`logs`".into(), value: Value::Output(output.into()) }]);
        let text = &all[0].text;
        assert!(
            text.starts_with("(4980 earlier lines)\nline 4981\n") && text.ends_with("line 5000"),
            "{text}"
        );
        let long = Evidence { title: "t".into(), value: Value::text("x".repeat(100_000)) };
        let all = EvidenceText::all(&vec![long; 50]);
        assert_eq!((all.len(), all[0].text.chars().count()), (PIECES, CHARACTERS + 1));
    }

    #[test]
    fn the_text_says_what_is_asked_of_whom_until_when_and_how_to_answer() {
        let question = AskedQuestion {
            question: "7".into(),
            kind: QuestionKind::Choice,
            text: "Which one?".into(),
            choices: vec!["red".into(), "blue".into()],
            by: Some("dba".into()),
            until: Time::parse("2026-11-29T03:30:00Z"),
            evidence: vec![EvidenceText { title: "`df`".into(), text: "a\nb".into() }],
            quorum: 1,
            answer: QuestionKind::Choice.command("r1", 5, Some("https://rbl.example.com/")),
            answer_url: None,
        };
        assert_eq!(
            question.text("Disk full"),
            "Disk full asks (dba): Which one?\n  1. red\n  2. blue\n`df`:\n  a\n  b\n\
             Until 2026-11-29T03:30:00Z; after that there is no answer.\nrbl answer r1 'CHOICE' --question 5 --server https://rbl.example.com"
        );
        assert_eq!(QuestionKind::Secret.command("r1", 5, None), "rbl resume r1");
    }
}
