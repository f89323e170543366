//! [`Secrets`]: reads secrets at the moment they are used, and remembers them only to remove them from replies.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;
use serde::de::DeserializeOwned;
use smol_str::SmolStr;

/// Replaces a secret.
const DOTS: &str = "•••";
/// A shorter value would mask ordinary text.
const SHORTEST: usize = 4;

/// The secrets of a run. Clones share them.
#[derive(Clone, Default)]
pub struct Secrets(Arc<Mutex<Known>>);

#[derive(Default)]
struct Known {
    /// Secrets that a person typed, by the key of the question.
    asked: BTreeMap<SmolStr, String>,
    /// Every form in which a used value may appear in a reply, longest first.
    forms: BTreeSet<Form>,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Form(std::cmp::Reverse<usize>, String);

impl Secrets {
    /// No secrets yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// What a person typed for the question with this key.
    pub fn typed(&self, key: &str) -> Option<String> {
        self.locked().asked.get(key).cloned()
    }

    /// Keeps a secret that a person typed, under the key of the question.
    pub fn keep(&self, key: &SmolStr, value: String) {
        self.hide(&value);
        self.locked().asked.insert(key.clone(), value);
    }

    /// From now on [`Self::redact`] removes this value: as it is, line by line, in base64 and URL-encoded.
    pub fn hide(&self, value: &str) {
        let mut known = self.locked();
        let mut add = |form: String| {
            if form.len() >= SHORTEST {
                known.forms.insert(Form(std::cmp::Reverse(form.len()), form));
            }
        };
        add(value.to_owned());
        add(value.trim().to_owned());
        if value.trim().len() >= SHORTEST {
            add(base64(value.as_bytes()));
            add(base64(value.trim().as_bytes()));
            add(in_url(value.trim()));
            value.lines().map(str::trim).filter(|line| line.len() >= 8).for_each(|line| add(line.to_owned()));
        }
    }

    /// Removes every used secret from the text.
    pub fn redact(&self, text: &str) -> String {
        let known = self.locked();
        let mut text = text.to_owned();
        for Form(_, form) in &known.forms {
            if text.contains(form.as_str()) {
                text = text.replace(form.as_str(), DOTS);
            }
        }
        text
    }

    /// Removes every used secret from a value; `None` where it contains none. The value with dots must still
    /// deserialise: a secret whose text is a word of the format (`yes`) stays.
    pub fn redacted<T: Serialize + DeserializeOwned>(&self, value: &T) -> Option<T> {
        if self.locked().forms.is_empty() {
            return None;
        }
        let mut json = serde_json::to_value(value).ok()?;
        let mut found = false;
        self.redact_texts(&mut json, &mut found);
        if found { serde_json::from_value(json).ok() } else { None }
    }

    fn redact_texts(&self, json: &mut serde_json::Value, found: &mut bool) {
        match json {
            serde_json::Value::String(text) => {
                let clean = self.redact(text);
                if clean != *text {
                    *found = true;
                    *text = clean;
                }
            }
            serde_json::Value::Array(items) => items.iter_mut().for_each(|it| self.redact_texts(it, found)),
            serde_json::Value::Object(fields) => {
                fields.iter_mut().for_each(|(_, it)| self.redact_texts(it, found));
            }
            serde_json::Value::Null | serde_json::Value::Bool(_) | serde_json::Value::Number(_) => {}
        }
    }

    fn locked(&self) -> std::sync::MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Standard base64 without the padding, because an output may be cut off.
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len() * 4 / 3 + 4);
    for chunk in bytes.chunks(3) {
        let group = chunk.iter().fold(0u32, |group, byte| group << 8 | u32::from(*byte));
        let group = group << (8 * (3 - chunk.len()));
        for place in 0..=chunk.len() {
            let index = (group >> (18 - 6 * place)) & 63;
            text.extend(ALPHABET.get(index as usize).map(|letter| char::from(*letter)));
        }
    }
    text
}

fn in_url(text: &str) -> String {
    let mut url = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            url.push(char::from(byte));
        } else {
            url.extend(["%", &format!("{byte:02X}")]);
        }
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_hidden_in_every_form() {
        let secrets = Secrets::new();
        secrets.hide("s3cr&t/päss\n");
        let redacted = |text: &str| secrets.redact(text);
        assert_eq!(redacted("token s3cr&t/päss."), "token •••.");
        assert_eq!(redacted("czNjciZ0L3DDpHNz="), "•••=");
        assert_eq!(redacted("?t=s3cr%26t%2Fp%C3%A4ss&a=b"), "?t=•••&a=b");
        assert_eq!(redacted("nothing here"), "nothing here");
    }

    #[test]
    fn a_longer_secret_wins_over_its_beginning() {
        let secrets = Secrets::new();
        secrets.hide("hunter");
        secrets.hide("hunter-two");
        assert_eq!(secrets.redact("hunter-two hunter"), "••• •••");
        secrets.hide("a");
        assert_eq!(secrets.redact("banana"), "banana");
    }

    #[test]
    fn base64_is_the_standard_one() {
        assert_eq!(["", "f", "fo", "foo", "foob"].map(|text| base64(text.as_bytes())), {
            ["", "Zg", "Zm8", "Zm9v", "Zm9vYg"]
        });
    }
}
