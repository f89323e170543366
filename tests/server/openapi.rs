//! The description of the API: it is OpenAPI 3.1, it holds every address, and what the server answers is what it says.

use serde_json::{Value, json};

use super::ServerBench;
use super::api::{call, fire, token};

/// The schema of OpenAPI 3.1 itself, of the OpenAPI Initiative (2022-10-07).
const META: &str = include_str!("openapi-3.1.schema.json");

fn document(bench: &ServerBench) -> Value {
    let (code, text) = bench.request("GET /api/v1/openapi.json HTTP/1.1\r\nHost: x", b"").unwrap();
    assert_eq!(code, 200, "{text}");
    serde_json::from_str(&text).unwrap()
}

/// The addresses below `/api/v1` as the source of the routes has them.
fn routed() -> Vec<(String, String)> {
    let source = include_str!("../../crates/server/src/api/mod.rs");
    let mut found = Vec::new();
    let mut path = String::new();
    for line in source.lines().map(str::trim) {
        if let Some(quoted) = line.strip_prefix("\"/").and_then(|rest| rest.strip_suffix("\",")) {
            path = format!("/api/v1/{quoted}");
        }
        for method in ["get", "post"] {
            if line.starts_with(&format!("{method}_with(")) || line.starts_with(&format!(".{method}_with(")) {
                found.push((path.clone(), method.to_owned()));
            }
        }
    }
    found
}

#[test]
fn the_description_is_openapi_and_holds_every_route() {
    let bench = ServerBench::new("", "");
    let _server = bench.start();
    let document = document(&bench);
    let meta: Value = serde_json::from_str(META).unwrap();
    let validator = jsonschema::validator_for(&meta).unwrap();
    let errors: Vec<String> =
        validator.iter_errors(&document).map(|it| format!("{}: {it}", it.instance_path())).collect();
    assert_eq!(errors, Vec::<String>::new(), "{document:#}");
    assert!(!validator.is_valid(&json!({"openapi": "3.1.0"})), "the validator finds mistakes");
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    let mut ids: Vec<&str> = Vec::new();
    let mut described: Vec<(String, String)> = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            described.push((path.clone(), method.clone()));
            ids.push(operation["operationId"].as_str().unwrap());
            assert_eq!(operation["security"], json!([{"token": []}]), "{path}");
            let named: Vec<&str> = path.split('{').skip(1).map(|it| it.split('}').next().unwrap()).collect();
            for name in named {
                let parameters = operation["parameters"].as_array().unwrap();
                assert!(
                    parameters.iter().any(|it| it["name"] == name && it["in"] == "path"),
                    "{path} {name}"
                );
            }
            let responses = operation["responses"].as_object().unwrap();
            assert!(responses.contains_key("default"), "{path} says how it refuses");
            assert!(responses.keys().any(|code| code.starts_with('2')), "{path} says how it answers");
        }
    }
    let mut routed = routed();
    assert!(routed.len() >= 11, "{routed:?}");
    described.sort();
    routed.sort();
    assert_eq!(described, routed);
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), count);
}

#[test]
fn what_the_server_answers_is_what_the_description_says() {
    let bench = ServerBench::new("", "");
    bench.runbook(
        "a.rb",
        "\"A\"",
        "action `true`\nif \"Is it real?\" by \"ops\" { record \"x\" }\nresolve \"done\"",
    );
    bench.runbook("b.rb", "\"B\"", "resolve \"done\"");
    let all = token(&bench, "ana --may look,answer,start,admin --person ana");
    let _server = bench.start();
    let document = document(&bench);
    fire(&bench, "1");
    bench.until_states(&["waiting"]);
    let run = bench.runs()[0]["run"].as_str().unwrap().to_owned();
    let (_, shown) = call(&bench, &all, &format!("GET /runs/{run}"), None);
    let question = shown["questions"][0]["question"].clone();
    let valid = |route: &str, asked: &str, body: Option<Value>| {
        let (method, path) = asked.split_once(' ').unwrap();
        let operation = &document["paths"][format!("/api/v1{route}")][method.to_lowercase()];
        let check = |schema: &Value, value: &Value, what: &str| {
            let mut schema = schema.clone();
            schema["components"] = document["components"].clone();
            let validator = jsonschema::validator_for(&schema).unwrap();
            let errors: Vec<String> = validator.iter_errors(value).map(|it| it.to_string()).collect();
            assert_eq!(errors, Vec::<String>::new(), "{what}: {value:#}");
        };
        if let Some(body) = &body {
            check(&operation["requestBody"]["content"]["application/json"]["schema"], body, asked);
        }
        let (code, answer) = call(&bench, &all, &format!("{method} {path}"), body);
        let responses = operation["responses"].as_object().unwrap();
        let response = responses.get(&code.to_string()).unwrap_or(&operation["responses"]["default"]);
        match response["content"]["application/json"]["schema"] {
            Value::Null => assert_eq!(answer, Value::Null, "{asked}"),
            ref schema => check(schema, &answer, asked),
        }
        code
    };
    assert_eq!(valid("/runs", "GET /runs?limit=5", None), 200);
    assert_eq!(valid("/runs", "GET /runs?limit=x", None), 400);
    assert_eq!(valid("/runs", "GET /runs?state=x", None), 400);
    assert_eq!(valid("/runs/{run}", &format!("GET /runs/{run}"), None), 200);
    assert_eq!(valid("/runs/{run}", "GET /runs/none", None), 404);
    assert_eq!(valid("/runbooks", "GET /runbooks", None), 200);
    assert_eq!(valid("/inbox", "GET /inbox", None), 200);
    assert_eq!(valid("/report", "GET /report", None), 200);
    assert_eq!(valid("/runs", "POST /runs", Some(json!({"file": "b.rb", "params": {}}))), 201);
    assert_eq!(valid("/runs", "POST /runs", Some(json!({"file": "none.rb"}))), 404);
    let answer = json!({"question": question, "answer": "yes", "remark": "seen"});
    let path = format!("POST /runs/{run}/answer");
    assert_eq!(valid("/runs/{run}/answer", &path, Some(answer.clone())), 200);
    bench.until_states(&["resolved", "resolved"]);
    assert_eq!(valid("/runs/{run}/answer", &path, Some(answer)), 409);
    let abort = format!("POST /runs/{run}/abort");
    assert_eq!(valid("/runs/{run}/abort", &abort, Some(json!({"reason": "x"}))), 409);
}
