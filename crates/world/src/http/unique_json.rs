//! [`unique_json`]: the JSON of an answer, in which nothing is said twice.
//!
//! Of `{"ok": true, "ok": false}` one reader takes the first and another the last. What a service has done must not depend on that: such
//! an answer says nothing.

use std::fmt;

use rbl_runtime::{OutsideJsonError, outside_json};
use serde_json::Value;

/// Why an answer has no meaning as JSON; in words, as what a server answered with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum JsonFault {
    /// It is none.
    NotJson,
    /// An object in it has this key twice.
    Repeated(String),
}

impl fmt::Display for JsonFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotJson => f.write_str("something that is not JSON"),
            Self::Repeated(key) => {
                write!(f, "JSON in which the key `{}` is there twice", rbl_syntax::one_line(key))
            }
        }
    }
}

/// Reads JSON whose objects have each key once.
pub(crate) fn unique_json(bytes: &[u8]) -> Result<Value, JsonFault> {
    Ok(outside_json(bytes)?)
}

impl From<OutsideJsonError> for JsonFault {
    fn from(why: OutsideJsonError) -> Self {
        match why {
            OutsideJsonError::Repeated(repeated) => Self::Repeated(repeated.key),
            OutsideJsonError::Deep | OutsideJsonError::Reserved(_) | OutsideJsonError::Form(_) => {
                Self::NotJson
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_twice_is_not_said() {
        for (text, key) in [
            (r#"{"ok":false,"ok":true}"#, "ok"),
            (r#"{"ok":true,"ok":true}"#, "ok"),
            (r#"{"a":[1,{"b":1,"c":2,"b":3}]}"#, "b"),
            (r#"{"ok":true,"\u006fk":false}"#, "ok"),
            (r#"{"":1,"":2}"#, ""),
        ] {
            assert_eq!(unique_json(text.as_bytes()), Err(JsonFault::Repeated(key.into())), "{text}");
        }
        for text in ["", "{", "{\"a\":1}x", "{\"a\":1,\"a\"", "<html>", "\u{feff}{}", "[1,]"] {
            let found = unique_json(text.as_bytes());
            assert_eq!(found.is_err(), serde_json::from_str::<Value>(text).is_err(), "{text}: {found:?}");
        }
        assert_eq!(unique_json(&[b'{', 0xff, b'}']), Err(JsonFault::NotJson));
        assert_eq!(unique_json(&b"[".repeat(100_000)), Err(JsonFault::NotJson));
        assert_eq!(unique_json(br#"{"$serde_json::private::RawValue":"{}"}"#), Err(JsonFault::NotJson));
    }

    #[test]
    fn everything_else_is_read_as_always() {
        for text in [
            r#"{"a":{"k":1},"b":{"k":2},"c":[{"k":null},{"k":-1.5e300}],"K":18446744073709551615,"k":true}"#,
            "\"text\"",
            " null ",
            "-3",
            "123456789012345678901234567890",
            "[]",
        ] {
            assert_eq!(unique_json(text.as_bytes()), Ok(serde_json::from_str(text).unwrap()), "{text}");
        }
    }
}
