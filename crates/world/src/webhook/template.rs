//! The configured body of a webhook: JSON in whose texts `#{FIELD}` stands for the value of a field.
//!
//! *Invariant:* a value becomes a JSON text or a part of one, never JSON itself: the template is parsed before any value is
//! there, and only its texts are filled.

use rbl_syntax::diagnostic::did_you_mean;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::service::wording;

/// Begins a placeholder, which ends with `}`.
const OPEN: &str = "#{";

/// A body with placeholders.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct BodyTemplate(Value);

/// Why a body is no template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TemplateError(String);

impl std::fmt::Display for TemplateError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A part of a text.
enum BodyPart<'a> {
    Text(&'a str),
    Field(&'a str),
}

impl<'de> Deserialize<'de> for BodyTemplate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let body = serde_json::from_str(&text)
            .map_err(|error| D::Error::custom(format!("`body` is not JSON: {error}")))?;
        Ok(Self(body))
    }
}

impl BodyTemplate {
    /// Whether each placeholder names one of the fields.
    pub(crate) fn check(&self, fields: &[&str]) -> Result<(), TemplateError> {
        let mut unknown = None;
        each_text(&self.0, &mut |text| {
            for part in parts(text) {
                if let BodyPart::Field(name) = part
                    && !fields.contains(&name)
                {
                    unknown.get_or_insert_with(|| name.to_owned());
                }
            }
        });
        let Some(name) = unknown else { return Ok(()) };
        let help = match did_you_mean(&name, fields.iter().copied()) {
            Some(near) => format!("write `#{{{near}}}`"),
            None => format!("there are {}", fields.join(", ")),
        };
        Err(TemplateError(format!("`body` names a field `{name}` that there is not: {help}")))
    }

    /// The body with the values. A text that is one placeholder and nothing else becomes the value itself: a list stays a
    /// list, and what there is not is `null`.
    pub(crate) fn filled(&self, fields: &Value) -> Value {
        filled(&self.0, fields)
    }
}

fn each_text(value: &Value, each: &mut impl FnMut(&str)) {
    match value {
        Value::String(text) => each(text),
        Value::Array(items) => items.iter().for_each(|item| each_text(item, each)),
        Value::Object(entries) => entries.values().for_each(|item| each_text(item, each)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The JSON, in which no text is longer than this.
pub(super) fn each_cut(value: Value, longest: usize) -> Value {
    match value {
        Value::String(text) => Value::String(wording::cut(&text, longest)),
        Value::Array(items) => items.into_iter().map(|item| each_cut(item, longest)).collect(),
        Value::Object(entries) => {
            entries.into_iter().map(|(name, item)| (name, each_cut(item, longest))).collect()
        }
        plain @ (Value::Null | Value::Bool(_) | Value::Number(_)) => plain,
    }
}

fn filled(template: &Value, fields: &Value) -> Value {
    match template {
        Value::String(text) => filled_text(text, fields),
        Value::Array(items) => items.iter().map(|item| filled(item, fields)).collect(),
        Value::Object(entries) => {
            entries.iter().map(|(name, item)| (name.clone(), filled(item, fields))).collect()
        }
        plain @ (Value::Null | Value::Bool(_) | Value::Number(_)) => plain.clone(),
    }
}

fn filled_text(text: &str, fields: &Value) -> Value {
    let parts = parts(text);
    if let [BodyPart::Field(name)] = parts.as_slice() {
        return fields.get(name).cloned().unwrap_or(Value::Null);
    }
    let text = parts.iter().map(|part| match part {
        BodyPart::Text(text) => (*text).to_owned(),
        BodyPart::Field(name) => fields.get(name).map(in_text).unwrap_or_default(),
    });
    Value::String(text.collect())
}

/// A value inside a longer text: a list is a line for each, a link is `NAME: URL`.
fn in_text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(in_text).collect::<Vec<_>>().join("\n"),
        Value::Object(entries) => entries.values().map(in_text).collect::<Vec<_>>().join(": "),
        plain @ (Value::Bool(_) | Value::Number(_)) => plain.to_string(),
    }
}

fn parts(text: &str) -> Vec<BodyPart<'_>> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once(OPEN) {
        let Some((name, after)) = behind.split_once('}') else { break };
        if !before.is_empty() {
            parts.push(BodyPart::Text(before));
        }
        parts.push(BodyPart::Field(name.trim()));
        rest = after;
    }
    if !rest.is_empty() {
        parts.push(BodyPart::Text(rest));
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn template(value: Value) -> BodyTemplate {
        BodyTemplate(value)
    }

    #[test]
    fn a_value_stays_data() {
        let fields = json!({
            "reason": "\"}, {\"admin\": \"#{team}",
            "team": "db",
            "severity": null,
            "story": ["one", "two"],
            "links": [{ "name": "Graphs", "url": "https://g" }],
        });
        let body = template(json!({
            "text": "#{reason} for #{team}",
            "story": "#{story}",
            "lines": ["> #{story}", 5, true],
            "severity": "#{severity}",
            "level": "level #{severity}",
            "links": "see #{links}",
            "open": "#{team and #",
        }));
        assert_eq!(
            body.filled(&fields),
            json!({
                "text": "\"}, {\"admin\": \"#{team} for db",
                "story": ["one", "two"],
                "lines": ["> one\ntwo", 5, true],
                "severity": null,
                "level": "level ",
                "links": "see Graphs: https://g",
                "open": "#{team and #",
            })
        );
    }

    #[test]
    fn a_field_that_there_is_not_is_reported() {
        let check = |text: &str| template(json!({ "a": [text] })).check(&["team", "reason"]);
        assert_eq!(check("#{team} #{ reason }"), Ok(()));
        assert_eq!(
            check("#{raeson}").unwrap_err().to_string(),
            "`body` names a field `raeson` that there is not: write `#{reason}`"
        );
        assert!(check("#{color}").unwrap_err().to_string().ends_with("there are team, reason"));
    }
}
