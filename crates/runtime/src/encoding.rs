//! Encodings in which a value travels: percent-encoding, base64 and hexadecimal digits. Shared by those who send a value and by the masker,
//! which has to recognise it.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Everything but the unreserved characters of RFC 3986.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Percent-encodes every byte with a special meaning in a URL: the result is one path segment or one value.
pub fn percent_encoded(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// Standard base64 with padding, as HTTP's basic sign-in sends it.
pub fn base64_padded(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Standard base64 without padding, which is also found in an output that was cut off before it.
pub(super) fn base64_unpadded(bytes: &[u8]) -> String {
    STANDARD_NO_PAD.encode(bytes)
}

/// The same with the letters that need no escape in a URL.
pub(super) fn base64_url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The bytes that hexadecimal digits stand for; `None`: they are none, or one is left over.
pub fn hex_bytes(digits: &str) -> Option<Vec<u8>> {
    let value = |digit: u8| char::from(digit).to_digit(16);
    let byte = |pair: &[u8]| match pair {
        [high, low] => u8::try_from(value(*high)? * 16 + value(*low)?).ok(),
        _ => None,
    };
    digits.as_bytes().chunks(2).map(byte).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_the_standard_one() {
        for (plain, encoded) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")]
        {
            assert_eq!(base64_padded(plain.as_bytes()), encoded);
            assert_eq!(base64_unpadded(plain.as_bytes()), encoded.trim_end_matches('='));
        }
    }

    #[test]
    fn a_value_stays_one_segment() {
        assert_eq!(percent_encoded("a/b?c#d e%é-_.~"), "a%2Fb%3Fc%23d%20e%25%C3%A9-_.~");
    }
}
