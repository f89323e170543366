//! What expressions of a runbook are in an Automation document.

use rbl_syntax::tree::{BinaryOp, Command, Expr, ExprKind, Part, Quantifier, Template, UnaryOp};
use rbl_syntax::value::Dimension;
use std::fmt::Write as _;

use super::output::{CLOSE, OPEN, OrderedJson};

/// A value as the input of a step; `None` if a document has no such thing.
pub(super) fn value(expr: &Expr) -> Option<OrderedJson> {
    let expr = expr.bare();
    match &expr.kind {
        ExprKind::Text(text) => template(text),
        ExprKind::Name(name) => Some(OrderedJson::Value(name.text.to_string())),
        ExprKind::Number { .. } => number(expr).map(OrderedJson::Plain),
        ExprKind::Unary { op: UnaryOp::Negate, operand } => {
            number(operand).map(|it| OrderedJson::Plain(format!("-{it}")))
        }
        ExprKind::Bool { value } => Some(OrderedJson::plain(value)),
        // A list is the text of its JSON where it is not written.
        ExprKind::Call { name, args } if name.text == "json" => match args.as_slice() {
            [arg] => value(&arg.value).filter(|it| matches!(it, OrderedJson::Value(_))),
            _ => None,
        },
        ExprKind::List { items } => {
            items.iter().map(value).collect::<Option<Vec<_>>>().map(OrderedJson::List)
        }
        ExprKind::Field { of, name } if name.text == "text" => match &of.bare().kind {
            ExprKind::Command { command, .. } => match command.literal()? {
                "date -u +%Y-%m-%d_%H.%M.%S" => Some(OrderedJson::text("{{global:DATE_TIME}}")),
                "date -u +%Y-%m-%d" => Some(OrderedJson::text("{{global:DATE}}")),
                other => {
                    let name = other.strip_prefix("aws ssm get-parameter --name ")?;
                    let name = name.strip_suffix(" --query Parameter.Value --output text")?;
                    Some(OrderedJson::text(format!("{{{{ssm:{name}}}}}")))
                }
            },
            _ => None,
        },
        _ => None,
    }
}

/// A plain number, as it is written.
pub(super) fn number(expr: &Expr) -> Option<String> {
    match &expr.bare().kind {
        ExprKind::Number { value, unit, .. } if unit.dimension() == Dimension::NUMBER => {
            Some(value.to_string())
        }
        ExprKind::LargeNumber { digits } => Some(digits.to_string()),
        _ => None,
    }
}

/// A duration in whole seconds.
pub(super) fn seconds(expr: &Expr) -> Option<u64> {
    match &expr.bare().kind {
        ExprKind::Number { value, unit, .. } if unit.dimension() == Dimension::DURATION => {
            // A limit below a second is one of a second.
            let exact = std::time::Duration::try_from_secs_f64(value * unit.factor()).ok()?;
            Some(exact.as_secs() + u64::from(exact.subsec_nanos() > 0))
        }
        _ => None,
    }
}

/// Seconds as a duration of ISO 8601.
pub(super) fn iso(seconds: u64) -> String {
    let mut out = String::from("PT");
    let mut rest = seconds;
    for (unit, size) in [('H', 3_600), ('M', 60), ('S', 1)] {
        if rest >= size {
            let _ = write!(out, "{}{unit}", rest / size);
            rest %= size;
        }
    }
    if out == "PT" { "PT0S".into() } else { out }
}

/// A text with the names of values in it.
pub(super) fn template(text: &Template) -> Option<OrderedJson> {
    parts(&text.parts).map(OrderedJson::Text)
}

fn parts(parts: &[Part]) -> Option<String> {
    let mut out = String::new();
    for part in parts {
        match part {
            Part::Literal { text, .. } => out.push_str(text),
            Part::Value(value) => {
                let ExprKind::Name(name) = &value.bare().kind else { return None };
                out.push(OPEN);
                out.push_str(&name.text);
                out.push(CLOSE);
            }
        }
    }
    Some(out)
}

/// A command with the names of its values between marks.
pub(super) fn command(command: &Command) -> Option<String> {
    parts(&command.parts)
}

/// `CALL.json.A[0]` as what it begins with, and a selector.
pub(super) fn chain(expr: &Expr) -> Option<(&Expr, String)> {
    let mut at = expr.bare();
    let mut behind = Vec::new();
    loop {
        match &at.kind {
            ExprKind::Field { of, name } if name.text == "json" => {
                behind.reverse();
                return Some((of.bare(), format!("${}", behind.concat())));
            }
            ExprKind::Field { of, name } => {
                behind.push(format!(".{}", name.text));
                at = of.bare();
            }
            ExprKind::Index { of, index } => {
                behind.push(match (index.literal_text(), number(index)) {
                    (Some(key), _) => format!("['{key}']"),
                    (None, Some(place)) => format!("[{place}]"),
                    (None, None) => return None,
                });
                at = of.bare();
            }
            _ => return None,
        }
    }
}

/// The selector that a program of `jq` was made of.
pub(super) fn selector(program: &str) -> Option<String> {
    let program = program.trim();
    let nested = program
        .strip_prefix('(')
        .and_then(|it| it.strip_suffix(") | if type == \"array\" then .[0] else . end"));
    if let Some(it) = nested {
        return Some(format!("${}", it.strip_prefix("$r.outputs")?));
    }
    let (inner, is_list) = match program.strip_prefix('[').and_then(|it| it.strip_suffix(']')) {
        Some(it) => (it.strip_suffix(" | values").unwrap_or(it), true),
        None => (program, false),
    };
    let plain = |it: &str| {
        let it = it.strip_prefix("$r").unwrap_or(it);
        let it = if it == "." { String::new() } else { it.replace('?', "") };
        let is_path = it.chars().all(|c| c.is_ascii_alphanumeric() || "._[]\"'-:".contains(c));
        is_path.then(|| it.replace("[]", "[*]").replace("[\"", "['").replace("\"]", "']"))
    };
    if let Some((base, rest)) =
        inner.strip_prefix('(').and_then(|it| it.split_once(" | .. | objects | select(has(\""))
    {
        let (name, rest) = rest.split_once("\")) | .[\"")?;
        let (again, rest) = rest.split_once("\"])")?;
        return (name == again).then(|| Some(format!("${}..{name}{}", plain(base)?, plain(rest)?)))?;
    }
    let path = plain(inner)?;
    (is_list == path.contains("[*]")).then(|| format!("${path}"))
}

/// The choice of a branch that a condition is.
pub(super) fn choice(expr: &Expr) -> Option<Vec<(String, OrderedJson)>> {
    let expr = expr.bare();
    let one = |key: &str, it: OrderedJson| vec![(key.to_owned(), it)];
    match &expr.kind {
        ExprKind::Unary { op: UnaryOp::Not, operand } => Some(match &operand.bare().kind {
            ExprKind::Name(name) => compared(
                OrderedJson::Value(name.text.to_string()),
                "BooleanEquals",
                OrderedJson::plain(false),
            ),
            _ => one("Not", OrderedJson::Map(choice(operand)?)),
        }),
        ExprKind::Name(name) => Some(compared(
            OrderedJson::Value(name.text.to_string()),
            "BooleanEquals",
            OrderedJson::plain(true),
        )),
        ExprKind::Binary { op: op @ (BinaryOp::And | BinaryOp::Or), left, right, .. } => {
            let word = if *op == BinaryOp::And { "And" } else { "Or" };
            let mut all = Vec::new();
            for side in [left, right] {
                match choice(side)?.as_slice() {
                    // `a and b and c` is one list.
                    [(key, OrderedJson::List(items))] if key == word => all.extend(items.clone()),
                    other => all.push(OrderedJson::Map(other.to_vec())),
                }
            }
            Some(one(word, OrderedJson::List(all)))
        }
        ExprKind::Binary { op, left, right, .. } => comparison(*op, left, right),
        ExprKind::Call { name, args } if name.text == "matches" => {
            let [text, pattern] = args.as_slice() else { return None };
            let pattern = pattern.value.literal_text()?;
            let plain = |it: &str| {
                let mut out = String::new();
                let mut letters = it.chars();
                while let Some(c) = letters.next() {
                    out.push(if c == '\\' { letters.next()? } else { c });
                }
                let is_plain = regex::escape(&out).replace('\\', "") == it.replace('\\', "");
                is_plain.then_some(out)
            };
            let (word, wanted) = match (pattern.strip_prefix("\\A"), pattern.strip_suffix("\\z")) {
                (Some(it), None) => ("StartsWith", plain(it)?),
                (None, Some(it)) => ("EndsWith", plain(it)?),
                _ => return None,
            };
            Some(compared(value(&text.value)?, word, OrderedJson::Text(wanted)))
        }
        _ => None,
    }
}

fn compared(variable: OrderedJson, word: &str, wanted: OrderedJson) -> Vec<(String, OrderedJson)> {
    vec![("Variable".to_owned(), variable), (word.to_owned(), wanted)]
}

fn comparison(op: BinaryOp, left: &Expr, right: &Expr) -> Option<Vec<(String, OrderedJson)>> {
    let call = |expr: &Expr, name: &str| match &expr.bare().kind {
        ExprKind::Call { name: called, args } if called.text == name => {
            args.first().map(|it| it.value.clone())
        }
        _ => None,
    };
    if op == BinaryOp::NotEqual {
        return Some(vec![("Not".into(), OrderedJson::Map(comparison(BinaryOp::Equal, left, right)?))]);
    }
    if op == BinaryOp::In {
        return match &right.bare().kind {
            ExprKind::List { items } => {
                let each: Option<Vec<OrderedJson>> = items
                    .iter()
                    .map(|it| comparison(BinaryOp::Equal, left, it).map(OrderedJson::Map))
                    .collect();
                Some(vec![("Or".into(), OrderedJson::List(each?))])
            }
            _ => Some(compared(value(right)?, "Contains", value(left)?)),
        };
    }
    if let Some(inner) = call(left, "lower").filter(|_| op == BinaryOp::Equal) {
        if let Some(other) = call(right, "lower") {
            return Some(compared(value(&inner)?, "EqualsIgnoreCase", value(&other)?));
        }
        return match right.literal_text()? {
            it @ ("true" | "false") => {
                Some(compared(value(&inner)?, "BooleanEquals", OrderedJson::plain(it)))
            }
            _ => None,
        };
    }
    let numeric = call(left, "number").is_some() || number(right).is_some() || op != BinaryOp::Equal;
    let side = |it: &Expr| value(&call(it, "number").unwrap_or_else(|| it.clone()));
    let word = match op {
        BinaryOp::Equal if numeric => "NumericEquals",
        BinaryOp::Equal if matches!(right.bare().kind, ExprKind::Bool { .. }) => "BooleanEquals",
        BinaryOp::Equal => "StringEquals",
        BinaryOp::Less => "NumericLesser",
        BinaryOp::LessOrEqual => "NumericLesserOrEquals",
        BinaryOp::Greater => "NumericGreater",
        BinaryOp::GreaterOrEqual => "NumericGreaterOrEquals",
        _ => return None,
    };
    Some(compared(side(left)?, word, side(right)?))
}

/// What a look has to find: the call of the look, the selector, and the values.
pub(super) struct ExpectedInput<'a> {
    pub(super) call: &'a Expr,
    pub(super) selector: String,
    pub(super) is_list: bool,
    pub(super) values: Vec<OrderedJson>,
}

/// A condition over what a look finds.
pub(super) fn wanted(expr: &Expr) -> Option<ExpectedInput<'_>> {
    let expr = expr.bare();
    let (op, left, right, is_list) = match &expr.kind {
        ExprKind::Binary { op, left, right, .. } => (*op, &**left, &**right, false),
        ExprKind::Quantified { quantifier: Quantifier::Every, over, op, value, .. } => {
            (*op, &**over, &**value, true)
        }
        _ => return None,
    };
    let left = match &left.bare().kind {
        // `lower("#{…}")`: also a bool or a number.
        ExprKind::Call { name, args } if name.text == "lower" => match &args.first()?.value.bare().kind {
            ExprKind::Text(text) => match text.parts.as_slice() {
                [Part::Value(inner)] => inner,
                _ => return None,
            },
            _ => return None,
        },
        _ => left,
    };
    let values = match (op, &right.bare().kind) {
        (BinaryOp::Equal, _) => vec![value(right)?],
        (BinaryOp::In, ExprKind::List { items }) => items.iter().map(value).collect::<Option<Vec<_>>>()?,
        _ => return None,
    };
    let (call, selector) = chain(left)?;
    Some(ExpectedInput { call, selector, is_list, values })
}
