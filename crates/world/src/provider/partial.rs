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

/// What a JSON document of a well-known API says about its own completeness; empty for a whole one.
///
/// `isPartial` is `VictoriaMetrics`', `partial` is `InfluxDB`'s, `warnings` beside `"status": "success"` is Prometheus's, `timed_out` and
/// `_shards` are Elasticsearch's.
pub(super) fn missing_in(document: &Value) -> Vec<String> {
    let mut missing = Vec::new();
    let is = |name: &str| document.get(name) == Some(&Value::Bool(true));
    if document.get("status").and_then(Value::as_str) == Some("success") {
        let warnings = document.get("warnings").and_then(Value::as_array).into_iter().flatten();
        missing.extend(warnings.filter_map(Value::as_str).map(str::to_owned));
    }
    let shards = document.get("_shards").and_then(|shards| shards.get("failed")).and_then(Value::as_u64);
    if let Some(failed) = shards.filter(|failed| *failed > 0) {
        missing.push(format!("{failed} of its shards failed"));
    }
    if shards.is_some() && is("timed_out") {
        missing.push("it ran out of time".to_owned());
    }
    let results = document.get("results").and_then(Value::as_array).into_iter().flatten();
    let series = results.filter_map(|one| one.get("series").and_then(Value::as_array)).flatten();
    let in_series = series.into_iter().any(|one| one.get("partial") == Some(&Value::Bool(true)));
    if missing.is_empty() && (is("isPartial") || is("partial") || in_series) {
        missing.push("it says so itself".to_owned());
    }
    missing
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
            (json!({"results": [{"series": [{"partial": true}]}]}), "it says so itself"),
        ] {
            assert_eq!(missing_in(&document), [missing], "{document}");
        }
        for document in [
            json!({"status": "success", "isPartial": false, "warnings": [], "infos": ["a hint"]}),
            json!({"_shards": {"failed": 0}, "timed_out": false}),
            // Not Prometheus's: the number of warnings of an application, say.
            json!({"warnings": ["disk is slow"], "timed_out": true}),
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
