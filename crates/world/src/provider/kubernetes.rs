//! The provider `kubernetes`: fields of objects, by `kubectl get -o json`. QUERY is `KIND [NAME] [OPTIONS] JSONPATH`.
//!
//! Success is exit code 0 and JSON. That there is no such object is *no data*, with a reason of its own.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rbl_check::{Contract, Family, KindDescription, kubernetes_words};
use rbl_runtime::{CommandLine, Piece, Read, Reading, Secrets};
use rbl_syntax::tree::MetricType;
use rbl_syntax::value::{Reason, ReasonKind, Time};
use serde::Deserialize;
use serde_json::Value;
use serde_json_path::JsonPath;

use super::jsonpath::JsonPathText;
use super::partial::missing_in;
use super::words::name;
use super::{Provider, nodes, only_now, without_secrets};
use crate::config_keys;
use crate::kubectl::{self, Kubectl, KubectlCall, KubectlConfig, KubectlNamespace, unreadable};
use crate::registry::ConnectionKind;
use crate::secrets;

/// Its entry in the registry.
pub(super) const KIND: ConnectionKind<dyn Provider> = ConnectionKind {
    description: KindDescription {
        family: Family::Provider,
        kind: "kubernetes",
        summary: "fields of objects by `kubectl get`: QUERY is KIND [NAME] [OPTIONS] JSONPATH",
        metrics: &[MetricType::Number, MetricType::Text, MetricType::Lines],
        contract: Contract::Schema("kubectl against an API of ours"),
        keys: &[
            kubectl::KUBECONFIG,
            kubectl::CONTEXT,
            kubectl::NAMESPACE,
            kubectl::COMMAND,
            config_keys::TIMEOUT,
        ],
    },
    configure: |section, base| {
        Ok(Arc::new(KubernetesReader { kubectl: Kubectl::new(KubectlConfig::deserialize(section)?, base) }))
    },
};

/// The largest answer, in bytes.
const LARGEST_ANSWER: usize = 50_000_000;

#[derive(Debug)]
struct KubernetesReader {
    kubectl: Kubectl,
}

/// A parsed query.
#[derive(Debug)]
struct KubernetesQuery {
    words: Vec<String>,
    path: JsonPath,
    /// Whether it says itself in which namespace it looks.
    has_namespace: bool,
}

fn refused(text: impl Into<String>) -> Reason {
    Reason::new(ReasonKind::NotRun, text)
}

impl KubernetesQuery {
    /// A value before the `JSONPath` is a name, and a part of one word.
    fn read(line: &CommandLine, secrets: &Secrets, base: &Path) -> Result<Self, Reason> {
        let mut text = String::new();
        let mut path: Option<JsonPathText> = None;
        for (index, piece) in line.0.iter().enumerate() {
            match piece {
                Piece::Text(written) => {
                    for c in written.chars() {
                        let begins = text.is_empty() || text.ends_with(char::is_whitespace);
                        match &mut path {
                            Some(path) => path.author(c),
                            None if c == '$' && begins => path.insert(JsonPathText::default()).author(c),
                            None => text.push(c),
                        }
                    }
                }
                Piece::Value(datum) => {
                    let datum = secrets::reveal(secrets, datum, base)?;
                    if let Some(path) = &mut path {
                        path.value(&datum, line.0.get(index + 1))?;
                    } else {
                        let begins = text.is_empty() || text.ends_with(char::is_whitespace);
                        text.push_str(name(&datum.shown(), begins)?);
                    }
                }
            }
        }
        let Some(path) = path else {
            return Err(refused(
                "the query has no JSONPath: write one that begins with `$`, like `$.status.replicas`",
            ));
        };
        let words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
        let has_namespace = kubernetes_words(&words)
            .map_err(|wrong| refused(format!("{}: {}", wrong.message, wrong.help)))?;
        Ok(Self { words, path: path.parse()?, has_namespace })
    }
}

impl KubernetesReader {
    /// The objects of a query: that there is none is no data.
    fn ask(&self, query: &KubernetesQuery, secrets: &Secrets) -> Result<Vec<u8>, Reason> {
        let arguments: Vec<&str> = std::iter::once("get")
            .chain(query.words.iter().map(String::as_str))
            .chain(std::iter::once("--output=json"))
            .collect();
        let mut call = KubectlCall::new(&arguments, LARGEST_ANSWER);
        if query.has_namespace {
            call = call.namespace(KubectlNamespace::InArguments);
        }
        self.kubectl.run(call, secrets).map_err(|failure| {
            if failure.word == "NotFound" {
                let text = failure.reason.text.replace("kubectl: Error from server (NotFound): ", "");
                return Reason::new(ReasonKind::NoData, text);
            }
            failure.reason
        })
    }

    fn reading(&self, read: &Read, now: Time, secrets: &Secrets) -> Result<Reading, Reason> {
        only_now(read)?;
        let query = KubernetesQuery::read(&read.query, secrets, self.kubectl.base())?;
        let said = self.ask(&query, secrets)?;
        let document = rbl_runtime::json_with_digits(&said).map_err(unreadable)?;
        if !matches!(document, Value::Object(_)) {
            return Err(Reason::new(ReasonKind::BadAnswer, "kubectl did not print one JSON object"));
        }
        let missing = missing_in(&document);
        if !missing.is_empty() {
            let text = format!("the answer may be incomplete: {}", missing.join("; "));
            return Err(Reason::new(ReasonKind::Partial, text));
        }
        let found = query.path.query_located(&document);
        Ok(match read.of {
            MetricType::Number | MetricType::Unknown => {
                nodes::numbers(&found, |_| None)?.reading(read.time, now, None, None)?
            }
            MetricType::Text => nodes::texts(&found)?.reading(now, None, None)?,
            MetricType::Lines => Reading { lines: nodes::lines(&found)?, ..Reading::default() },
        })
    }
}

impl Provider for KubernetesReader {
    fn read(&self, read: &Read, now: Time) -> Result<Reading, Reason> {
        let secrets = Secrets::of_connection();
        without_secrets(self.reading(read, now, &secrets), &secrets)
    }

    fn time_out(&self) -> Option<Duration> {
        Some(self.kubectl.timeout())
    }

    fn test(&self) -> Result<String, Reason> {
        self.kubectl.test()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rbl_runtime::Datum;

    fn read(pieces: &[Result<&str, &str>]) -> Result<KubernetesQuery, String> {
        let pieces = pieces.iter().map(|piece| match piece {
            Ok(text) => Piece::Text((*text).to_owned()),
            Err(value) => Piece::Value(Datum::Text((*value).to_owned())),
        });
        let line = CommandLine(pieces.collect());
        KubernetesQuery::read(&line, &Secrets::of_connection(), Path::new(".")).map_err(|reason| reason.text)
    }

    #[test]
    fn a_query_only_chooses_objects() {
        let query =
            read(&[Ok("pods -n "), Err("shop"), Ok(" -l app="), Err("api"), Ok(" $.items[0].a")]).unwrap();
        assert_eq!(query.words, ["pods", "-n", "shop", "-l", "app=api"]);
        assert!(query.has_namespace);
        for (text, words) in [
            ("deployment api", "has no JSONPath"),
            ("$.a", "names no kind of object"),
            (
                "pods --kubeconfig=/etc/shadow $.a",
                "the option `--kubeconfig=/etc/shadow` is not one of a query",
            ),
            ("pods --raw=/x $.a", "is not one of"),
            ("pods -w $.a", "is not one of"),
            ("pods -n $.a", "`-n` names nothing"),
            ("pods $.[", "cannot be read as a JSONPath"),
        ] {
            assert!(read(&[Ok(text)]).unwrap_err().contains(words), "{text}");
        }
        for value in ["-A", "a b", "a,b", "a=b", "", "$.x"] {
            assert!(
                read(&[Ok("pod "), Err(value), Ok(" $.a")]).unwrap_err().contains("is no name"),
                "{value}"
            );
        }
    }
}
