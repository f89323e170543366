//! Records the operands of the condition being judged, in the order of evaluation.
//!
//! *Why not events:* recording costs a few words and no string; texts are built only for an observer that wants them.

use std::sync::Arc;

use smol_str::SmolStr;

use super::decision::{brief, is_literal};
use super::{AnswerAuthor, Compared, Operand, Origin, Shown};
use rbl_syntax::harmless::{self, with_codes};
use rbl_syntax::source::{Place, Sources};
use rbl_syntax::tree::BinaryOp;
use rbl_syntax::value::{Value, Verdict};

/// One recorded operand.
#[derive(Debug, Clone)]
pub(super) struct Traced {
    /// Where it is written.
    pub(super) place: Place,
    /// Its value.
    pub(super) value: Value,
    /// Where the value comes from.
    pub(super) from: TracedFrom,
    /// The comparison it was part of.
    pub(super) compared: Option<TracedComparison>,
}

/// Where a value comes from, without strings.
#[derive(Debug, Clone)]
pub(super) enum TracedFrom {
    Provider(SmolStr),
    /// A command, as it was sent.
    Command(Arc<str>),
    Person(Arc<TracedAnswer>),
    Runbook,
}

/// An answer of a person.
#[derive(Debug)]
pub(super) struct TracedAnswer {
    /// The prompt, values filled in.
    pub(super) prompt: String,
    /// The team that had to answer.
    pub(super) team: Option<String>,
    pub(super) author: AnswerAuthor,
}

/// A comparison.
#[derive(Debug, Clone)]
pub(super) struct TracedComparison {
    pub(super) op: BinaryOp,
    pub(super) place: Place,
    pub(super) value: Value,
    pub(super) verdict: Verdict,
}

impl Traced {
    /// Converts it to the [`Operand`] of an event.
    pub(super) fn operand(&self, sources: &Sources) -> Operand {
        let measured = if let Value::Sample(sample) = &self.value { sample.at } else { None };
        Operand {
            text: self.text(sources),
            value: self.shown(&self.value),
            from: match &self.from {
                TracedFrom::Provider(name) => Origin::Provider(name.clone()),
                TracedFrom::Command(_) => Origin::Command,
                TracedFrom::Person(answer) => Origin::Person {
                    name: answer.author.by.clone(),
                    team: answer.team.clone(),
                    vouched: answer.author.vouched,
                    remark: answer.author.remark.clone(),
                },
                TracedFrom::Runbook => Origin::Runbook,
            },
            measured,
            compared: self.compared.as_ref().map(|compared| Compared {
                op: compared.op.spelling().into(),
                text: one_line(sources.slice(compared.place)),
                value: self.shown(&compared.value),
                verdict: compared.verdict.clone(),
            }),
        }
    }

    /// A side of the comparison. Where the two only look the same, what cannot be seen is shown by its code.
    fn shown(&self, side: &Value) -> Shown {
        let shown = Shown::of(side);
        let other = |compared: &TracedComparison| look_the_same(&self.value, &compared.value);
        if self.compared.as_ref().is_some_and(other) {
            return Shown { text: with_codes(&shown.text), ..shown };
        }
        shown
    }

    /// Its source text, or the prompt.
    fn text(&self, sources: &Sources) -> String {
        match &self.from {
            TracedFrom::Person(answer) => quoted(&answer.prompt),
            _ => one_line(sources.slice(self.place)),
        }
    }

    /// Whether it is a person's answer that was not compared with anything.
    pub(super) fn is_answer(&self) -> bool {
        matches!(self.from, TracedFrom::Person(_)) && self.compared.is_none()
    }

    /// The answer to the question at this place.
    pub(super) fn answer_at(&self, place: Place) -> Option<&TracedAnswer> {
        match &self.from {
            TracedFrom::Person(answer) if self.place == place && self.compared.is_none() => Some(answer),
            _ => None,
        }
    }

    /// For people: `p99 = 812ms`, `ana said no: it is the deploy`; `None` where the text already says everything.
    pub(super) fn words(&self, sources: &Sources) -> Option<String> {
        let value = self.shown(&self.value).text;
        let value = brief(&value);
        if let (TracedFrom::Person(answer), None) = (&self.from, &self.compared) {
            let by = answer.author.by.as_ref()?;
            let remark = answer.author.remark.as_ref().map(|it| format!(": {it}")).unwrap_or_default();
            return Some(format!("{by} said {value}{remark}"));
        }
        let text = match &self.from {
            TracedFrom::Command(sent) => one_line(sent),
            _ => self.text(sources),
        };
        if let (Value::Output(output), true) = (&self.value, value.is_empty()) {
            return output.status.map(|status| format!("{text}: exit code {status}"));
        }
        let is_literal = text == value
            || is_literal(&text)
            || matches!(self.from, TracedFrom::Runbook if self.compared.is_none());
        (!is_literal).then(|| format!("{text} = {value}"))
    }
}

/// Whether two texts differ only in what nobody sees; of a list, whether one element does.
fn look_the_same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Text(a), Value::Text(b)) => harmless::look_the_same(a, b),
        (Value::Output(a), b) => look_the_same(&a.text(), b),
        (a, Value::Output(b)) => look_the_same(a, &b.text()),
        (a, Value::List(items)) => items.iter().any(|item| look_the_same(a, item)),
        _ => false,
    }
}

/// The deciding operands in words, without those that only repeat why the verdict is unknown.
pub(super) fn all_words<'t>(
    operands: impl IntoIterator<Item = &'t Traced>,
    verdict: &Verdict,
    sources: &Sources,
) -> Vec<String> {
    let said = |one: &Traced| match (&one.value, verdict) {
        (Value::Unknown(of_one), Verdict::Unknown(of_all)) => of_one.text == of_all.text,
        (Value::Output(output), Verdict::Unknown(of_all)) => {
            matches!(output.verdict(), Verdict::Unknown(of_one) if of_one.text == of_all.text)
        }
        _ => false,
    };
    operands.into_iter().filter(|one| !said(one)).filter_map(|one| one.words(sources)).collect()
}

/// A prompt as it is shown.
pub(super) fn quoted(prompt: &str) -> String {
    format!("\"{}\"", one_line(prompt))
}

/// Joins a text of several lines into one.
pub(super) fn one_line(text: &str) -> String {
    if text.contains(['\n', '\r', '\t']) {
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    } else {
        text.to_owned()
    }
}
