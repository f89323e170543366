//! What a number was read as is what is passed on, through every door and after a parked question.

use super::shell::Shell;

const BOOK: &str = r#"runbook "it"
owner "o"
param version = 1.0
param build: number = 0
param cluster: text = "a"
metric ratio from file "m.json ratio"
metric share by shard from file "m.json shares"
let fixed = 0.1234567890123456789012
let d = `cat d.json`.json
let again = json(`cat d.json`.text)
let printed = `echo 1.10`.number
check d.v < 2
check d.v + 1 == 2.1
check ratio > 0.1
action `printf '%s\n' #{version} #{build} #{cluster} #{fixed} #{d.v} #{d.e} #{d.long} #{again.tiny} #{printed} #{ratio} > before`
for each s in share up to 3 { action `printf '%s %s\n' #{s.shard} #{s} >> shards` }
check d.e > 5 unknown { "it is #{d.e}" }
check "Go on?"
action `printf '%s\n' #{version} #{build} #{cluster} #{fixed} #{d.v} #{d.e} #{d.long} #{again.tiny} #{printed} #{ratio} > after`
record "v #{d.v}, twice #{d.v * 2}, long #{d.long}, twice #{d.long * 2}"
test "the same in a test" {
  param version = 2.50
  given probe `cat d.json` prints "{\"v\": 1.10, \"e\": 1e400, \"long\": 0.1234567890123456789012, \"tiny\": 1e-400}"
  given probe `echo 1.10` prints "1.10"
  given ratio = 0.50
  given share {shard: "a"} = 1.0
  answer "Go on?" with yes
  expect action `printf '%s\n' 2.50 0 a 0.1234567890123456789012 1.10 1e400 0.1234567890123456789012 1e-400 1.10 0.50 > after`
  expect record matching "^v 1\\.10, twice 2\\.2, long 0\\.1234567890123456789012, twice 0\\.24691357802469135$"
}
"#;

#[test]
fn a_number_is_passed_on_as_it_was_read() {
    let shell = Shell::new();
    shell.write("it.rb", BOOK).write("rbl.toml", "[providers.file]\ntype = \"file\"\n");
    shell.write(
        "d.json",
        r#"{"v": 1.10, "e": 1e400, "long": 0.1234567890123456789012, "tiny": 1e-400, "more": [1e6]}"#,
    );
    shell.write(
        "m.json",
        r#"{"ratio": 0.30000000000000004, "shares": [{"labels": {"shard": 1.10}, "value": 2.50}, {"labels": {"shard": "007"}, "value": 3}]}"#,
    );
    shell.write("p.toml", "version = 1.20\nbuild = 0x10\n").write("p.json", r#"{"version": 1.30}"#);
    let checked = shell.rbl("check it.rb");
    assert_eq!(checked.code, Some(0), "{}{}", checked.out, checked.err);
    let tested = shell.rbl("test it.rb");
    assert_eq!(tested.code, Some(0), "{}{}", tested.out, tested.err);
    let fixed = "0.1234567890123456789012";
    let rest = format!("{fixed}\n1.10\n1e400\n{fixed}\n1e-400\n1.10\n0.30000000000000004\n");
    for (given, first) in [
        ("", "1.0\n0\na\n"),
        ("--param version=1.10 --param build=007 --param cluster=1.50", "1.10\n007\n1.50\n"),
        ("--param version=1234e5", "1234e5\n0\na\n"),
        ("--param version=+4930123", "+4930123\n0\na\n"),
        ("--params p.json", "1.30\n0\na\n"),
        ("--params p.toml", "1.20\n16\na\n"),
    ] {
        let _ = std::fs::remove_file(shell.path().join("shards"));
        let planned = shell.rbl(&format!("plan it.rb {given}"));
        assert!(!planned.out.is_empty(), "{given}: {}", planned.err);
        let parked = shell.rbl(&format!("run it.rb --no-input {given}")).code(5);
        assert!(
            parked.out.contains("it is too large to compute") || parked.out.contains("it is 1e400"),
            "{}",
            parked.out
        );
        let ended = shell.rbl("answer last yes --no-input");
        assert_eq!(ended.code, Some(0), "{given}: {}{}", ended.out, ended.err);
        for file in ["before", "after"] {
            let text = std::fs::read_to_string(shell.path().join(file)).unwrap();
            assert_eq!(text, format!("{first}{rest}"), "{given}: {file}");
        }
        assert_eq!(std::fs::read_to_string(shell.path().join("shards")).unwrap(), "007 3\n1.10 2.50\n");
        assert!(
            ended.out.contains(&format!("v 1.10, twice 2.2, long {fixed}, twice 0.24691357802469135")),
            "{}",
            ended.out
        );
        let replayed = shell.rbl("replay last");
        assert_eq!(replayed.code, Some(0), "{given}: {}{}", replayed.out, replayed.err);
        let written = shell.rbl("replay last --as-test");
        if given.contains('+') {
            assert!(
                written.code(2).err.contains("a test has no form for a number with a plus sign (+4930123)")
            );
            continue;
        }
        assert_eq!(written.code, Some(0), "{given}: {}{}", written.out, written.err);
        assert!(written.out.contains("0.30000000000000004"), "{}", written.out);
    }
}

#[test]
fn a_label_of_an_alert_is_passed_on_as_it_is() {
    let shell = Shell::new();
    shell.write(
        "it.rb",
        "runbook \"it\"\ntrigger alert \"A\"\nowner \"o\"\nparam version = 1.0\nparam id: number\naction `printf '%s %s' #{version} #{id} > sent`\n",
    );
    shell.write(
        "alert.json",
        r#"{"version":"4","alerts":[{"status":"firing","labels":{"alertname":"A","version":"1.10","id":"007"}}]}"#,
    );
    let ended = shell.rbl("run it.rb --no-input --alert alert.json");
    assert_eq!(ended.code, Some(0), "{}{}", ended.out, ended.err);
    assert_eq!(std::fs::read_to_string(shell.path().join("sent")).unwrap(), "1.10 007");
}
