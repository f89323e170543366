//! [`outside_json`]: reads JSON that somebody outside wrote. An object that has a key twice is refused, anywhere in it: readers of
//! JSON differ in which of the two counts, so that what one program has checked would be another value here.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;
use std::fmt::Write as _;

use memchr::memchr2;
use serde::de::DeserializeOwned;

/// How deep JSON from outside may be nested: as deep as the parser goes.
const DEEPEST: usize = 128;

/// Up to how many keys of an object are compared one by one.
const FEW: usize = 16;

/// How many characters of a key are shown.
const LONGEST: usize = 100;

/// Why JSON from outside is refused, in words.
#[derive(Debug)]
pub enum OutsideJsonError {
    /// An object has a key twice.
    Repeated(RepeatedKey),
    /// It is nested too deep.
    Deep,
    /// An object has this key, which [is reserved](is_reserved).
    Reserved(String),
    /// It is not JSON, or not of the form that is wanted.
    Form(serde_json::Error),
}

/// A key that an object of JSON has more than once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepeatedKey {
    /// The key.
    pub key: String,
    /// The place of the object, like `alerts[0].labels`; empty for the whole.
    pub place: String,
}

/// Says what is wrong: lower case, no full stop.
impl fmt::Display for RepeatedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the key `{}` is there twice", self.key)?;
        if self.place.is_empty() { Ok(()) } else { write!(f, " in `{}`", self.place) }
    }
}

impl fmt::Display for OutsideJsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Repeated(key) => key.fmt(f),
            Self::Deep => write!(f, "it is nested more than {DEEPEST} deep"),
            Self::Reserved(key) => write!(f, "the key `{key}` is reserved"),
            Self::Form(why) => why.fmt(f),
        }
    }
}

impl std::error::Error for OutsideJsonError {}

/// Reads JSON from outside.
///
/// Errors: an object in it has a key twice or one that is reserved, also in a part that is not read; it is not JSON, or not a `T`.
pub fn outside_json<T: DeserializeOwned>(json: &[u8]) -> Result<T, OutsideJsonError> {
    unique_keys(json)?;
    serde_json::from_slice(json).map_err(OutsideJsonError::Form)
}

/// Whether a key means something to the parser itself: to a `Value` that is read, an object with it is another JSON text, which is parsed
/// in turn. Nothing checks the keys and the depth of that text, so that such a key is refused.
pub(crate) fn is_reserved(key: &[u8]) -> bool {
    key.starts_with(b"$serde_json::private::")
}

/// Checks that no object of a JSON text has a key twice or one that is reserved, and that it is not nested too deep. Of a text that is
/// not JSON the parser says what is wrong.
pub(super) fn unique_keys(json: &[u8]) -> Result<(), OutsideJsonError> {
    let mut open: Vec<Nested<'_>> = Vec::new();
    let mut at = 0;
    while let Some(byte) = json.get(at) {
        match byte {
            b'{' | b'[' if open.len() >= DEEPEST => return Err(OutsideJsonError::Deep),
            b'{' => open.push(Nested::Object(ObjectKeys::default())),
            b'[' => open.push(Nested::List(0)),
            b'}' | b']' => drop(open.pop()),
            b',' => match open.last_mut() {
                Some(Nested::Object(keys)) => keys.expects = true,
                Some(Nested::List(place)) => *place += 1,
                None => {}
            },
            b'"' => {
                let end = behind_text(json, at);
                if let Some(Nested::Object(keys)) = open.last_mut()
                    && keys.expects
                {
                    let key = key(json.get(at..end).unwrap_or_default());
                    if is_reserved(&key) {
                        let key = String::from_utf8_lossy(&key).chars().take(LONGEST).collect();
                        return Err(OutsideJsonError::Reserved(key));
                    }
                    if !keys.add(key.clone()) {
                        let key = String::from_utf8_lossy(&key).chars().take(LONGEST).collect();
                        return Err(OutsideJsonError::Repeated(RepeatedKey { key, place: place(&open) }));
                    }
                }
                at = end;
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    Ok(())
}

/// What is open at a place of a JSON text.
enum Nested<'t> {
    Object(ObjectKeys<'t>),
    /// With the place in it.
    List(usize),
}

/// The keys of an object so far, in their order.
struct ObjectKeys<'t> {
    /// Whether the next text is a key.
    expects: bool,
    last: Cow<'t, [u8]>,
    few: Vec<Cow<'t, [u8]>>,
    many: HashSet<Cow<'t, [u8]>>,
}

impl Default for ObjectKeys<'_> {
    fn default() -> Self {
        Self { expects: true, last: Cow::Borrowed(b""), few: Vec::new(), many: HashSet::new() }
    }
}

impl<'t> ObjectKeys<'t> {
    /// Whether the key is new.
    fn add(&mut self, key: Cow<'t, [u8]>) -> bool {
        self.expects = false;
        self.last.clone_from(&key);
        if self.few.len() < FEW {
            let is_new = !self.few.contains(&key);
            self.few.push(key);
            return is_new;
        }
        if self.many.is_empty() {
            self.many.extend(self.few.iter().cloned());
        }
        self.many.insert(key)
    }
}

/// The bytes of a key, from its quoted text.
fn key(quoted: &[u8]) -> Cow<'_, [u8]> {
    let raw = quoted.strip_prefix(b"\"").unwrap_or(quoted);
    let raw = raw.strip_suffix(b"\"").unwrap_or(raw);
    if raw.contains(&b'\\')
        && let Ok(text) = serde_json::from_slice::<String>(quoted)
    {
        return Cow::Owned(text.into_bytes());
    }
    Cow::Borrowed(raw)
}

/// The position behind the text that begins here with its quote.
fn behind_text(json: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    loop {
        let rest = json.get(at..).unwrap_or_default();
        match memchr2(b'"', b'\\', rest) {
            None => return json.len(),
            Some(found) if rest.get(found) == Some(&b'"') => return at + found + 1,
            Some(found) => at += found + 2,
        }
    }
}

/// The place of the innermost object: `alerts[0].labels`.
fn place(open: &[Nested<'_>]) -> String {
    let mut place = String::new();
    for outer in open.iter().rev().skip(1).rev() {
        match outer {
            Nested::Object(keys) => {
                if !place.is_empty() {
                    place.push('.');
                }
                place.extend(String::from_utf8_lossy(&keys.last).chars().take(LONGEST));
            }
            // A text takes everything.
            Nested::List(at) => drop(write!(place, "[{at}]")),
        }
    }
    place
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn wrong(json: &str) -> Option<String> {
        outside_json::<Value>(json.as_bytes()).err().map(|why| why.to_string())
    }

    #[test]
    fn a_key_that_is_there_twice_is_refused_wherever_it_is() {
        for (json, said) in [
            (r#"{"a": 1, "a": 1}"#, "the key `a` is there twice"),
            (
                r#"{"alerts":[{},{"labels":{"x":"1","severity":"page","severity":"info"}}]}"#,
                "the key `severity` is there twice in `alerts[1].labels`",
            ),
            (
                r#"{"a": {"b": [[{"c": 1}, {"d": {}, "d": null}]]}}"#,
                "the key `d` is there twice in `a.b[0][1]`",
            ),
            (r#"[{"a": "}", "b": "\"{", "a": 2}]"#, "the key `a` is there twice in `[0]`"),
            // However it is written.
            (r#"{"\u0061": 1, "a": 2}"#, "the key `a` is there twice"),
            (r#"{"a\\": 1, "a\u005c": 2}"#, "the key `a\\` is there twice"),
            (r#"{"": 1, "": 2}"#, "the key `` is there twice"),
        ] {
            assert_eq!(wrong(json).as_deref(), Some(said), "{json}");
        }
        let many: Vec<String> = (0..200).map(|number| format!("\"k{number}\":0,")).collect();
        let many = many.concat();
        assert_eq!(wrong(&format!("{{{many}\"k\":0}}")), None);
        for twice in ["k0", "k15", "k16", "k17", "k199"] {
            let said = wrong(&format!("{{{many}\"{twice}\":0}}"));
            assert_eq!(said, Some(format!("the key `{twice}` is there twice")));
        }
    }

    #[test]
    fn a_key_that_would_hide_another_text_of_json_is_refused() {
        for json in [
            r#"{"$serde_json::private::RawValue": "{\"a\": 1, \"a\": 2}"}"#,
            r#"{"a": [{"\u0024serde_json::private::RawValue": "1"}]}"#,
        ] {
            let said = wrong(json);
            assert_eq!(
                said.as_deref(),
                Some("the key `$serde_json::private::RawValue` is reserved"),
                "{json}"
            );
        }
        assert_eq!(wrong(r#"{"a": "$serde_json::private::RawValue", "$serde_json": 1}"#), None);
    }

    #[test]
    fn the_same_key_in_other_objects_and_texts_that_are_no_keys_are_not() {
        for json in [
            r#"{"a": {"a": {"a": "a"}}, "b": ["a", "a"], "c": "a"}"#,
            r#"[{"a": 1}, {"a": 1}]"#,
            r#"{"a": "b", "b": "a", "c": "\"a\": 1, \"a\": 2", "A": 1}"#,
            r#"{"a": "x\\", "b": "\\\"", "c": 1e400}"#,
            "\"a\"",
            "1",
            "{}",
            "[]",
        ] {
            unique_keys(json.as_bytes()).unwrap_or_else(|why| panic!("{json}: {why}"));
        }
    }

    #[test]
    fn what_is_no_json_is_left_to_the_parser_and_what_is_deep_is_refused_at_once() {
        for json in ["", "{", "}", "{\"a", "{\"a\\", "]]]]", "{\"a\":,,,\"b\"", "\u{feff}{}"] {
            assert!(
                matches!(outside_json::<Value>(json.as_bytes()), Err(OutsideJsonError::Form(_))),
                "{json}"
            );
        }
        assert!(unique_keys(b"{\"\xff\": 1, \"\xfe\": 1}").is_ok());
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert!(unique_keys(nested(DEEPEST).as_bytes()).is_ok());
        assert_eq!(wrong(&nested(1_000_000)).unwrap(), "it is nested more than 128 deep");
    }
}
