//! S15: of answers, a time-out and an abort one wins, through the API of a server and its own time. Ten thousand races in the
//! store alone are in `tests/journal/conformance/races.rs`, with `RBL_RACES=10000`.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use crate::server::api::{call, token};
use crate::server::{ServerBench, alert, delivery};

const T: &str = "2026-11-29T03:00:00Z";

/// How many questions are fought over.
const RACES: usize = 30;

/// A question of a run.
struct Asked {
    run: String,
    question: String,
    /// The file that its run writes to.
    file: String,
    until: jiff::Timestamp,
}

/// Ana says yes, ben no, and cy aborts, each at the moment at which the time of the question is over.
#[test]
fn s15_of_answers_a_time_out_and_an_abort_one_wins() {
    let bench = ServerBench::new("", "");
    // Long enough for all of them to ask and to be read before the first one is over.
    let body = "param n: text\nif \"Is it real?\" within 25s { action `echo yes >> #{n}` } \
                else { action `echo no >> #{n}` } unknown { action `echo late >> #{n}` }\nresolve \"done\"";
    bench.runbook("a.rb", "\"A\"", body);
    let tokens = ["ana", "ben", "cy"]
        .map(|name| token(&bench, &format!("{name} --may look,answer,admin --person {name}")));
    let server = bench.start();
    let alerts: Vec<String> =
        (0..RACES).map(|it| alert("A", "firing", &format!("\"n\":\"n{it}\""), &it.to_string(), T)).collect();
    bench.delivered(&delivery(&alerts));
    let waiting = || -> Vec<Value> {
        let (_, runs) = call(&bench, &tokens[0], "GET /runs?state=waiting&limit=200", None);
        let runs = runs["runs"].as_array().unwrap().clone();
        runs.into_iter().filter(|it| it["waits_on"] == "person").collect()
    };
    bench.until("all of them ask", || waiting().len() == RACES);
    // The run, its question, its alert, and when its time is over.
    let asked: Vec<Asked> = waiting()
        .iter()
        .map(|run| {
            let id = run["run"].as_str().unwrap().to_owned();
            let (_, one) = call(&bench, &tokens[0], &format!("GET /runs/{id}"), None);
            Asked {
                question: one["questions"][0]["question"].as_str().unwrap().to_owned(),
                file: run["alerts"][0]["labels"]["n"].as_str().unwrap().to_owned(),
                until: run["until"].as_str().unwrap().parse().unwrap(),
                run: id,
            }
        })
        .collect();
    let next: [AtomicUsize; 3] = Default::default();
    let taken: Vec<BTreeMap<String, u16>> = std::thread::scope(|scope| {
        let people = [0, 1, 2].map(|who| {
            let (asked, tokens, next, bench) = (&asked, &tokens, &next, &bench);
            scope.spawn(move || {
                let mut codes = BTreeMap::new();
                loop {
                    let number = next[who].fetch_add(1, Ordering::Relaxed);
                    let Some(Asked { run, question, until, .. }) = asked.get(number) else { return codes };
                    // A little before its time is over, or at it, or a little after.
                    let earlier = jiff::SignedDuration::from_millis([300, 100, 0, -100, -400][number % 5]);
                    let wait = until.duration_since(jiff::Timestamp::now()) - earlier;
                    std::thread::sleep(Duration::try_from(wait).unwrap_or_default());
                    let (path, body) = match who {
                        0 => ("answer", json!({"question": question, "answer": "yes"})),
                        1 => ("answer", json!({"question": question, "answer": "no"})),
                        // Every third one is aborted too.
                        _ if number % 3 == 0 => ("abort", json!({"reason": "enough"})),
                        _ => continue,
                    };
                    let path = format!("POST /runs/{run}/{path}");
                    let (code, said) = call(bench, &tokens[who], &path, Some(body));
                    assert!([200, 202, 409].contains(&code), "{path}: {code} {said}");
                    if code == 409 {
                        assert!(
                            said["error"].as_str().is_some_and(|it| !it.is_empty()),
                            "the loser is told: {said}"
                        );
                    }
                    codes.insert(run.clone(), code);
                }
            })
        });
        people.map(|it| it.join().unwrap()).into_iter().collect()
    });
    bench.until("all have ended", || bench.states().iter().all(|it| it == "resolved" || it == "aborted"));
    drop(server);
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for (number, Asked { run, question, file, .. }) in asked.iter().enumerate() {
        let accepted = [0, 1].into_iter().filter(|who| taken[*who][run] == 200).count();
        assert!(accepted <= 1, "{run}: two answers count");
        let records = bench.shell.rbl(&format!("show {run} --format json")).code(0).json();
        let seq: u64 = question.parse().unwrap();
        let replies: Vec<&Value> =
            records.iter().filter(|it| it["type"] == "reply" && it["to"] == seq).collect();
        assert!(replies.len() <= 1, "{run}: {replies:?}");
        let done = bench.read(file);
        let state = bench.runs().iter().find(|it| it["run"] == run.as_str()).unwrap()["state"].clone();
        let won = if taken[0][run] == 200 {
            "yes"
        } else if taken[1][run] == 200 {
            "no"
        } else if done == "late\n" {
            "late"
        } else {
            "abort"
        };
        match won {
            "abort" => assert_eq!((state.as_str(), done.as_str()), (Some("aborted"), ""), "{run}"),
            // An abort that comes after the answer may end the run before what follows it.
            won => {
                let aborted = number % 3 == 0 && state == "aborted";
                assert!(
                    done == format!("{won}\n") || aborted && done.is_empty(),
                    "{run}: {won}, {done:?}, {state}"
                );
            }
        }
        *seen.entry(won).or_default() += 1;
    }
    eprintln!("who won: {seen:?}");
}
