//! S14: nothing changes by looking.

use rusqlite::types::Value as Column;
use serde_json::Value;

use crate::server::ServerBench;
use crate::server::api::{fire, token};

/// Everything in the journal, table by table.
fn content(bench: &ServerBench) -> Vec<(String, Vec<Vec<Column>>)> {
    let journal = bench.journal();
    let mut tables = journal.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").unwrap();
    let tables = tables.query_map([], |row| row.get::<_, String>(0)).unwrap();
    tables
        .map(|table| {
            let table = table.unwrap();
            let mut rows = journal.prepare(&format!("SELECT * FROM {table}")).unwrap();
            let columns = rows.column_count();
            let all = rows.query_map([], |row| (0..columns).map(|it| row.get(it)).collect()).unwrap();
            let mut all: Vec<Vec<Column>> = all.map(Result::unwrap).collect();
            all.sort_by_key(|row| format!("{row:?}"));
            (table, all)
        })
        .collect()
}

/// Every address, with words in it that ask for a change, by each method that only looks.
#[test]
fn s14_no_get_or_head_changes_anything() {
    let bench = ServerBench::new("", "");
    bench.runbook("a.rb", "\"A\"", "if \"Is it real?\" { record \"yes\" }\nresolve \"done\"");
    let all = token(&bench, "ana --may look,answer,start,admin --person ana");
    let server = bench.start();
    fire(&bench, "1");
    bench.until_states(&["waiting"]);
    bench.until_settled();
    let run = bench.runs()[0]["run"].as_str().unwrap().to_owned();
    let (_, text) = server.get("/api/v1/openapi.json").unwrap();
    let document: Value = serde_json::from_str(&text).unwrap();
    let (_, shown) = crate::server::api::call(&bench, &all, &format!("GET /runs/{run}"), None);
    let question = shown["questions"][0]["question"].as_str().unwrap().to_owned();
    let mut paths: Vec<String> =
        document["paths"].as_object().unwrap().keys().map(|path| path.replace("{run}", &run)).collect();
    let more = ["/", "/metrics", "/-/ready", "/-/healthy", "/-/reload", "/hooks/alertmanager", "/hooks/x"];
    paths.extend(more.map(str::to_owned));
    let before = content(&bench);
    assert!(before.iter().any(|(table, rows)| table == "run" && rows.len() == 1));
    let queries = [
        String::new(),
        format!("?question={question}&answer=yes&remark=x"),
        "?_method=POST&file=a.rb&reason=x".to_owned(),
    ];
    let body =
        format!("{{\"question\":\"{question}\",\"answer\":\"yes\",\"file\":\"a.rb\",\"reason\":\"x\"}}");
    let mut asked = 0;
    for path in &paths {
        for query in &queries {
            for method in ["GET", "HEAD", "OPTIONS", "TRACE"] {
                // Nor by what some frameworks take for another method.
                let head = format!(
                    "{method} {path}{query} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {all}\r\n\
                     Content-Type: application/json\r\nX-HTTP-Method-Override: POST\r\nX-HTTP-Method: POST"
                );
                let (code, text) = bench.request(&head, body.as_bytes()).unwrap();
                assert!(code != 201 && code != 202, "{head}: {code} {text}");
                asked += 1;
            }
        }
    }
    assert!(asked > 150, "{asked}");
    assert_eq!(content(&bench), before);
    assert_eq!((bench.states(), bench.became().len()), (vec!["waiting".to_owned()], 1));
}
