//! The pages of `docs/errors`: each code has one, *Wrong* gives exactly this code, *Right* gives none.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use rbl_check::{Checked, LoadedFile, Loader, ParsedFile};
use rbl_syntax::diagnostic::Code;
use rbl_syntax::source::Source;

use super::support::{catalogue, hold_to_budget, shown};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/errors")
}

/// The files of a section: the first is checked, as `main.rb`; the others have their name after `ruby`.
pub fn files(page: &str, section: &str) -> BTreeMap<String, String> {
    let text = page.split(&format!("\n## {section}\n")).nth(1).unwrap().split("\n## ").next().unwrap();
    let mut files = BTreeMap::new();
    for block in text.split("```ruby").skip(1) {
        let (info, rest) = block.split_once('\n').unwrap();
        let body = rest.split("```\n").next().unwrap();
        let (name, body) = match info.trim() {
            "bytes" => ("main.rb", body.replace("\\x00", "\0")),
            "" => ("main.rb", body.to_owned()),
            name => (name, body.to_owned()),
        };
        let twice = files.insert(name.to_owned(), body);
        assert!(twice.is_none(), "two blocks of `{name}` in {section}:\n{page}");
    }
    assert!(files.contains_key("main.rb"), "no block in {section}:\n{page}");
    files
}

/// Codes of `check --online`.
const ONLINE: [&str; 7] = [
    "action/remote",
    "provider/answer",
    "provider/no-data",
    "provider/series",
    "provider/value",
    "provider/measure",
    "provider/slow",
];
/// Code and page of every code whose page shows rbl.
pub fn all() -> Vec<(Code, String)> {
    // `providers::configuration` tests those of `config/` in the same way.
    let codes = Code::ALL.iter().filter(|code| !code.name().starts_with("config/"));
    let read = |code: &Code| {
        let path = folder().join(format!("{code}.md"));
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    codes.map(|code| (*code, read(code))).collect()
}

struct Pages(BTreeMap<String, String>);

impl Loader for Pages {
    fn load(&mut self, _from: &str, named: &str) -> Result<LoadedFile, String> {
        let text = self.0.get(named).ok_or("no such file")?;
        Ok(LoadedFile { identity: named.to_owned(), shown: named.to_owned(), text: text.clone() })
    }
}

/// The findings of a check on 1 June 2026 in the files of a section.
pub fn checked(files: BTreeMap<String, String>) -> Checked {
    let source = Source::new("main.rb", files.get("main.rb").unwrap().as_str());
    let today = || jiff::civil::date(2026, 6, 1);
    let (read, mut pages) = (ParsedFile::new("main.rb", source), Pages(files));
    let checked = rbl_check::check_read(&read, &mut pages, &catalogue(), Some(&today));
    // What checks many files makes no program of them, and finds the same.
    let alone = rbl_check::findings(&read, &mut pages, &catalogue(), Some(&today));
    assert_eq!(alone.diagnostics, checked.diagnostics);
    checked
}

#[test]
fn every_page_of_a_code_is_true() {
    let mut untrue = String::new();
    for (code, page) in all() {
        let headings: Vec<&str> =
            page.lines().filter(|line| line.starts_with('#') && !line.starts_with("# rbl")).collect();
        let title = format!("# {code}");
        let wanted =
            [title.as_str(), "## What it says", "## Why it matters in an incident", "## Wrong", "## Right"];
        assert_eq!(headings, wanted, "{code}");
        let mut wrong = checked(files(&page, "Wrong"));
        let mut right = checked(files(&page, "Right"));
        if code == Code::TIME_BUDGET {
            hold_to_budget(&mut wrong, 2_700.0);
            hold_to_budget(&mut right, 2_700.0);
        }
        // `providers::online` tests the pages of findings that only a provider can give.
        let told_by =
            if ONLINE.contains(&code.name()) { BTreeSet::new() } else { BTreeSet::from([code.name()]) };
        let codes: BTreeSet<&str> = wrong.diagnostics.iter().map(|finding| finding.code.name()).collect();
        if codes != told_by {
            writeln!(untrue, "== Wrong of {code}:\n{}", shown(&wrong)).unwrap();
        }
        if !right.diagnostics.is_empty() || right.program.is_none() {
            writeln!(untrue, "== Right of {code}:\n{}", shown(&right)).unwrap();
        }
    }
    assert!(untrue.is_empty(), "{untrue}");
}

#[test]
fn no_page_lacks_a_code() {
    for group in std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path()) {
        for page in std::fs::read_dir(&group).unwrap().map(|entry| entry.unwrap().path()) {
            let stem = |path: &Path| path.file_stem().unwrap().to_string_lossy().into_owned();
            let name = format!("{}/{}", stem(&group), stem(&page));
            assert!(Code::find(&name).is_some(), "{name} has a page and is no code");
        }
    }
}
