//! What is reported of `LogQL`, and the queries as people write them of which nothing is.

use super::*;

/// Queries as people write them, of every form that the language has.
const LINES: &[&str] = &[
    r#"{app="api"}"#,
    r#"{ app = "api" , env != "dev", zone=~"eu-.+", host!~"test.*" }"#,
    r#"{app!=""}"#,
    r#"{app=~".+"}"#,
    r#"{app=~"a|b"}"#,
    r#"{app=~"(?i)api"}"#,
    r#"{app=~".*", env="prod"}"#,
    r#"{app!~".*"}"#,
    r"{app=`api`}",
    r#"({app="api"})"#,
    r#"{service_name="api"} |= "error" != "timeout" |~ `panic:\s+\d+` !~ "debug""#,
    r#"{app="api"} |= "a" or "b" or "c""#,
    r#"{app="api"} |> "<_> level=debug <_>" !> `<_> ok <_>`"#,
    r#"{app="api"} |= ip("192.168.4.5/16") != ip("10.0.0.0/8")"#,
    r#"{app="api"} | json | line_format "{{.status}} {{ .path | ToUpper }}""#,
    r#"{app="api"} | json status="response.status", first_server="servers[0]" | status >= 500"#,
    r#"{app="api"} | logfmt --strict --keep-empty | duration > 1.5s and bytes >= 20KiB or status == 404"#,
    r#"{app="api"} | logfmt host, fwd_ip="fwd" | level="error""#,
    r#"{app="api"} | pattern "<ip> - - <_> \"<method> <uri> <_>\" <status> <size>" | size > 1MB"#,
    r#"{app="api"} | regexp "(?P<method>\\w+) (?P<path>[\\w|/]+) \\((?P<status>\\d+?)\\)""#,
    r#"{app="api"} | unpack | decolorize | drop __error__, level="debug" | keep app, level=~"warn|error""#,
    r#"{app="api"} | label_format foo=bar, level="{{ if eq .status 500 }}error{{ else }}info{{ end }}""#,
    r#"{app="api"} | addr = ip("192.168.4.5-192.168.4.20") | __error__ = """#,
    r#"{app="api"} | json | (duration >= 20ms or method="GET") and size <= 20KB"#,
    r#"{app="api"} | json | duration >= 20ms , size <= 20KB , method!~"2..""#,
    r#"{app="api"} | detected_level = "error" | trace_id != """#,
    r#"{app="api"} | xml | jsonpath = "a""#,
    "{app=\"api\"} # only ours\n |= \"error\" # these",
    r#"{app="api"} |= "{ [ ( ' ` | json" |= "a \" b \\ \x41 \u00e4 \101""#,
    "{app=\"#\u{1}\"} |= \"\u{1}\"",
    "{\u{1}=\"a\", b=~\"\u{1}.*\"} | \u{1} > \u{1}",
    r#"{app="höher"} |= "größer 👩‍🚒""#,
];

const NUMBERS: &[&str] = &[
    r#"count_over_time({app="api"}[5m])"#,
    r#"rate({app="api"} |= "error" [1h30m])"#,
    r#"rate({app="api"} |= "error"[5m] offset 1h)"#,
    r#"rate({app="api"}[5m] |= "error")"#,
    r#"rate(({app="api"} |= "error")[5m])"#,
    r#"sum(rate({app="api"}[1d])) by (host)"#,
    r#"sum by (host, level) (count_over_time({app="api"} | json [1w2d]))"#,
    r#"sum without(host)(bytes_rate({app="api"}[0]))"#,
    r#"SUM(COUNT_OVER_TIME({app="api"}[5m]))"#,
    r#"topk(10, sum by (path) (rate({app="api"} | json [5m])))"#,
    r#"topk by (x) (3, rate({app="api"}[500ms]))"#,
    r#"approx_topk(10, sum by (name) (count_over_time({app="api"}[5m])))"#,
    r#"quantile_over_time(0.99, {app="api"} | json | unwrap duration(request_time) | __error__="" [1m]) by (path)"#,
    r#"sum_over_time({app="api"} | logfmt | unwrap bytes(size) [5m])"#,
    r#"avg_over_time({app="api"} | logfmt | unwrap latency [5m]) by (host)"#,
    r#"first_over_time({app="api"} | json | unwrap x [5m]) / last_over_time({app="api"} | json | unwrap duration_seconds(x) [5m])"#,
    r#"absent_over_time({app="api"}[5m])"#,
    r#"rate_counter({app="api"} | unwrap foo [5m])"#,
    r#"sum(rate({app="api"} |= "error" [5m])) / sum(rate({app="api"}[5m])) * 100 > bool 1.5e-3"#,
    r#"sum(count_over_time({app="a"}[5m])) or vector(0)"#,
    r#"sum by (a) (rate({app="a"}[5m])) and on (a) sum by (a) (rate({app="b"}[5m])) unless ignoring (b) vector(1)"#,
    r#"sum(rate({a="b"}[5m])) by (a) * on (a) group_left (b) sum(rate({a="c"}[5m])) by (a, b)"#,
    r#"label_replace(rate({job="api"}[1m]), "foo", "$1", "service", "(.*):.*")"#,
    r#"sort_desc(sum by (a) (count_over_time({a="b"}[5m])))"#,
    r#"-1 * count(rate({a="b"}[5m]))"#,
    r#"variants(count_over_time({a="b"}[5m]), bytes_over_time({a="b"}[5m])) of ({a="b"}[5m])"#,
    "vector(1)",
    "1 + 1",
    "sum(count_over_time({app=\"\u{1}\"} |= \"\u{1}\" [\u{1}]))",
    "sum(rate({app=\"api\"}[5m])) > \u{1}",
];

#[test]
fn what_people_write_is_not_touched() {
    for query in LINES {
        assert_eq!(check(query, MetricType::Lines), Ok(()), "{query}");
    }
    for query in NUMBERS {
        assert_eq!(check(query, MetricType::Number), Ok(()), "{query}");
    }
}

#[test]
fn what_is_cut_off_anywhere_ends() {
    for query in LINES.iter().chain(NUMBERS) {
        for (at, _) in query.char_indices() {
            let (begin, end) = query.split_at(at);
            let _ = check(begin, MetricType::Number);
            let _ = check(end, MetricType::Lines);
        }
    }
    assert!(check(&"(".repeat(100_000), MetricType::Number).is_err());
    assert!(check(&"sum(".repeat(3_000), MetricType::Number).is_err());
}

#[test]
fn what_loki_always_refuses_is_shown_where_it_is() {
    use MetricType::{Lines, Number};
    for (of, query, marked, message) in [
        (Lines, "", "", "the query is empty"),
        (Lines, r#"{app="api"} |= "error"#, "\"", "`\"` is never closed"),
        (Lines, "{app=\"api\"} |= `error", "`", "is never closed"),
        (Lines, "{app=\"api\"} |= \"a\nb\"", "\"", "is never closed"),
        (Lines, r#"{app="api" |= "error""#, "{", "`{` is never closed"),
        (Lines, r#"{app="api"}} |= "error""#, "}", "`}` closes nothing"),
        (Number, r#"sum(rate({app="api"}[5m])"#, "(", "`(` is never closed"),
        (Number, r#"rate({app="api"}[5m)"#, "[", "`[` is never closed"),
        (Number, r#"rate({app="api"}5m])"#, "]", "`]` closes nothing"),
        (Lines, "{app='api'}", "'", "no texts in single quotes"),
        (Lines, r#"{app="api"} |~ "\d+""#, r"\d", r"`\d` is no escape sequence"),
        (Lines, "{app=api}", "api", "the value of `app` has no quotes"),
        (Lines, r#"{app=="api"}"#, "==", "compares with one `=`"),
        (Lines, "{}", "{", "selects every stream"),
        (Lines, r#"{app=""}"#, "{", "selects every stream"),
        (Lines, r#"{app=~".*"} |= "error""#, "{", "selects every stream"),
        (Lines, r#"{app!="a", b=~"x|", c!~"d.+"}"#, "{", "selects every stream"),
        (Lines, r#"{app="api"} |= error"#, "error", "the text behind `|=` has no quotes"),
        (Lines, "{app=\"api\"} |~ \u{1}", "\u{1}", "the text behind `|~` has no quotes"),
        (Lines, r#"{app="api"} | "error""#, "|", "`|` is no filter"),
        (Lines, r#"{app="api"} | jsn | a="b""#, "jsn", "there is no stage `jsn`"),
        (Lines, r#"{app="api"} | lineformat "{{.a}}""#, "lineformat", "there is no stage `lineformat`"),
        (Number, r#"rate({app="api"}[5 m])"#, "[5 m]", "the range `5 m` is no duration"),
        (Number, r#"rate({app="api"}[1.5h])"#, "[1.5h]", "is no duration"),
        (Number, r#"rate({app="api"}[5])"#, "[5]", "is no duration"),
        (Number, r#"rate({app="api"}[5min])"#, "[5min]", "is no duration"),
        (Number, r#"rate({app="api"}[5m1h])"#, "[5m1h]", "is no duration"),
        (Number, r#"rate({app="api"}[])"#, "[]", "is no duration"),
        (Number, r#"rate({app="api"}[$__auto])"#, "[$__auto]", "is no duration"),
        (Number, r#"rate({app="api"})"#, "rate", "`rate` has no range"),
        (Number, r#"sum by (a) (count_over_time({app="api"}))"#, "count_over_time", "has no range"),
        (Number, r#"sum({app="api"}[5m])"#, "{", "`sum` takes numbers"),
        (Number, r#"topk(5, {app="api"}[5m])"#, "{", "`topk` takes numbers"),
        (Number, r#"sum by (a) ({app="api"} |= "b" [5m])"#, "{", "`sum` takes numbers"),
        (
            Number,
            r#"count_overtime({app="api"}[5m])"#,
            "count_overtime",
            "there is no function `count_overtime`",
        ),
        (Number, r#"{app="api"} |= "error""#, "{", "a query of lines gives no number"),
        (Lines, r#"sum(rate({app="api"}[5m]))"#, "sum", "a query of numbers gives no lines"),
        (Lines, r#"{app="api"}[5m]"#, "{", "a query of numbers gives no lines"),
    ] {
        let wrong = check(query, of).expect_err(query);
        assert!(wrong.message.contains(message), "{query}: {}", wrong.message);
        let shown = wrong.at.map_or("", |(start, len)| query.get(start..start + len).unwrap());
        assert_eq!(shown, marked, "{query}");
    }
}
