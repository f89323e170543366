//! Removes secrets from a provider's answer: another program's error text may repeat what it was sent.

use std::sync::Mutex;

use super::endpoint::percent_encoded;
use rbl_project::setting::{Setting, read_secret};
use rbl_runtime::{Datum, Reading};
use rbl_syntax::value::Reason;

/// The secrets read for one request.
#[derive(Debug, Default)]
pub struct Mask {
    secrets: Mutex<Vec<String>>,
}

impl Mask {
    /// The text of a setting; remembered as a secret if it comes from outside the file.
    pub fn resolve(&self, setting: &Setting, base: &std::path::Path) -> Result<String, Reason> {
        let text = setting.resolve(base)?;
        if setting.is_outside() {
            self.remember(&text);
        }
        Ok(text)
    }

    /// The value with its secrets read and remembered.
    pub fn reveal(&self, datum: &Datum, base: &std::path::Path) -> Result<Datum, Reason> {
        Ok(match datum {
            Datum::Secret(secret) => {
                let text = read_secret(secret, base)?;
                self.remember(&text);
                Datum::Text(text)
            }
            Datum::List(items) => {
                Datum::List(items.iter().map(|item| self.reveal(item, base)).collect::<Result<_, _>>()?)
            }
            plain => plain.clone(),
        })
    }

    /// Remembers a secret, as it is and URL-encoded.
    pub(super) fn remember(&self, text: &str) {
        // A secret of one or two letters would mask harmless text, and hide nothing.
        if text.len() > 2 {
            let mut secrets = self.secrets.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            secrets.extend([text.to_owned(), percent_encoded(text)]);
            // The longest first: one secret may be part of another.
            secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        }
    }

    /// The text without the secrets.
    pub fn text(&self, text: String) -> String {
        let secrets = self.secrets.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        secrets.iter().fold(text, |text, secret| text.replace(secret.as_str(), "•••"))
    }

    /// The result without the secrets.
    pub fn result(&self, result: Result<Reading, Reason>) -> Result<Reading, Reason> {
        match result {
            Ok(mut reading) => {
                for warning in &mut reading.warnings {
                    *warning = self.text(std::mem::take(warning));
                }
                Ok(reading)
            }
            Err(reason) => Err(self.reason(reason)),
        }
    }

    /// The reason without the secrets.
    pub fn reason(&self, reason: Reason) -> Reason {
        Reason::new(reason.kind, self.text(reason.text))
    }
}

/// Another program's text for a message: one line, without control characters, shortened.
pub fn one_line(text: &str) -> String {
    let line: String = text
        .lines()
        .map(str::trim)
        .find(|line| !line.is_empty())
        .unwrap_or("")
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    if line.chars().count() <= 200 { line } else { line.chars().take(199).chain(['…']).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rbl_syntax::value::{ReasonKind, SecretRef};

    #[test]
    fn a_secret_is_hidden_however_it_is_spelled() {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("long"), "abc/def").unwrap();
        std::fs::write(directory.path().join("short"), "abc").unwrap();
        let mask = Mask::default();
        for name in ["short", "long"] {
            let secret = Datum::List(vec![Datum::Secret(SecretRef::File(name.into()))]);
            assert!(!matches!(mask.reveal(&secret, directory.path()).unwrap(), Datum::Secret(_)));
        }
        let reason = mask.reason(Reason::new(ReasonKind::ProviderError, "no abc/def, no abc%2Fdef, no abc"));
        assert_eq!(reason.text, "no •••, no •••, no •••");
        let asked =
            mask.reveal(&Datum::Secret(SecretRef::Asked("pin".into())), directory.path()).unwrap_err();
        assert!(asked.text.contains("`pin`"), "{asked}");
    }

    #[test]
    fn other_peoples_words_are_one_line() {
        assert_eq!(one_line("\n  first \u{1b}[31m line\nsecond"), "first  [31m line");
        assert_eq!(one_line(&"x".repeat(500)).chars().count(), 200);
    }
}
