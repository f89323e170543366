//! [`CloudwatchQuery`]: what `GetMetricData` is asked for.

use std::path::Path;

use rbl_project::setting::Seconds;
use rbl_runtime::{CommandLine, Piece, Secrets};
use rbl_syntax::one_line;
use rbl_syntax::value::{Labels, Reason, ReasonKind};
use serde_json::{Value, json};
use smol_str::SmolStr;

use crate::secrets;

/// A query.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum CloudwatchQuery {
    /// One series.
    Metric {
        namespace: String,
        name: String,
        statistic: String,
        period: f64,
        dimensions: Vec<(String, String)>,
    },
    /// A query of Metrics Insights, or a search: a series for each label.
    Expression { text: String, period: f64 },
}

fn refused(text: impl Into<String>) -> Reason {
    Reason::new(ReasonKind::NotRun, text)
}

impl CloudwatchQuery {
    /// Reads a query. A value is a part of one word, or of one text in quotes.
    pub(super) fn read(
        line: &CommandLine,
        usual: f64,
        secrets: &Secrets,
        base: &Path,
    ) -> Result<Self, Reason> {
        let first = line.0.first().map_or("", |piece| match piece {
            Piece::Text(text) => text.trim_start(),
            Piece::Value(_) => "",
        });
        let is_expression = ["SELECT ", "SEARCH("]
            .iter()
            .any(|word| first.get(..word.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(word)));
        if is_expression {
            let text = expression(line, secrets, base)?;
            return Ok(Self::Expression { text, period: whole(usual)? });
        }
        let words = words(line, secrets, base)?;
        let [namespace, name, statistic, dimensions @ ..] = words.as_slice() else {
            return Err(refused(
                "the query is not `NAMESPACE METRIC STAT[/PERIOD] [DIMENSION=VALUE …]`, like `AWS/SQS ApproximateAgeOfOldestMessage Maximum QueueName=orders`",
            ));
        };
        let (statistic, period) = match statistic.split_once('/') {
            None => (statistic.as_str(), usual),
            Some((statistic, period)) => {
                let period = Seconds::parse(period).map_err(|why| {
                    refused(format!("the period `{}` is no duration: {why}", one_line(period)))
                })?;
                (statistic, period.0)
            }
        };
        if statistic.is_empty() || statistic.contains('=') {
            return Err(refused("the third word is the statistic, like `Average`, `Sum` or `p99`"));
        }
        let dimensions: Result<Vec<(String, String)>, Reason> = dimensions
            .iter()
            .map(|word| match word.split_once('=') {
                Some((name, value)) if !name.is_empty() && !value.is_empty() => {
                    Ok((name.to_owned(), value.to_owned()))
                }
                _ => Err(refused(format!("`{}` is not `DIMENSION=VALUE`", one_line(word)))),
            })
            .collect();
        Ok(Self::Metric {
            namespace: namespace.clone(),
            name: name.clone(),
            statistic: statistic.to_owned(),
            period: whole(period)?,
            dimensions: dimensions?,
        })
    }

    /// A metric that there is not.
    pub(super) fn test() -> Self {
        Self::Metric {
            namespace: "rbl/test".into(),
            name: "test".into(),
            statistic: "Sum".into(),
            period: 60.0,
            dimensions: Vec::new(),
        }
    }

    /// The seconds between two values.
    pub(super) fn period(&self) -> f64 {
        match self {
            Self::Metric { period, .. } | Self::Expression { period, .. } => *period,
        }
    }

    /// Whether it may have more than one series.
    pub(super) fn has_several(&self) -> bool {
        matches!(self, Self::Expression { .. })
    }

    /// The labels of a series that `CloudWatch` calls this.
    pub(super) fn labels(&self, label: &str) -> Labels {
        match self {
            Self::Metric { dimensions, .. } => {
                dimensions.iter().map(|(name, value)| (SmolStr::from(name), SmolStr::from(value))).collect()
            }
            Self::Expression { .. } => {
                [(SmolStr::new_static("label"), SmolStr::from(label))].into_iter().collect()
            }
        }
    }

    /// Its JSON.
    pub(super) fn json(&self) -> Value {
        match self {
            Self::Metric { namespace, name, statistic, period, dimensions } => {
                let dimensions: Vec<Value> =
                    dimensions.iter().map(|(name, value)| json!({ "Name": name, "Value": value })).collect();
                json!({
                    "Id": "m1",
                    "MetricStat": {
                        "Metric": { "Namespace": namespace, "MetricName": name, "Dimensions": dimensions },
                        "Period": seconds(*period),
                        "Stat": statistic,
                    },
                    "ReturnData": true,
                })
            }
            Self::Expression { text, period } => {
                json!({ "Id": "m1", "Expression": text, "Period": seconds(*period), "ReturnData": true })
            }
        }
    }
}

/// A period is a number of whole seconds.
fn whole(period: f64) -> Result<f64, Reason> {
    if period >= 1.0 && period.fract() == 0.0 && period <= 86400.0 * 7.0 {
        return Ok(period);
    }
    Err(refused("a period is a number of whole seconds, at least one and at most a week"))
}

fn seconds(period: f64) -> u32 {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // whole, and at most a week
    let seconds = period as u32;
    seconds
}

/// The words of a query; what stands in quotes is no end of a word, and neither is a value.
fn words(line: &CommandLine, secrets: &Secrets, base: &Path) -> Result<Vec<String>, Reason> {
    let (mut all, mut word, mut quoted) = (Vec::new(), None::<String>, false);
    for piece in &line.0 {
        match piece {
            Piece::Text(text) => {
                for c in text.chars() {
                    match c {
                        '"' => {
                            quoted = !quoted;
                            word.get_or_insert_default();
                        }
                        c if c.is_whitespace() && !quoted => all.extend(word.take()),
                        c => word.get_or_insert_default().push(c),
                    }
                }
            }
            Piece::Value(datum) => {
                let Some(word) = word.as_mut().filter(|word| word.contains('=')) else {
                    return Err(refused(
                        "a value can only be that of a dimension, like `QueueName=#{queue}`",
                    ));
                };
                word.push_str(&secrets::reveal(secrets, datum, base)?.shown());
            }
        }
    }
    if quoted {
        return Err(refused("a quote is not closed"));
    }
    all.extend(word);
    Ok(all)
}

/// An expression. A value stands in a text in single quotes, which it cannot end.
fn expression(line: &CommandLine, secrets: &Secrets, base: &Path) -> Result<String, Reason> {
    let (mut all, mut quoted) = (String::new(), false);
    for piece in &line.0 {
        match piece {
            Piece::Text(text) => {
                quoted ^= text.matches('\'').count() % 2 == 1;
                all.push_str(text);
            }
            Piece::Value(datum) => {
                let value = secrets::reveal(secrets, datum, base)?.shown();
                if !quoted {
                    return Err(refused("a value stands in a text of the query, like `'#{name}'`"));
                }
                if value.chars().any(|c| matches!(c, '\'' | '"' | '\\') || c.is_control()) {
                    return Err(refused("a value in a query of CloudWatch has no quotes and no backslash"));
                }
                all.push_str(&value);
            }
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rbl_runtime::Datum;

    fn read(pieces: &[Result<&str, &str>]) -> Result<CloudwatchQuery, String> {
        let pieces = pieces.iter().map(|piece| match piece {
            Ok(text) => Piece::Text((*text).to_owned()),
            Err(value) => Piece::Value(Datum::Text((*value).to_owned())),
        });
        let line = CommandLine(pieces.collect());
        let query = CloudwatchQuery::read(&line, 60.0, &Secrets::of_connection(), Path::new("."));
        query.map_err(|reason| reason.text)
    }

    #[test]
    fn a_value_is_that_of_a_dimension() {
        let query =
            read(&[Ok("AWS/SQS Age p99/5m QueueName="), Err("a b\" X=y"), Ok(" Other=\"c d\"")]).unwrap();
        let json = query.json();
        assert_eq!(json["MetricStat"]["Period"], 300);
        let dimensions = &json["MetricStat"]["Metric"]["Dimensions"];
        assert_eq!(dimensions[0], json!({ "Name": "QueueName", "Value": "a b\" X=y" }));
        assert_eq!(dimensions[1], json!({ "Name": "Other", "Value": "c d" }));
        assert!(read(&[Ok("AWS/SQS "), Err("Age"), Ok(" Sum")]).unwrap_err().contains("that of a dimension"));
    }

    #[test]
    fn an_expression_keeps_its_texts() {
        let query =
            read(&[Ok("SELECT SUM(A) FROM SCHEMA(\"B\", C) WHERE C = '"), Err("d"), Ok("'")]).unwrap();
        assert_eq!(query.json()["Expression"], "SELECT SUM(A) FROM SCHEMA(\"B\", C) WHERE C = 'd'");
        assert!(read(&[Ok("SELECT '"), Err("d' OR '"), Ok("'")]).unwrap_err().contains("no quotes"));
        assert!(read(&[Ok("SELECT "), Err("d")]).unwrap_err().contains("stands in a text"));
        assert!(matches!(read(&[Ok("search('{A} B', 'Sum')")]), Ok(CloudwatchQuery::Expression { .. })));
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (text, words) in [
            ("AWS/SQS Age", "is not `NAMESPACE METRIC STAT"),
            ("AWS/SQS Age Sum/x", "is no duration"),
            ("AWS/SQS Age Sum/0.5s", "whole seconds"),
            ("AWS/SQS Age Sum QueueName", "is not `DIMENSION=VALUE`"),
            ("AWS/SQS Age QueueName=a", "the third word is the statistic"),
            ("AWS/SQS Age Sum A=\"b", "a quote is not closed"),
        ] {
            assert!(read(&[Ok(text)]).unwrap_err().contains(words), "{text}");
        }
    }
}
