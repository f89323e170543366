//! Spells values in PromQL: as the content of a string, as a number, as a duration.

use std::fmt::Write as _;

use super::{InsertedKind, InsertedValue};

/// Why a value cannot be spelled, and what to write instead.
pub(super) type SpellingRefusal = (String, Option<String>);

pub(super) fn refuse<T>(message: impl Into<String>, help: impl Into<String>) -> Result<T, SpellingRefusal> {
    Err((message.into(), Some(help.into())))
}

/// Returns the value as the content of one string.
pub(super) fn one_text(value: &InsertedValue) -> Result<String, SpellingRefusal> {
    match value {
        InsertedValue::Text(text) => Ok(text.clone()),
        InsertedValue::Number(value)
        | InsertedValue::Duration { number: value, .. }
        | InsertedValue::Data(value) => Ok(spelled_number(*value)),
        InsertedValue::ExactNumber(digits) => Ok(digits.to_string()),
        InsertedValue::Bool(value) => Ok(value.to_string()),
        InsertedValue::List(_) | InsertedValue::Later(InsertedKind::List) => {
            refuse("a list cannot equal one label", "match it with `=~` instead of `=`")
        }
        InsertedValue::Later(_) => Ok("0".to_owned()),
    }
}

/// Returns the value as a number of its base unit: seconds, bytes or one.
pub(super) fn number(value: &InsertedValue) -> Result<String, SpellingRefusal> {
    match value {
        InsertedValue::Number(value)
        | InsertedValue::Duration { number: value, .. }
        | InsertedValue::Data(value) => Ok(spelled_number(*value)),
        InsertedValue::ExactNumber(digits) if let Some(number) = digits.computable() => {
            Ok(spelled_number(number))
        }
        InsertedValue::ExactNumber(_) => {
            refuse("PromQL computes with floats, which lose digits of this number", "write `\"#{…}\"`")
        }
        InsertedValue::Later(
            InsertedKind::Any | InsertedKind::Number | InsertedKind::Duration | InsertedKind::Data,
        ) => Ok("1".to_owned()),
        InsertedValue::Bool(_) | InsertedValue::Later(InsertedKind::Bool) => {
            refuse("PromQL has no true and false", "write `bool` after the comparison, and a number")
        }
        InsertedValue::List(_) | InsertedValue::Later(InsertedKind::List) => {
            refuse("a list is not allowed here in PromQL", "match it with `=~\"#{…}\"`")
        }
        InsertedValue::Text(_) | InsertedValue::Later(InsertedKind::Text) => {
            refuse("text is not allowed outside quotes in PromQL", "write `\"#{…}\"`")
        }
    }
}

/// Writes all digits without an exponent, so that `PromQL` parses the identical float.
fn spelled_number(value: f64) -> String {
    if value.is_nan() {
        "NaN".to_owned()
    } else if value.is_infinite() {
        if value > 0.0 { "Inf".to_owned() } else { "-Inf".to_owned() }
    } else {
        value.to_string()
    }
}

pub(super) fn duration(value: &InsertedValue, signed: bool) -> Result<String, SpellingRefusal> {
    match value {
        InsertedValue::Duration { seconds, .. } => spelled_duration(*seconds, signed),
        InsertedValue::Later(InsertedKind::Any | InsertedKind::Duration) => Ok("1m".to_owned()),
        _ => refuse("PromQL takes a duration here", "give a duration, like `5m`"),
    }
}

/// Formats a duration for `PromQL`, to the millisecond: `1h30m`.
fn spelled_duration(seconds: f64, signed: bool) -> Result<String, SpellingRefusal> {
    let milliseconds = (seconds * 1000.0).round();
    // A hundred years: well below where an f64 loses milliseconds.
    if !milliseconds.is_finite() || milliseconds.abs() > 3.2e12 {
        return refuse("a duration that PromQL cannot write", "use one of at most a hundred years");
    }
    if milliseconds == 0.0 && signed && seconds == 0.0 {
        return Ok("0s".to_owned());
    }
    if milliseconds == 0.0 || milliseconds < 0.0 && !signed {
        return refuse("PromQL needs a duration of 1ms or more here", "use a longer one");
    }
    #[allow(clippy::cast_possible_truncation)] // bounded above
    let mut left = milliseconds.abs() as i64;
    let mut text = if milliseconds < 0.0 { "-".to_owned() } else { String::new() };
    for (unit, size) in [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)] {
        if left >= size {
            text.push_str(&(left / size).to_string());
            text.push_str(unit);
            left %= size;
        }
    }
    Ok(text)
}

/// Appends one character as the content of a string with these quotes.
pub(super) fn push_escaped(out: &mut String, c: char, quote: char) {
    match c {
        '\\' => out.push_str("\\\\"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        c if c == quote => {
            out.push('\\');
            out.push(c);
        }
        c if c.is_control() => {
            // Writing to a string cannot fail.
            let _ = write!(out, "\\u{:04x}", u32::from(c));
        }
        c => out.push(c),
    }
}
