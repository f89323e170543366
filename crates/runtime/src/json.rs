//! Converts JSON from outside to values.

use std::sync::Arc;

use super::expression::unknown;
use rbl_syntax::value::{Quantity, ReasonKind, RecordValue, Value};

/// Parses a JSON text to a value; unknown where it is not JSON.
pub(super) fn read(text: &str) -> Value {
    match serde_json::from_str::<serde_json::Value>(text) {
        Ok(json) => value(json),
        Err(why) => unknown(ReasonKind::Unreadable, format!("not JSON: {why}")),
    }
}

/// Converts JSON to a value: an object is a record, `null` is unknown.
pub(super) fn value(json: serde_json::Value) -> Value {
    match json {
        serde_json::Value::Null => unknown(ReasonKind::NoData, "null"),
        serde_json::Value::Bool(value) => Value::Bool(value),
        serde_json::Value::Number(number) => match number.as_f64() {
            Some(number) => Value::Quantity(Quantity::number(number)),
            None => unknown(ReasonKind::Unreadable, "a number out of range"),
        },
        serde_json::Value::String(text) => Value::text(text),
        serde_json::Value::Array(items) => Value::List(items.into_iter().map(value).collect()),
        serde_json::Value::Object(fields) => Value::Record(Arc::new(RecordValue(
            fields.into_iter().map(|(name, field)| (name.into(), value(field))).collect(),
        ))),
    }
}
