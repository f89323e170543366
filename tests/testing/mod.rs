//! `rbl test`: `tests/corpus/testing/<claim>.rb` beside its output at 80 columns. A claim that begins with `passes_`
//! passes, everything else fails; `RBL_BLESS=1` rewrites what is expected.

use std::path::PathBuf;
use std::process::{Command, Stdio};

mod command;
mod coverage;
mod from_recording;
mod fuzz;
mod missing;
mod mutants;
mod mutants_by_excerpt;
mod test_writer;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/testing")
}

/// The output and the exit code of `rbl test`, in a folder.
fn rbl_test(folder: &std::path::Path, words: &[&str]) -> (String, String, Option<i32>) {
    let ended = Command::new(env!("CARGO_BIN_EXE_rbl"))
        .arg("test")
        .args(words)
        .current_dir(folder)
        .env("COLUMNS", "80")
        .env("LC_ALL", "C.UTF-8")
        .env("NO_COLOR", "1")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (text(ended.stdout), text(ended.stderr), ended.status.code())
}

/// The real duration depends on the machine.
fn timeless(text: &str) -> String {
    regex::Regex::new(r", in [^(]+ \(").unwrap().replace_all(text, ", in no time (").into_owned()
}

#[test]
fn every_case_is_told_as_expected() {
    let bless = std::env::var_os("RBL_BLESS").is_some();
    let mut wrong = String::new();
    let mut cases: Vec<PathBuf> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "rb"))
        .collect();
    cases.sort();
    assert!(cases.len() > 5);
    for path in cases {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let (out, err, code) = rbl_test(&folder(), &[&name]);
        assert_eq!(err, "", "{name}");
        let wanted = i32::from(!name.starts_with("passes_"));
        assert_eq!(code, Some(wanted), "{name}\n{out}");
        let found = timeless(&out);
        for line in found.lines() {
            assert!(line.chars().count() <= 80, "{name}: wider than 80 columns: {line}");
        }
        let expected = path.with_extension("expected");
        if bless {
            std::fs::write(&expected, &found).unwrap();
        }
        let expected = std::fs::read_to_string(&expected).unwrap_or_default();
        if found != expected {
            wrong.push_str(&format!("== {name}\n-- expected\n{expected}-- found\n{found}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
