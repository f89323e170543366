//! Partial answers: a provider that reports that a part of the data is missing.
//!
//! *Invariant:* a reading of which a part is missing is unknown, unless `partial = "accept"` says that the part will do.

use rbl_check::{Key, KeyKind};
use rbl_syntax::value::{Reason, ReasonKind};
use serde::Deserialize;
use serde_json::Value;

/// Its key in a section.
pub(super) const PARTIAL: Key = Key::optional(
    "partial",
    KeyKind::OneOf(&["refuse", "accept"]),
    "refuse",
    "whether an answer of which a part is missing is unknown, or used as it is",
);

/// What a partial answer is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Partial {
    /// It is unknown.
    #[default]
    Refuse,
    /// It is used, and what is missing is noted beside it.
    Accept,
}

impl Partial {
    /// Decides about an answer; `missing` says what the provider reports as missing, empty for a whole answer. What is
    /// accepted is returned as warnings.
    pub(super) fn judge(self, missing: Vec<String>) -> Result<Vec<String>, Reason> {
        match self {
            Self::Refuse if !missing.is_empty() => Err(Reason::new(
                ReasonKind::Partial,
                format!("the answer may be incomplete: {}", missing.join("; ")),
            )),
            Self::Refuse | Self::Accept => Ok(missing),
        }
    }
}

/// What a JSON document of a well-known API says about its own completeness; empty for a whole one. APIs that wrap an answer
/// (`data`, `response`, `result`), or send several (`responses`), say it inside.
pub(super) fn missing_in(document: &Value) -> Vec<String> {
    let wrapped =
        ["data", "response", "rawResponse", "result"].into_iter().filter_map(|name| document.get(name));
    let several = document.get("responses").and_then(Value::as_array).into_iter().flatten();
    let mut missing = Vec::new();
    for envelope in std::iter::once(document).chain(wrapped).chain(several) {
        missing.extend(missing_in_envelope(envelope));
    }
    missing.extend(errors_beside_data(document));
    missing.dedup();
    missing
}

/// `isPartial` is `VictoriaMetrics`', `is_partial` Elasticsearch's of a search that goes on, `partial` `InfluxDB`'s, `incomplete_results`
/// GitHub's, `warnings` beside `"status": "success"` Prometheus's, `timed_out` and `_shards` Elasticsearch's, `metadata.continue`
/// Kubernetes's of a list that is cut into pages.
fn missing_in_envelope(envelope: &Value) -> Vec<String> {
    let mut missing = Vec::new();
    let said = |value: Option<&Value>| value.is_some_and(|it| it == &Value::Bool(true) || it == "true");
    let is = |name: &str| said(envelope.get(name));
    if envelope.get("status").and_then(Value::as_str) == Some("success") {
        let warnings = envelope.get("warnings").and_then(Value::as_array).into_iter().flatten();
        missing.extend(warnings.filter_map(Value::as_str).map(str::to_owned));
    }
    if let Some(shards) = envelope.get("_shards") {
        let count = |name: &str| shards.get(name).and_then(Value::as_u64);
        // One that neither answered nor failed is missing as well.
        let answered = count("successful").map(|it| it + count("failed").unwrap_or(0));
        let silent =
            count("total").zip(answered).map_or(0, |(total, answered)| total.saturating_sub(answered));
        match count("failed").unwrap_or(0) {
            0 if silent > 0 => missing.push(format!("{silent} of its shards did not answer")),
            0 => {}
            failed => missing.push(format!("{failed} of its shards failed")),
        }
    }
    if is("timed_out") {
        missing.push("it ran out of time".to_owned());
    }
    let results = envelope.get("results").and_then(Value::as_array).into_iter().flatten();
    let series = results.filter_map(|one| one.get("series").and_then(Value::as_array)).flatten();
    let in_series = series.into_iter().any(|one| said(one.get("partial")));
    let marks = ["isPartial", "is_partial", "partial", "incomplete_results"];
    if missing.is_empty() && (marks.into_iter().any(is) || in_series) {
        missing.push("it says so itself".to_owned());
    }
    let next = envelope.get("metadata").and_then(|metadata| metadata.get("continue")).and_then(Value::as_str);
    if envelope.get("items").is_some() && next.is_some_and(|token| !token.is_empty()) {
        missing.push("it is the first page of several".to_owned());
    }
    missing
}

/// `GraphQL` gives what it has, and beside it the errors of what it has not.
fn errors_beside_data(document: &Value) -> Option<String> {
    document.get("data")?;
    let error = document.get("errors")?.as_array()?.first()?;
    let text = error.get("message").and_then(Value::as_str).unwrap_or("it names errors");
    Some(text.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn well_known_forms() {
        for (document, missing) in [
            (json!({"status": "success", "isPartial": true, "data": 1}), "it says so itself"),
            (json!({"status": "success", "warnings": ["1 of 2 stores failed"]}), "1 of 2 stores failed"),
            (json!({"_shards": {"total": 5, "failed": 2}}), "2 of its shards failed"),
            (json!({"_shards": {"total": 5, "failed": 0}, "timed_out": true}), "it ran out of time"),
            (
                json!({"_shards": {"total": 5, "successful": 3, "failed": 0}}),
                "2 of its shards did not answer",
            ),
            (json!({"timed_out": true, "hits": {"total": 3}}), "it ran out of time"),
            (json!({"results": [{"series": [{"partial": true}]}]}), "it says so itself"),
            (json!({"data": {"isPartial": true, "value": 1}}), "it says so itself"),
            (json!({"isPartial": "true", "value": 1}), "it says so itself"),
            (
                json!({"is_partial": true, "response": {"_shards": {"total": 1, "successful": 1, "failed": 0}}}),
                "it says so itself",
            ),
            (
                json!({"responses": [{"_shards": {"failed": 0}}, {"_shards": {"failed": 1}}]}),
                "1 of its shards failed",
            ),
            (json!({"total_count": 3, "incomplete_results": true}), "it says so itself"),
            (
                json!({"data": {"a": 1, "b": null}, "errors": [{"message": "b is not there"}]}),
                "b is not there",
            ),
            (json!({"items": [], "metadata": {"continue": "abc"}}), "it is the first page of several"),
        ] {
            assert_eq!(missing_in(&document), [missing], "{document}");
        }
        for document in [
            json!({"status": "success", "isPartial": false, "warnings": [], "infos": ["a hint"]}),
            json!({"_shards": {"failed": 0}, "timed_out": false}),
            // Not Prometheus's: the number of warnings of an application, say.
            json!({"warnings": ["disk is slow"], "errors": ["none of ours"]}),
            json!({"_shards": {"total": 5, "successful": 5, "skipped": 1, "failed": 0}, "responses": []}),
            json!({"items": [], "metadata": {"continue": ""}}),
            json!({"data": {"a": 1}, "errors": []}),
            json!({"status": "green", "warnings": ["disk is slow"]}),
            json!([1]),
            json!(null),
        ] {
            assert!(missing_in(&document).is_empty(), "{document}");
        }
    }

    #[test]
    fn a_part_is_refused_unless_accepted() {
        let missing = || vec!["a".to_owned(), "b".to_owned()];
        let reason = Partial::Refuse.judge(missing()).unwrap_err();
        assert_eq!(
            (reason.kind, reason.text.as_str()),
            (ReasonKind::Partial, "the answer may be incomplete: a; b")
        );
        assert_eq!(Partial::Accept.judge(missing()), Ok(missing()));
        assert_eq!(Partial::Refuse.judge(Vec::new()), Ok(Vec::new()));
    }
}
