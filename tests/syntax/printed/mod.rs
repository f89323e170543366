//! The printer: its output has the same meaning as the input, and printing it once more changes nothing.

mod cases;
mod generated;

use std::path::{Path, PathBuf};

use rbl_check::Catalogue;
use rbl_check::promql::QueryStyle;
use rbl_syntax::source::SourceId;
use rbl_syntax::{Unprintable, normal, parse, print};

/// The text in the one style; `None` where it has mistakes.
fn printed(text: &str) -> Option<String> {
    let catalogue = Catalogue::default();
    match print(SourceId(0), &normal(text), &QueryStyle { catalogue: &catalogue }) {
        Ok(printed) => Some(printed),
        Err(Unprintable::Findings(_)) => None,
        Err(Unprintable::Differs(how)) => panic!("{how}:\n{text}"),
    }
}

/// Prints it, and checks every guarantee of the printer on the output.
fn holds(text: &str) -> Option<String> {
    let once = printed(text)?;
    assert_eq!(printed(&once).as_deref(), Some(once.as_str()), "printed twice it differs:\n{text}");
    assert_eq!(comments(text), comments(&once), "{text}\n{once}");
    assert!(once.is_empty() || once.ends_with('\n') && !once.ends_with("\n\n"), "{once:?}");
    assert!(!once.contains('\r') && !once.starts_with('\u{feff}'), "{once:?}");
    Some(once)
}

/// The comments of a text, in order.
fn comments(text: &str) -> Vec<String> {
    let file = parse(SourceId(0), text).file;
    file.comments.iter().map(|it| text[it.span.range()].trim_end().to_owned()).collect()
}

fn below(folder: &Path, extension: &str, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            below(&path, extension, found);
        } else if path.extension().is_some_and(|it| it == extension) {
            found.push(path);
        }
    }
}

/// Every rbl text of the project: the corpus, the examples, and the blocks of the documentation.
pub(super) fn all_texts() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for folder in ["tests", "examples", "benches", "src"] {
        below(&root.join(folder), "rb", &mut files);
    }
    let mut texts: Vec<(String, String)> = files
        .iter()
        .filter_map(|path| Some((path.display().to_string(), std::fs::read_to_string(path).ok()?)))
        .collect();
    let mut pages = vec![root.join("README.md")];
    below(&root.join("docs"), "md", &mut pages);
    for page in pages {
        let text = std::fs::read_to_string(&page).unwrap();
        for (at, block) in text.split("\n```ruby").skip(1).enumerate() {
            let code =
                block.split_once('\n').and_then(|(_, code)| code.split_once("\n```")).map(|(code, _)| code);
            texts.extend(code.map(|code| (format!("{} {at}", page.display()), code.to_owned())));
        }
    }
    texts
}

#[test]
fn every_text_of_the_project_is_printed_as_it_was_meant() {
    let texts = all_texts();
    let count = texts.iter().filter(|(_, text)| holds(text).is_some()).count();
    assert!(count > 150 && count < texts.len(), "{count} of {} printed", texts.len());
}

#[test]
fn every_beginning_of_a_text_is_printed_or_left() {
    let text = include_str!("../../../examples/api-latency.rb");
    let printed = (0..text.len()).filter(|end| text.is_char_boundary(*end) && holds(&text[..*end]).is_some());
    assert!(printed.count() > 20);
}

#[test]
fn the_examples_are_in_the_style() {
    let ended = std::process::Command::new(env!("CARGO_BIN_EXE_rbl"))
        .args(["fmt", "--diff", "examples"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stdout));
}

/// Blocks that show a mistake, or a form side by side with others, are laid out as their page needs them.
#[test]
fn the_documentation_is_in_the_style() {
    let mut wrong = String::new();
    for (name, text) in all_texts().into_iter().filter(|(name, _)| name.contains(".md ")) {
        if name.contains("/errors/") {
            continue;
        }
        if let Some(printed) = printed(&text).filter(|printed| printed.trim_end() != text.trim_end()) {
            wrong.push_str(&format!("== {name}\n{printed}\n"));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
