//! Parameters from outside.

use rbl_runtime::{Alert, ParamHelp, ParamSources, read_params};

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
    assert_eq!(told.prose(), ["api 1.5h 5% x, y"]);
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
    let alert = Alert::from_webhook(
        r#"{"version":"4","alerts":[{"status":"firing","labels":{"alertname":"A","a":"la","b":"lb","c":"lc"}}]}"#,
    )
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
        let alert = Some(Alert::from_webhook(body).unwrap());
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
