//! S20: the report of a prepared journal, as text.

use serde_json::json;

use crate::server::api::{call, token};
use crate::server::{ServerBench, alert, delivery};

const T: &str = "2026-11-29T03:00:00Z";

/// Times and dates as something that does not change.
fn timeless(text: &str) -> String {
    let dates = regex::Regex::new(r"\d{4}-\d\d-\d\d").unwrap();
    let took = regex::Regex::new(r"\b(?:\d+(?:\.\d+)?(?:ms|s|m|h|d) ?)+\b").unwrap();
    took.replace_all(&dates.replace_all(text, "DAY"), "TIME").into_owned()
}

/// Two runs by alert that a person answers, one that nobody answers in time, one that fails, an alert without a runbook.
#[test]
fn s20_the_report_of_a_prepared_journal() {
    let bench = ServerBench::new("", "");
    bench.runbook(
        "disk.rb",
        "\"Disk\"",
        "action `true`\nif \"Is it full?\" within 1h { action \"Empty it\" within 1h }\nresolve \"done\"",
    );
    bench.runbook(
        "late.rb",
        "\"Late\"",
        "check \"Is it well?\" within 1s else or unknown { stop \"nobody answered\" }",
    );
    bench.runbook("never.rb", "\"Never\"", "resolve \"done\"");
    let all = token(&bench, "ana --may look,answer --person ana");
    let server = bench.start();
    let answer = |number: usize, text: &str| {
        bench.until("it asks", || {
            let (_, runs) = call(&bench, &all, "GET /runs?state=waiting", None);
            let Some(run) = runs["runs"][0]["run"].as_str().map(str::to_owned) else { return false };
            let (_, one) = call(&bench, &all, &format!("GET /runs/{run}"), None);
            let asked = &one["questions"][0];
            let body = json!({"question": asked["question"], "answer": text});
            asked["question"].is_string()
                && call(&bench, &all, &format!("POST /runs/{run}/answer"), Some(body)).0 == 200
        });
        let _ = number;
    };
    for number in 1..=3 {
        let host = format!("\"host\":\"db-{number}\"");
        bench.delivered(&delivery(&[alert("Disk", "firing", &host, &number.to_string(), T)]));
        answer(number, "yes");
        answer(number, "done");
        bench
            .until("it has ended", || bench.states().iter().filter(|it| *it == "resolved").count() == number);
    }
    bench.delivered(&delivery(&[alert("Late", "firing", "", "4", T), alert("Other", "firing", "", "5", T)]));
    bench.until("nobody answered", || bench.states().iter().any(|it| it == "failed" || it == "escalated"));
    bench.until_settled();
    drop(server);
    bench.shell.write(
        "late_test.rb",
        "tests for \"late.rb\"\n\ntest \"nobody answers\" {\n  expect escalation to \"ops\"\n}\n",
    );
    bench.shell.rbl("test").code(0);
    let text = timeless(&bench.shell.rbl("report").code(0).out);
    insta::assert_snapshot!("report_of_a_prepared_journal", text);
}
