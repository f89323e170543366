//! The operands of the condition that is being judged, noted as they are looked at.
//!
//! *Why not events:* noting costs a few words and no string; the texts are made only for who wants them.

use smol_str::SmolStr;

use super::{Compared, Operand, Origin, Shown};
use crate::source::{Place, Sources};
use crate::syntax::tree::BinaryOp;
use crate::value::{Value, Verdict};

/// One thing that was looked at.
#[derive(Debug, Clone)]
pub(super) struct Traced {
    /// What was written.
    pub(super) place: Place,
    /// What it came to.
    pub(super) value: Value,
    /// Where it is from.
    pub(super) from: TracedFrom,
    /// What it was compared with.
    pub(super) compared: Option<TracedComparison>,
}

/// Where a value is from, without strings.
#[derive(Debug, Clone)]
pub(super) enum TracedFrom {
    Provider(SmolStr),
    Command,
    Person(Option<SmolStr>),
    Runbook,
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
    /// As it is told.
    pub(super) fn operand(&self, sources: &Sources) -> Operand {
        let measured = if let Value::Sample(sample) = &self.value { sample.at } else { None };
        Operand {
            text: one_line(sources.slice(self.place)),
            value: Shown::of(&self.value),
            from: match &self.from {
                TracedFrom::Provider(name) => Origin::Provider(name.clone()),
                TracedFrom::Command => Origin::Command,
                TracedFrom::Person(by) => Origin::Person(by.as_ref().map(ToString::to_string)),
                TracedFrom::Runbook => Origin::Runbook,
            },
            measured,
            compared: self.compared.as_ref().map(|compared| Compared {
                op: compared.op.spelling().into(),
                text: one_line(sources.slice(compared.place)),
                value: Shown::of(&compared.value),
                verdict: compared.verdict.clone(),
            }),
        }
    }

    /// As a person reads it in a story: `p99 = 812ms`; nothing where the text says it all.
    pub(super) fn words(&self, sources: &Sources) -> Option<String> {
        let text = one_line(sources.slice(self.place));
        let value = self.value.to_string();
        (text != value && !matches!(self.from, TracedFrom::Runbook if self.compared.is_none()))
            .then(|| format!("{text} = {value}"))
    }
}

/// Written over several lines: told in one.
pub(super) fn one_line(text: &str) -> String {
    if text.contains(['\n', '\r', '\t']) {
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    } else {
        text.to_owned()
    }
}
