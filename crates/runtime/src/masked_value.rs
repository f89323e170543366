//! [`MaskedValue`]: a whole value without the secrets that were used.

use std::iter::Peekable;
use std::ops::Range;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Secrets;
use rbl_syntax::value::Reason;

impl Secrets {
    /// Removes every used secret from what came from outside, in its texts and its numbers.
    pub fn redacted<T: Serialize + DeserializeOwned>(&self, value: T) -> MaskedValue<T> {
        match self.places(&value) {
            None => MaskedValue::Whole(value),
            Some(places) if places.in_number => MaskedValue::NoForm,
            Some(places) => {
                places.masked(0..places.found.len()).map_or(MaskedValue::NoForm, MaskedValue::Masked)
            }
        }
    }

    /// Removes every used secret from what rbl records; `None` where it contains none. What its format needs stays: a word
    /// (`yes`) or a time that is a secret's value by chance.
    pub fn redacted_record<T: Serialize + DeserializeOwned>(&self, value: &T) -> Option<T> {
        let places = self.places(value)?;
        let mut kept = Vec::new();
        places.most::<T>(0..places.found.len(), &mut kept);
        places.masked_but(&kept).filter(|_| kept.len() < places.found.len())
    }

    /// Where a value contains a secret.
    fn places(&self, value: &impl Serialize) -> Option<SecretPlaces> {
        if self.is_empty() {
            return None;
        }
        let json = serde_json::to_value(value).ok()?;
        let mut places = SecretPlaces { json: serde_json::Value::Null, found: Vec::new(), in_number: false };
        self.find_in(&json, &mut 0, &mut places);
        places.json = json;
        (places.in_number || !places.found.is_empty()).then_some(places)
    }

    fn find_in_text(&self, text: &str, texts: &mut usize, places: &mut SecretPlaces) {
        let clean = self.redact(text);
        if clean != text {
            places.found.push((*texts, clean));
        }
        *texts += 1;
    }

    fn find_in(&self, json: &serde_json::Value, texts: &mut usize, places: &mut SecretPlaces) {
        match json {
            serde_json::Value::String(text) => self.find_in_text(text, texts, places),
            serde_json::Value::Array(items) => items.iter().for_each(|it| self.find_in(it, texts, places)),
            serde_json::Value::Object(fields) => {
                for (name, field) in fields {
                    self.find_in_text(name, texts, places);
                    self.find_in(field, texts, places);
                }
            }
            serde_json::Value::Number(number) => {
                // As it would be printed: 1234.0 is 1234.
                let text = number.to_string();
                let text = text.strip_suffix(".0").unwrap_or(&text);
                places.in_number |= self.redact(text) != *text;
            }
            serde_json::Value::Null | serde_json::Value::Bool(_) => {}
        }
    }
}

/// What is left of a value from outside without the secrets that were used.
#[derive(Debug, Clone, PartialEq)]
pub enum MaskedValue<T> {
    /// It contains none.
    Whole(T),
    /// With dots in their place.
    Masked(T),
    /// It has no form without them: one is a number in it, a time or a word of its format.
    NoForm,
}

impl<T> MaskedValue<T> {
    /// What may be shown and kept.
    ///
    /// Errors: it has no form without a secret, and is unknown.
    pub fn known(self) -> Result<T, Reason> {
        match self {
            Self::Whole(value) | Self::Masked(value) => Ok(value),
            Self::NoForm => Err(Reason::masked()),
        }
    }
}

/// A value as JSON, and where it contains a secret.
struct SecretPlaces {
    json: serde_json::Value,
    /// The texts with a secret, by their number among all texts, and what stands there instead.
    found: Vec<(usize, String)>,
    /// Whether a number contains one.
    in_number: bool,
}

impl SecretPlaces {
    /// The value with dots in these of its places; `None` where it has no such form.
    fn masked<T: Serialize + DeserializeOwned>(&self, places: Range<usize>) -> Option<T> {
        self.with(&places.collect::<Vec<_>>())
    }

    /// The value with dots in all its places but these, which are in order.
    fn masked_but<T: Serialize + DeserializeOwned>(&self, kept: &[usize]) -> Option<T> {
        self.with(&(0..self.found.len()).filter(|it| kept.binary_search(it).is_err()).collect::<Vec<_>>())
    }

    fn with<T: Serialize + DeserializeOwned>(&self, places: &[usize]) -> Option<T> {
        let mut json = self.json.clone();
        let mut masks = places.iter().filter_map(|it| self.found.get(*it)).peekable();
        put(&mut json, &mut 0, &mut masks);
        let value: T = serde_json::from_value(json.clone()).ok()?;
        // A field of the format that was masked would be read as one that is not there.
        serde_json::to_value(&value).is_ok_and(|again| again == json).then_some(value)
    }

    /// Finds the places among these that the format needs as they are, in order.
    fn most<T: Serialize + DeserializeOwned>(&self, places: Range<usize>, kept: &mut Vec<usize>) {
        if places.is_empty() || self.masked::<T>(places.clone()).is_some() {
            return;
        }
        if places.len() == 1 {
            kept.push(places.start);
            return;
        }
        let middle = usize::midpoint(places.start, places.end);
        self.most::<T>(places.start..middle, kept);
        self.most::<T>(middle..places.end, kept);
    }
}

/// Puts masks in the place of texts.
fn put<'m>(
    json: &mut serde_json::Value,
    texts: &mut usize,
    masks: &mut Peekable<impl Iterator<Item = &'m (usize, String)>>,
) {
    match json {
        serde_json::Value::String(text) => put_in_text(text, texts, masks),
        serde_json::Value::Array(items) => items.iter_mut().for_each(|it| put(it, texts, masks)),
        serde_json::Value::Object(fields) => {
            let named = std::mem::take(fields).into_iter().map(|(mut name, mut field)| {
                put_in_text(&mut name, texts, masks);
                put(&mut field, texts, masks);
                (name, field)
            });
            *fields = named.collect();
        }
        serde_json::Value::Null | serde_json::Value::Bool(_) | serde_json::Value::Number(_) => {}
    }
}

fn put_in_text<'m>(
    text: &mut String,
    texts: &mut usize,
    masks: &mut Peekable<impl Iterator<Item = &'m (usize, String)>>,
) {
    if let Some((_, mask)) = masks.next_if(|(place, _)| place == texts) {
        text.clone_from(mask);
    }
    *texts += 1;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{RawSample, RawText, Reading};
    use rbl_syntax::value::{ExactNumber, Labels, Time};

    fn labels(name: &str, value: &str) -> Labels {
        Labels::from([(name.into(), value.into())])
    }

    fn sample(value: f64, digits: &str, at: Option<Time>) -> Reading {
        let digits = ExactNumber::parse(digits);
        let sample = RawSample { digits, ..RawSample::new(labels("a", "b"), value, at) };
        Reading { samples: vec![sample], ..Reading::default() }
    }

    /// A reply that has no form without the secret is unknown: it is never left as it is.
    #[test]
    fn what_has_no_form_without_a_secret_is_unknown() {
        let secrets = Secrets::new();
        secrets.hide("1234567");
        secrets.hide("2026-05");
        secrets.hide("samples");
        assert_eq!(secrets.redacted(Reading::default()), MaskedValue::NoForm, "a word of the format");
        let secrets = Secrets::new();
        assert!(matches!(secrets.redacted(sample(912_345_678.0, "", None)), MaskedValue::Whole(_)));
        secrets.hide("1234567");
        secrets.hide("2026-05");
        let masked = |reading| secrets.redacted(reading);
        assert_eq!(masked(sample(912_345_678.0, "", None)), MaskedValue::NoForm);
        assert_eq!(masked(sample(1_234_567.0, "", None)), MaskedValue::NoForm);
        assert_eq!(masked(sample(1e30, "912345678912345678912345678", None)), MaskedValue::NoForm);
        let at = Time::parse("2026-05-01T10:00:00Z");
        assert_eq!(masked(sample(1.0, "", at)), MaskedValue::NoForm);
        assert_eq!(masked(sample(1.0, "", None)).known(), Ok(sample(1.0, "", None)));
        let text = |name, value, text: &str| {
            let text = RawText { labels: labels(name, value), text: text.into() };
            Reading { texts: vec![text], ..Reading::default() }
        };
        let clean = MaskedValue::Masked(text("x•••", "a ••• b", "••• c"));
        assert_eq!(masked(text("x1234567", "a 2026-05 b", "1234567 c")), clean);
        assert_eq!(masked(sample(1_234_567.0, "", None)).known(), Err(Reason::masked()));
    }

    /// A record of rbl keeps the words of its own format, and nothing else.
    #[test]
    fn only_the_words_of_a_record_stay() {
        use crate::{Answer, AnswerAuthor};
        let secrets = Secrets::new();
        secrets.hide("text");
        secrets.hide("remark");
        let author = |remark: &str| AnswerAuthor { remark: Some(remark.into()), ..AnswerAuthor::default() };
        let answer = Answer::Text("a text".into(), author("my remark"));
        let clean = Answer::Text("a •••".into(), author("my •••"));
        assert_eq!(secrets.redacted_record(&answer), Some(clean));
        assert_eq!(secrets.redacted_record(&Answer::Yes(author("yes"))), None);
        assert_eq!(secrets.redacted(answer), MaskedValue::NoForm);
    }
}
