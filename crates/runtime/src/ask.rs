//! Asking people: questions in conditions, `ask` and menus.

use std::fmt::Write as _;

use super::exit::WalkResult;
use super::expression::unknown;
use super::interpreter::Interpreter;
use super::metric::other_kind;
use super::operand_trace::TracedAnswer;
use super::{Answer, Ask, AskKind, Effect, EventKind, Evidence, NamedValue, Reply, Shown};
use rbl_syntax::source::Span;
use rbl_syntax::tree::{Expr, Question, Team};
use rbl_syntax::value::{MASK, PartialText, Reason, ReasonKind, SecretRef, Value};

impl<'p> Interpreter<'p, '_> {
    /// Asks a yes/no question: true, false, or unknown with the reason. Within one condition the same question is asked
    /// only once.
    pub(super) fn yes_or_no(&mut self, span: Span, question: &'p Question) -> WalkResult<Value> {
        let ask = match self.prepare_question(question, AskKind::YesNo)? {
            Ok(ask) => ask,
            Err(reason) => return Ok(Value::unknown(reason)),
        };
        if let Some((_, value)) = self.judging.answered.iter().find(|(prompt, _)| *prompt == ask.prompt) {
            return Ok(value.clone());
        }
        let prompt = ask.prompt.clone();
        let team = ask.by.clone();
        let answer = self.put(span, ask)?;
        let traced = TracedAnswer { prompt: prompt.clone(), team, author: answer.author().clone() };
        let value = match answer {
            Answer::Yes(_) => Value::Bool(true),
            Answer::No(_) => Value::Bool(false),
            Answer::Unknown(reason, _) => Value::unknown(reason),
            Answer::Text(text, _) => match text.trim().to_lowercase().as_str() {
                "yes" | "y" => Value::Bool(true),
                "no" | "n" => Value::Bool(false),
                _ => unknown(ReasonKind::NotSure, format!("\"{text}\" is neither yes nor no")),
            },
            Answer::SecretKept(_) => Value::unknown(other_kind()),
        };
        let shown = match &value {
            Value::Bool(true) => Value::text("yes"),
            Value::Bool(false) => Value::text("no"),
            other => other.clone(),
        };
        self.traced_answer(span, &shown, traced);
        self.judging.answered.push((prompt, value.clone()));
        Ok(value)
    }

    /// `ask "Q" [among LIST]`, `ask secret "Q"`: returns a text, a secret, or unknown.
    pub(super) fn ask(
        &mut self,
        span: Span,
        secret: bool,
        question: &'p Question,
        among: Option<&'p Expr>,
    ) -> WalkResult<Value> {
        let kind = match among {
            _ if secret => AskKind::Secret(self.key(span).into()),
            None => AskKind::Text,
            Some(list) => {
                let list = self.untraced(list)?;
                match choices(&list) {
                    Ok(choices) => AskKind::Choice(choices),
                    Err(reason) => return Ok(Value::unknown(reason)),
                }
            }
        };
        self.put_question(span, question, kind)
    }

    /// Asks for a text, a secret or one element of a list.
    pub(super) fn put_question(
        &mut self,
        span: Span,
        question: &'p Question,
        kind: AskKind,
    ) -> WalkResult<Value> {
        let ask = match self.prepare_question(question, kind)? {
            Ok(ask) => ask,
            Err(reason) => return Ok(Value::unknown(reason)),
        };
        let (kind, prompt, team) = (ask.kind.clone(), ask.prompt.clone(), ask.by.clone());
        let answer = self.put(span, ask)?;
        let traced = TracedAnswer { prompt, team, author: answer.author().clone() };
        let value = match (answer, kind) {
            (Answer::Unknown(reason, _), _) => Value::unknown(reason),
            (Answer::SecretKept(_), AskKind::Secret(key)) => Value::Secret(SecretRef::Asked(key)),
            (Answer::Text(text, _), AskKind::Choice(_)) if text.contains(MASK) => {
                Value::unknown(Reason::masked())
            }
            (Answer::Text(text, _), AskKind::Choice(among)) if !among.contains(&text) => {
                unknown(ReasonKind::NoAnswer, format!("\"{text}\" is not one of {}", among.join(", ")))
            }
            (_, AskKind::Secret(_)) | (Answer::SecretKept(_), _) => Value::unknown(other_kind()),
            (Answer::Text(text, _), _) => PartialText::masked(text),
            (Answer::Yes(_), _) => Value::text("yes"),
            (Answer::No(_), _) => Value::text("no"),
        };
        self.traced_answer(span, &value, traced);
        Ok(value)
    }

    /// Fills in the values of a question; the inner error says why it cannot be asked.
    fn prepare_question(&mut self, question: &'p Question, kind: AskKind) -> WalkResult<Result<Ask, Reason>> {
        let tracing = std::mem::replace(&mut self.judging.tracing, false);
        let prepared = self.prepare_untraced(question, kind);
        self.judging.tracing = tracing;
        prepared
    }

    fn prepare_untraced(&mut self, question: &'p Question, kind: AskKind) -> WalkResult<Result<Ask, Reason>> {
        let prompt = self.text(&question.prompt)?;
        let by = match &question.by {
            None => None,
            Some(team) => match self.team(team)? {
                Ok(team) => Some(team),
                Err(reason) => return Ok(Err(reason)),
            },
        };
        let mut within = match &question.within {
            None => self.limits.person,
            Some(within) => match self.seconds(within)? {
                Ok(seconds) => seconds,
                Err(reason) => return Ok(Err(reason)),
            },
        };
        if let Some(patience) = self.patience {
            within = within.min(patience);
        }
        let showing = self.evidence(&question.showing)?;
        Ok(Ok(Ask { kind, prompt, by, within, showing, links: self.frame.links.to_vec(), permits: None }))
    }

    /// The evidence a person sees before answering, read now.
    pub(super) fn evidence(&mut self, showing: &'p [Expr]) -> WalkResult<Vec<Evidence>> {
        let mut evidence = Vec::with_capacity(showing.len());
        for expr in showing {
            let value = self.untraced(expr)?;
            evidence.push(Evidence { title: self.source_line(expr.span), value });
        }
        Ok(evidence)
    }

    /// Asks, and reports both the question and the answer as events.
    pub(super) fn put(&mut self, span: Span, ask: Ask) -> WalkResult<Answer> {
        self.explain(span, |_| EventKind::Asked {
            prompt: ask.prompt.clone(),
            kind: ask.kind.clone(),
            by: ask.by.clone(),
            within: ask.within,
            showing: ask
                .showing
                .iter()
                .map(|one| NamedValue { name: one.title.clone(), value: Shown::of(&one.value) })
                .collect(),
        });
        let prompt = ask.prompt.clone();
        let reply = self.perform(&Effect::Ask(ask))?;
        self.forget_readings();
        let answer = if let Reply::Answered(answer) = reply {
            answer
        } else {
            Answer::Unknown(other_kind(), super::AnswerAuthor::default())
        };
        self.note(span, &story_of(&prompt, &answer));
        self.explain(span, |_| EventKind::Answered { prompt, answer: answer.clone() });
        Ok(answer)
    }

    /// The name of a team; the inner error says why it is unknown.
    pub(super) fn team(&mut self, team: &'p Team) -> WalkResult<Result<String, Reason>> {
        match team {
            Team::Owner { .. } => Ok(self.frame.owner.clone()),
            Team::Named(expr) => self.name_of(expr),
        }
    }
}

impl Answer {
    /// Who answered, and their remark.
    pub fn author(&self) -> &super::AnswerAuthor {
        match self {
            Self::Yes(said)
            | Self::No(said)
            | Self::Unknown(_, said)
            | Self::Text(_, said)
            | Self::SecretKept(said) => said,
        }
    }
}

impl Answer {
    /// Appends to the remark of the answer.
    pub fn remark(&mut self, remark: &str) {
        let (Self::Yes(said)
        | Self::No(said)
        | Self::Unknown(_, said)
        | Self::Text(_, said)
        | Self::SecretKept(said)) = self;
        said.remark = Some(match &said.remark {
            Some(first) => format!("{first}: {remark}"),
            None => remark.to_owned(),
        });
    }
}

/// The texts to choose from; an error where there are none.
pub(super) fn choices(list: &Value) -> Result<Vec<String>, Reason> {
    let elements = super::condition::elements(list)?;
    if elements.is_empty() {
        return Err(Reason::new(ReasonKind::Empty, "nothing to choose from"));
    }
    elements
        .iter()
        .map(|element| match element.gap() {
            Some(reason) => Err(reason),
            None => Ok(element.to_string()),
        })
        .collect()
}

/// `asked "Is it real?": yes (ana: looks like the deploy)`
fn story_of(prompt: &str, answer: &Answer) -> String {
    let what = match answer {
        Answer::Yes(_) => "yes".to_owned(),
        Answer::No(_) => "no".to_owned(),
        Answer::Unknown(reason, _) => reason.to_string(),
        Answer::Text(text, _) => format!("\"{text}\""),
        Answer::SecretKept(_) => "a secret was given".to_owned(),
    };
    let said = answer.author();
    let mut line = format!("asked \"{prompt}\": {what}");
    match (&said.by, &said.remark) {
        (Some(by), Some(remark)) => {
            let _ = write!(line, " ({by}: {remark})");
        }
        (Some(only), None) | (None, Some(only)) => {
            let _ = write!(line, " ({only})");
        }
        (None, None) => {}
    }
    line
}
