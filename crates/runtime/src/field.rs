//! Fields and elements: `alert.labels.service`, `d.instance`, `` `cmd`.number ``, `list[0]`.

use std::sync::Arc;

use super::expression::unknown;
use super::json;
use rbl_syntax::value::{CommandOutput, Quantity, Reason, ReasonKind, Value};

/// `.name`; a missing field is unknown.
pub(super) fn field(of: &Value, name: &str) -> Value {
    let found = match of {
        Value::Unknown(_) => return of.clone(),
        Value::Record(record) => record.get(name).cloned(),
        Value::Sample(sample) => sample.labels.get(name).map(|label| Value::Text(label.clone())),
        Value::Output(output) => return of_output(output, name),
        _ => None,
    };
    found.unwrap_or_else(|| unknown(ReasonKind::NoField, format!("no field `{name}`")))
}

/// `[index]`: an element of a list from 0, from the end where negative; a field of a record by its name.
pub(super) fn element(of: &Value, index: &Value) -> Value {
    match (of, index) {
        (Value::Unknown(_), _) => of.clone(),
        (_, Value::Unknown(_)) => index.clone(),
        (_, Value::Text(name)) => field(of, name),
        _ => {
            let elements = match super::condition::elements(of) {
                Ok(elements) => elements,
                Err(reason) => return Value::unknown(reason),
            };
            let at = index.quantity().map_or(f64::NAN, |index| index.base);
            let from_start = if at < 0.0 { at + elements.len() as f64 } else { at };
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // whole and within the list
            let found = if from_start.fract() == 0.0 && from_start >= 0.0 {
                elements.get(from_start as usize).cloned()
            } else {
                None
            };
            found.unwrap_or_else(|| unknown(ReasonKind::NoField, format!("no element {index}")))
        }
    }
}

/// The output of a command, trimmed; unknown where it was killed or never ran (exit code 126, 127).
pub(super) fn printed(output: &CommandOutput) -> Result<&str, Reason> {
    match (&output.trouble, output.status) {
        (Some(reason), _) => Err(reason.clone()),
        (None, Some(code @ (126 | 127))) => {
            Err(Reason::new(ReasonKind::ProbeFailed, super::probe::exit_words(code, output)))
        }
        _ => Ok(output.stdout.trim()),
    }
}

fn of_output(output: &CommandOutput, name: &str) -> Value {
    let printed = |read: &dyn Fn(&str) -> Value| match printed(output) {
        Ok(text) => read(text),
        Err(reason) => Value::unknown(reason),
    };
    match name {
        "text" => printed(&|text| Value::text(text)),
        "lines" => printed(&|text| Value::List(text.lines().map(Value::text).collect())),
        "number" => printed(&number),
        "json" => printed(&json::read),
        "stderr" => Value::text(output.stderr.trim()),
        "status" => match (output.status, &output.trouble) {
            (Some(code), _) => Value::Quantity(Quantity::number(f64::from(code))),
            (None, Some(reason)) => Value::unknown(reason.clone()),
            (None, None) => unknown(ReasonKind::ProbeFailed, "it did not end by itself"),
        },
        _ => unknown(ReasonKind::NoField, format!("no field `{name}`")),
    }
}

/// Parses a text as a plain number; one with a unit is refused, because the text does not say which unit is meant.
pub(super) fn number(text: &str) -> Value {
    match Quantity::parse(text) {
        Ok(quantity) if quantity.unit == Some(rbl_syntax::value::Unit::ONE) => Value::Quantity(quantity),
        _ => {
            let shown: String = text.chars().take(40).collect();
            unknown(ReasonKind::Unreadable, format!("`{shown}` is no number"))
        }
    }
}

/// Builds a list of texts.
pub(super) fn texts(items: impl Iterator<Item = impl Into<smol_str::SmolStr>>) -> Value {
    Value::List(items.map(Value::text).collect::<Arc<[Value]>>())
}
