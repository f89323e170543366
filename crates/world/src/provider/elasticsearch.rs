//! The provider `elasticsearch`: how many documents match, and their lines, from Elasticsearch and `OpenSearch`.
//!
//! QUERY is `INDEX LUCENE`: the index (or a pattern of indexes) and, behind a blank, a query in Lucene's syntax. A metric of numbers is
//! the count; one of lines is the field `line` of the newest documents of the last `back`, the oldest first, at most `lines`. Shards that
//! failed, and a search that ran out of time, make the answer partial.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rbl_check::{Contract, Family, Key, KeyKind, KindDescription};
use rbl_project::setting::{Seconds, Setting};
use rbl_runtime::{CommandLine, Datum, Piece, RawSample, Read, ReadTime, Reading, Secrets};
use rbl_syntax::tree::MetricType;
use rbl_syntax::value::{Labels, Reason, ReasonKind, Time};
use serde::Deserialize;
use serde_json::{Value, json};

use super::partial::{PARTIAL, Partial, missing_in};
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
        kind: "elasticsearch",
        summary: "Elasticsearch and OpenSearch: QUERY is `INDEX LUCENE`, counted or read as log lines",
        metrics: &[MetricType::Number, MetricType::Lines],
        contract: Contract::Real("osmem-server 0.1 (the API of OpenSearch)"),
        keys: &[
            Key::needed("url", KeyKind::Url, "where it answers"),
            config_keys::TIMEOUT,
            Key::optional(
                "time_field",
                KeyKind::Plain,
                "\"@timestamp\"",
                "the field that holds the time of a document",
            ),
            Key::optional("line", KeyKind::Plain, "\"message\"", "the field that is a log line"),
            Key::optional("back", KeyKind::Duration, "1h", "how far back documents are looked at"),
            Key::optional(
                "lines",
                KeyKind::Count,
                "1000",
                "how many log lines are read at most, the newest ones",
            ),
            Key::optional("api_key", KeyKind::Secret, "none", "sent as `Authorization: ApiKey …`"),
            Key::optional("headers", KeyKind::Settings, "none", "sent with each query"),
            config_keys::BEARER_TOKEN,
            config_keys::USERNAME,
            config_keys::PASSWORD,
            config_keys::CA,
            config_keys::CLIENT_CERTIFICATE,
            config_keys::CLIENT_KEY,
            PARTIAL,
        ],
    },
    configure: |section, base| {
        Ok(Arc::new(Elasticsearch::new(ElasticsearchConfig::deserialize(section)?, base)))
    },
};

/// The largest answer, in bytes.
const LIMIT: u64 = 50_000_000;

/// Its section.
#[derive(Debug, Clone, Deserialize)]
struct ElasticsearchConfig {
    url: Setting,
    #[serde(default = "config_keys::ten_seconds")]
    timeout: Seconds,
    #[serde(default = "timestamp")]
    time_field: String,
    #[serde(default = "message")]
    line: String,
    #[serde(default = "one_hour")]
    back: Seconds,
    #[serde(default = "thousand")]
    lines: u32,
    api_key: Option<Setting>,
    #[serde(flatten)]
    credentials: Credentials,
    #[serde(default)]
    partial: Partial,
}

fn timestamp() -> String {
    "@timestamp".into()
}

fn message() -> String {
    "message".into()
}

const fn one_hour() -> Seconds {
    Seconds(3600.0)
}

const fn thousand() -> u32 {
    1000
}

#[derive(Debug)]
struct Elasticsearch {
    client: Client,
    time_field: String,
    line: String,
    back: Seconds,
    lines: u32,
    api_key: Option<Setting>,
    partial: Partial,
}

/// A query: the index, and what is looked for in Lucene's syntax; `None`: every document.
struct LuceneQuery {
    index: String,
    text: Option<String>,
}

fn bad(text: impl Into<String>) -> Reason {
    Reason::new(ReasonKind::BadAnswer, text)
}

impl Elasticsearch {
    fn new(config: ElasticsearchConfig, base: &Path) -> Self {
        let ElasticsearchConfig { url, timeout, time_field, line, back, lines, api_key, .. } = config;
        let client = Client::new(url, timeout, config.credentials, base, LIMIT);
        Self { client, time_field, line, back, lines, api_key, partial: config.partial }
    }

    fn ask(&self, path: &str, body: &Value, secrets: &Secrets) -> Result<(Value, Vec<String>), Reason> {
        let address = self.client.at(path, secrets)?;
        let mut request = Request::post(address, "application/json", body.to_string());
        if let Some(key) = &self.api_key {
            let key = secrets::setting(secrets, key, self.client.base())?;
            request = request.header("Authorization", format!("ApiKey {key}"));
        }
        let response = self.client.send(&request, secrets)?;
        let answer = document(&response)?;
        let missing = missing_in(&answer).iter().map(|text| response.said(text)).collect();
        let warnings = self.partial.judge(missing)?;
        Ok((answer, warnings))
    }

    /// The documents of a time that match.
    fn matching(&self, query: &LuceneQuery, from: Time, until: Time) -> Value {
        let mut filters = vec![json!({ "range": { self.time_field.clone(): {
            "gte": from.to_string(), "lte": until.to_string(), "format": "strict_date_optional_time",
        } } })];
        if let Some(text) = &query.text {
            filters.push(json!({ "query_string": { "query": text } }));
        }
        json!({ "bool": { "filter": filters } })
    }

    fn reading(&self, read: &Read, now: Time, secrets: &Secrets) -> Result<Reading, Reason> {
        let query = LuceneQuery::read(&read.query, secrets, self.client.base())?;
        let before = |time: Time| time.plus(-self.back.0).unwrap_or(time);
        let (from, until) = match read.time {
            ReadTime::Now => (before(now), now),
            ReadTime::At(at) => (before(at), at),
            ReadTime::Window { .. } => {
                let text = "a count over a window is one number: write the time into `back`";
                return Err(Reason::new(ReasonKind::NoHistory, text));
            }
        };
        let index = percent_encoded(&query.index);
        let matching = self.matching(&query, from, until);
        if read.of.is_number() {
            let (answer, warnings) =
                self.ask(&format!("/{index}/_count"), &json!({ "query": matching }), secrets)?;
            let count = answer.get("count").and_then(Value::as_f64);
            let count = count.ok_or_else(|| bad("the answer has no `count`"))?;
            let samples = vec![RawSample::new(Labels::new(), count, Some(until))];
            return Ok(Reading { samples, warnings, ..Reading::default() });
        }
        let body = json!({
            "query": matching,
            "size": self.lines,
            "sort": [{ self.time_field.clone(): { "order": "desc" } }],
        });
        let (answer, mut warnings) = self.ask(&format!("/{index}/_search"), &body, secrets)?;
        let hits = answer.pointer("/hits/hits").and_then(Value::as_array);
        let hits = hits.ok_or_else(|| bad("the answer has no `hits`"))?;
        let mut lines = Vec::with_capacity(hits.len());
        for hit in hits.iter().rev() {
            let source = hit.get("_source");
            let line = source.and_then(|source| field(source, &self.line)).and_then(Value::as_str);
            let line = line.ok_or_else(|| bad(format!("a document has no text `{}`", self.line)))?;
            lines.push(line.to_owned());
        }
        if u32::try_from(lines.len()).is_ok_and(|count| count >= self.lines) {
            warnings.push(format!("only the newest {} lines are read", self.lines));
        }
        Ok(Reading { lines: Some(lines), warnings, ..Reading::default() })
    }
}

/// A field by its name, which may have dots: `log.message` is a field of that name, or of an object.
fn field<'s>(source: &'s Value, name: &str) -> Option<&'s Value> {
    if let Some(found) = source.get(name) {
        return Some(found);
    }
    let (first, rest) = name.split_once('.')?;
    field(source.get(first)?, rest)
}

/// The JSON of an answer that worked.
fn document(response: &Response) -> Result<Value, Reason> {
    let to = server(&response.address);
    let json = response.json();
    let error = json.as_ref().ok().and_then(|json| json.pointer("/error/reason")).and_then(Value::as_str);
    if let Some(error) = error.filter(|_| !matches!(response.status, 401 | 403)) {
        let text = format!("{to} refused the query: {}", response.said(error));
        return Err(Reason::new(ReasonKind::ProviderError, text));
    }
    webhook::accepted(response, &to, "")?;
    json.map_err(|fault| bad(format!("{to} answered with {fault}: {}", response.line())))
}

impl LuceneQuery {
    /// Reads `INDEX LUCENE`. A value in the index is one name; in Lucene it is a phrase, or a part of one in quotes.
    fn read(query: &CommandLine, secrets: &Secrets, base: &Path) -> Result<Self, Reason> {
        let refused = |text: &str| Reason::new(ReasonKind::NotRun, text);
        let (mut index, mut text) = (String::new(), String::new());
        let (mut behind, mut quoted) = (false, false);
        for piece in &query.0 {
            match piece {
                Piece::Text(part) => {
                    let mut escaped = false;
                    for c in part.chars() {
                        match (behind, c) {
                            (false, c) if c.is_whitespace() => behind = !index.is_empty(),
                            (false, c) => index.push(c),
                            (true, c) => {
                                quoted ^= c == '"' && !escaped;
                                escaped = c == '\\' && !escaped;
                                text.push(c);
                            }
                        }
                    }
                }
                Piece::Value(datum) => {
                    let value = secrets::reveal(secrets, datum, base)?;
                    if matches!(value, Datum::List(_)) {
                        return Err(refused("a list cannot stand in a query of Elasticsearch"));
                    }
                    let value = value.shown();
                    if behind {
                        let phrase = value.replace('\\', "\\\\").replace('"', "\\\"");
                        let quote = if quoted { "" } else { "\"" };
                        text.extend([quote, &phrase, quote]);
                    } else if value.is_empty()
                        || value.contains(['*', ',', '/', ' ', '"'])
                        || value.starts_with(['_', '-', '.'])
                    {
                        return Err(refused("a value in the index has to be the name of one"));
                    } else {
                        index.push_str(&value);
                    }
                }
            }
        }
        if index.is_empty() {
            return Err(refused("the query is `INDEX` or `INDEX LUCENE`"));
        }
        let text = text.trim().to_owned();
        Ok(Self { index, text: (!text.is_empty()).then_some(text) })
    }
}

impl Provider for Elasticsearch {
    fn read(&self, read: &Read, now: Time) -> Result<Reading, Reason> {
        let secrets = Secrets::of_connection();
        without_secrets(self.reading(read, now, &secrets), &secrets)
    }

    fn time_out(&self) -> Option<Duration> {
        Some(self.client.timeout())
    }

    fn test(&self) -> Result<String, Reason> {
        let secrets = Secrets::of_connection();
        let mut request = Request::get(self.client.at("/", &secrets)?);
        if let Some(key) = &self.api_key {
            let key = secrets::setting(&secrets, key, self.client.base())?;
            request = request.header("Authorization", format!("ApiKey {key}"));
        }
        let answer = self.client.send(&request, &secrets).map_err(Reason::from).and_then(|it| document(&it));
        let answer = answer.map_err(|reason| secrets.redact_reason(&reason))?;
        let version = answer.pointer("/version/number").and_then(Value::as_str).unwrap_or("?");
        let name = answer.pointer("/version/distribution").and_then(Value::as_str).unwrap_or("elasticsearch");
        Ok(secrets.one_line(&format!("{name} {version}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_a_phrase() {
        let read = |pieces: Vec<Piece>| {
            LuceneQuery::read(&CommandLine(pieces), &Secrets::of_connection(), Path::new("."))
        };
        let (text, value) =
            (|text: &str| Piece::Text(text.into()), |text: &str| Piece::Value(Datum::Text(text.into())));
        let hostile = || value("a\" OR *:* \\");
        let query = read(vec![text("logs-* level:error AND host:"), hostile()]).unwrap();
        assert_eq!(
            (query.index.as_str(), query.text.as_deref()),
            ("logs-*", Some("level:error AND host:\"a\\\" OR *:* \\\\\""))
        );
        let query = read(vec![text("logs message:\"failed "), hostile(), text("\"")]).unwrap();
        assert_eq!(query.text.as_deref(), Some("message:\"failed a\\\" OR *:* \\\\\""));
        assert_eq!(read(vec![text("logs-"), value("api")]).unwrap().index, "logs-api");
        for hostile in ["*", "a,b", "", "_all", "../x"] {
            assert!(read(vec![value(hostile), text(" x")]).is_err(), "{hostile}");
        }
    }
}
