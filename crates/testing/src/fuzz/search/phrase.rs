//! How a decision went, as a person would say it: `load is at least 50`, `the page to "dba" does not arrive`.

use rbl_syntax::source::{Source, SourceId};
use rbl_syntax::tree::{BinaryOp, Expr, ExprKind, File, Item, Statement, StatementKind, UnaryOp, Wait};
use rbl_syntax::{parse, source::Span};

/// What is said of something: `load`, `is under 50`.
struct Phrase {
    subject: String,
    predicate: String,
}

/// How a condition went: yes, no or unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum VerdictKind {
    /// It holds.
    Yes,
    /// It does not hold.
    No,
    /// It is unknown.
    Unknown,
}

impl VerdictKind {
    /// As a path names it.
    pub(super) fn of(turn: &str) -> Option<Self> {
        match turn {
            "yes" => Some(Self::Yes),
            "no" => Some(Self::No),
            "unknown" => Some(Self::Unknown),
            _ => None,
        }
    }

    fn negated(self) -> Self {
        match self {
            Self::Yes => Self::No,
            Self::No => Self::Yes,
            Self::Unknown => Self::Unknown,
        }
    }
}

/// `p99 is at least 500ms`: a condition in one line, and how it went.
pub(super) fn condition(text: &str, verdict: VerdictKind) -> String {
    let source = Source::new("", format!("runbook \"\"\ncheck {text}\n"));
    let file = parse(SourceId::default(), source.text()).file;
    if let Some(StatementKind::Check(it)) = first(&file) {
        said(&it.condition, verdict, &source).text()
    } else {
        whole(text, verdict).text()
    }
}

/// `p99 is not under 500ms in time`: a `wait until` in one line, and how it went.
pub(super) fn wait(text: &str, verdict: VerdictKind) -> String {
    let source = Source::new("", format!("runbook \"\"\n{text}\n"));
    let file = parse(SourceId::default(), source.text()).file;
    let phrase = |verdict| {
        if let Some(StatementKind::Wait(Wait::Until { condition, .. })) = first(&file) {
            said(condition, verdict, &source)
        } else {
            whole(text, verdict)
        }
    };
    match verdict {
        VerdictKind::Yes => format!("{} in time", phrase(VerdictKind::Yes).text()),
        VerdictKind::No => format!("{} in time", phrase(VerdictKind::Yes).denied().text()),
        VerdictKind::Unknown => format!("{} when the time is up", phrase(VerdictKind::Unknown).text()),
    }
}

/// What a `for each` goes through: `log` of `for each l in log where l != "" up to 5`.
pub(super) fn elements(text: &str) -> Option<&str> {
    let (_, over) = text.strip_prefix("for each ")?.split_once(" in ")?;
    let end = [" where ", " up to "].iter().filter_map(|word| over.find(word)).min();
    end.map_or(Some(over), |end| over.get(..end))
}

fn first(file: &File) -> Option<&StatementKind> {
    file.items.iter().find_map(|item| match item {
        Item::Statement(Statement { kind, .. }) => Some(kind),
        _ => None,
    })
}

impl Phrase {
    fn new(subject: impl Into<String>, predicate: impl Into<String>) -> Self {
        Self { subject: subject.into(), predicate: predicate.into() }
    }

    fn text(&self) -> String {
        format!("{} {}", self.subject, self.predicate)
    }

    /// The same with a `not`.
    fn denied(self) -> Self {
        let predicate = match self.predicate.split_once(' ').unwrap_or((&self.predicate, "")) {
            ("is", rest) => format!("is not {rest}"),
            ("holds", _) => "does not hold".to_owned(),
            ("says", rest) => format!("does not say {rest}"),
            ("answered", rest) => format!("not answered {rest}"),
            ("contains", rest) => format!("does not contain {rest}"),
            _ => format!("{} (not)", self.predicate),
        };
        Self { predicate, ..self }
    }
}

/// A condition that is said as a whole.
fn whole(text: &str, verdict: VerdictKind) -> Phrase {
    let predicate = match verdict {
        VerdictKind::Yes => "holds",
        VerdictKind::No => "does not hold",
        VerdictKind::Unknown => "is unknown",
    };
    Phrase::new(text, predicate)
}

fn said(expr: &Expr, verdict: VerdictKind, source: &Source) -> Phrase {
    let text = |span: Span| source.slice(span).to_owned();
    let expr = expr.bare();
    match &expr.kind {
        ExprKind::Question(question) => Phrase::new(
            text(question.prompt.span),
            match verdict {
                VerdictKind::Yes => "answered yes",
                VerdictKind::No => "answered no",
                VerdictKind::Unknown => "not answered",
            },
        ),
        ExprKind::Unary { op: UnaryOp::Not, operand } => said(operand, verdict.negated(), source),
        ExprKind::Binary { op, left, right, .. } if op.is_comparison() => {
            compared(*op, left, right, verdict, source)
        }
        ExprKind::Field { .. } if source.slice(expr.span) == "alert.firing" => Phrase::new(
            "the alert",
            match verdict {
                VerdictKind::Yes => "is firing",
                VerdictKind::No => "is not firing",
                VerdictKind::Unknown => "is firing or not: unknown",
            },
        ),
        ExprKind::Command { command, .. } => answered(&text(command.span), verdict),
        ExprKind::Call { .. } => answered(&text(expr.span), verdict),
        ExprKind::Name(_) => Phrase::new(
            text(expr.span),
            match verdict {
                VerdictKind::Yes => "is true",
                VerdictKind::No => "is false",
                VerdictKind::Unknown => "is unknown",
            },
        ),
        _ => whole(source.slice(expr.span), verdict),
    }
}

/// A command or a declared probe that only looks.
fn answered(look: &str, verdict: VerdictKind) -> Phrase {
    let predicate = match verdict {
        VerdictKind::Yes => "says yes",
        VerdictKind::No => "says no",
        VerdictKind::Unknown => "is unknown",
    };
    Phrase::new(look, predicate)
}

fn compared(op: BinaryOp, left: &Expr, right: &Expr, verdict: VerdictKind, source: &Source) -> Phrase {
    let (a, b) = (source.slice(left.span), source.slice(right.span));
    if op == BinaryOp::In {
        return contained(left, right, verdict, source);
    }
    // The value is said first, and then what it is compared with.
    let turned = is_constant(left) && !is_constant(right);
    let (subject, with) = if turned { (b, a) } else { (a, b) };
    let op = if turned { mirrored(op) } else { op };
    let yes = verdict == VerdictKind::Yes;
    let word = match (op, verdict) {
        (_, VerdictKind::Unknown) => {
            let both = !is_constant(left) && !is_constant(right);
            let subject = if both { format!("{a} or {b}") } else { subject.to_owned() };
            return Phrase::new(subject, "is unknown");
        }
        (BinaryOp::Less, _) => {
            if yes {
                "under"
            } else {
                "at least"
            }
        }
        (BinaryOp::LessOrEqual, _) => {
            if yes {
                "at most"
            } else {
                "over"
            }
        }
        (BinaryOp::Greater, _) => {
            if yes {
                "over"
            } else {
                "at most"
            }
        }
        (BinaryOp::GreaterOrEqual, _) => {
            if yes {
                "at least"
            } else {
                "under"
            }
        }
        (BinaryOp::Equal, _) => {
            if yes {
                ""
            } else {
                "not"
            }
        }
        (BinaryOp::NotEqual, _) => {
            if yes {
                "not"
            } else {
                ""
            }
        }
        _ => return whole(&format!("{a} {b}"), verdict),
    };
    let with = if word.is_empty() { with.to_owned() } else { format!("{word} {with}") };
    Phrase::new(subject, format!("is {with}"))
}

/// `"a" in text`, `x in 1..2`, `x in ["a", "b"]`
fn contained(left: &Expr, right: &Expr, verdict: VerdictKind, source: &Source) -> Phrase {
    let (a, b) = (source.slice(left.span), source.slice(right.span));
    let of_constant = is_constant(left) && !is_constant(right);
    match verdict {
        VerdictKind::Unknown => Phrase::new(if of_constant { b } else { a }, "is unknown"),
        VerdictKind::Yes if of_constant => Phrase::new(b, format!("contains {a}")),
        VerdictKind::No if of_constant => Phrase::new(b, format!("does not contain {a}")),
        VerdictKind::Yes => Phrase::new(a, format!("is in {b}")),
        VerdictKind::No => Phrase::new(a, format!("is not in {b}")),
    }
}

fn mirrored(op: BinaryOp) -> BinaryOp {
    match op {
        BinaryOp::Less => BinaryOp::Greater,
        BinaryOp::LessOrEqual => BinaryOp::GreaterOrEqual,
        BinaryOp::Greater => BinaryOp::Less,
        BinaryOp::GreaterOrEqual => BinaryOp::LessOrEqual,
        other => other,
    }
}

/// Whether it is written out: a number, a text, a list of those.
fn is_constant(expr: &Expr) -> bool {
    match &expr.bare().kind {
        // A text that stands alone would be a question.
        ExprKind::Question(question) => question.prompt.literal().is_some(),
        ExprKind::Text(text) => text.literal().is_some(),
        ExprKind::Number { .. } | ExprKind::LargeNumber { .. } | ExprKind::Bool { .. } => true,
        ExprKind::List { items } => items.iter().all(is_constant),
        ExprKind::Range { low, high } => is_constant(low) && is_constant(high),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_are_said_as_people_say_them() {
        use VerdictKind::{No, Unknown, Yes};
        for (text, verdict, expected) in [
            ("load < 50", No, "load is at least 50"),
            ("load < 50", Yes, "load is under 50"),
            ("load < 50", Unknown, "load is unknown"),
            ("90% <= disk", No, "disk is under 90%"),
            ("not (load > 3)", Yes, "load is at most 3"),
            ("state(c).text == \"ready\"", No, "state(c).text is not \"ready\""),
            ("a != b", No, "a is b"),
            ("a < b", Unknown, "a or b is unknown"),
            ("\"panic\" in `cat log`.lines", Unknown, "`cat log`.lines is unknown"),
            ("\"panic\" in `cat log`.lines", No, "`cat log`.lines does not contain \"panic\""),
            ("x in [\"a\", \"b\"]", No, "x is not in [\"a\", \"b\"]"),
            ("\"Is it real?\" by \"sre\" within 5m", No, "\"Is it real?\" answered no"),
            ("\"Is it real?\"", Unknown, "\"Is it real?\" not answered"),
            ("`pg_isready` no on 2", No, "`pg_isready` says no"),
            ("ready(\"db\")", Yes, "ready(\"db\") says yes"),
            ("not alert.firing", Yes, "the alert is not firing"),
            ("a < 5 and b", No, "a < 5 and b does not hold"),
            ("every disk < 90%", No, "every disk < 90% does not hold"),
        ] {
            assert_eq!(condition(text, verdict), expected, "{text}");
        }
    }

    #[test]
    fn waits_say_whether_it_came_in_time() {
        use VerdictKind::{No, Unknown, Yes};
        let text = "wait until p99 < 500ms for 5m within 1h every 30s";
        assert_eq!(wait(text, Yes), "p99 is under 500ms in time");
        assert_eq!(wait(text, No), "p99 is not under 500ms in time");
        assert_eq!(wait(text, Unknown), "p99 is unknown when the time is up");
        assert_eq!(wait("wait until `ready` within 5m", No), "`ready` does not say yes in time");
        assert_eq!(wait("wait until a and b within 5m", No), "a and b does not hold in time");
        assert_eq!(elements("for each l in log where l != \"\" up to 5"), Some("log"));
        assert_eq!(elements("for each l in [1, 2]"), Some("[1, 2]"));
    }
}
