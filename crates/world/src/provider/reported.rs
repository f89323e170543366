//! Texts and lines in JSON: what a metric of that type reads from files, over HTTP and from plug-ins.
//!
//! A text has the forms that a number has: `"up"`; `{"labels": {…}, "value": "up", "at": …}`; a list of those. Lines are a list
//! of texts, or one text with line ends.

use std::collections::BTreeMap;

use serde_json::Value;
use smol_str::SmolStr;

use super::measured::{fresh_enough, kind_of, labels, time};
use rbl_project::setting::Seconds;
use rbl_runtime::{RawText, Read, Reading, json_text};
use rbl_syntax::tree::MetricType;
use rbl_syntax::value::{Labels, Reason, ReasonKind, Time, reported_lines};

/// Texts, each with its labels and, where it is given, its time.
#[derive(Debug, Default)]
pub(super) struct ReportedTexts {
    /// The text is `None` for `null`.
    texts: Vec<(Labels, Option<Time>, Option<String>)>,
}

fn unreadable(text: impl Into<String>) -> Reason {
    Reason::new(ReasonKind::Unreadable, text)
}

impl ReportedTexts {
    /// Parses texts. `null` means that there is none: of the series it stands for, or of the whole.
    pub(super) fn of(value: &Value) -> Result<Self, Reason> {
        let mut all = Self::default();
        match value {
            Value::Null => all.texts.push((Labels::new(), None, None)),
            Value::Array(items) => {
                for item in items {
                    all.element(item)?;
                }
            }
            other => all.element(other)?,
        }
        Ok(all)
    }

    fn element(&mut self, element: &Value) -> Result<(), Reason> {
        let Some(object) = element.as_object() else {
            self.texts.push((Labels::new(), None, text_of(element)?));
            return Ok(());
        };
        let Some(value) = object.get("value") else {
            return Err(unreadable("an object without a `value`, not a text"));
        };
        let at = object.get("at").or_else(|| object.get("time")).map(time).transpose()?;
        self.texts.push((labels(object.get("labels"))?, at, text_of(value)?));
        Ok(())
    }

    /// Adds the texts of another, with additional labels.
    pub(super) fn add(&mut self, other: Self, more: &[(SmolStr, SmolStr)]) {
        self.texts.extend(other.texts.into_iter().map(|(mut labels, at, text)| {
            labels.extend(more.iter().cloned());
            (labels, at, text)
        }));
    }

    /// The newest text of each series. `written` is when the whole was written, if known: the time of texts without one.
    pub(super) fn reading(
        self,
        now: Time,
        written: Option<Time>,
        max_age: Option<Seconds>,
    ) -> Result<Reading, Reason> {
        let mut newest: BTreeMap<Labels, (Time, Option<String>)> = BTreeMap::new();
        let mut reading = Reading::default();
        // Of something that is `null` as a whole there is no series.
        if let [(labels, _, None)] = self.texts.as_slice()
            && labels.is_empty()
        {
            return Ok(reading);
        }
        let mut add = |labels: Labels, text: Option<String>| match text {
            Some(text) => reading.texts.push(RawText { labels, text }),
            None => reading.missing.push(labels),
        };
        for (labels, at, text) in self.texts {
            match at {
                Some(at) if at <= now => {
                    if newest.get(&labels).is_none_or(|(before, _)| *before <= at) {
                        newest.insert(labels, (at, text));
                    }
                }
                Some(_) => {}
                None => {
                    fresh_enough(written, now, max_age)?;
                    add(labels, text);
                }
            }
        }
        for (labels, (at, text)) in newest {
            fresh_enough(Some(at), now, max_age)?;
            add(labels, text);
        }
        Ok(reading)
    }
}

/// Lines: a list of texts, or one text with line ends; `None` for `null`.
pub(super) fn lines(value: &Value) -> Result<Option<Vec<String>>, Reason> {
    match value {
        Value::Null => Ok(None),
        Value::String(_) => Ok(Some(reported_lines(text(value)?))),
        Value::Array(items) => {
            let lines: Result<Vec<String>, Reason> =
                items.iter().map(|item| text(item).map(str::to_owned)).collect();
            lines.map(Some).map_err(|reason| unreadable(format!("a list with {}", reason.text)))
        }
        other => Err(unreadable(format!("{}, not lines", kind_of(other)))),
    }
}

/// A whole document that is not JSON, as a text or as lines.
pub(super) fn whole(bytes: &[u8], read: &Read) -> Result<Reading, Reason> {
    let text = std::str::from_utf8(bytes).map_err(|_| unreadable("it is not UTF-8 text"))?;
    Ok(match read.of {
        MetricType::Lines => Reading { lines: Some(reported_lines(text)), ..Reading::default() },
        MetricType::Text | MetricType::Number | MetricType::Unknown => {
            let text = RawText { labels: Labels::new(), text: text.trim().to_owned() };
            Reading { texts: vec![text], ..Reading::default() }
        }
    })
}

/// Refuses a metric of texts or lines for a provider of numbers.
pub(super) fn only_numbers(read: &Read) -> Result<(), Reason> {
    if read.of.is_number() {
        return Ok(());
    }
    Err(Reason::new(ReasonKind::ProviderError, format!("{} has numbers only", read.provider)))
}

/// A text; `None` for `null`.
fn text_of(value: &Value) -> Result<Option<String>, Reason> {
    if value.is_null() { Ok(None) } else { text(value).map(|text| Some(text.to_owned())) }
}

fn text(value: &Value) -> Result<&str, Reason> {
    json_text(value).ok_or_else(|| unreadable(format!("{}, not text", kind_of(value))))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn at(seconds: f64) -> Time {
        Time::from_unix(seconds).unwrap()
    }

    fn now(value: &Value) -> Result<Vec<String>, Reason> {
        let reading = ReportedTexts::of(value)?.reading(at(100.0), None, None)?;
        Ok(reading.texts.into_iter().map(|text| text.text).collect())
    }

    #[test]
    fn texts_have_the_forms_of_numbers() {
        assert_eq!(now(&json!("db-1")).unwrap(), ["db-1"]);
        assert!(now(&json!(null)).unwrap().is_empty());
        assert!(now(&json!({"value": null})).unwrap().is_empty());
        let labelled =
            json!([{"labels": {"i": "a"}, "value": "up"}, {"labels": {"i": "b"}, "value": "down"}]);
        assert_eq!(now(&labelled).unwrap(), ["up", "down"]);
        let hole = json!([{"labels": {"i": "a"}, "value": "up"}, {"labels": {"i": "b"}, "value": null}]);
        let hole = ReportedTexts::of(&hole).unwrap().reading(at(100.0), None, None).unwrap();
        assert_eq!((hole.texts.len(), hole.missing.len()), (1, 1), "it does not vanish");
        let ended = json!([{"at": 80, "value": "a"}, {"at": 90, "value": null}]);
        assert!(now(&ended).unwrap().is_empty(), "the newest is not the one before it");
        let history = json!([{"at": 90, "value": "b"}, {"at": 80, "value": "a"}, {"at": 200, "value": "c"}]);
        assert_eq!(now(&history).unwrap(), ["b"]);
    }

    #[test]
    fn what_is_no_text_says_what_it_is() {
        for (value, words) in [
            (json!(5), "a number, not text"),
            (rbl_runtime::json_of_number("1.10").unwrap(), "a number, not text"),
            (json!(true), "true or false, not text"),
            (json!([["a"]]), "a list, not text"),
            (json!({"a": 1}), "an object without a `value`"),
        ] {
            assert!(now(&value).unwrap_err().text.contains(words), "{value}");
        }
    }

    #[test]
    fn an_old_text_is_stale() {
        let old = ReportedTexts::of(&json!({"at": 10, "value": "a"})).unwrap();
        let reason = old.reading(at(100.0), None, Some(Seconds(60.0))).unwrap_err();
        assert_eq!(reason.kind, ReasonKind::Stale);
        let old = ReportedTexts::of(&json!("a")).unwrap();
        assert!(old.reading(at(100.0), Some(at(10.0)), Some(Seconds(60.0))).is_err());
    }

    #[test]
    fn lines_are_a_list_or_a_text() {
        assert_eq!(lines(&json!(["a", "b"])).unwrap().unwrap(), ["a", "b"]);
        assert_eq!(lines(&json!("a\nb\n")).unwrap().unwrap(), ["a", "b"]);
        assert_eq!(lines(&json!([])).unwrap().unwrap(), Vec::<String>::new());
        assert_eq!(lines(&json!("a\r\nb\r\n")).unwrap().unwrap(), ["a", "b"], "line ends of Windows");
        assert_eq!(lines(&json!("a\r\nb\n\n")).unwrap().unwrap(), ["a\r", "b", ""], "nobody can know");
        assert_eq!(lines(&json!("")).unwrap().unwrap(), Vec::<String>::new());
        assert_eq!(lines(&json!(null)).unwrap(), None);
        assert!(lines(&json!(["a", 1])).unwrap_err().text.contains("a list with a number, not text"));
        assert!(lines(&json!({"a": 1})).unwrap_err().text.contains("an object, not lines"));
    }
}
