//! The HTTP provider: what it sends, what counts as a number, and which servers it does not trust.

use rbl_runtime::{Datum, Piece, ReadTime};
use rbl_syntax::value::ReasonKind;

use super::{hostile, one, provider, read, read_pieces, text, value};
use crate::support::{Fake, Response};

fn it(fake: &Fake, more: &str) -> std::sync::Arc<dyn rbl_world::provider::Provider> {
    provider(&format!("[providers.it]\ntype = \"http\"\nurl = \"{}/api\"\n{more}", fake.url()))
}

const QUEUES: &str = r#"{"queues": [{"name": "a", "messages": 3}, {"name": "b", "messages": 4}], "size": 7, "text": "8", "none": null,
    "rows": [{"labels": {"zone": "x"}, "value": 1}, {"labels": {"zone": "y"}, "value": 2}]}"#;

#[test]
fn none_one_and_several() {
    let fake = Fake::always(Response::json(QUEUES));
    let it = it(&fake, "");
    assert_eq!(one(&it, "$.size"), 7.0);
    assert!(read(&it, "$.nothing").unwrap().samples.is_empty());
    assert!(read(&it, "$.none").unwrap().samples.is_empty());
    let holey = read(&it, "$['size','none']").unwrap();
    assert_eq!((holey.samples.len(), holey.missing[0]["index"].as_str()), (1, "1"), "it does not vanish");
    let several = read(&it, "$.queues[*].messages").unwrap().samples;
    let seen: Vec<_> = several
        .iter()
        .map(|sample| (sample.labels["index"].as_str(), sample.labels["path"].as_str(), sample.value))
        .collect();
    assert_eq!(seen, [("0", "$['queues'][0]['messages']", 3.0), ("1", "$['queues'][1]['messages']", 4.0)]);
    let rows = read(&it, "$.rows").unwrap().samples;
    assert_eq!((rows[1].labels["zone"].as_str(), rows[1].value), ("y", 2.0));
    let pieces = vec![text("$.queues[?@.name == '"), value("b"), text("'].messages")];
    assert_eq!(read_pieces(&it, pieces, ReadTime::Now).unwrap().samples[0].value, 4.0);
    let pieces = vec![text("$.queues["), Piece::Value(Datum::Number(0.0)), text("].messages")];
    assert_eq!(read_pieces(&it, pieces, ReadTime::Now).unwrap().samples[0].value, 3.0);
    let reason = read(&it, "$.text").unwrap_err();
    assert_eq!(
        (reason.kind, reason.text.as_str()),
        (ReasonKind::Unreadable, "$['text'] is the text \"8\", not a number")
    );
    let lenient = self::it(&fake, "numbers_in_text = true");
    assert_eq!(one(&lenient, "$.text"), 8.0);
    let window = ReadTime::Window { end: super::now(), seconds: 60.0 };
    assert_eq!(read_pieces(&it, vec![text("$.size")], window).unwrap_err().kind, ReasonKind::NoHistory);
}

#[test]
fn a_value_is_one_segment_of_the_path() {
    let fake = Fake::always(Response::json("5"));
    let it = it(&fake, "");
    let mut sent = 0;
    for name in hostile() {
        let result = read_pieces(
            &it,
            vec![text("/queue/"), value(&name), text("/size?of="), value(&name), text(" $")],
            ReadTime::Now,
        );
        if name.len() > 60_000 {
            // Longer than an address may be: no request, and a reason.
            assert!(result.is_err());
            continue;
        }
        assert_eq!(result.unwrap().samples[0].value, 5.0, "{name}");
        sent += 1;
        let requests = fake.requests();
        assert_eq!(requests.len(), sent, "{name}");
        let line = requests.last().unwrap().lines().next().unwrap().to_owned();
        let (path, of) = line
            .strip_prefix("GET /api/queue/")
            .unwrap()
            .strip_suffix(" HTTP/1.1")
            .unwrap()
            .split_once("/size?of=")
            .unwrap();
        assert_eq!((decoded(path), decoded(of)), (name.clone(), name.clone()), "{line}");
        assert!(!path.contains(['/', '?', '#', ' ', '&']), "{line}");
    }
    assert!(sent > 10);
    for name in ["..", "."] {
        let reason =
            read_pieces(&it, vec![text("/queue/"), value(name), text(" $")], ReadTime::Now).unwrap_err();
        assert!(reason.text.contains("has to be a name"), "{reason}");
    }
    assert_eq!(fake.requests().len(), sent);
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let hex = [rest.next().unwrap(), rest.next().unwrap()];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&hex).unwrap(), 16).unwrap());
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).unwrap()
}

#[test]
fn a_sign_in_stays_with_its_server() {
    let thief = Fake::always(Response::json("666"));
    let elsewhere = format!("Location: {}/x\r\n", thief.url());
    let fake = Fake::start(move |request| match request.split(' ').nth(1).unwrap() {
        "/api/away" => Response::with("302 Found", &elsewhere, ""),
        "/api/round" => Response::with("302 Found", "Location: /api/round\r\n", ""),
        "/api/moved" => Response::with("301 Moved Permanently", "Location: here\r\n", ""),
        "/api/here" => Response::json("{\"a\": 1}"),
        _ => Response::of("404 Not Found", "text/html", "<html>no</html>"),
    });
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("token"), "t0ps3cret").unwrap();
    let configuration = format!(
        "[providers.it]\ntype = \"http\"\nurl = \"{}/api\"\nbearer_token = {{ file = \"token\" }}",
        fake.url()
    );
    let it = super::provider_in(&configuration, "it", directory.path());
    assert_eq!(one(&it, "/moved $.a"), 1.0);
    let reason = read(&it, "/away $.a").unwrap_err();
    assert!(reason.text.contains("sends us to another server (302 Found"), "{reason}");
    assert!(thief.requests().is_empty());
    assert!(read(&it, "/round $.a").unwrap_err().text.contains("more than 5 times"));
    let reason = read(&it, "/gone $.a").unwrap_err();
    assert!(reason.text.ends_with("has no /api/gone (404 Not Found)"), "{reason}");
    assert!(
        fake.requests()
            .iter()
            .all(|request| request.to_lowercase().contains("authorization: bearer t0ps3cret"))
    );
}

#[test]
fn what_is_too_large_or_no_json() {
    let big = Fake::always(Response::json(&format!("[{}1]", "1,".repeat(2000))));
    let reason = read(&it(&big, "output = \"1kB\""), "$").unwrap_err();
    assert!(reason.kind == ReasonKind::BadAnswer && reason.text.contains("more than 1000 bytes"), "{reason}");
    let page = Fake::always(Response::of("200 OK", "text/html", "<html>"));
    assert!(read(&it(&page, ""), "$").unwrap_err().text.contains("a web page"));
    let empty = Fake::always(Response::of("204 No Content", "application/json", ""));
    assert!(read(&it(&empty, ""), "$").unwrap().samples.is_empty());
}

#[test]
fn a_post_sends_its_body() {
    let fake = Fake::always(Response::json("{\"hits\": 12}"));
    let it = it(&fake, "method = \"POST\"\nbody = '{\"size\": 0}'");
    assert_eq!(one(&it, "/_search $.hits"), 12.0);
    let request = fake.requests().remove(0);
    assert!(
        request.starts_with("POST /api/_search ") && request.ends_with("\r\n\r\n{\"size\": 0}"),
        "{request}"
    );
    assert!(it.test().unwrap().ends_with("answers 200 OK"), "{:?}", it.test());
}
