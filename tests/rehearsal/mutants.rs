//! `rbl test --mutants`: `tests/corpus/mutants/<claim>.rb` beside what is printed of it at 80 columns; and the command.
//! `RBL_BLESS=1` rewrites what is expected.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::rbl_test;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/mutants")
}

/// The part about mutants; how long it took is the machine's matter.
fn timeless(text: &str) -> String {
    let text = text.split_once("\nmutants\n").map_or("", |(_, mutants)| mutants);
    regex::Regex::new(r", in [0-9.]+m?s").unwrap().replace_all(text, ", in no time").into_owned()
}

fn objects(folder: &Path, words: &[&str]) -> Vec<Value> {
    let (out, err, _) = rbl_test(folder, &[words, &["--mutants=json"]].concat());
    let lines: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(!lines.is_empty(), "{err}");
    lines
}

#[test]
fn every_case_is_told_as_expected() {
    let mut wrong = String::new();
    for name in ["every_kind", "all_noticed", "by_name_alone"] {
        let (out, err, code) = rbl_test(&folder(), &[&format!("{name}.rb"), "--mutants"]);
        assert_eq!((err.as_str(), code), ("", Some(0)), "{name}\n{out}");
        let found = timeless(&out);
        for line in found.lines() {
            assert!(line.chars().count() <= 80, "{name}: wider than 80 columns: {line}");
        }
        let path = folder().join(name).with_extension("expected");
        if std::env::var_os("RBL_BLESS").is_some() {
            std::fs::write(&path, &found).unwrap();
        }
        let expected = std::fs::read_to_string(&path).unwrap_or_default();
        if found != expected {
            wrong.push_str(&format!("== {name}\n-- expected\n{expected}-- found\n{found}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn every_kind_is_made_and_described() {
    let lines = objects(&folder(), &["every_kind.rb"]);
    let made: BTreeSet<&str> = lines.iter().filter_map(|line| line["kind"].as_str()).collect();
    let known: BTreeSet<&str> =
        rbl::front::rehearsal::mutants::Kind::ALL.iter().map(|kind| kind.name()).collect();
    assert_eq!(made, known);
    let page = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/rehearsing.md");
    let page = std::fs::read_to_string(page).unwrap();
    for kind in known {
        assert!(page.contains(&format!("\n| `{kind}` | ")), "docs/rehearsing.md does not describe `{kind}`");
    }
}
