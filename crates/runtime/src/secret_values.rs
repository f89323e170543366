//! [`Secrets`]: reads secrets at the moment they are used, and remembers them only to remove them from replies.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde::de::DeserializeOwned;
use smol_str::SmolStr;
use zeroize::Zeroizing;

use crate::encoding::{base64_unpadded, percent_encoded};
use rbl_syntax::value::Reason;

/// Replaces a secret.
const DOTS: &str = "•••";
/// A shorter value would mask ordinary text.
const SHORTEST: usize = 4;
/// The same for the messages of one connection, which hold little ordinary text.
const SHORTEST_OF_CONNECTION: usize = 3;

/// The one masker: the secrets of a run or of one request. Clones share them. The values and their forms are overwritten
/// in memory when the last clone is dropped.
#[derive(Clone)]
pub struct Secrets {
    known: Arc<Mutex<KnownSecrets>>,
    shortest: usize,
}

#[derive(Default)]
struct KnownSecrets {
    /// Secrets that a person typed, by the key of the question.
    asked: BTreeMap<SmolStr, SecretString>,
    /// Every form in which a used value may appear in a reply, longest first.
    forms: Vec<Zeroizing<String>>,
}

impl Default for Secrets {
    fn default() -> Self {
        Self::new()
    }
}

impl Secrets {
    /// No secrets yet; for a run.
    pub fn new() -> Self {
        Self { known: Arc::default(), shortest: SHORTEST }
    }

    /// No secrets yet; for what one connection says about one request. Masks values of three letters too.
    pub fn of_connection() -> Self {
        Self { known: Arc::default(), shortest: SHORTEST_OF_CONNECTION }
    }

    /// What a person typed for the question with this key.
    pub fn typed(&self, key: &str) -> Option<SecretString> {
        self.locked().asked.get(key).cloned()
    }

    /// Keeps a secret that a person typed, under the key of the question.
    pub fn keep(&self, key: &SmolStr, value: SecretString) {
        self.hide(value.expose_secret());
        self.locked().asked.insert(key.clone(), value);
    }

    /// From now on [`Self::redact`] removes this value: as it is, line by line, in base64 and URL-encoded.
    pub fn hide(&self, value: &str) {
        let shortest = self.shortest;
        let mut known = self.locked();
        let mut add = |form: String| {
            let form = Zeroizing::new(form);
            if form.len() >= shortest && !known.forms.contains(&form) {
                let place = known.forms.partition_point(|longer| longer.len() >= form.len());
                known.forms.insert(place, form);
            }
        };
        add(value.to_owned());
        add(value.trim().to_owned());
        if value.trim().len() >= shortest {
            add(base64_unpadded(value.as_bytes()));
            add(base64_unpadded(value.trim().as_bytes()));
            add(percent_encoded(value));
            add(percent_encoded(value.trim()));
            add(in_json(value));
            add(in_json(value.trim()));
            value.lines().map(str::trim).filter(|line| line.len() >= 8).for_each(|line| add(line.to_owned()));
        }
    }

    /// Removes every used secret from the text.
    pub fn redact(&self, text: &str) -> String {
        let known = self.locked();
        let mut text = text.to_owned();
        for form in &known.forms {
            if text.contains(form.as_str()) {
                text = text.replace(form.as_str(), DOTS);
            }
        }
        text
    }

    /// Another program's text as one line for a message, without secrets. They are removed before the line is shortened: half a
    /// secret would not be recognised.
    pub fn one_line(&self, text: &str) -> String {
        rbl_syntax::one_line(&self.redact(text))
    }

    /// Removes every used secret from a reason.
    pub fn redact_reason(&self, reason: &Reason) -> Reason {
        Reason::new(reason.kind, self.redact(&reason.text))
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

    fn locked(&self) -> std::sync::MutexGuard<'_, KnownSecrets> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The text as it is inside a JSON string.
fn in_json(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted.strip_prefix('"').and_then(|it| it.strip_suffix('"')).unwrap_or(&quoted).to_owned()
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
        secrets.hide(r#"{"key":"AAAA"}"#);
        assert_eq!(secrets.redact(r#"{"text":"{\"key\":\"AAAA\"}"}"#), r#"{"text":"•••"}"#);
    }

    #[test]
    fn a_longer_secret_wins_over_its_beginning() {
        let secrets = Secrets::new();
        secrets.hide("hunter");
        secrets.hide("hunter-two");
        assert_eq!(secrets.redact("hunter-two hunter"), "••• •••");
        secrets.hide("a");
        assert_eq!(secrets.redact("banana"), "banana");
        secrets.hide("ban");
        assert_eq!(secrets.redact("banana"), "banana");
        let secrets = Secrets::of_connection();
        secrets.hide("ban");
        assert_eq!(secrets.redact("banana"), "•••ana");
    }
}
