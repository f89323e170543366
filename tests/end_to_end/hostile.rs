//! Values that would do harm if they were read as anything but a value, through whole runbooks: what arrives is
//! compared byte for byte, and the folder must contain nothing else afterwards.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::json;

use crate::cli::shell::Shell;
use crate::support::{Exporter, Fake, Prometheus, Response, Setup};

/// Read as code, each would leave a file `canary` behind, list files, or end a text.
pub fn values() -> Vec<String> {
    let mut all: Vec<String> = [
        "'; rm -rf /",
        "'; touch canary; '",
        "\"; touch canary; \"",
        "$(id)",
        "$(touch canary)",
        "`id`",
        "`touch canary`",
        "\"",
        "'",
        "a\nb",
        "\ntouch canary\n",
        "\\",
        "\\n\\\"\\",
        "*",
        "{}",
        "{a,b}",
        "#{x}",
        "#{v}",
        "$HOME ~ %s %n",
        "-n",
        "& touch canary &",
        "| touch canary #",
        "x\"} or vector(1) #",
        ".*|.+",
        "../../etc/passwd?x=1#f",
        "  two  spaces  ",
        "ünï – 語 🙂 \u{202e}",
        "\t\r",
    ]
    .map(str::to_owned)
    .into();
    all.push("long 'x\" ".repeat(11_500));
    all
}

/// The alert of a webhook body that carries the value as a label.
fn alert(value: &str) -> String {
    let alert = json!({"status": "firing", "labels": {"alertname": "A", "v": value}, "annotations": {}});
    json!({"version": "4", "alerts": [alert]}).to_string()
}

/// The files of the folder, and nothing that the test did not expect.
#[track_caller]
pub fn only(shell: &Shell, expected: &[&str]) {
    let found: BTreeSet<String> = std::fs::read_dir(shell.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    assert_eq!(found, expected.iter().map(ToString::to_string).collect());
}

#[track_caller]
pub fn arrived(shell: &Shell, name: &str, value: &str) {
    let found = std::fs::read(shell.path().join(name)).unwrap_or_else(|why| panic!("{name}: {why}"));
    assert!(found == value.as_bytes(), "{name}: {:?} came as {:?}", value, String::from_utf8_lossy(&found));
}

/// Runs with the value as a parameter, then as the label of an alert.
pub fn both_ways(shell: &Shell, value: &str, code: i32, then: impl Fn(&[serde_json::Value])) {
    shell.write("given.json", json!({ "v": value }).to_string());
    then(&shell.rbl("run a.rb --params given.json --format json").code(code).json());
    shell.write("given.json", alert(value));
    then(&shell.rbl("run a.rb --alert given.json --format json").code(code).json());
}

fn recorded(events: &[serde_json::Value]) -> Vec<&str> {
    let recorded = events.iter().filter(|event| event["type"] == "recorded");
    recorded.map(|event| event["text"].as_str().unwrap()).collect()
}

#[test]
fn through_the_shell() {
    let shell = Shell::new();
    shell.write(
        "a.rb",
        "runbook \"a\"\nowner \"a\"\nparam v\n\
         define keep(text, name) as `printf '<%s>' #{text} > #{name}`\n\
         action `printf '<%s>' #{v} > bare`\n\
         action `printf '<%s>' '#{v}' > single`\n\
         action `printf '<%s>' \"#{v}\" > double`\n\
         action `printf '<%s>' a#{v}'b#{v}c'\"d#{v}e\" > mixed`\n\
         action `cat > document <<END\n<#{v}>\nEND\n`\n\
         action keep(v, \"defined\")\n\
         let told = `printf '<%s>' #{v}`\n\
         check `test #{told.text} = \"<#{v}>\" -o -n \"#{v}\"`\n\
         record v\n",
    );
    for value in values() {
        both_ways(&shell, &value, 0, |events| {
            let framed = format!("<{value}>");
            for name in ["bare", "single", "double", "defined"] {
                arrived(&shell, name, &framed);
            }
            arrived(&shell, "mixed", &format!("<a{value}b{value}cd{value}e>"));
            arrived(&shell, "document", &format!("<{value}>\n"));
            assert!(recorded(events) == [value.as_str()], "{value}");
        });
        only(&shell, &["a.rb", "given.json", "bare", "single", "double", "mixed", "document", "defined"]);
    }
}

#[test]
fn what_no_command_can_carry_is_refused() {
    let shell = Shell::new();
    shell.write("a.rb", "runbook \"a\"\nowner \"a\"\nparam v\naction `printf '%s' #{v} > bare`\n");
    shell.write("given.json", r#"{"v": "a\u0000b"}"#);
    let run = shell.rbl("run a.rb --params given.json");
    assert!(matches!(run.code, Some(2 | 4)), "{run:?}");
    assert!(!shell.path().join("bare").exists(), "{run:?}");
    assert!(run.out.contains("NUL") || run.err.contains("NUL"), "{run:?}");
}

/// Ten times what a command can carry.
#[test]
fn what_is_too_long_for_a_command_says_so() {
    let shell = Shell::new();
    shell.write("a.rb", "runbook \"a\"\nowner \"a\"\nparam v\naction `printf '%s' #{v} > bare`\n");
    shell.write("given.json", json!({ "v": "x".repeat(1_000_000) }).to_string());
    let run = shell.rbl("run a.rb --params given.json").code(4);
    assert!(run.out.len() < 100_000, "the story is not the value: {}", run.out.len());
    assert!(run.err.len() < 100_000, "nor is the page: {}", run.err.len());
    assert!(run.out.contains("too long"), "{}", run.out.chars().take(3000).collect::<String>());
}

#[test]
fn through_a_label_of_a_real_prometheus() {
    let exporter = Exporter::start();
    let all: Vec<String> = values().into_iter().filter(|value| value.len() < 60_000).collect();
    let mut past = String::from("# TYPE hostile gauge\n");
    let now = jiff::Timestamp::now().as_second();
    for (number, value) in all.iter().enumerate() {
        let label = value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
        let _ = writeln!(past, "hostile{{v=\"{label}\"}} {number} {now}");
    }
    // The one sample of each series counts until the last of the many runs below, and not only for five minutes.
    let arguments = vec!["--query.lookback-delta=1h"];
    let scrape = vec![exporter.address()];
    let Some(prometheus) = Prometheus::start(&Setup { past: &past, scrape, arguments, ..Setup::default() })
    else {
        return;
    };
    let shell = Shell::new();
    shell.write(
        "rbl.toml",
        format!("[providers.prometheus]\ntype = \"prometheus\"\nurl = \"{}\"\n", prometheus.url()),
    );
    shell.write(
        "a.rb",
        "runbook \"a\"\nowner \"a\"\nparam v\n\
         metric equal from prometheus \"hostile{v=\\\"#{v}\\\"}\"\n\
         metric quoted from prometheus \"hostile{v='#{v}'}\"\n\
         metric pattern from prometheus \"hostile{v=~\\\"#{v}\\\"}\"\n\
         metric inside from prometheus \"hostile{v=~\\\"(#{v}|no such)\\\"}\"\n\
         metric others from prometheus \"count(hostile{v!=\\\"#{v}\\\"})\"\n\
         record \"#{equal} #{quoted} #{pattern} #{inside} #{others}\"\n",
    );
    for (number, value) in all.iter().enumerate() {
        both_ways(&shell, value, 0, |events| {
            let expected = format!("{number} {number} {number} {number} {}", all.len() - 1);
            assert_eq!(recorded(events), [expected.as_str()], "{value:?}");
        });
        only(&shell, &["a.rb", "rbl.toml", "given.json"]);
    }
}

#[test]
fn through_an_address_and_a_program() {
    let fake = Fake::always(Response::json("{\"value\": 5}"));
    let shell = Shell::new();
    shell.write("plug.sh", "cat > question.json; echo '{\"samples\":[{\"value\":7}]}'");
    shell.write(
        "rbl.toml",
        format!(
            "[providers.web]\ntype = \"http\"\nurl = \"{}\"\n[providers.plug]\ntype = \"exec\"\ncommand = [\"/bin/sh\", \"plug.sh\"]\n",
            fake.url()
        ),
    );
    shell.write(
        "a.rb",
        "runbook \"a\"\nowner \"a\"\nparam v\n\
         metric web from web \"/at/#{v}/end?q=#{v}&r=1 $.value\"\n\
         metric plug from plug \"<#{v}>\"\n\
         record \"#{web} #{plug}\"\n",
    );
    for value in values() {
        let long = value.len() > 60_000;
        let before = fake.requests().len();
        both_ways(&shell, &value, 0, |events| {
            let said = recorded(events);
            assert!(said.len() == 1 && said[0].ends_with(" 7"), "{said:?}");
            assert!(long || said == ["5 7"], "{said:?}");
            let question = std::fs::read_to_string(shell.path().join("question.json")).unwrap();
            let question: serde_json::Value = serde_json::from_str(&question).unwrap();
            assert!(question["query"] == format!("<{value}>"), "{value}");
            assert!(question["pieces"][1]["value"] == value.as_str(), "{value}");
        });
        only(&shell, &["a.rb", "rbl.toml", "plug.sh", "given.json", "question.json"]);
        if long {
            continue;
        }
        let requests = fake.requests();
        assert_eq!(requests.len() - before, 2, "{value}");
        for request in &requests[before..] {
            let line = request.lines().next().unwrap();
            let inner = line.strip_prefix("GET /at/").unwrap().strip_suffix("&r=1 HTTP/1.1").unwrap();
            let (path, query) = inner.split_once("/end?q=").unwrap();
            assert_eq!((decoded(path), decoded(query)), (value.clone(), value.clone()), "{line}");
            assert!(!inner.contains([' ', '#', '&', '"', '<']), "{line}");
        }
    }
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        if *first == b'%' {
            let code = std::str::from_utf8(&tail[..2]).unwrap();
            bytes.push(u8::from_str_radix(code, 16).unwrap());
            rest = &tail[2..];
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    String::from_utf8(bytes).unwrap()
}
