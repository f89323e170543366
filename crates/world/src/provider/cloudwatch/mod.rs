//! The provider `cloudwatch`: metrics of AWS, by `GetMetricData` in JSON 1.0.
//!
//! QUERY is `NAMESPACE METRIC STAT[/PERIOD] [DIMENSION=VALUE …]`, or a query of Metrics Insights (`SELECT …`) or a search (`SEARCH(…)`). Success is
//! `Complete` for every series, on every page. No value in the time that is looked at is *no data*.

mod query;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rbl_check::{Contract, Family, Key, KeyKind, KindDescription};
use rbl_project::setting::Seconds;
use rbl_runtime::{RawPoint, RawSample, RawSeries, Read, ReadTime, Reading, Secrets};
use rbl_syntax::one_line;
use rbl_syntax::value::{Quantity, Reason, ReasonKind, Time};
use serde::Deserialize;
use serde::de::Error as _;
use serde_json::{Value, json};
use toml::de::Error;

use self::query::CloudwatchQuery;
use super::partial::{PARTIAL, Partial};
use super::reported::only_numbers;
use super::{Provider, without_secrets};
use crate::aws::{self, Aws, AwsConfig, AwsError};
use crate::registry::ConnectionKind;
use crate::{aws_keys, config_keys};

/// Its entry in the registry.
pub(super) const KIND: ConnectionKind<dyn Provider> = ConnectionKind {
    description: KindDescription {
        family: Family::Provider,
        kind: "cloudwatch",
        summary: "Amazon CloudWatch: QUERY is NAMESPACE METRIC STAT[/PERIOD] [DIMENSION=VALUE …]",
        metrics: &[rbl_syntax::tree::MetricType::Number],
        contract: Contract::Real("moto 5.2 (the API of CloudWatch)"),
        keys: &[
            aws::REGION,
            aws_keys::ACCESS_KEY,
            aws_keys::SECRET_KEY,
            aws_keys::SESSION_TOKEN,
            aws_keys::PROFILE,
            aws::URL,
            config_keys::CA,
            config_keys::CLIENT_CERTIFICATE,
            config_keys::CLIENT_KEY,
            config_keys::TIMEOUT,
            Key::optional("period", KeyKind::Duration, "1m", "of a query that names none"),
            Key::optional(
                "back",
                KeyKind::Duration,
                "15m",
                "how old the newest value may be; three periods at least",
            ),
            PARTIAL,
        ],
    },
    configure: |section, base| {
        let provider = CloudWatch::new(CloudWatchConfig::deserialize(section)?, base);
        Ok(Arc::new(provider.map_err(Error::custom)?))
    },
};

/// The most pages that an answer has.
const PAGES: usize = 100;
/// What AWS calls a request that came too soon after others.
const TOO_SOON: [&str; 4] =
    ["ThrottlingException", "Throttling", "RequestLimitExceeded", "TooManyRequestsException"];

/// Its section.
#[derive(Debug, Clone, Deserialize)]
struct CloudWatchConfig {
    #[serde(flatten)]
    aws: AwsConfig,
    #[serde(default = "one_minute")]
    period: Seconds,
    #[serde(default = "quarter")]
    back: Seconds,
    #[serde(default)]
    partial: Partial,
}

const fn one_minute() -> Seconds {
    Seconds(60.0)
}

const fn quarter() -> Seconds {
    Seconds(900.0)
}

#[derive(Debug)]
struct CloudWatch {
    aws: Aws,
    period: Seconds,
    back: Seconds,
    partial: Partial,
}

/// The values of a series by their times.
type CloudwatchPoints = BTreeMap<Time, f64>;

fn bad(text: impl Into<String>) -> Reason {
    Reason::new(ReasonKind::BadAnswer, text)
}

impl CloudWatch {
    fn new(config: CloudWatchConfig, base: &Path) -> Result<Self, String> {
        let CloudWatchConfig { aws, period, back, partial } = config;
        let aws = Aws::new(aws, "monitoring", "application/x-amz-json-1.0", base)?;
        Ok(Self { aws, period, back, partial })
    }

    /// One page. A request that came too soon is sent again, later and later, while there is time.
    fn page(&self, body: &Value, until: Instant, secrets: &Secrets) -> Result<Value, Reason> {
        let mut pause = Duration::from_millis(200);
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                let within = Quantity::seconds(self.aws.timeout().as_secs_f64());
                return Err(Reason::new(
                    ReasonKind::TimedOut,
                    format!("no whole answer from CloudWatch within {within}"),
                ));
            }
            let target = "GraniteServiceVersion20100801.GetMetricData";
            match self.aws.call(target, body, Some(left), None, secrets) {
                Ok(answer) => return Ok(answer),
                Err(AwsError { code, reason })
                    if TOO_SOON.contains(&code.as_str())
                        && pause < until.saturating_duration_since(Instant::now()) =>
                {
                    drop(reason);
                    std::thread::sleep(pause);
                    pause *= 2;
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// The values of each series of a query, by its label, and what is said to be missing.
    fn series(
        &self,
        query: &CloudwatchQuery,
        (start, end): (Time, Time),
        secrets: &Secrets,
    ) -> Result<(BTreeMap<String, CloudwatchPoints>, Vec<String>), Reason> {
        let until = Instant::now() + self.aws.timeout();
        let mut body = json!({
            "MetricDataQueries": [query.json()],
            "StartTime": start.unix(),
            "EndTime": end.unix(),
            "ScanBy": "TimestampAscending",
        });
        let mut found: BTreeMap<String, CloudwatchPoints> = BTreeMap::new();
        let mut unfinished: BTreeMap<String, String> = BTreeMap::new();
        let mut said = Vec::new();
        for _ in 0..PAGES {
            let answer = self.page(&body, until, secrets)?;
            let Some(results) = answer.get("MetricDataResults").and_then(Value::as_array) else {
                return Err(bad("CloudWatch answered without `MetricDataResults`"));
            };
            said.extend(messages(&answer));
            for result in results {
                let label = result.get("Label").and_then(Value::as_str).unwrap_or_default().to_owned();
                found.entry(label.clone()).or_default().extend(points(result)?);
                let words: Vec<String> = messages(result);
                match result.get("StatusCode").and_then(Value::as_str) {
                    Some("Complete") => {
                        unfinished.remove(&label);
                        said.extend(words);
                    }
                    // More of it comes with the next page.
                    Some("PartialData") => {
                        let why = if words.is_empty() {
                            "a part of the values is missing".into()
                        } else {
                            words.join("; ")
                        };
                        unfinished.insert(label, why);
                    }
                    other => {
                        let code = one_line(other.unwrap_or("no status"));
                        let words =
                            if words.is_empty() { String::new() } else { format!(": {}", words.join("; ")) };
                        let text = format!("CloudWatch answered {code} for {}{words}", one_line(&label));
                        return Err(Reason::new(ReasonKind::ProviderError, text));
                    }
                }
            }
            match answer.get("NextToken").and_then(Value::as_str).filter(|token| !token.is_empty()) {
                None => {
                    said.extend(
                        unfinished.into_iter().map(|(label, why)| format!("{}: {why}", one_line(&label))),
                    );
                    let said = said.iter().map(|text| secrets.one_line(text)).collect();
                    return Ok((found, said));
                }
                Some(token) => {
                    if let Some(body) = body.as_object_mut() {
                        body.insert("NextToken".into(), json!(token));
                    }
                }
            }
        }
        Err(bad(format!("CloudWatch answers with more than {PAGES} pages")))
    }

    fn reading(&self, read: &Read, now: Time, secrets: &Secrets) -> Result<Reading, Reason> {
        only_numbers(read)?;
        let query = CloudwatchQuery::read(&read.query, self.period.0, secrets, self.aws.base())?;
        let period = query.period();
        let back = self.back.0.max(3.0 * period);
        let (as_of, seconds) = match read.time {
            ReadTime::Now => (now, back),
            ReadTime::At(at) => (at, back),
            ReadTime::Window { end, seconds } => (end, seconds),
        };
        // A time of AWS is the beginning of a period, the end is not among them.
        let begin = Time::from_unix(((as_of.unix() - seconds) / period).floor() * period);
        let end = Time::from_unix((as_of.unix() / period).floor() * period);
        let (Some(begin), Some(end)) = (begin, end) else {
            return Err(Reason::new(ReasonKind::NoHistory, "there is no such time in CloudWatch"));
        };
        let (series, said) = self.series(&query, (begin, end), secrets)?;
        let mut reading = Reading { warnings: self.partial.judge(said)?, ..Reading::default() };
        for (label, points) in series {
            let labels = query.labels(&label);
            if let ReadTime::Window { .. } = read.time {
                let points: Vec<RawPoint> =
                    points.into_iter().map(|(at, value)| RawPoint { at, value }).collect();
                if !points.is_empty() {
                    reading.series.push(RawSeries { labels, points, step: period });
                }
            } else if let Some((at, value)) = points.last_key_value() {
                reading.samples.push(RawSample::new(labels, *value, Some(*at)));
            } else if !labels.is_empty() && query.has_several() {
                reading.missing.push(labels);
            }
        }
        Ok(reading)
    }
}

/// The values of one result: two lists side by side.
fn points(result: &Value) -> Result<CloudwatchPoints, Reason> {
    let list = |name: &str| result.get(name).and_then(Value::as_array);
    let (Some(times), Some(values)) = (list("Timestamps"), list("Values")) else {
        return Err(bad("CloudWatch answered a series without `Timestamps` and `Values`"));
    };
    if times.len() != values.len() {
        return Err(bad(format!("CloudWatch answered {} times and {} values", times.len(), values.len())));
    }
    let one = |(at, value): (&Value, &Value)| {
        let at = at.as_f64().and_then(Time::from_unix)?;
        Some((at, value.as_f64()?))
    };
    let found: Option<CloudwatchPoints> = times.iter().zip(values).map(one).collect();
    found.ok_or_else(|| bad("CloudWatch answered a value that is none"))
}

/// What it says beside the values.
fn messages(said: &Value) -> Vec<String> {
    let all = said.get("Messages").and_then(Value::as_array).into_iter().flatten();
    all.map(|one| {
        let part = |name: &str| one.get(name).and_then(Value::as_str).unwrap_or_default();
        format!("{}: {}", part("Code"), part("Value"))
    })
    .collect()
}

impl Provider for CloudWatch {
    fn read(&self, read: &Read, now: Time) -> Result<Reading, Reason> {
        let secrets = Secrets::of_connection();
        without_secrets(self.reading(read, now, &secrets), &secrets)
    }

    fn time_out(&self) -> Option<Duration> {
        Some(self.aws.timeout())
    }

    /// Asks for a metric that there is not: whoever may read hears that.
    fn test(&self) -> Result<String, Reason> {
        let secrets = Secrets::of_connection();
        let query = CloudwatchQuery::test();
        let now = Time(jiff::Timestamp::now());
        let begin = now.plus(-300.0).unwrap_or(now);
        let asked = self.series(&query, (begin, now), &secrets);
        asked.map_err(|reason| secrets.redact_reason(&reason))?;
        Ok("CloudWatch accepts the access key".into())
    }
}
