//! Files that are not runbooks, or half of one: `rbl check` says so, briefly, and never crashes.
//!
//! `tests/corpus/malformed/expected.txt` has the first line of output for each; `RBL_BLESS=1` rewrites it. The files
//! are generated here, because tools that tidy a repository would change their bytes, sizes and line ends.

use std::fmt::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::cli::shell::Shell;

const EXAMPLE: &str = include_str!("../../examples/api-latency.rb");
const HEAD: &str = "runbook \"a\"\nowner \"a\"\n";

/// The first part of the example, up to and including this text.
fn until(last: &str) -> Vec<u8> {
    let end = EXAMPLE.find(last).unwrap_or_else(|| panic!("{last}")) + last.len();
    EXAMPLE[..end].into()
}

fn utf16(text: &str, mark: bool, big: bool) -> Vec<u8> {
    let units = mark.then_some(0xfeff).into_iter().chain(text.encode_utf16());
    units.flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
}

/// Random bytes, the same every time.
fn noise(count: usize) -> Vec<u8> {
    let mut state: u32 = 0x2545_f491;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        (state >> 11).to_le_bytes()[0]
    };
    (0..count).map(|_| next()).collect()
}

fn nested(open: &str, inside: &str, close: &str, deep: usize) -> String {
    format!("{}{inside}{}", open.repeat(deep), close.repeat(deep))
}

/// Every file, by name.
fn files() -> Vec<(&'static str, Vec<u8>)> {
    let body = |text: &str| format!("{HEAD}{text}").into_bytes();
    let mut all: Vec<(&'static str, Vec<u8>)> = vec![
        ("empty", Vec::new()),
        ("one line end", b"\n".into()),
        ("only spaces", b"   \n \t \n".into()),
        ("only comments", b"# one\n# two\n".into()),
        ("only a first line", b"#!/usr/bin/env rbl\n".into()),
        ("only a header", b"runbook \"a\"\n".into()),
        ("half a header", b"runbook".into()),
        ("half a title", b"runbook \"a".into()),
        ("a title without quotes", b"runbook API latency\ncheck true\n".into()),
        ("cut in a trigger", until("trigger alert \"ApiLat")),
        ("cut in a query", until("sum by (le) (")),
        ("cut in a metric", until("metric deploy_age in s from")),
        ("cut in a definition", until("define rollback(service")),
        ("cut in a command", until("kubectl rollout undo")),
        ("cut in a step", until("if p99 < 500ms {")),
        ("cut in a value", until("p99 is back at #{p9")),
        ("cut behind else", until("} else {")),
        ("cut in a test", until("given p99 = 800ms")),
        ("cut in the last line", until("expect escalation to \"api-onc")),
        ("no line end at the end", body("check `true`")),
        ("windows line ends", EXAMPLE.replace('\n', "\r\n").into_bytes()),
        ("old mac line ends", EXAMPLE.replace('\n', "\r").into_bytes()),
        ("a byte order mark", ["\u{feff}", EXAMPLE].concat().into_bytes()),
        ("two byte order marks", ["\u{feff}\u{feff}", EXAMPLE].concat().into_bytes()),
        ("utf-16 with a mark", utf16(EXAMPLE, true, false)),
        ("utf-16 the other way", utf16(EXAMPLE, true, true)),
        ("utf-16 without a mark", utf16(EXAMPLE, false, false)),
        ("latin-1", b"runbook \"K\xfchlung\"\nowner \"a\"\ncheck `true`\n".into()),
        ("half a character at the end", b"runbook \"a\"\nowner \"\xe8\xaa".into()),
        ("an encoded surrogate", b"runbook \"\xed\xa0\x80\"\n".into()),
        ("a nul", body("check `true\0`\n")),
        ("only nuls", vec![0; 300]),
        ("noise", noise(5_000)),
        ("a program", [b"\x7fELF\x02\x01\x01\0".to_vec(), noise(2_000)].concat()),
        ("an archive", [b"\x1f\x8b\x08\0".to_vec(), noise(2_000)].concat()),
        ("a lone double quote", body("\"\n")),
        ("a lone single quote", body("'\n")),
        ("a lone back quote", body("action `\ncheck `true`\n")),
        ("three quotes", body("\"\"\"\n")),
        ("only brackets", body("}}}}){({[\n")),
        ("deep blocks", body(&nested("if true {\n", "\"x\"\n", "}\n", 2_000))),
        ("deep brackets", body(&format!("check {}\n", nested("(", "true", ")", 5_000)))),
        ("deep lists", body(&format!("let x = {}\n", nested("[", "1", "]", 5_000)))),
        ("deep values", body(&format!("\"{}\"\n", nested("#{\"", "x", "\"}", 1_000)))),
        ("many nots", body(&format!("check {}true\n", "not ".repeat(20_000)))),
        ("many minuses", body(&format!("check {}1 < 2\n", "-".repeat(20_000)))),
        ("a long sum", body(&format!("check {}1 < 2\n", "1 + ".repeat(20_000)))),
        ("a long name", body(&format!("check {} < 2\n", "n".repeat(200_000)))),
        ("a long line", body(&format!("\"{}\"\n", "x".repeat(300_000)))),
        ("a merge conflict", body("<<<<<<< HEAD\ncheck `true`\n=======\ncheck `false`\n>>>>>>> other\n")),
        ("a patch", b"--- a/x.rb\n+++ b/x.rb\n@@ -1,2 +1,2 @@\n-owner \"a\"\n+owner \"b\"\n".into()),
        ("ruby", b"require 'json'\n\nclass Deploy\n  def initialize(name)\n    @name = name\n  end\n\n  def run\n    puts \"#{@name}\"\n  end\nend\n".into()),
        ("ruby of rspec", b"describe Deploy do\n  it \"runs\" do\n    expect(subject.run).to eq(1)\n  end\nend\n".into()),
        ("yaml", b"---\nname: restart\non: [push]\njobs:\n  build:\n    steps:\n      - run: make\n".into()),
        ("json", b"{\"runbook\": \"a\", \"steps\": [{\"check\": \"p99 < 500ms\"}]}\n".into()),
        ("markdown", b"# API latency\n\n1. Open the *dashboard*\n2. Roll back\n\n```sh\nkubectl get pods\n```\n".into()),
        ("html", b"<!DOCTYPE html>\n<html><body>Not found</body></html>\n".into()),
        ("python", b"import os\n\ndef main():\n    print(os.environ['HOME'])\n\nif __name__ == '__main__':\n    main()\n".into()),
        ("shell", b"#!/bin/sh\nset -e\nfor f in *.log; do rm \"$f\"; done\n".into()),
        ("toml", b"[providers.prometheus]\ntype = \"prometheus\"\n".into()),
        ("prose", b"First look at the dashboard. If it is red, call Ana.\n".into()),
        ("curly quotes", "runbook \u{201c}a\u{201d}\nowner \u{201c}a\u{201d}\n".into()),
        ("tabs", body("step \"a\" {\n\tcheck `true`\n}\n")),
        ("unseen characters", body("check\u{200b} `true`\u{a0}\n\u{202e}\"x\"\n")),
        ("no statement ends", body(&"if true { ".repeat(50))),
        ("two runbooks", [EXAMPLE, EXAMPLE].concat().into_bytes()),
    ];
    let statement = "check `true` else { escalate to owner because \"no\" }\n";
    all.push(("half a megabyte of runbook", body(&statement.repeat(500_000 / statement.len()))));
    all.push(("half a megabyte of mistakes", body(&"chekc 500msec <\n".repeat(500_000 / 16))));
    all.push(("a megabyte of comments", body(&"# nothing to see here\n".repeat(1_000_000 / 22))));
    all.push(("a megabyte of line ends", body(&"\n".repeat(1_000_000))));
    // Each of these once took time with the square of its size.
    all.push(("many unclosed texts", body(&"\"never closed\n".repeat(20_000))));
    all.push(("many unclosed commands", body(&"action `never closed\n".repeat(20_000))));
    all.push(("many blocks that lack a brace", body(&"if `a` {\n  if `b` {\n}\n".repeat(10_000))));
    all.push(("many allows", body(&"# rbl: allow name/unused because x\n".repeat(10_000))));
    let metrics: String = (0..10_000).map(|n| format!("metric m{n} from host \"load.1\"\n")).collect();
    all.push(("many metrics", body(&metrics)));
    all.push((
        "many values in a command",
        body(&format!("let v = 1\naction `echo{}`\n", " #{v}".repeat(20_000))),
    ));
    all.push(("many findings in a line", body(&"check z < 5; ".repeat(20_000))));
    all.push((
        "blank lines before an else",
        body(&format!("check `a`{}else {{ stop }}\n", "\n".repeat(300_000))),
    ));
    all.push(("ten megabytes of one word", vec![b'x'; 10_000_000]));
    all
}

#[test]
fn none_breaks_it() {
    let shell = Shell::new();
    let expected_path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/malformed/expected.txt");
    let (mut found, mut troubles) = (String::new(), String::new());
    let files = files();
    assert!(files.len() >= 50, "{}", files.len());
    for (name, bytes) in files {
        shell.write("a.rb", &bytes);
        let begun = Instant::now();
        let run = shell.rbl("check --format short a.rb");
        let took = begun.elapsed();
        let mut wrong = |is: bool, why: String| {
            if is {
                let _ = writeln!(troubles, "{name}: {why}");
            }
        };
        wrong(!matches!(run.code, Some(0..=2)), format!("{:?} {}", run.code, run.err));
        let limit = if bytes.len() > 5_000_000 { 90 } else { 20 };
        wrong(took > Duration::from_secs(limit), format!("took {took:?}"));
        wrong(run.out.len() > 100_000, format!("{} bytes are said", run.out.len()));
        let said = if run.out.is_empty() { &run.err } else { &run.out };
        wrong(said.contains(['\0', '\u{1b}', '\u{202e}']), "what is said steers the terminal".into());
        for word in ["invalid", "illegal", "unexpected token", "failed to", "malformed", "panicked"] {
            wrong(said.to_lowercase().contains(word), format!("`{word}` is said"));
        }
        let first = said.lines().find(|line| !line.trim().is_empty()).unwrap_or("(nothing)");
        let first: String = first.chars().take(300).collect();
        let lines = said.lines().count();
        let _ = writeln!(found, "{name}: {} {first} [{lines} lines]", run.code.unwrap_or(-1));
        if took > Duration::from_secs(2) {
            eprintln!("{name}: {took:?}");
        }
    }
    if std::env::var_os("RBL_BLESS").is_some() {
        std::fs::write(&expected_path, &found).unwrap();
    }
    let expected = std::fs::read_to_string(&expected_path).unwrap_or_default();
    for (found, expected) in found.lines().zip(expected.lines()) {
        assert_eq!(found, expected);
    }
    assert!(troubles.is_empty(), "{troubles}");
    assert_eq!(found.lines().count(), expected.lines().count());
}
