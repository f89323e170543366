//! The corpus: `tests/corpus/<module>/<claim>.rb` beside `<claim>.expected`; `RBL_BLESS=1` rewrites what is expected.
//!
//! A first line `# without rbl.toml` checks without any configuration; else the names of [`support::catalogue`] are
//! configured. A first line `# budget of minutes: 45` sets that budget.

mod fixing;
pub mod pages;
mod secret_places;
mod support;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use rbl_check::{Catalogue, FileKind};
use rbl_syntax::source::Source;

use self::support::{DiskLoader, catalogue, hold_to_budget, shown};

fn folder(room: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus").join(room)
}

/// The modules whose decisions about a text are tested.
const ROOMS: [&str; 2] = ["syntax", "check"];

/// Every case of every module.
fn all_cases() -> Vec<PathBuf> {
    ROOMS.into_iter().flat_map(cases).collect()
}

/// Every case of a module, by name. Files in `files/` are used by others.
fn cases(room: &str) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir(folder(room))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "rb"))
        .collect();
    found.sort();
    assert!(!found.is_empty(), "no case in {room}");
    found
}

#[test]
fn syntax() {
    hold("syntax");
}

#[test]
fn check() {
    hold("check");
}

/// Compares every case of a module with its expectation.
fn hold(room: &str) {
    let bless = std::env::var_os("RBL_BLESS").is_some();
    let mut wrong = String::new();
    for path in cases(room) {
        let text = std::fs::read_to_string(&path).unwrap();
        let bare = text.lines().next() == Some("# without rbl.toml");
        let catalogue = if bare { Catalogue::default() } else { catalogue() };
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let mut loader = DiskLoader { root: folder(room) };
        let source = Source::new(name.as_str(), text.as_str());
        let mut checked = rbl_check::check(source, &path.to_string_lossy(), &mut loader, &catalogue);
        let errors = checked.diagnostics.iter().any(rbl_syntax::diagnostic::Diagnostic::is_error);
        assert_eq!(
            checked.program.is_some(),
            !errors && checked.kind != FileKind::Library,
            "{name}: a program exactly where nothing stands against it"
        );
        if let Some(minutes) = text.lines().next().and_then(|line| line.strip_prefix("# budget of minutes: "))
        {
            hold_to_budget(&mut checked, minutes.parse::<f64>().unwrap() * 60.0);
        }
        let found = shown(&checked);
        assert!(found.is_empty() || !name.starts_with("accepted_"), "{name} is accepted:\n{found}");
        let expected_path = path.with_extension("expected");
        if bless {
            if found.is_empty() {
                let _ = std::fs::remove_file(&expected_path);
            } else {
                std::fs::write(&expected_path, &found).unwrap();
            }
            continue;
        }
        let expected = std::fs::read_to_string(&expected_path).unwrap_or_default();
        if found != expected {
            writeln!(wrong, "== {name}\n-- expected\n{expected}-- found\n{found}").unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// No half of a file, wherever it was cut, crashes the check; and a second check gives the same result.
#[test]
fn every_beginning_of_every_case_is_checked() {
    for path in all_cases() {
        let text = std::fs::read_to_string(&path).unwrap();
        let step = (text.len() / 25).max(1);
        for end in (0..text.len()).step_by(step).filter(|end| text.is_char_boundary(*end)) {
            let mut loader = DiskLoader { root: folder("check") };
            let source = Source::new("cut.rb", &text[..end]);
            let checked = rbl_check::check(source, "cut.rb", &mut loader, &catalogue());
            for finding in &checked.diagnostics {
                for label in &finding.labels {
                    let source = checked.sources.get(label.place.source).unwrap();
                    assert!(source.text().get(label.place.span.range()).is_some(), "{finding:?}");
                }
            }
        }
    }
}

/// The rules for the words of every finding (`CONTRIBUTING.md`, *Wording is code*).
#[test]
fn every_message_keeps_to_the_words() {
    const NEVER: [&str; 6] = ["invalid", "illegal", "unexpected token", "failed to", "malformed", "please"];
    for path in all_cases() {
        let text = std::fs::read_to_string(&path).unwrap();
        let mut loader = DiskLoader { root: folder("check") };
        let checked =
            rbl_check::check(Source::new("x.rb", text), &path.to_string_lossy(), &mut loader, &catalogue());
        for finding in checked.diagnostics {
            let message = &finding.message;
            assert!(message.chars().count() <= 70, "{}: longer than 70: {message}", path.display());
            assert!(!message.ends_with('.'), "{message}");
            assert!(!finding.help.is_empty(), "{}: no help: {message}", path.display());
            let all =
                finding.help.iter().chain([message]).chain(finding.labels.iter().map(|label| &label.text));
            for text in all {
                let low = text.to_lowercase();
                for never in NEVER {
                    assert!(!low.contains(never), "{never}: {text}");
                }
            }
            for label in &finding.labels {
                assert!(label.text.split_whitespace().count() <= 10, "a long label: {}", label.text);
            }
        }
    }
}
