//! The provider `sql` against a real `PostgreSQL`, and against what is none.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rbl_runtime::{Datum, Piece, ReadTime};
use rbl_syntax::tree::MetricType;
use rbl_syntax::value::ReasonKind;
use rbl_world::provider::Provider;

use super::{at, hostile, one, provider_in, read, read_pieces, text, typed, value};
use crate::end_to_end::streams::eventually;
use crate::support::{Fake, POSTGRES_PASSWORD, Postgres, Response, free_port};

const TABLES: &str = "
    CREATE TYPE mood AS ENUM ('calm', 'busy');
    CREATE DOMAIN percent AS int CHECK (VALUE >= 0);
    CREATE TABLE job (kind text, state varchar, size bigint, cost numeric, mood mood, done percent, at timestamptz);
    INSERT INTO job VALUES ('mail', 'waiting', 9007199254740993, 0.10, 'calm', 5, '2026-05-01T10:00:00Z'),
        ('mail', 'done', 2, NULL, 'busy', 6, NULL), ('pdf', 'waiting', 3, 98761234987612349876.5, NULL, 7, NULL);
    GRANT SELECT ON job TO rbl;
    GRANT INSERT, DELETE ON job TO rbl;
    CREATE TABLE hidden (a int);";

/// The provider of a server, with more keys.
fn at_url(url: &str, more: &str, folder: &Path) -> Arc<dyn Provider> {
    std::fs::write(folder.join("rbl-password"), POSTGRES_PASSWORD).unwrap();
    let timeout = if more.contains("timeout") { "" } else { "timeout = \"60s\"" };
    let section = format!(
        "[providers.it]\ntype = \"sql\"\nurl = \"{url}\"\npassword = {{ file = \"rbl-password\" }}\n{timeout}\n{more}\n"
    );
    provider_in(&section, "it", folder)
}

fn it(server: &Postgres) -> Arc<dyn Provider> {
    at_url(&server.url(), "", server.folder())
}

#[test]
fn every_type_of_column_is_read_or_refused() {
    let Some(server) = Postgres::start(TABLES) else { return };
    let it = it(&server);
    assert_eq!(one(&it, "SELECT count(*) FROM job"), 3.0);
    for (query, number) in [
        ("SELECT 5::smallint", 5.0),
        ("SELECT 5", 5.0),
        ("SELECT 0.1::real", 0.1),
        ("SELECT 0.25::float8", 0.25),
        ("SELECT 12.50", 12.5),
        ("SELECT -0.0005", -0.0005),
        ("SELECT 1e20::numeric", 1e20),
        ("SELECT sum(size) FROM job WHERE size < 10", 5.0),
        ("SELECT done FROM job WHERE kind = 'pdf'", 7.0),
        ("SELECT extract(epoch FROM interval '1 day')", 86400.0),
        ("SHOW statement_timeout -- the server's own time-out, in words that are no number\n", f64::NAN),
    ] {
        if number.is_nan() {
            assert!(read(&it, query).unwrap_err().text.contains("ms\", not a number"), "{query}");
        } else {
            assert_eq!(one(&it, query), number, "{query}");
        }
    }
    let digits = |query: &str| read(&it, query).unwrap().samples[0].digits.clone().unwrap().to_string();
    assert_eq!(digits("SELECT max(size) FROM job"), "9007199254740993");
    assert_eq!(digits("SELECT max(cost) FROM job"), "98761234987612349876.5");
    for query in ["SELECT 'NaN'::float8", "SELECT 'NaN'::numeric"] {
        assert!(read(&it, query).unwrap().samples[0].value.is_nan(), "{query}");
    }
    assert!(read(&it, "SELECT 'Infinity'::float8").unwrap().samples[0].value.is_infinite());
    assert!(read(&it, "SELECT cost FROM job WHERE state = 'done'").unwrap().samples.is_empty(), "NULL");
    assert!(read(&it, "SELECT 1 WHERE false").unwrap().samples.is_empty(), "no rows");
    let rows = read(&it, "SELECT max(cost) AS value, state FROM job GROUP BY state ORDER BY state").unwrap();
    assert_eq!((rows.samples.len(), rows.missing.len()), (1, 1), "a NULL beside others does not vanish");
    assert_eq!(
        read(&it, "SELECT size FROM job").unwrap().samples.len(),
        3,
        "several rows are several series"
    );
    for (query, words) in [
        ("SELECT kind FROM job LIMIT 1", "the text \"mail\", not a number"),
        ("SELECT true", "true, not a number"),
        ("SELECT interval '1 day' AS age", "`age` is of type interval, which is not read: write `age::text`"),
        ("SELECT point(1, 2)", "is of type point"),
    ] {
        let reason = read(&it, query).unwrap_err();
        assert_eq!(reason.kind, ReasonKind::Unreadable, "{query}: {reason}");
        assert!(reason.text.contains(words), "{query}: {reason}");
    }
    for (query, shown) in [
        ("SELECT mood FROM job WHERE size = 2", "busy"),
        ("SELECT at FROM job WHERE at IS NOT NULL", "2026-05-01T10:00:00Z"),
        ("SELECT date '2026-05-01'", "2026-05-01"),
        ("SELECT '{\"a\": 1}'::jsonb", "{\"a\": 1}"),
        ("SELECT '{\"a\":1}'::json", "{\"a\":1}"),
        ("SELECT 'c1d5d5b0-0f5e-4c0a-9d4b-0a3f6c1e2d3f'::uuid", "c1d5d5b0-0f5e-4c0a-9d4b-0a3f6c1e2d3f"),
        ("SELECT 12.50", "12.50"),
        ("SELECT true", "true"),
        ("SELECT current_user", "rbl"),
    ] {
        assert_eq!(typed(&it, MetricType::Text, query).unwrap().texts[0].text, shown, "{query}");
    }
    let lines = typed(&it, MetricType::Lines, "SELECT kind FROM job ORDER BY kind").unwrap();
    assert_eq!(lines.lines.unwrap(), ["mail", "mail", "pdf"]);
    assert!(
        typed(&it, MetricType::Lines, "SELECT kind, size FROM job").unwrap_err().text.contains("one column")
    );
    let tested = it.test().unwrap();
    assert!(tested.starts_with("PostgreSQL ") && tested.ends_with(", postgres as rbl"), "{tested}");
}

#[test]
fn a_value_is_a_parameter_of_the_type_that_the_query_needs() {
    let Some(server) = Postgres::start(TABLES) else { return };
    let it = it(&server);
    let ask = |pieces: Vec<Piece>| read_pieces(&it, pieces, ReadTime::Now);
    let count = |column: &str, datum: Datum| {
        let query = format!("SELECT count(*) FROM job WHERE {column}");
        ask(vec![text(&query), Piece::Value(datum)]).map(|reading| reading.samples[0].value)
    };
    assert_eq!(count("kind = ", Datum::Text("mail".into())), Ok(2.0));
    assert_eq!(count("size > ", Datum::Number(2.0)), Ok(2.0));
    assert_eq!(count("cost > ", Datum::Number(0.05)), Ok(2.0));
    assert_eq!(count("mood = ", Datum::Text("busy".into())), Ok(1.0));
    let old = vec![
        text("SELECT count(*) FROM job WHERE at < now() - "),
        Piece::Value(Datum::Duration(5.0)),
        text("::interval"),
    ];
    assert_eq!(ask(old).unwrap().samples[0].value, 1.0);
    let kinds = Datum::List(vec![Datum::Text("pdf".into()), Datum::Text("a\"b\\,c".into())]);
    let any = vec![text("SELECT count(*) FROM job WHERE kind = ANY("), Piece::Value(kinds), text(")")];
    assert_eq!(ask(any).unwrap().samples[0].value, 1.0);
    let limit = vec![text("SELECT size FROM job LIMIT "), Piece::Value(Datum::Number(1.0))];
    assert_eq!(ask(limit).unwrap().samples.len(), 1);
    for hostile in hostile().iter().map(String::as_str).chain(["' OR 1=1 --", "mail'; DROP TABLE job"]) {
        assert_eq!(count("kind = ", Datum::Text(hostile.into())), Ok(0.0), "{hostile}");
    }
    for (pieces, words) in [
        (vec![text("SELECT count(*) FROM job WHERE kind = '"), value("mail"), text("'")], "stands in quotes"),
        (vec![text("SELECT $$"), value("mail"), text("$$")], "0 parameters and 1 values"),
        (vec![text("SELECT $1::int")], "1 parameters and 0 values"),
        (vec![text("SELECT count(*) FROM job WHERE size > "), value("x")], "invalid input syntax"),
    ] {
        let reason = ask(pieces).unwrap_err();
        assert!(reason.text.contains(words), "{reason}");
    }
    assert_eq!(one(&it, "SELECT count(*) FROM job"), 3.0);
}

#[test]
fn nothing_is_written_and_nothing_hangs() {
    let Some(server) = Postgres::start(TABLES) else { return };
    let it = at_url(&server.url(), "rows = 2", server.folder());
    for (query, kind, words) in [
        ("DELETE FROM job", ReasonKind::NotRun, "not a SELECT"),
        ("COMMIT", ReasonKind::NotRun, "not a SELECT"),
        ("SET default_transaction_read_only = off", ReasonKind::NotRun, "not a SELECT"),
        ("INSERT INTO job (kind) VALUES ('x') RETURNING size", ReasonKind::NotRun, "the query writes"),
        (
            "WITH gone AS (DELETE FROM job RETURNING 1) SELECT count(*) FROM gone",
            ReasonKind::NotRun,
            "writes",
        ),
        ("SELECT 1; DELETE FROM job", ReasonKind::ProviderError, "multiple commands"),
        (
            "SELECT set_config('transaction_read_only', 'off', false)",
            ReasonKind::ProviderError,
            "before any query",
        ),
        ("SELECT nonsense FROM job", ReasonKind::ProviderError, "\"nonsense\" does not exist"),
        ("SELECT a FROM hidden", ReasonKind::ProviderError, "permission denied"),
        ("SELECT size FROM job", ReasonKind::ProviderError, "returns more than 2 rows"),
    ] {
        let reason = read(&it, query).unwrap_err();
        assert_eq!(reason.kind, kind, "{query}: {reason}");
        assert!(reason.text.contains(words), "{query}: {reason}");
    }
    assert_eq!(one(&it, "SELECT count(*) FROM job"), 3.0, "nothing was written");
    let window = ReadTime::Window { end: at(100.0), seconds: 10.0 };
    let reason = read_pieces(&it, vec![text("SELECT 1")], window).unwrap_err();
    assert_eq!(reason.kind, ReasonKind::NoHistory);
    let quick = at_url(&server.url(), "timeout = \"700ms\"", server.folder());
    let began = Instant::now();
    let reason = read(&quick, "SELECT pg_sleep(300)::text").unwrap_err();
    assert_eq!(reason.kind, ReasonKind::TimedOut, "{reason}");
    assert!(reason.text.ends_with("within 700ms") && began.elapsed() < Duration::from_mins(1), "{reason}");
    eventually("the server ended it", || {
        let sleeping = server.run("SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%pg_sleep(300)%' AND pid <> pg_backend_pid()");
        String::from_utf8_lossy(&sleeping.stdout).trim() == "0"
    });
    let endless = read(&it, "SELECT repeat('x', 100000000)").unwrap_err();
    assert!(endless.text.contains("more than 50000000 bytes"), "{endless}");
}

#[test]
fn the_certificate_and_the_password_are_checked() {
    let Some(server) = Postgres::start(TABLES) else { return };
    let address = |host: &str, more: &str| format!("postgres://rbl@{host}:{}/postgres{more}", server.port());
    let secure = "SELECT ssl::int FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
    let with = |url: &str, more: &str| at_url(url, more, server.folder());
    assert_eq!(one(&with(&address("localhost", "?sslmode=verify-full"), "ca = \"ca.crt\""), secure), 1.0);
    assert_eq!(one(&with(&address("localhost", "?sslmode=disable"), ""), secure), 0.0);
    let folder = server.folder().display().to_string().replace('/', "%2F");
    assert_eq!(one(&with(&address(&folder, ""), ""), "SELECT 1"), 1.0, "by its socket");
    for (url, more, words) in [
        (address("localhost", "?sslmode=require"), "", "nobody that this machine trusts"),
        (address("127.0.0.1", "?sslmode=require"), "ca = \"ca.crt\"", "for another name"),
        (address("localhost", ""), "ca = \"missing.crt\"", "no such file"),
        (address("localhost", "?sslmode=nonsense"), "", "sslmode"),
        (
            format!("postgres://rbl@127.0.0.1:{}/postgres", free_port()),
            "",
            "connection refused by 127.0.0.1:",
        ),
        (
            "postgres://rbl@no-such-host.invalid/postgres".to_owned(),
            "",
            "no such host: no-such-host.invalid:5432",
        ),
        (
            format!("postgres://nobody@127.0.0.1:{}/postgres?sslmode=disable", server.port()),
            "",
            "does not let us in",
        ),
        (
            format!("postgres://rbl@127.0.0.1:{}/nowhere?sslmode=disable", server.port()),
            "",
            "\"nowhere\" does not exist",
        ),
    ] {
        let reason = read(&with(&url, more), "SELECT 1").unwrap_err();
        assert!(reason.text.contains(words), "{url}: {reason}");
        assert!(!reason.text.contains(POSTGRES_PASSWORD), "{url}: {reason}");
    }
    // Of two hosts the one that is there answers.
    let two = format!(
        "postgres://rbl@127.0.0.1:{},127.0.0.1:{}/postgres?sslmode=disable",
        free_port(),
        server.port()
    );
    assert_eq!(one(&with(&two, ""), "SELECT 1"), 1.0);
    // A server that repeats the secret of a query.
    let secret = vec![
        text("SELECT "),
        Piece::Value(Datum::Secret(rbl_syntax::value::SecretRef::File("rbl-password".into()))),
        text("::int"),
    ];
    let reason =
        read_pieces(&with(&address("localhost", "?sslmode=disable"), ""), secret, ReadTime::Now).unwrap_err();
    assert!(reason.text.contains("•••") && !reason.text.contains(POSTGRES_PASSWORD), "{reason}");
    let none = provider_in(
        &format!("[providers.it]\ntype = \"sql\"\nurl = \"{}\"\n", address("localhost", "?sslmode=disable")),
        "it",
        server.folder(),
    );
    assert!(
        read(&none, "SELECT 1")
            .unwrap_err()
            .text
            .contains("does not let us in: password missing: write `password`")
    );
}

/// A server that is none, before and after the first message.
#[test]
fn what_does_not_speak_the_protocol_is_unknown() {
    let folder = tempfile::tempdir().unwrap();
    let asking = |port: u16, more: &str, timeout: &str| {
        let section = format!(
            "[providers.it]\ntype = \"sql\"\nurl = \"postgres://rbl@127.0.0.1:{port}/x{more}\"\ntimeout = \"{timeout}\"\n"
        );
        provider_in(&section, "it", folder.path())
    };
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let began = Instant::now();
    let reason = read(&asking(silent.local_addr().unwrap().port(), "", "400ms"), "SELECT 1").unwrap_err();
    assert_eq!(reason.kind, ReasonKind::TimedOut, "{reason}");
    assert!(reason.text.ends_with("within 400ms") && began.elapsed() < Duration::from_mins(1), "{reason}");
    let page = Fake::always(Response::of("200 OK", "text/html", "<html>"));
    let port: u16 = page.url().rsplit(':').next().unwrap().parse().unwrap();
    let reason = read(&asking(port, "?sslmode=disable", "400ms"), "SELECT 1").unwrap_err();
    assert!(matches!(reason.kind, ReasonKind::BadAnswer | ReasonKind::TimedOut), "{reason}");
    for (bytes, mode, kind, words) in [
        (&b"N"[..], "?sslmode=require", ReasonKind::Unreachable, "it has no TLS"),
        (
            &b"HTTP/1.1 400 Bad Request\r\n\r\n"[..],
            "?sslmode=disable",
            ReasonKind::BadAnswer,
            "does not answer as PostgreSQL",
        ),
        (&b""[..], "?sslmode=disable", ReasonKind::BadAnswer, "does not answer as PostgreSQL"),
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = std::thread::spawn(move || {
            let (mut connection, _) = listener.accept().unwrap();
            let _ = connection.read(&mut [0; 1024]);
            let _ = connection.write_all(bytes);
        });
        let reason = read(&asking(port, mode, "30s"), "SELECT 1").unwrap_err();
        server.join().unwrap();
        assert_eq!(reason.kind, kind, "{reason}");
        assert!(reason.text.contains(words), "{reason}");
    }
}
