//! Parameters from outside.

use rbl_runtime::{AlertBody, ParamHelp, ParamSources, read_params};

use super::{program, program_with, start, tell, world};

const TYPED: &str = "runbook \"R\"\nowner \"o\"\nparam service : text\nparam limit = 5m\nparam share : ratio = 90%\n\
    param hosts = [\"a\"]\n\"#{service} #{limit} #{share} #{hosts}\"";

fn texts(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
}

#[test]
fn texts_become_values_of_the_declared_type() {
    let program = program_with(TYPED, &[]);
    let texts = texts(&[("service", "api"), ("limit", "1h30m"), ("share", "5%"), ("hosts", r#"["x", "y"]"#)]);
    let params = read_params(&program, &ParamSources { texts: &texts, ..ParamSources::default() }).unwrap();
    let told = tell(&program, &rbl_runtime::Start { params, ..start() }, world());
    assert_eq!(told.prose(), ["api 1h30m 5% x, y"]);
}

#[test]
fn everything_that_is_wrong_is_said_at_once() {
    let program = program_with(TYPED, &[]);
    let texts = texts(&[("servce", "api"), ("limit", "30"), ("share", "0.9")]);
    let errors =
        read_params(&program, &ParamSources { texts: &texts, ..ParamSources::default() }).unwrap_err();
    let messages: Vec<_> = errors.iter().map(|error| (error.message.as_str(), error.help.clone())).collect();
    let text = |text: &str| Some(ParamHelp::Text(text.into()));
    assert_eq!(
        messages,
        [
            ("no parameter `servce`", text("did you mean `service`?")),
            ("`limit`: `30` is a number, not a duration", text("write `30s`, or `30m` if you mean minutes")),
            ("`share`: `0.9` is a number, not a ratio", text("write `0.9%` if you mean percent")),
            ("no value for the parameter `service`", Some(ParamHelp::Pair("service=…".into()))),
        ]
    );
}

#[test]
fn texts_win_over_the_table_and_the_table_over_labels() {
    let program = program("param a : text\nparam b : text\nparam c : text\n\"#{a} #{b} #{c}\"");
    let alert = AlertBody::read(
        r#"{"version":"4","alerts":[{"status":"firing","labels":{"alertname":"A","a":"la","b":"lb","c":"lc"}}]}"#,
    )
    .unwrap()
    .meant(None)
    .unwrap();
    let table = serde_json::json!({"a": "ta", "b": "tb"});
    let texts = texts(&[("a", "xa")]);
    let given = ParamSources { texts: &texts, table: table.as_object(), alert: Some(&alert) };
    let params = read_params(&program, &given).unwrap();
    let told = tell(&program, &rbl_runtime::Start { params, alert: Some(alert), ..start() }, world());
    assert_eq!(told.prose(), ["xa tb lc"]);
}

/// An alert that does not match the trigger still runs (a person named it), and the story says what does not fit.
#[test]
fn an_alert_that_the_trigger_does_not_want_is_noted() {
    let body =
        r#"{"version":"4","alerts":[{"status":"firing","labels":{"alertname":"A","severity":"info"}}]}"#;
    let notes = |trigger: &str| -> Vec<String> {
        let program = program(&format!("trigger alert {trigger}\n\"told\""));
        let alert = Some(AlertBody::read(body).unwrap().meant(None).unwrap());
        let told = tell(&program, &rbl_runtime::Start { alert, ..start() }, world());
        assert_eq!(told.prose(), ["told"]);
        let noted = told.events.into_iter().filter_map(|event| match event.kind {
            rbl_runtime::EventKind::Noted { text } => Some(text),
            _ => None,
        });
        noted.collect()
    };
    assert_eq!(notes("\"A\" where severity =~ \"info|page\""), [] as [&str; 0]);
    assert_eq!(notes("\"B\""), ["the trigger is for the alert `B`, and this one is `A`"]);
    assert_eq!(
        notes("\"A\" where severity = \"page\""),
        ["the trigger wants `severity = \"page\"`, and this alert has `info`"]
    );
    assert_eq!(
        notes("\"A\" where team != \"\""),
        ["the trigger wants `team != \"\"`, and this alert has none"]
    );
}

/// A parameter with a list of values takes no other, wherever the value comes from.
#[test]
fn a_value_that_is_not_allowed_is_refused_from_every_source() {
    let program = program("param kind: text among [\"rbd\", \"cephfs\"]\n\"#{kind}\"");
    let refused = |given: &ParamSources<'_>| {
        let mut errors = read_params(&program, given).unwrap_err();
        assert_eq!(errors.len(), 1, "{errors:?}");
        let error = errors.remove(0);
        (error.message, error.help)
    };
    let message = |written: &str| format!("`kind`: `{written}` is not allowed, only `rbd` and `cephfs`");
    let near = Some(ParamHelp::Text("did you mean `cephfs`?".to_owned()));
    let given = texts(&[("kind", "cephf")]);
    assert_eq!(
        refused(&ParamSources { texts: &given, ..ParamSources::default() }),
        (message("cephf"), near.clone())
    );
    let table = serde_json::json!({"kind": "nothing like it"});
    let table = ParamSources { table: table.as_object(), ..ParamSources::default() };
    assert_eq!(
        refused(&table),
        ("`kind`: `\"nothing like it\"` is not allowed, only `rbd` and `cephfs`".into(), None)
    );
    let body = r#"{"version":"4","alerts":[{"status":"firing","labels":{"alertname":"A","kind":"Cephfs"}}]}"#;
    let alert = AlertBody::read(body).unwrap().meant(None).unwrap();
    let labels = ParamSources { alert: Some(&alert), ..ParamSources::default() };
    assert_eq!(refused(&labels), (message("Cephfs"), near));
    let none =
        ("no value for the parameter `kind`".to_owned(), Some(ParamHelp::Pair("kind=rbd|cephfs".into())));
    assert_eq!(refused(&ParamSources::default()), none);
    let given = texts(&[("kind", "rbd")]);
    let params = read_params(&program, &ParamSources { texts: &given, ..ParamSources::default() }).unwrap();
    assert_eq!(tell(&program, &rbl_runtime::Start { params, ..start() }, world()).prose(), ["rbd"]);
}

/// A value that only the run knows is held against the list too, before the body begins.
#[test]
fn a_default_that_is_not_allowed_stops_the_run_before_its_body() {
    let program =
        program("param of = \"nfs\"\nparam kind: text among [\"rbd\", \"cephfs\"] = of\n\"#{kind}\"");
    let told = tell(&program, &start(), world());
    assert_eq!(told.prose(), [] as [&str; 0]);
    assert!(
        told.ended.message.contains("`kind`: `nfs` is not allowed, only `rbd` and `cephfs`"),
        "{}",
        told.ended.message
    );
}

/// Of a body with several alerts the first is taken that the trigger means; the others are named.
#[test]
fn alerts_that_the_trigger_does_not_mean_are_named() {
    let body = r#"{"version":"4","alerts":[
        {"status":"firing","labels":{"alertname":"Other"}},
        {"status":"firing","labels":{"alertname":"A","severity":"info","node":"1"}},
        {"status":"firing","labels":{"alertname":"A","severity":"page","node":"2"}},
        {"status":"resolved","labels":{"alertname":"Gone"}}]}"#;
    let program = program(
        "trigger alert \"A\", \"B\" where severity = \"page\" by node\n\"node #{alert.labels.node}\"",
    );
    let trigger = program.runbook(program.main()).unwrap().trigger.clone();
    let alert = AlertBody::read(body).unwrap().meant(trigger.as_ref());
    let told = tell(&program, &rbl_runtime::Start { alert, ..start() }, world());
    assert_eq!(told.prose(), ["node 2"]);
    let noted: Vec<&str> = told
        .events
        .iter()
        .filter_map(|event| match &event.kind {
            rbl_runtime::EventKind::Noted { text } => Some(text.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(
        noted,
        [
            "3 more alerts came with it; this run handles the first firing one that its trigger means",
            "firing too, and not meant by the trigger: Other, A"
        ]
    );
    let by = told.events.iter().find_map(|event| match &event.kind {
        rbl_runtime::EventKind::Started { trigger: rbl_runtime::Started::Alert { by, .. }, .. } => {
            Some(by.clone())
        }
        _ => None,
    });
    assert_eq!(by.unwrap(), [("node".into(), "2".into())]);
}

#[test]
fn a_number_of_any_length_is_passed_on_and_refused_where_it_is_computed_with() {
    let large = "563018673253974017";
    let given = |body: &str| {
        let program = program_with(&format!("runbook \"R\"\nowner \"o\"\nparam id: number\n{body}"), &[]);
        let texts = texts(&[("id", large)]);
        let params = read_params(&program, &ParamSources { texts: &texts, ..ParamSources::default() });
        params.map(|params| {
            let start = rbl_runtime::Start { params, ..start() };
            tell(&program, &start, world()).deeds().into_iter().map(str::to_owned).collect::<Vec<_>>()
        })
    };
    assert_eq!(given("action `kill #{id}`").unwrap(), [format!("act kill {large}")]);
    for body in
        ["if id > 5 { \"a\" }", "match id { 5 { \"a\" } else { \"b\" } }", "let x = max(id, 1)\n\"#{x}\""]
    {
        let errors = given(body).unwrap_err();
        assert_eq!(
            errors[0].message,
            format!("`id`: `{large}` is too large to compute with exactly"),
            "{body}"
        );
    }
}
