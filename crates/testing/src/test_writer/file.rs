//! Adds tests to the file beside their runbook, and keeps what the file contains.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::quoted;
use rbl_project::files;
use rbl_project::files::UnreadableFile;
use rbl_project::replace::{create, replace};
use rbl_syntax as syntax;
use rbl_syntax::diagnostic::Diagnostic;
use rbl_syntax::source::SourceId;
use rbl_syntax::tree;

/// A test that was written: see [`test`](super::test).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenTest {
    /// Its title.
    pub title: String,
    /// Its text, with the line end.
    pub text: String,
}

/// Where tests were added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddedTests {
    /// The file.
    pub path: PathBuf,
    /// Whether the file is new.
    pub new: bool,
    /// The titles of the added tests in that file, in order.
    pub titles: Vec<String>,
}

/// The path of a runbook's test file: `NAME_test.rb` beside `NAME.rb`. `None` for other names.
pub fn beside(runbook: &Path) -> Option<PathBuf> {
    let (stem, extension) = (runbook.file_stem()?.to_str()?, runbook.extension()?.to_str()?);
    Some(runbook.with_file_name(format!("{stem}_test.{extension}")))
}

/// Adds tests at the end of a runbook's test file, and creates the file if there is none. A title that is taken gets a
/// number. The error says why nothing was written.
pub fn put(runbook: &Path, tests: &[WrittenTest]) -> Result<AddedTests, String> {
    match beside(runbook) {
        Some(path) => put_in(&path, runbook, tests),
        None => Err(format!("`{}` has no file of tests beside it", runbook.display())),
    }
}

/// The same, for a file of another name, or in another folder.
pub fn put_in(path: &Path, runbook: &Path, tests: &[WrittenTest]) -> Result<AddedTests, String> {
    let name = seen_from(path, runbook).map_err(|why| format!("cannot write `{}`: {why}", path.display()))?;
    let path = path.to_path_buf();
    let before = match files::read(&path) {
        Ok(text) => Some(text),
        Err(UnreadableFile::Closed(_)) if !path.exists() => None,
        Err(why) => return Err(format!("cannot read `{}`: {why}", path.display())),
    };
    let mut taken = BTreeSet::new();
    if let Ok(text) = files::read(runbook) {
        taken.extend(titles(&syntax::parse(SourceId::default(), &text).file));
    }
    let mut after = match &before {
        Some(text) => {
            let parsed = syntax::parse(SourceId::default(), text);
            if parsed.diagnostics.iter().any(Diagnostic::is_error) {
                return Err(format!("`{}` has mistakes: rbl check shows them", path.display()));
            }
            belongs(&parsed.file, runbook).map_err(|why| format!("`{}` {why}", path.display()))?;
            taken.extend(titles(&parsed.file));
            syntax::normal(text).trim_end().to_owned()
        }
        None => format!("tests for {}", quoted::text(&name)),
    };
    let mut put = AddedTests { new: before.is_none(), path, titles: Vec::new() };
    for test in tests {
        let title = free(&test.title, &mut taken);
        after.push_str("\n\n");
        after.push_str(titled(test, &title).trim_end());
        put.titles.push(title);
    }
    after.push('\n');
    if before.as_ref().is_some_and(|text| text.contains("\r\n")) {
        after = after.replace('\n', "\r\n");
    }
    let written = match &before {
        Some(before) => replace(&put.path, before, &after),
        None => create(&put.path, &after),
    };
    written.map_err(|why| format!("cannot write `{}`: {why}", put.path.display()))?;
    Ok(put)
}

/// How a test file names its runbook: by its name if it is in the same folder, otherwise by the relative path.
fn seen_from(tests: &Path, runbook: &Path) -> Result<String, String> {
    let folder = tests.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let identity = |path: &Path| files::identity(path).map(PathBuf::from);
    let runbook = identity(runbook)?;
    let folder = identity(folder).map_err(|_| "no such folder".to_owned())?;
    let shared = folder.components().zip(runbook.components()).take_while(|(a, b)| a == b).count();
    let up = folder.components().skip(shared).map(|_| std::path::Component::ParentDir);
    let way: PathBuf = up.chain(runbook.components().skip(shared)).collect();
    way.to_str().map(str::to_owned).ok_or_else(|| "its name is not UTF-8".to_owned())
}

/// Checks that a file holds the tests of this runbook; the error says what it holds instead.
fn belongs(file: &tree::File, runbook: &Path) -> Result<(), String> {
    let header = file.declarations().find_map(|it| match it {
        tree::Declaration::Tests(header) => header.file.literal(),
        _ => None,
    });
    let name = runbook.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    match header {
        Some(of) if Path::new(of).file_name() == runbook.file_name() => Ok(()),
        Some(of) => Err(format!("holds the tests of `{of}`")),
        None => Err(format!("does not begin with `tests for \"{name}\"`")),
    }
}

fn titles(file: &tree::File) -> Vec<String> {
    let title = |test: &tree::Test| test.title.literal().map(str::to_owned);
    file.tests().filter_map(title).collect()
}

/// The title, with a number after it if it is taken.
fn free(title: &str, taken: &mut BTreeSet<String>) -> String {
    let mut free = title.to_owned();
    let mut number = 1_u32;
    while !taken.insert(free.clone()) {
        number += 1;
        free = format!("{title} ({number})");
    }
    free
}

fn titled(test: &WrittenTest, title: &str) -> String {
    let head = |title: &str| format!("test {}", quoted::text(title));
    match test.text.strip_prefix(&head(&test.title)) {
        Some(rest) if title != test.title => format!("{}{rest}", head(title)),
        _ => test.text.clone(),
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods)] // tests make the files that are written to
mod tests {
    use super::*;

    fn test(title: &str) -> WrittenTest {
        WrittenTest { title: title.into(), text: format!("test \"{title}\" {{\n  expect resolved\n}}\n") }
    }

    fn place() -> (tempfile::TempDir, PathBuf, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let (runbook, tests) = (folder.path().join("slow.rb"), folder.path().join("slow_test.rb"));
        let text = "runbook \"Slow\"\n\ntest \"own\" {\n  expect resolved\n}\n";
        std::fs::write(&runbook, text).unwrap();
        (folder, runbook, tests)
    }

    #[test]
    fn a_file_is_made_and_added_to_and_titles_stay_apart() {
        let (_folder, runbook, tests) = place();
        let first = put(&runbook, &[test("own"), test("a")]).unwrap();
        assert_eq!((first.new, first.titles), (true, vec!["own (2)".to_owned(), "a".to_owned()]));
        let second = put(&runbook, &[test("a")]).unwrap();
        assert_eq!((second.new, second.titles), (false, vec!["a (2)".to_owned()]));
        let text = std::fs::read_to_string(&tests).unwrap();
        let expected = "tests for \"slow.rb\"\n\ntest \"own (2)\" {\n  expect resolved\n}\n\n\
                        test \"a\" {\n  expect resolved\n}\n\ntest \"a (2)\" {\n  expect resolved\n}\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn what_stands_there_stays() {
        let (_folder, runbook, tests) = place();
        let hand = "# By hand.\r\ntests for \"slow.rb\"\r\ntest   \"mine\" { expect resolved } # so";
        std::fs::write(&tests, hand).unwrap();
        put(&runbook, &[test("a")]).unwrap();
        let text = std::fs::read_to_string(&tests).unwrap();
        assert!(text.starts_with(hand), "{text}");
        assert!(text.ends_with("\r\n\r\ntest \"a\" {\r\n  expect resolved\r\n}\r\n"), "{text:?}");
    }

    #[test]
    fn what_is_something_else_is_left_alone() {
        let (_folder, runbook, tests) = place();
        for (text, why) in [
            ("runbook \"Mine\"\n", "does not begin with `tests for \"slow.rb\"`"),
            ("tests for \"fast.rb\"\n", "holds the tests of `fast.rb`"),
            ("tests for \"slow.rb\"\ntest \"a\" { expect }\n", "has mistakes: rbl check shows them"),
        ] {
            std::fs::write(&tests, text).unwrap();
            let refused = put(&runbook, &[test("a")]).unwrap_err();
            assert!(refused.ends_with(why), "{refused}");
            assert_eq!(std::fs::read_to_string(&tests).unwrap(), text);
        }
    }
}
