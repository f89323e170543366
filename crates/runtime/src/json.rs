//! Converts JSON from outside to values. A number keeps its digits, however it is written.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use serde::de::{DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde_json::Value as Json;

use super::expression::unknown;
use super::outside_json::{OutsideJsonError, unique_keys};
use rbl_syntax::value::{
    ExactNumber, LARGEST_EXACT, MASK, PartialText, Quantity, Reason, ReasonKind, RecordValue, Value,
};

/// Parses a JSON text to a value; unknown where it is not JSON.
pub(super) fn read(text: &str) -> Value {
    match json_with_digits(text.as_bytes()) {
        Ok(json) => value(json),
        // A secret that is no text in it, or that was JSON itself.
        Err(_) if text.contains(MASK) => Value::unknown(Reason::masked()),
        Err(OutsideJsonError::Form(why)) => unknown(ReasonKind::Unreadable, format!("not JSON: {why}")),
        Err(why) => unknown(ReasonKind::Unreadable, format!("JSON that cannot be read: {why}")),
    }
}

/// Converts JSON to a value: an object is a record, `null` is unknown.
pub(super) fn value(json: Json) -> Value {
    match json {
        Json::Null => unknown(ReasonKind::NoData, "null"),
        Json::Bool(value) => Value::Bool(value),
        Json::Number(number) => self::number(&number),
        Json::String(text) => match kept_digits(&text) {
            Some(number) => Value::ExactNumber(number),
            None => PartialText::masked(text),
        },
        Json::Array(items) => Value::List(items.into_iter().map(value).collect()),
        Json::Object(fields) => Value::Record(Arc::new(RecordValue(
            fields.into_iter().map(|(name, field)| (name.into(), value(field))).collect(),
        ))),
    }
}

fn number(number: &serde_json::Number) -> Value {
    match number.as_f64() {
        Some(value) if number.is_f64() || value.abs() < LARGEST_EXACT => {
            Value::Quantity(Quantity::number(value))
        }
        Some(value) => ExactNumber::parse(&number.to_string())
            .map_or_else(|| Value::Quantity(Quantity::number(value)), Value::ExactNumber),
        None => unknown(ReasonKind::Unreadable, "a number out of range"),
    }
}

/// Marks a text in JSON that stands for a number with its digits. It begins with a character that no text has.
const DIGITS: &str = "\u{fdd0}digits ";

fn kept_digits(text: &str) -> Option<ExactNumber> {
    text.strip_prefix(DIGITS).and_then(ExactNumber::parse)
}

/// Reads JSON from outside so that no digit of a number is lost: [`json_number`] reads numbers from it and [`json_text`] texts.
/// Everything else in it is as usual.
///
/// Errors: as of [`outside_json`](super::outside_json::outside_json).
pub fn json_with_digits(bytes: &[u8]) -> Result<Json, OutsideJsonError> {
    unique_keys(bytes)?;
    parsed(bytes).map_err(OutsideJsonError::Form)
}

fn parsed(bytes: &[u8]) -> Result<Json, serde_json::Error> {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return whole(serde_json::Deserializer::from_slice(bytes), JsonElement(&mut None));
    };
    let numbers = numbers(text);
    if numbers.iter().all(|number| ExactNumber::parse(number.written).is_none()) {
        return whole(serde_json::Deserializer::from_str(text), JsonElement(&mut None));
    }
    let text = within_range(text, &numbers);
    whole(serde_json::Deserializer::from_str(&text), JsonElement(&mut Some(numbers.iter())))
}

/// Reads one element of JSON behind which nothing comes.
fn whole<'de, R: serde_json::de::Read<'de>>(
    mut from: serde_json::Deserializer<R>,
    element: JsonElement<'_, '_, '_>,
) -> Result<Json, serde_json::Error> {
    let json = element.deserialize(&mut from)?;
    from.end()?;
    Ok(json)
}

/// The number that a part of [`json_with_digits`] is, as it was written; `None` where it is none.
pub fn json_number(json: &Json) -> Option<String> {
    match json {
        Json::Number(number) => Some(number.to_string()),
        Json::String(text) => kept_digits(text).map(|number| number.to_string()),
        Json::Null | Json::Bool(_) | Json::Array(_) | Json::Object(_) => None,
    }
}

/// The text that a part of [`json_with_digits`] is; `None` where it is none, a number for one.
pub fn json_text(json: &Json) -> Option<&str> {
    json.as_str().filter(|text| kept_digits(text).is_none())
}

/// A part of [`json_with_digits`] as JSON text.
pub fn json_shown(json: &Json) -> String {
    let text = json.to_string();
    let mark = format!("\"{DIGITS}");
    let mut parts = text.split(mark.as_str());
    let mut shown = parts.next().unwrap_or("").to_owned();
    for part in parts {
        let (number, behind) = part.split_once('"').unwrap_or((part, ""));
        shown.extend([number, behind]);
    }
    shown
}

/// A number as a part of [`json_with_digits`]; `None` where the text is no number.
pub fn json_of_number(text: &str) -> Option<Json> {
    match ExactNumber::parse(text) {
        Some(number) => Some(Json::String(format!("{DIGITS}{number}"))),
        None => serde_json::from_str(text.trim()).ok().filter(Json::is_number),
    }
}

/// A number in a JSON text.
struct JsonNumber<'t> {
    start: usize,
    written: &'t str,
}

/// The numbers of a JSON text in their order; of a text that is not JSON, anything.
fn numbers(text: &str) -> Vec<JsonNumber<'_>> {
    let mut numbers = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| c == '"' || c == '-' || c.is_ascii_digit()) {
        let (_, found) = rest.split_at(at);
        rest = if let Some(string) = found.strip_prefix('"') {
            behind_string(string)
        } else {
            let end = found.find(|c: char| !c.is_ascii_digit() && !"+-.eE".contains(c));
            let (written, behind) = found.split_at(end.unwrap_or(found.len()));
            numbers.push(JsonNumber { start: text.len() - found.len(), written });
            behind
        };
    }
    numbers
}

/// What follows the string that was begun.
fn behind_string(mut rest: &str) -> &str {
    while let Some(at) = rest.find(['"', '\\']) {
        let (_, found) = rest.split_at(at);
        let mut behind = found.chars();
        if behind.next() == Some('"') {
            return behind.as_str();
        }
        behind.next();
        rest = behind.as_str();
    }
    ""
}

/// The text with a 0 for every number that is beyond all floats, which would be refused. All else stays in its place.
fn within_range<'t>(text: &'t str, numbers: &[JsonNumber<'_>]) -> Cow<'t, str> {
    let beyond = |number: &&JsonNumber<'_>| number.written.parse().is_ok_and(|it: f64| it.is_infinite());
    let mut text = Cow::Borrowed(text);
    for number in numbers.iter().filter(beyond) {
        let length = number.written.len();
        text.to_mut().replace_range(number.start..number.start + length, &format!("{:<length$}", 0));
    }
    text
}

/// An element of JSON, of which each number is the next one of these of the text, if there are some.
///
struct JsonElement<'a, 'n, 't>(&'a mut Option<std::slice::Iter<'n, JsonNumber<'t>>>);

impl JsonElement<'_, '_, '_> {
    fn number<E: serde::de::Error>(self, read: impl Into<Json>) -> Result<Json, E> {
        let Some(numbers) = self.0 else { return Ok(read.into()) };
        let number = numbers.next().and_then(|number| json_of_number(number.written));
        number.ok_or_else(|| E::custom("a number out of range"))
    }
}

impl<'de> DeserializeSeed<'de> for JsonElement<'_, '_, '_> {
    type Value = Json;

    fn deserialize<D: serde::Deserializer<'de>>(self, from: D) -> Result<Json, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for JsonElement<'_, '_, '_> {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Json, E> {
        Ok(Json::String(text.to_owned()))
    }

    fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<Json, E> {
        self.number(number)
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Json, E> {
        self.number(number)
    }

    fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<Json, E> {
        self.number(number)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
        let mut all = Vec::new();
        while let Some(item) = items.next_element_seed(JsonElement(&mut *self.0))? {
            all.push(item);
        }
        Ok(Json::Array(all))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Json, A::Error> {
        let mut all = serde_json::Map::new();
        while let Some(name) = fields.next_key::<String>()? {
            all.insert(name, fields.next_value_seed(JsonElement(&mut *self.0))?);
        }
        Ok(Json::Object(all))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_digit_of_a_number_is_lost() {
        for text in [
            "563018673253974017",
            "-563018673253974017",
            "18446744073709551617",
            "340282366920938463463374607431768211457",
            "0.1234567890123456789012",
            "1.10",
            "-1.0",
            "1e400",
            "-1E-400",
            "1e6",
        ] {
            assert_eq!(read(text).to_string(), text);
            let nested =
                format!(r#"{{"1e500": [1.5, "a\"2.0", {{"id": {text} }}], "b": null, "c": {text}}}"#);
            let Value::Record(record) = read(&nested) else { panic!("{nested}") };
            assert_eq!(record.get("1e500").unwrap().to_string(), format!("1.5, a\"2.0, {{id: {text}}}"));
            assert_eq!(record.get("c").unwrap().to_string(), text);
            let json = json_with_digits(nested.as_bytes()).unwrap();
            assert_eq!(json_number(&json["c"]).as_deref(), Some(text));
            assert_eq!(json_text(&json["c"]), None);
            let shown = format!(r#"{{"1e500":[1.5,"a\"2.0",{{"id":{text}}}],"b":null,"c":{text}}}"#);
            assert_eq!(json_shown(&json), shown);
            assert_eq!(json_text(&json["1e500"][1]), Some("a\"2.0"));
        }
        assert_eq!(read("9007199254740992").to_string(), "9007199254740992");
        assert!(matches!(read("9007199254740992"), Value::Quantity(_)));
        assert!(matches!(read("1.5"), Value::Quantity(_)));
    }

    #[test]
    fn what_is_not_json_stays_where_it_was() {
        for text in ["[1e400, 01]", "[1.0, -]", "{\"a\": 1.0", "1.0 2.0", "[1.0 \"]"] {
            let Value::Unknown(reason) = read(text) else { panic!("{text}") };
            assert!(reason.text.starts_with("not JSON: "), "{text}: {reason}");
        }
        let Value::Unknown(reason) = read("[1e400, x]") else { panic!() };
        assert!(reason.text.contains("line 1 column 9"), "{reason}");
    }

    #[test]
    fn depth_is_limited_before_it_is_walked() {
        let deep = "[".repeat(100_000) + "11111111111111111111" + &"]".repeat(100_000);
        assert!(matches!(read(&deep), Value::Unknown(_)));
        assert!(json_with_digits(deep.as_bytes()).is_err());
    }

    #[test]
    fn no_object_is_another_text_of_json() {
        let hidden = |text: &str| serde_json::json!({ "$serde_json::private::RawValue": text }).to_string();
        for text in [
            hidden("{\"a\": 1, \"a\": 2}"),
            format!("[1.10, {}]", hidden("1")),
            hidden("1").replace('$', "\\u0024"),
            hidden("1").replace("RawValue", "Number"),
        ] {
            let said = json_with_digits(text.as_bytes()).unwrap_err().to_string();
            assert!(said.contains("` is reserved"), "{text}: {said}");
        }
        // Each text is as deep as one may be, and stands in the next one: together they are deeper than the stack of a thread.
        let mut deep = "1".to_owned();
        for _ in 0..14 {
            deep = format!("{}{}{}", "[".repeat(120), hidden(&deep), "]".repeat(120));
        }
        assert!(json_with_digits(deep.as_bytes()).is_err());
        let mut broken = deep.into_bytes();
        broken.push(0xff);
        assert!(json_with_digits(&broken).is_err());
        assert!(json_with_digits(br#"{"$serde_json": 1, "$ref": "a", "private::RawValue": ""}"#).is_ok());
    }
}
