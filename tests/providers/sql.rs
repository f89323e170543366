//! The provider `sql` against SQLite itself.

use rbl_runtime::ReadTime;
use rbl_syntax::tree::MetricType;
use rbl_syntax::value::ReasonKind;

use super::{at, hostile, one, provider_in, read, read_pieces, text, typed, value};

fn database() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let connection = rusqlite::Connection::open(folder.path().join("it.db")).unwrap();
    connection
        .execute_batch(
            "CREATE TABLE job (kind TEXT, state TEXT, size INTEGER, cost REAL);
             INSERT INTO job VALUES ('mail', 'waiting', 9007199254740993, 0.5), ('mail', 'done', 2, NULL), ('pdf', 'waiting', 3, 1.5);",
        )
        .unwrap();
    folder
}

fn section(more: &str) -> String {
    let timeout = if more.contains("timeout") { "" } else { "timeout = \"30s\"" };
    format!("[providers.it]\ntype = \"sql\"\npath = \"it.db\"\n{timeout}\n{more}\n")
}

#[test]
fn numbers_texts_and_lines() {
    let folder = database();
    let it = provider_in(&section(""), "it", folder.path());
    assert_eq!(one(&it, "SELECT count(*) FROM job"), 3.0);
    let reading = read(&it, "SELECT count(*) AS value, kind FROM job GROUP BY kind ORDER BY kind").unwrap();
    let labels: Vec<&str> = reading.samples.iter().map(|it| it.labels["kind"].as_str()).collect();
    assert_eq!(labels, ["mail", "pdf"]);
    assert_eq!(reading.samples[0].value, 2.0);
    let exact = read(&it, "SELECT max(size) FROM job").unwrap();
    assert_eq!(exact.samples[0].digits.as_ref().unwrap().as_str(), "9007199254740993");
    assert!(
        read(&it, "SELECT cost FROM job WHERE state = 'done'").unwrap().samples.is_empty(),
        "NULL is no data"
    );
    assert!(read(&it, "SELECT 1 WHERE 0").unwrap().samples.is_empty());
    let states = typed(&it, MetricType::Text, "SELECT state FROM job WHERE kind = 'pdf'").unwrap();
    assert_eq!(states.texts[0].text, "waiting");
    let lines = typed(&it, MetricType::Lines, "SELECT kind FROM job ORDER BY kind").unwrap();
    assert_eq!(lines.lines.unwrap(), ["mail", "mail", "pdf"]);
    assert!(it.test().unwrap().contains("1 tables"), "{:?}", it.test());
}

#[test]
fn a_value_is_a_parameter() {
    let folder = database();
    let it = provider_in(&section(""), "it", folder.path());
    let count = |kind: &str| {
        let pieces = vec![text("SELECT count(*) FROM job WHERE kind = "), value(kind)];
        read_pieces(&it, pieces, ReadTime::Now).unwrap().samples[0].value
    };
    assert_eq!(count("mail"), 2.0);
    for hostile in hostile().iter().map(String::as_str).chain(["' OR 1=1 --", "mail'; DROP TABLE job"]) {
        assert_eq!(count(hostile), 0.0, "{hostile}");
    }
    let quoted = vec![text("SELECT count(*) FROM job WHERE kind = '"), value("mail"), text("'")];
    let reason = read_pieces(&it, quoted, ReadTime::Now).unwrap_err();
    assert!(reason.text.contains("a value stands in quotes"), "{reason}");
}

#[test]
fn nothing_is_written_and_nothing_hangs() {
    let folder = database();
    let it = provider_in(&section("rows = 2"), "it", folder.path());
    let quick = provider_in(&section("rows = 2\ntimeout = \"700ms\""), "it", folder.path());
    for (query, words) in [
        ("DELETE FROM job", "not a SELECT"),
        ("INSERT INTO job VALUES ('x', 'y', 1, 1) RETURNING size", "not a SELECT"),
        ("PRAGMA user_version = 5", "not a SELECT"),
        ("SELECT nonsense FROM job", "no such column"),
        ("SELECT size FROM job", "returns more than 2 rows"),
        ("SELECT kind FROM job LIMIT 1", "the text \"mail\", not a number"),
        (
            "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n",
            "within 700ms",
        ),
    ] {
        let asked = if words.starts_with("within") { &quick } else { &it };
        let reason = read(asked, query).unwrap_err();
        assert!(reason.text.contains(words), "{query}: {reason}");
    }
    let window = ReadTime::Window { end: at(100.0), seconds: 10.0 };
    let reason = read_pieces(&it, vec![text("SELECT 1")], window).unwrap_err();
    assert_eq!(reason.kind, ReasonKind::NoHistory);
    assert_eq!(one(&it, "SELECT count(*) FROM job"), 3.0);
    let gone = provider_in(&section("").replace("it.db", "gone.db"), "it", folder.path());
    assert!(read(&gone, "SELECT 1").unwrap_err().text.ends_with("gone.db: no such file"));
    assert!(!folder.path().join("gone.db").exists());
    std::fs::write(
        folder.path().join("it.txt"),
        "this is no database, and longer than a header of one would be",
    )
    .unwrap();
    let text = provider_in(&section("").replace("it.db", "it.txt"), "it", folder.path());
    assert!(read(&text, "SELECT 1").unwrap_err().text.contains("is not a SQLite database"));
}
