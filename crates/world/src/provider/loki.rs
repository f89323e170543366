//! The provider `loki`: numbers from `LogQL` metric queries, and log lines.
//!
//! A metric of numbers is an instant query, a window of it a range query. A metric of lines is a log query over the last `back`,
//! newest at the end, bounded by `lines`. Loki warns in `warnings`; a stream of which the limit cut something off is whole as far as
//! it goes, and says so.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rbl_check::{Contract, Family, Key, KeyKind, KindDescription};
use rbl_project::setting::{Seconds, Setting};
use rbl_runtime::{
    CommandLine, Datum, Piece, RawPoint, RawSample, RawSeries, Read, ReadTime, Reading, Secrets,
};
use rbl_syntax::tree::MetricType;
use rbl_syntax::value::{Reason, ReasonKind, Time};
use serde::Deserialize;
use serde_json::Value;

use super::measured::labels;
use super::partial::{PARTIAL, Partial};
use super::{Provider, without_secrets};
use crate::config_keys;
use crate::http::{Client, Credentials, Request, Response, percent_encoded, server};
use crate::registry::ConnectionKind;
use crate::secrets;
use crate::webhook;

/// Its entry in the registry.
pub(super) const KIND: ConnectionKind<dyn Provider> = ConnectionKind {
    description: KindDescription {
        family: Family::Provider,
        kind: "loki",
        summary: "Grafana Loki: QUERY is LogQL, of numbers or of log lines",
        metrics: &[MetricType::Number, MetricType::Lines],
        contract: Contract::OurReading("the documentation of its HTTP API"),
        keys: &[
            Key::needed("url", KeyKind::Url, "where it answers, with the path before /loki/api/v1"),
            config_keys::TIMEOUT,
            Key::optional("back", KeyKind::Duration, "1h", "how far back log lines are read"),
            Key::optional(
                "lines",
                KeyKind::Count,
                "1000",
                "how many log lines are read at most, the newest ones",
            ),
            Key::optional(
                "headers",
                KeyKind::Settings,
                "none",
                "sent with each query, like { X-Scope-OrgID = \"a\" }",
            ),
            config_keys::BEARER_TOKEN,
            config_keys::USERNAME,
            config_keys::PASSWORD,
            config_keys::CA,
            config_keys::CLIENT_CERTIFICATE,
            config_keys::CLIENT_KEY,
            PARTIAL,
        ],
    },
    configure: |section, base| Ok(Arc::new(Loki::new(LokiConfig::deserialize(section)?, base))),
};

/// The largest answer, in bytes.
const LIMIT: u64 = 50_000_000;

/// Its section.
#[derive(Debug, Clone, Deserialize)]
struct LokiConfig {
    url: Setting,
    #[serde(default = "config_keys::ten_seconds")]
    timeout: Seconds,
    #[serde(default = "one_hour")]
    back: Seconds,
    #[serde(default = "thousand")]
    lines: u32,
    #[serde(flatten)]
    credentials: Credentials,
    #[serde(default)]
    partial: Partial,
}

const fn one_hour() -> Seconds {
    Seconds(3600.0)
}

const fn thousand() -> u32 {
    1000
}

#[derive(Debug)]
struct Loki {
    client: Client,
    back: Seconds,
    lines: u32,
    partial: Partial,
}

fn bad(text: impl Into<String>) -> Reason {
    Reason::new(ReasonKind::BadAnswer, text)
}

impl Loki {
    fn new(config: LokiConfig, base: &Path) -> Self {
        let LokiConfig { url, timeout, back, lines, credentials, partial } = config;
        Self { client: Client::new(url, timeout, credentials, base, LIMIT), back, lines, partial }
    }

    /// A question; the `data` of the answer, and what it warns of.
    fn ask(
        &self,
        path: &str,
        form: &[(&str, String)],
        secrets: &Secrets,
    ) -> Result<(Value, Vec<String>), Reason> {
        let query: Vec<String> =
            form.iter().map(|(name, value)| format!("{name}={}", percent_encoded(value))).collect();
        let address = self.client.at(&format!("/loki/api/v1/{path}?{}", query.join("&")), secrets)?;
        let response = self.client.follow(&Request::get(address), secrets)?;
        let mut answer = Self::document(&response)?;
        let warnings = answer.get("warnings").and_then(Value::as_array).into_iter().flatten();
        let missing = warnings.filter_map(Value::as_str).map(|text| response.said(text)).collect();
        let warnings = self.partial.judge(missing)?;
        Ok((answer.get_mut("data").map(Value::take).unwrap_or_default(), warnings))
    }

    fn document(response: &Response) -> Result<Value, Reason> {
        let to = server(&response.address);
        if response.status == 400 {
            // Loki answers what is wrong with a query as plain text.
            let text = format!("{to} refused the query: {}", response.line());
            return Err(Reason::new(ReasonKind::ProviderError, text));
        }
        webhook::accepted(response, &to, "")?;
        let answer = response
            .json()
            .map_err(|fault| bad(format!("{to} answered with {fault}: {}", response.line())))?;
        if answer.get("status").and_then(Value::as_str) != Some("success") {
            let text = format!("{to} did not answer `\"status\": \"success\"`: {}", response.line());
            return Err(Reason::new(ReasonKind::ProviderError, text));
        }
        Ok(answer)
    }

    fn reading(&self, read: &Read, now: Time, secrets: &Secrets) -> Result<Reading, Reason> {
        let query = logql(&read.query, secrets, self.client.base())?;
        match read.of {
            MetricType::Lines => self.log_lines(query, now, secrets),
            MetricType::Number | MetricType::Text | MetricType::Unknown => {
                self.numbers(query, read.time, now, secrets)
            }
        }
    }

    fn numbers(
        &self,
        query: String,
        time: ReadTime,
        now: Time,
        secrets: &Secrets,
    ) -> Result<Reading, Reason> {
        let (path, form) = match time {
            ReadTime::Now => ("query", vec![("query", query), ("time", nanoseconds(now))]),
            ReadTime::At(at) => ("query", vec![("query", query), ("time", nanoseconds(at))]),
            ReadTime::Window { end, seconds } => {
                let start = end.plus(-seconds).unwrap_or(end);
                let step = (seconds / 100.0).ceil().max(1.0);
                let form = vec![
                    ("query", query),
                    ("start", nanoseconds(start)),
                    ("end", nanoseconds(end)),
                    ("step", step.to_string()),
                ];
                return self.window(&form, step, secrets);
            }
        };
        let (data, warnings) = self.ask(path, &form, secrets)?;
        let results = results(&data, "vector")?;
        let mut reading = Reading { warnings, ..Reading::default() };
        for result in results {
            let (at, value) = point(result.get("value"))?;
            reading.samples.push(RawSample::new(labels(result.get("metric"))?, value, Some(at)));
        }
        Ok(reading)
    }

    fn window(&self, form: &[(&str, String)], step: f64, secrets: &Secrets) -> Result<Reading, Reason> {
        let (data, warnings) = self.ask("query_range", form, secrets)?;
        let mut reading = Reading { warnings, ..Reading::default() };
        for result in results(&data, "matrix")? {
            let values = result.get("values").and_then(Value::as_array).into_iter().flatten();
            let points: Result<Vec<RawPoint>, Reason> =
                values.map(|value| point(Some(value)).map(|(at, value)| RawPoint { at, value })).collect();
            reading.series.push(RawSeries { labels: labels(result.get("metric"))?, points: points?, step });
        }
        Ok(reading)
    }

    fn log_lines(&self, query: String, now: Time, secrets: &Secrets) -> Result<Reading, Reason> {
        let start = now.plus(-self.back.0).unwrap_or(now);
        let form = [
            ("query", query),
            ("start", nanoseconds(start)),
            ("end", nanoseconds(now)),
            ("limit", self.lines.to_string()),
            ("direction", "backward".to_owned()),
        ];
        let (data, mut warnings) = self.ask("query_range", &form, secrets)?;
        let mut entries: Vec<(u128, &str)> = Vec::new();
        for stream in results(&data, "streams")? {
            for value in stream.get("values").and_then(Value::as_array).into_iter().flatten() {
                let at = value.get(0).and_then(Value::as_str).and_then(|text| text.parse().ok());
                let line = value.get(1).and_then(Value::as_str);
                let (Some(at), Some(line)) = (at, line) else {
                    return Err(bad("Loki answered a log line without its time"));
                };
                entries.push((at, line));
            }
        }
        entries.sort_by_key(|(at, _)| *at);
        let most = usize::try_from(self.lines).unwrap_or(usize::MAX);
        if entries.len() >= most {
            warnings.push(format!("only the newest {most} lines are read"));
        }
        let lines = entries.into_iter().map(|(_, line)| line.to_owned()).collect();
        Ok(Reading { lines: Some(lines), warnings, ..Reading::default() })
    }
}

/// The results of an answer of this type.
fn results<'d>(data: &'d Value, wanted: &str) -> Result<&'d Vec<Value>, Reason> {
    let kind = data.get("resultType").and_then(Value::as_str).unwrap_or("?");
    if kind != wanted {
        let hint = match (wanted, kind) {
            ("streams", _) => ": a metric of lines needs a log query, like `{app=\"api\"}`",
            (_, "streams") => ": a number needs a metric query, like `count_over_time({app=\"api\"}[5m])`",
            _ => "",
        };
        let text = format!("the query returns {}{hint}", rbl_syntax::one_line(kind));
        return Err(Reason::new(ReasonKind::ProviderError, text));
    }
    data.get("result").and_then(Value::as_array).ok_or_else(|| bad("Loki answered without `result`"))
}

/// `[seconds, "number"]`
fn point(value: Option<&Value>) -> Result<(Time, f64), Reason> {
    let wrong = || bad("Loki answered a sample that is none");
    let value = value.ok_or_else(wrong)?;
    let at = value.get(0).and_then(Value::as_f64).and_then(Time::from_unix).ok_or_else(wrong)?;
    let number = value.get(1).and_then(Value::as_str).and_then(|text| text.parse().ok()).ok_or_else(wrong)?;
    Ok((at, number))
}

fn nanoseconds(time: Time) -> String {
    time.0.as_nanosecond().to_string()
}

/// The query with its values. A value in a string of `LogQL` is escaped there; anywhere else only a number may stand.
fn logql(query: &CommandLine, secrets: &Secrets, base: &Path) -> Result<String, Reason> {
    let refused = |text: &str| Reason::new(ReasonKind::NotRun, text);
    let mut text = String::new();
    let mut quoted: Option<char> = None;
    let mut is_pattern = false;
    for piece in &query.0 {
        match piece {
            Piece::Text(part) => {
                let mut escaped = false;
                for c in part.chars() {
                    match quoted {
                        _ if escaped => escaped = false,
                        Some('"') if c == '\\' => escaped = true,
                        Some(open) if c == open => quoted = None,
                        None if matches!(c, '"' | '`') => {
                            quoted = Some(c);
                            is_pattern = text.trim_end().ends_with('~');
                        }
                        Some(_) | None => {}
                    }
                    text.push(c);
                }
            }
            Piece::Value(datum) => match (quoted, secrets::reveal(secrets, datum, base)?) {
                (_, Datum::List(_)) => return Err(refused("a list cannot stand in LogQL")),
                (Some('"'), value) => {
                    // In a regular expression a value is a literal.
                    let value = value.shown();
                    let value = if is_pattern { regex::escape(&value) } else { value };
                    let literal = Value::from(value).to_string();
                    text.push_str(literal.get(1..literal.len().saturating_sub(1)).unwrap_or_default());
                }
                (Some(_), _) => {
                    return Err(refused("a value cannot stand in a raw string of LogQL: write \"…\""));
                }
                (None, Datum::Number(number) | Datum::Data(number) | Datum::Reading { number, .. }) => {
                    text.push_str(&number.to_string());
                }
                (None, Datum::Duration(seconds)) => {
                    let milliseconds = (seconds * 1000.0).round().to_string();
                    text.extend([milliseconds.as_str(), "ms"]);
                }
                (None, Datum::ExactNumber(digits)) => text.push_str(digits.as_str()),
                (None, Datum::Text(_) | Datum::Bool(_) | Datum::Secret(_)) => {
                    return Err(refused(
                        "a text can only stand in a string of LogQL, like `{app=\"#{app}\"}`",
                    ));
                }
            },
        }
    }
    Ok(text)
}

impl Provider for Loki {
    fn read(&self, read: &Read, now: Time) -> Result<Reading, Reason> {
        let secrets = Secrets::of_connection();
        without_secrets(self.reading(read, now, &secrets), &secrets)
    }

    fn time_out(&self) -> Option<Duration> {
        Some(self.client.timeout())
    }

    fn test(&self) -> Result<String, Reason> {
        let secrets = Secrets::of_connection();
        let asked = self.ask("labels", &[], &secrets);
        asked.map_err(|reason| secrets.redact_reason(&reason))?;
        Ok(format!("Loki at {}", server(&self.client.at("", &secrets)?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(pieces: &[Result<&str, Datum>]) -> Result<String, Reason> {
        let pieces = pieces.iter().map(|piece| match piece {
            Ok(text) => Piece::Text((*text).to_owned()),
            Err(datum) => Piece::Value(datum.clone()),
        });
        logql(&CommandLine(pieces.collect()), &Secrets::of_connection(), Path::new("."))
    }

    #[test]
    fn a_value_stays_one() {
        let hostile = || Err(Datum::Text("a\"} or {b=\"c.*".into()));
        assert_eq!(line(&[Ok("{app=\""), hostile(), Ok("\"}")]).unwrap(), r#"{app="a\"} or {b=\"c.*"}"#);
        let pattern = r#"{app=~"a\"\\} or \\{b=\"c\\.\\*"}"#;
        assert_eq!(line(&[Ok("{app=~\""), hostile(), Ok("\"}")]).unwrap(), pattern);
        assert_eq!(
            line(&[Ok("rate({a=\"b\"}["), Err(Datum::Duration(300.0)), Ok("])")]).unwrap(),
            "rate({a=\"b\"}[300000ms])"
        );
        assert!(line(&[Ok("{app="), hostile(), Ok("}")]).unwrap_err().text.contains("in a string of LogQL"));
        assert!(line(&[Ok("{app=`"), hostile(), Ok("`}")]).unwrap_err().text.contains("raw string"));
    }
}
