//! The conditions of imported rules beside the rules themselves, on series in a real Prometheus.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use promql_parser::parser::{self, Expr, VectorSelector};
use rbl_check::Catalogue;
use rbl_documents::import::{ImportOptions, import};

use super::files;
use crate::cli::shell::Shell;
use crate::support::{Prometheus, Setup};

/// Every selector in an expression.
fn selectors<'e>(expr: &'e Expr, found: &mut Vec<&'e VectorSelector>) {
    match expr {
        Expr::Aggregate(it) => selectors(&it.expr, found),
        Expr::Unary(it) => selectors(&it.expr, found),
        Expr::Binary(it) => {
            selectors(&it.lhs, found);
            selectors(&it.rhs, found);
        }
        Expr::Paren(it) => selectors(&it.expr, found),
        Expr::Subquery(it) => selectors(&it.expr, found),
        Expr::Call(it) => it.args.args.iter().for_each(|it| selectors(it, found)),
        Expr::VectorSelector(it) => found.push(it),
        Expr::MatrixSelector(it) => found.push(&it.vs),
        Expr::NumberLiteral(_) | Expr::StringLiteral(_) | Expr::Extension(_) => {}
    }
}

/// A number that depends on a text alone.
fn hash(text: &str) -> u64 {
    text.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// How long after its start the test may still read the series.
const AHEAD: i64 = 900;

/// Two series that fit each selector of an expression, as samples of the last hour, and of the time in which the test runs: what it
/// reads last is as fresh as what it reads first.
fn series(
    expression: &str,
    named: &BTreeMap<String, BTreeSet<String>>,
    now: i64,
    into: &mut BTreeMap<String, String>,
) {
    let tree = parser::parse(expression).unwrap();
    let mut found = Vec::new();
    selectors(&tree, &mut found);
    for selector in found {
        let Some(name) = &selector.name else { continue };
        let mut labels: BTreeMap<String, String> = BTreeMap::new();
        for matcher in &selector.matchers.matchers {
            let shown = matcher.to_string();
            let value = match &matcher.op {
                promql_parser::label::MatchOp::Equal => matcher.value.clone(),
                promql_parser::label::MatchOp::Re(_) => {
                    let first = matcher.value.split('|').next().unwrap_or_default();
                    first.chars().filter(|c| c.is_alphanumeric() || "-_/ ".contains(*c)).collect()
                }
                _ => continue,
            };
            assert!(!shown.is_empty());
            labels.insert(matcher.name.clone(), value);
        }
        labels.entry("job".into()).or_insert_with(|| "j".into());
        for label in named.get(name).into_iter().flatten() {
            labels.entry(label.clone()).or_insert_with(|| "x".into());
        }
        let bounds: &[&str] = if name.ends_with("_bucket") { &["0.1", "1", "10", "+Inf"] } else { &[""] };
        for instance in ["a", "b"] {
            for (rank, bound) in bounds.iter().enumerate() {
                let mut labels = labels.clone();
                labels.insert("instance".into(), instance.into());
                if !bound.is_empty() {
                    labels.insert("le".into(), (*bound).into());
                }
                let shown: Vec<String> =
                    labels.iter().map(|(key, value)| format!("{key}={value:?}")).collect();
                let key = format!("{name}{{{}}}", shown.join(","));
                let seed = hash(&format!("{name}{instance}"));
                let grows = ["_total", "_count", "_sum", "_bucket"].iter().any(|it| name.ends_with(it));
                let size = [0.0, 0.5, 1.0, 3.0, 95.0, 2e9][(seed % 6) as usize];
                let lines: String = (now - 3600..=now + AHEAD)
                    .step_by(30)
                    .map(|at| {
                        let passed = (at - (now - 3600)) as f64;
                        let value = if grows { passed * (size + 0.01) * (rank + 1) as f64 } else { size };
                        format!("{key} {value} {at}\n")
                    })
                    .collect();
                into.entry(key).or_insert(lines);
            }
        }
    }
}

/// Whether a query has any series now.
fn has_series(url: &str, query: &str) -> bool {
    let host = url.strip_prefix("http://").unwrap();
    let encoded: String = query.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let mut connection = TcpStream::connect(host).unwrap();
    let request = format!("GET /api/v1/query?query={encoded} HTTP/1.0\r\nHost: {host}\r\n\r\n");
    connection.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();
    let body = answer.split_once("\r\n\r\n").unwrap().1;
    let body: serde_json::Value = serde_json::from_str(body).unwrap();
    assert_eq!(body["status"], "success", "{query}: {body}");
    !body["data"]["result"].as_array().unwrap().is_empty()
}

/// The alerts of a file with their expressions.
fn rules(text: &str) -> Vec<(String, String)> {
    let yaml: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    let mut name = None;
    let mut at = 0;
    while let Some(line) = yaml.get(at) {
        at += 1;
        let bare = line.trim_start().trim_start_matches("- ");
        if let Some(alert) = bare.strip_prefix("alert: ") {
            name = Some(alert.trim().to_owned());
        } else if let Some(expr) = bare.strip_prefix("expr: ") {
            let expr = expr.trim();
            let text = if expr.starts_with('|') {
                let indent = line.len() - line.trim_start().len();
                let mut block = Vec::new();
                while let Some(line) = yaml
                    .get(at)
                    .filter(|it| it.trim().is_empty() || it.len() - it.trim_start().len() > indent)
                {
                    block.push(line.trim());
                    at += 1;
                }
                block.join("\n")
            } else if let Some(quoted) = expr.strip_prefix('\'').and_then(|it| it.strip_suffix('\'')) {
                quoted.replace("''", "'")
            } else {
                expr.to_owned()
            };
            found.extend(name.clone().map(|name| (name, text)));
        }
    }
    found
}

#[test]
fn sampled_conditions_agree_with_their_rules() {
    let catalogue = Catalogue::default();
    let mut sampled = Vec::new();
    let mut count = 0;
    for (file, text) in files("rules") {
        for (name, expression) in rules(&text) {
            count += 1;
            if count % 9 == 0 && parser::parse(&expression).is_ok() {
                let options = ImportOptions { commands: false, catalogue: &catalogue, alert: Some(&name) };
                let imported = import(&file, &text, &options);
                // Rules that share a name differ in their severity: the first is taken for each.
                if imported.runbooks.len() == 1 {
                    sampled.push((name, expression, imported.runbooks[0].text.clone()));
                }
            }
        }
    }
    sampled.truncate(40);
    assert!(sampled.len() >= 38, "{}", sampled.len());
    let now = jiff::Timestamp::now().as_second();
    // Series have the labels that the rules name.
    let mut named: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (_, expression, text) in &sampled {
        let tree = parser::parse(expression).unwrap();
        let mut found = Vec::new();
        selectors(&tree, &mut found);
        let metrics = text
            .lines()
            .filter_map(|it| it.strip_prefix("metric ")?.split_once(" by ")?.1.split_once(" from "));
        let labels = metrics
            .flat_map(|it| it.0.split(" in ").next().unwrap_or_default().split(", ").map(str::to_owned));
        let labels: Vec<String> = labels.filter(|it| it != "instance").collect();
        for name in found.iter().filter_map(|it| it.name.clone()) {
            named.entry(name).or_default().extend(labels.iter().cloned());
        }
    }
    let mut past = BTreeMap::new();
    for (_, expression, _) in &sampled {
        series(expression, &named, now, &mut past);
    }
    let past: String = past.into_values().collect();
    let Some(prometheus) = Prometheus::start(&Setup { past: &past, ..Setup::default() }) else { return };
    let shell = Shell::new();
    shell.write(
        "rbl.toml",
        format!("[providers.prometheus]\ntype = \"prometheus\"\nurl = \"{}\"\n", prometheus.url()),
    );
    let (mut fires, mut over, mut unknown, mut wrong) = (0, 0, 0, Vec::new());
    for (n, (name, expression, text)) in sampled.iter().enumerate() {
        let head = text.split("\nstep ").next().unwrap();
        let condition = text.split_once("\n  if ").unwrap().1.split_once(" {\n    resolve").unwrap().0;
        let body = format!(
            "if {condition} {{\n  record \"OVER\"\n}} else {{\n  record \"FIRES\"\n}} unknown {{\n  record \"UNKNOWN\"\n}}\n"
        );
        shell.write(&format!("r{n}.rb"), format!("{head}\n{body}"));
        let truth = has_series(&prometheus.url(), expression);
        let ended = shell.rbl(&format!("run r{n}.rb --no-input"));
        let said =
            ["FIRES", "OVER", "UNKNOWN"].into_iter().find(|it| ended.out.contains(it)).unwrap_or("NOTHING");
        match (truth, said) {
            (true, "FIRES") => fires += 1,
            (false, "OVER") => over += 1,
            // Without a series the rule is false, and the runbook says that it does not know.
            (false, "UNKNOWN") => unknown += 1,
            _ => wrong.push(format!(
                "{name}: the rule is {truth}, the runbook says {said}\n{expression}\n{condition}\n{}{}",
                ended.out, ended.err
            )),
        }
    }
    eprintln!("{fires} fire, {over} are over, {unknown} are unknown where the rule has no data");
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    assert!(
        fires >= 8 && over >= 8 && fires + over >= 30,
        "{fires} fire, {over} are over, {unknown} are unknown"
    );
}
