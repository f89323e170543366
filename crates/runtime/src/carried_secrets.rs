//! The secrets that an effect carries: references in its commands, queries and values.
//!
//! *Why:* a secret that a person typed in an earlier turn is lost. Before an effect is performed, the journal asks again
//! for those that it carries.

use crate::{Act, ActTarget, Ask, Called, CommandLine, Datum, Effect, Evidence, Piece, Probe, Read};
use rbl_syntax::value::{SecretRef, Value};

impl Effect {
    /// Whether it carries this secret.
    pub(crate) fn carries(&self, secret: &SecretRef) -> bool {
        match self {
            Self::Now
            | Self::Sleep(_)
            | Self::Page(_)
            | Self::Record(_)
            | Self::Lock(_)
            | Self::Firing(_)
            | Self::Mode(_)
            | Self::Enter(_)
            | Self::Acknowledge(_)
            | Self::Leave(_)
            | Self::Conclude(_) => false,
            Self::Read(Read { arguments, query, .. }) => named(arguments, secret) || query.carries(secret),
            Self::Probe(Probe { command, call, .. }) => {
                command.carries(secret)
                    || call.as_ref().is_some_and(|Called { arguments, .. }| named(arguments, secret))
            }
            Self::Act(Act { target, call, showing, .. }) => {
                target.carries(secret)
                    || call.as_ref().is_some_and(|Called { arguments, .. }| named(arguments, secret))
                    || shown(showing, secret)
            }
            Self::Ask(Ask { showing, .. }) => shown(showing, secret),
            Self::Secret { from, .. } => from == secret,
        }
    }
}

impl ActTarget {
    fn carries(&self, secret: &SecretRef) -> bool {
        match self {
            Self::Command(command) => command.carries(secret),
            Self::Instruction(_) => false,
            Self::Executor { reference, arguments, .. } => {
                reference.carries(secret) || arguments.iter().any(|it| it.value.carries(secret))
            }
        }
    }
}

impl CommandLine {
    fn carries(&self, secret: &SecretRef) -> bool {
        self.0.iter().any(|piece| match piece {
            Piece::Text(_) => false,
            Piece::Value(datum) => datum.carries(secret),
        })
    }
}

impl Datum {
    fn carries(&self, secret: &SecretRef) -> bool {
        match self {
            Self::Text(_)
            | Self::Number(_)
            | Self::ExactNumber(_)
            | Self::Duration(_)
            | Self::Reading { .. }
            | Self::Data(_)
            | Self::Bool(_) => false,
            Self::List(items) => items.iter().any(|it| it.carries(secret)),
            Self::Secret(from) => from == secret,
        }
    }
}

fn shown(evidence: &[Evidence], secret: &SecretRef) -> bool {
    evidence.iter().any(|it| is_in(&it.value, secret))
}

fn named<N>(values: &[(N, Value)], secret: &SecretRef) -> bool {
    values.iter().any(|(_, value)| is_in(value, secret))
}

fn is_in(value: &Value, secret: &SecretRef) -> bool {
    match value {
        Value::Secret(from) => from == secret,
        Value::List(items) => items.iter().any(|it| is_in(it, secret)),
        Value::Record(record) => named(&record.0, secret),
        Value::PartialList(list) => list.known().any(|it| is_in(it, secret)),
        Value::Quantity(_)
        | Value::Bool(_)
        | Value::ExactNumber(_)
        | Value::Text(_)
        | Value::LabelledText(_)
        | Value::Time(_)
        | Value::Sample(_)
        | Value::Samples(_)
        | Value::Window(_)
        | Value::Output(_)
        | Value::PartialText(_)
        | Value::Unknown(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(key: &str) -> SecretRef {
        SecretRef::Asked(key.into())
    }

    fn probe(pieces: Vec<Piece>) -> Effect {
        Effect::Probe(Probe {
            command: CommandLine(pieces),
            host: None,
            folder: None,
            within: 1.0,
            no_on: Vec::new(),
            call: None,
        })
    }

    #[test]
    fn a_secret_is_found_in_a_command_and_in_a_list() {
        let direct = probe(vec![Piece::Text("login ".into()), Piece::Value(Datum::Secret(asked("a")))]);
        assert!(direct.carries(&asked("a")) && !direct.carries(&asked("b")));
        let nested = probe(vec![Piece::Value(Datum::List(vec![Datum::Secret(asked("a"))]))]);
        assert!(nested.carries(&asked("a")));
    }

    /// The text of a reference is no reference.
    #[test]
    fn text_that_looks_like_a_reference_carries_nothing() {
        let text = probe(vec![Piece::Value(Datum::Text("{\"asked\":\"a\"}".into()))]);
        assert!(!text.carries(&asked("a")));
    }

    #[test]
    fn a_secret_is_found_in_what_a_question_shows() {
        let values = Value::List(vec![Value::Secret(asked("a"))].into());
        let question = Effect::Ask(Ask {
            kind: crate::AskKind::YesNo,
            prompt: "ok?".into(),
            by: None,
            within: 1.0,
            showing: vec![Evidence { title: "t".into(), value: values }],
            links: Vec::new(),
            permits: None,
        });
        assert!(question.carries(&asked("a")) && !question.carries(&SecretRef::Env("a".into())));
    }
}
