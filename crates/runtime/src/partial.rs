//! Operations on texts and lists of which a part is not known: what is found in the known part is found, everything
//! that needs the rest is unknown.

use std::sync::Arc;

use regex::Regex;

use rbl_syntax::value::{
    PartialList, PartialText, Reason, ReasonKind, TextBuilder, TextPiece, Value, Verdict,
};

/// What a value is as a text or a list from outside: the output of a command is its text.
pub(super) fn as_data(value: &Value) -> Value {
    match value {
        Value::Output(output) => output.text().compared().into_owned(),
        value => value.compared().into_owned(),
    }
}

/// A text that something other than rbl reads as a whole; a masked secret in it stays masked. The error is the value that
/// comes of it instead.
pub(super) fn readable(value: &Value) -> Result<String, Value> {
    match as_data(value) {
        Value::Text(text) => Ok(text.to_string()),
        Value::PartialText(text) if text.lacks_only_secrets() => Ok(text.to_string()),
        value => Err(gap(&value).map_or(value, Value::Unknown)),
    }
}

/// What was made of a text from which something was removed names nothing either.
pub(super) fn altered_like(value: Value, why: &Reason) -> Value {
    match value {
        Value::Text(_) => PartialText::altered(value, why.clone()),
        Value::List(items) => Value::List(items.iter().map(|item| altered_like(item.clone(), why)).collect()),
        value => value,
    }
}

/// Why nothing can be computed with a value as a whole: it is unknown, or a part of it is.
pub(super) fn gap(value: &Value) -> Option<Arc<Reason>> {
    match value {
        Value::Unknown(reason) => Some(reason.clone()),
        Value::PartialText(text) if text.is_altered() => None,
        Value::PartialText(text) => Some(Arc::new(text.reason.clone())),
        Value::LabelledText(_) => value.gap().filter(|why| why.kind != ReasonKind::Altered).map(Arc::new),
        Value::PartialList(list) => Some(Arc::new(list.reason.clone())),
        Value::Output(output) => gap(&output.text()),
        _ => None,
    }
}

/// Whether a text contains another one: yes or unknown.
pub(super) fn contains(text: &PartialText, part: &str) -> Verdict {
    found(text, text.known().any(|known| known.text.contains(part)))
}

/// Whether a regular expression matches somewhere in a text: yes or unknown. A match that could depend on the unknown
/// part (its `$` at the gap, its `^` behind it) is not counted.
pub(super) fn matches(text: &PartialText, regex: &Regex) -> Verdict {
    let is_match = text.known().any(|known| {
        let start = if known.is_first { 0 } else { known.text.chars().next().map_or(0, char::len_utf8) };
        match regex.shortest_match_at(known.text, start) {
            Some(end) => known.is_last || end < known.text.len(),
            None => false,
        }
    });
    found(text, is_match)
}

fn found(text: &PartialText, found: bool) -> Verdict {
    if found && text.is_searchable() { Verdict::Yes } else { Verdict::unknown(text.reason.clone()) }
}

/// Splits a text; what lies at a gap is partial, and at a gap that can hide a separator elements are missing.
pub(super) fn split(text: &PartialText, separator: Option<&str>) -> Value {
    let parts = |text: &'_ str| -> Vec<String> {
        match separator {
            Some(separator) => text.split(separator).map(str::to_owned).collect(),
            None => text.split(char::is_whitespace).map(str::to_owned).collect(),
        }
    };
    let mut runs: Vec<Vec<Value>> = vec![Vec::new()];
    let mut element = TextBuilder::default();
    for piece in &text.pieces {
        match piece {
            TextPiece::Known(known) => {
                for (index, part) in parts(known).iter().enumerate() {
                    if index > 0 {
                        flush(&mut runs, std::mem::take(&mut element), separator);
                    }
                    element.literal(part);
                }
            }
            TextPiece::Gap(shown) => {
                element.gap(shown, &text.reason);
                if shown != "\u{fffd}" {
                    flush(&mut runs, std::mem::take(&mut element), separator);
                    runs.push(Vec::new());
                    element.gap(shown, &text.reason);
                }
            }
        }
    }
    flush(&mut runs, element, separator);
    let tail = if runs.len() > 1 { runs.pop() } else { None };
    let head = runs.into_iter().next().unwrap_or_default();
    match tail {
        None => Value::List(head.into()),
        Some(tail) => Value::PartialList(PartialList { head, tail, reason: text.reason.clone() }.into()),
    }
}

/// Adds an element to the last run; between white space there is no empty one.
fn flush(runs: &mut [Vec<Value>], element: TextBuilder, separator: Option<&str>) {
    let element = element.finish();
    let is_empty = separator.is_none() && matches!(&element, Value::Text(text) if text.is_empty());
    if let Some(run) = runs.last_mut().filter(|_| !is_empty) {
        run.push(element);
    }
}

/// The element at a place: from 0, from the end where negative.
pub(super) fn element(list: &PartialList, at: f64) -> Option<Value> {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // whole
    let index = |at: f64| (at.fract() == 0.0).then_some(at as usize);
    if at >= 0.0 {
        list.head.get(index(at)?).cloned()
    } else {
        list.tail.iter().rev().nth(index(-at - 1.0)?).cloned()
    }
}

/// Joins the elements of a list with a separator.
pub(super) fn join(list: &Value, separator: &str) -> Value {
    let mut text = TextBuilder::default();
    match list {
        Value::List(items) => {
            if let Some(unknown) = items.iter().find(|item| matches!(item, Value::Unknown(_))) {
                return unknown.clone();
            }
            if items.iter().any(|item| matches!(item, Value::Secret(_))) {
                return Value::unknown(Reason::new(ReasonKind::NoValue, "a secret is no text"));
            }
            text.joined(items.iter(), separator);
        }
        Value::PartialList(list) => {
            text.joined(list.head.iter(), separator);
            text.gap(" … ", &list.reason);
            text.joined(list.tail.iter(), separator);
        }
        other => text.value(other),
    }
    text.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rbl_syntax::value::{CommandOutput, OutputCut};

    fn cut(beginning: &str, end: &str) -> Arc<PartialText> {
        let output = CommandOutput {
            status: Some(0),
            stdout: beginning.into(),
            stdout_cut: Some(OutputCut { bytes: 9, end: end.into() }),
            ..CommandOutput::default()
        };
        let Value::PartialText(text) = output.text() else { panic!() };
        text
    }

    fn unknown(verdict: &Verdict) -> bool {
        matches!(verdict, Verdict::Unknown(reason) if reason.text == "9 bytes were cut")
    }

    #[test]
    fn found_is_found_and_not_found_is_unknown() {
        let text = cut("pod-1 Running\npod-2 NotRea", "dy\npod-9 Failed\n");
        assert_eq!(contains(&text, "Failed"), Verdict::Yes);
        assert!(unknown(&contains(&text, "NotReady")));
        let matches = |pattern: &str| super::matches(&text, &Regex::new(pattern).unwrap());
        assert_eq!(matches("Fail.*"), Verdict::Yes);
        assert_eq!(matches("Failed$"), Verdict::Yes);
        assert_eq!(matches("^pod-1"), Verdict::Yes);
        // At the gap: whether the text ends or begins there is not known.
        for pattern in ["NotRea$", r"NotRea\b", "^dy", r"\Ady", r"\bdy", "NotRea[\\s\\S]dy", "Unknown"] {
            assert!(unknown(&matches(pattern)), "{pattern}");
        }
        assert_eq!(matches("(?m)^pod-9"), Verdict::Yes);
        assert!(unknown(&matches("(?m)^dy")));
    }

    #[test]
    fn a_split_text_has_partial_elements_at_the_gap() {
        let Value::PartialList(list) = split(&cut("a,b,c", "d,e"), Some(",")) else { panic!() };
        assert_eq!((list.head.len(), list.tail.len()), (3, 2));
        assert_eq!(element(&list, 1.0), Some(Value::text("b")));
        assert_eq!(element(&list, -1.0), Some(Value::text("e")));
        assert!(
            gap(&element(&list, 2.0).unwrap()).is_some() && gap(&element(&list, -2.0).unwrap()).is_some()
        );
        assert_eq!(element(&list, 3.0), None);
    }

    #[test]
    fn bytes_that_are_not_utf8_spoil_their_own_element_only() {
        let Value::PartialText(text) = PartialText::decoded("good b\u{fffd}d fine") else { panic!() };
        let Value::List(list) = split(&text, None) else { panic!() };
        assert_eq!(list.iter().map(|it| gap(it).is_some()).collect::<Vec<_>>(), [false, true, false]);
    }
}
