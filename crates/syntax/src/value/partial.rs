//! Texts and lists of which a part is not known: output that was cut, bytes that are not UTF-8, a secret that is masked, an
//! unknown value in a text. A text from which rbl removed something is one too: it is known, and not passed on.
//!
//! *Invariant:* what stands in for the unknown part is shown to people and is never data.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::command_output::OutputCut;
use super::{MASK, Reason, ReasonKind, Value};

/// What a byte that is not UTF-8 is shown as.
const NOT_UTF8: char = '\u{fffd}';

/// A text of which at least one part is not known, or from which rbl removed something.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PartialText {
    /// Its parts, in order.
    pub pieces: Vec<TextPiece>,
    /// Why the unknown part is unknown.
    pub reason: Reason,
}

/// A part of a [`PartialText`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TextPiece {
    /// Data.
    Known(SmolStr),
    /// Unknown, and what is shown in its place.
    Gap(SmolStr),
}

/// A list from whose middle elements are missing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PartialList {
    /// The elements before the gap.
    pub head: Vec<Value>,
    /// The elements behind it.
    pub tail: Vec<Value>,
    /// Why the others are unknown.
    pub reason: Reason,
}

impl PartialText {
    /// A decoded text as a value: a text, or a partial one where bytes were not UTF-8 or a secret is masked.
    pub fn decoded(text: &str) -> Value {
        let mut builder = TextBuilder::default();
        builder.decoded(text);
        builder.finish()
    }

    /// A text from outside as a value: a text, or a partial one where a secret is masked.
    pub fn masked(text: impl Into<SmolStr>) -> Value {
        let text = text.into();
        if !text.contains(MASK) {
            return Value::Text(text);
        }
        let mut builder = TextBuilder::default();
        builder.masked(&text);
        builder.finish()
    }

    /// A text as it is compared, from which something was removed: it is passed on to nothing that would act on it.
    pub fn altered(text: Value, why: Reason) -> Value {
        match text {
            Value::Text(known) => {
                Value::PartialText(Self { pieces: vec![TextPiece::Known(known)], reason: why }.into())
            }
            other => other,
        }
    }

    /// Whether all of it is known, and only passing it on is refused.
    pub fn is_altered(&self) -> bool {
        self.pieces.iter().all(|piece| matches!(piece, TextPiece::Known(_)))
    }

    /// Whether nothing but secrets is unknown.
    pub fn lacks_only_secrets(&self) -> bool {
        self.pieces.iter().all(|piece| match piece {
            TextPiece::Known(_) => true,
            TextPiece::Gap(shown) => shown == MASK,
        })
    }

    /// A text whose middle is missing.
    pub(super) fn cut(beginning: &str, cut: &OutputCut, end: &str) -> Value {
        let mut builder = TextBuilder::default();
        builder.decoded(beginning);
        builder.gap(&format!("\n{}\n", cut.marker()), &cut.reason());
        builder.decoded(end);
        builder.finish()
    }

    /// The known parts with their position: whether the text begins and ends with it.
    pub fn known(&self) -> impl Iterator<Item = KnownPart<'_>> {
        let last = self.pieces.len().saturating_sub(1);
        self.pieces.iter().enumerate().filter_map(move |(index, piece)| match piece {
            TextPiece::Known(text) => {
                Some(KnownPart { text: text.as_str(), is_first: index == 0, is_last: index == last })
            }
            TextPiece::Gap(_) => None,
        })
    }

    /// Whether what is found in the known parts counts as found. A text that is not UTF-8 enters no comparison.
    pub fn is_searchable(&self) -> bool {
        self.reason.kind != ReasonKind::NotUtf8
    }

    /// Changes the known parts.
    #[must_use]
    pub fn map(&self, change: impl Fn(&str) -> String) -> Self {
        let pieces = self.pieces.iter().map(|piece| match piece {
            TextPiece::Known(text) => TextPiece::Known(change(text).into()),
            TextPiece::Gap(shown) => TextPiece::Gap(shown.clone()),
        });
        Self { pieces: pieces.collect(), reason: self.reason.clone() }
    }

    /// Without the white space at both ends.
    #[must_use]
    pub fn trimmed(&self) -> Self {
        let mut trimmed = self.clone();
        if let Some(TextPiece::Known(text)) = trimmed.pieces.first_mut() {
            *text = text.trim_start().into();
        }
        if let Some(TextPiece::Known(text)) = trimmed.pieces.last_mut() {
            *text = text.trim_end().into();
        }
        trimmed
    }
}

/// A known part of a [`PartialText`].
#[derive(Debug, Clone, Copy)]
pub struct KnownPart<'a> {
    /// The part.
    pub text: &'a str,
    /// Whether the text begins with it.
    pub is_first: bool,
    /// Whether the text ends with it.
    pub is_last: bool,
}

impl PartialList {
    /// The known elements, in order. Between them others are missing.
    pub fn known(&self) -> impl Iterator<Item = &Value> {
        self.head.iter().chain(&self.tail)
    }
}

/// Builds a text out of values: it is partial where one of them is not known as a whole.
#[derive(Debug, Default)]
pub struct TextBuilder {
    pieces: Vec<TextPiece>,
    last: String,
    reason: Option<Reason>,
}

impl TextBuilder {
    /// Adds a text of the author.
    pub fn literal(&mut self, text: &str) {
        self.last.push_str(text);
    }

    /// Adds a value as it prints. An unknown prints its reason; that is no data.
    pub fn value(&mut self, value: &Value) {
        use std::fmt::Write as _;
        match value {
            Value::Unknown(reason) => self.gap(&reason.text, reason),
            Value::PartialText(text) => self.partial(text),
            Value::LabelledText(labelled) => {
                self.masked(&labelled.text);
                if self.reason.is_none() {
                    self.reason.clone_from(&labelled.removed);
                }
            }
            Value::Output(output) => self.value(&output.text()),
            Value::List(items) if !value.is_whole() => {
                for (index, item) in items.iter().enumerate() {
                    self.literal(if index == 0 { "" } else { ", " });
                    if let Value::LabelledText(labelled) = item {
                        self.literal(&labelled.label_prefix());
                    }
                    self.value(item);
                }
            }
            Value::PartialList(list) => {
                self.joined(list.head.iter(), ", ");
                self.gap(" … ", &list.reason);
                self.joined(list.tail.iter(), ", ");
            }
            Value::Record(record) if !record.0.iter().all(|(_, value)| value.is_whole()) => {
                self.literal("{");
                for (index, (name, value)) in record.0.iter().enumerate() {
                    let _ = write!(self.last, "{}{name}: ", if index == 0 { "" } else { ", " });
                    self.value(value);
                }
                self.literal("}");
            }
            value => {
                let _ = write!(self.last, "{value}");
            }
        }
    }

    /// Adds values, separated by a text.
    pub fn joined<'v>(&mut self, values: impl Iterator<Item = &'v Value>, separator: &str) {
        for (index, value) in values.enumerate() {
            if index > 0 {
                self.literal(separator);
            }
            self.value(value);
        }
    }

    /// Adds an unknown part.
    pub fn gap(&mut self, shown: &str, reason: &Reason) {
        self.close();
        self.pieces.push(TextPiece::Gap(shown.into()));
        let weaker = self.reason.as_ref().is_none_or(|known| known.kind == ReasonKind::Altered);
        if weaker || reason.kind == ReasonKind::NotUtf8 {
            self.reason = Some(reason.clone());
        }
    }

    fn partial(&mut self, text: &PartialText) {
        for piece in &text.pieces {
            match piece {
                TextPiece::Known(known) => self.literal(known),
                TextPiece::Gap(shown) => self.gap(shown, &text.reason),
            }
        }
        if self.reason.is_none() {
            self.reason = Some(text.reason.clone());
        }
    }

    pub(super) fn decoded(&mut self, text: &str) {
        for (index, part) in text.split(NOT_UTF8).enumerate() {
            if index > 0 {
                self.gap(NOT_UTF8.encode_utf8(&mut [0; 4]), &Reason::not_utf8());
            }
            self.masked(part);
        }
    }

    fn masked(&mut self, text: &str) {
        for (index, part) in text.split(MASK).enumerate() {
            if index > 0 {
                self.gap(MASK, &Reason::masked());
            }
            self.literal(part);
        }
    }

    fn close(&mut self) {
        if !self.last.is_empty() {
            self.pieces.push(TextPiece::Known(std::mem::take(&mut self.last).into()));
        }
    }

    /// The text, or the partial text.
    pub fn finish(mut self) -> Value {
        match self.reason.take() {
            None => Value::text(self.last),
            Some(reason) => {
                self.close();
                Value::PartialText(PartialText { pieces: self.pieces, reason }.into())
            }
        }
    }
}

impl std::fmt::Display for PartialText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.pieces.iter().try_for_each(|piece| match piece {
            TextPiece::Known(text) | TextPiece::Gap(text) => f.write_str(text),
        })
    }
}

impl std::fmt::Display for PartialList {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for value in &self.head {
            write!(f, "{value}, ")?;
        }
        f.write_str("…")?;
        self.tail.iter().try_for_each(|value| write!(f, ", {value}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_not_utf8_are_shown_and_are_not_data() {
        let Value::PartialText(text) = PartialText::decoded("caf\u{fffd}.txt") else { panic!() };
        assert_eq!(text.to_string(), "caf\u{fffd}.txt");
        assert_eq!(text.known().map(|part| part.text).collect::<Vec<_>>(), ["caf", ".txt"]);
        assert!(!text.is_searchable());
        assert_eq!(PartialText::decoded("café"), Value::text("café"));
    }

    #[test]
    fn a_masked_secret_is_no_data() {
        let Value::PartialText(text) = PartialText::decoded("pod-•••-7 Ready") else { panic!() };
        assert_eq!(text.known().map(|part| part.text).collect::<Vec<_>>(), ["pod-", "-7 Ready"]);
        assert!(text.lacks_only_secrets() && text.is_searchable() && !text.is_altered());
        assert_eq!(text.reason, Reason::masked());
        assert_eq!(PartialText::masked("ready"), Value::text("ready"));
    }

    #[test]
    fn an_altered_text_is_known_and_stays_altered_in_a_longer_one() {
        let altered = PartialText::altered(Value::text("bc"), Reason::altered("colour codes"));
        let mut builder = TextBuilder::default();
        builder.literal("file ");
        builder.value(&altered);
        let Value::PartialText(text) = builder.finish() else { panic!() };
        assert!(text.is_altered());
        assert_eq!((text.to_string().as_str(), text.reason.kind), ("file bc", ReasonKind::Altered));
    }

    #[test]
    fn a_text_with_an_unknown_value_prints_its_reason() {
        let mut builder = TextBuilder::default();
        builder.literal("p99 is ");
        builder.value(&Value::unknown(Reason::no_data()));
        let Value::PartialText(text) = builder.finish() else { panic!() };
        assert_eq!((text.to_string().as_str(), text.is_searchable()), ("p99 is no data", true));
    }
}
