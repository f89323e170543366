//! Any JSON: paths of the configuration say where the parts of the alert are. One alert in each delivery.

use std::collections::BTreeMap;

use rbl_project::config::HookPaths;
use rbl_runtime::journal::ReceivedAlert;
use rbl_runtime::{Alert, OutsideJsonError, json_number, json_text, json_with_digits};
use rbl_syntax::value::Time;
use serde_json::Value;
use serde_json_path::JsonPath;
use smol_str::SmolStr;

use super::fingerprint::fingerprint;
use super::{HookDelivered, HookError};

/// Reads a body. An alert whose status is not there counts as firing: when in doubt, the runbook starts.
pub(crate) fn read_json(body: &[u8], paths: &HookPaths) -> Result<HookDelivered, HookError> {
    let body = json_with_digits(body).map_err(|why| match why {
        OutsideJsonError::Form(why) => HookError(format!("the body is not JSON: {why}")),
        why => HookError(format!("the body cannot be read: {why}")),
    })?;
    let found = |path: &Option<String>| path.as_deref().and_then(|path| at(&body, path));
    let name = at(&body, &paths.name).and_then(text);
    let name =
        name.ok_or_else(|| HookError(format!("the body has no name of an alert at `{}`", paths.name)))?;
    let mut labels = found(&paths.labels).map(labels).unwrap_or_default();
    labels.insert("alertname".into(), name.clone());
    let status = found(&paths.status).and_then(text);
    let firing = status.is_none_or(|status| paths.firing.iter().any(|it| it == status.as_str()));
    let key = found(&paths.key).and_then(text);
    let alert = Alert {
        fingerprint: Some(key.map_or_else(|| fingerprint(&labels), |key| key.to_string())),
        starts_at: found(&paths.start).and_then(time),
        annotations: BTreeMap::new(),
        name,
        labels,
        others: 0,
        not_meant: Vec::new(),
    };
    Ok(HookDelivered {
        alerts: vec![ReceivedAlert { alert, firing, ended_at: None }],
        key: None,
        left_out: 0,
    })
}

/// The first value at a path.
fn at<'b>(body: &'b Value, path: &str) -> Option<&'b Value> {
    JsonPath::parse(path).ok()?.query(body).first()
}

/// A single value as text; `None` for a list, an object or nothing.
fn text(value: &Value) -> Option<SmolStr> {
    if let Some(number) = json_number(value) {
        return Some(number.into());
    }
    match value {
        Value::String(text) => Some(text.as_str().into()),
        Value::Number(number) => Some(number.to_string().into()),
        Value::Bool(value) => Some(value.to_string().into()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// The labels of an object, or of a list of `NAME:VALUE` or `NAME=VALUE`.
fn labels(value: &Value) -> BTreeMap<SmolStr, SmolStr> {
    match value {
        Value::Object(object) => {
            object.iter().filter_map(|(name, value)| Some((name.into(), text(value)?))).collect()
        }
        Value::Array(list) => {
            let pair = |item: &Value| {
                let item = text(item)?;
                let (name, value) = item.split_once([':', '='])?;
                Some((name.trim().into(), value.trim().into()))
            };
            list.iter().filter_map(pair).collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => BTreeMap::new(),
    }
}

/// A time as text, or as seconds or milliseconds since 1970.
fn time(value: &Value) -> Option<Time> {
    if let Some(text) = json_text(value) {
        return Time::parse(text);
    }
    let number = value.as_i64()?;
    // In seconds this is the year 5138, in milliseconds 1973.
    let milliseconds = if number.abs() < 100_000_000_000 { number.checked_mul(1000)? } else { number };
    jiff::Timestamp::from_millisecond(milliseconds).ok().map(Time)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths() -> HookPaths {
        HookPaths {
            name: "$.title".into(),
            labels: Some("$.tags".into()),
            start: Some("$.at".into()),
            status: Some("$.state".into()),
            firing: vec!["open".into()],
            key: Some("$.id".into()),
        }
    }

    fn read(body: &str) -> ReceivedAlert {
        read_json(body.as_bytes(), &paths()).unwrap().alerts.remove(0)
    }

    #[test]
    fn paths_say_where_things_are() {
        let one = read(
            r#"{"title":"Disk","tags":{"host":"db-1","n":3,"no":null},"at":"2026-11-22T06:35:00Z","state":"open","id":7}"#,
        );
        assert_eq!((one.alert.name.as_str(), one.firing, one.fingerprint()), ("Disk", true, "7"));
        let shown: Vec<String> =
            one.alert.labels.iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(shown, ["alertname=Disk", "host=db-1", "n=3"]);
        let exact = read(r#"{"title":"Disk","tags":{"version":1.10,"id":563018673253974017},"id":1.0}"#);
        assert_eq!((exact.alert.labels["version"].as_str(), exact.fingerprint()), ("1.10", "1.0"));
        assert_eq!(exact.alert.labels["id"], "563018673253974017");
        for at in ["1763793300", "1763793300000"] {
            let one =
                read(&format!(r#"{{"title":"x","tags":["a:b","c = d","e"],"at":{at},"state":"closed"}}"#));
            assert_eq!(one.alert.starts_at.unwrap().to_string(), "2025-11-22T06:35:00Z");
            assert!(!one.firing);
            assert_eq!((one.alert.labels["a"].as_str(), one.alert.labels["c"].as_str()), ("b", "d"));
            assert_eq!(one.fingerprint().len(), 16, "by its labels");
        }
        assert!(read(r#"{"title":"x"}"#).firing, "in doubt it fires");
        let none = read_json(br#"{"tags":{}}"#, &paths()).unwrap_err();
        assert_eq!(none.0, "the body has no name of an alert at `$.title`");
        assert!(read_json(b"x", &paths()).is_err());
    }
}
