//! A mutant is checked by an excerpt of the runbook: the results are those of checking the whole text.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rbl_check::Checked;
use rbl_syntax::source::SourceId;
use rbl_testing::mutants::{Original, SelectedTests, TestRuns, Trial, trial, trial_by_whole_texts};

use super::test_writer::checked;

/// The mutants of the runbook that a file is, or tests, with the tests of that file: by excerpts and by whole texts.
/// `None` if the file has errors, or a test fails.
fn both_ways(path: &Path) -> Option<[Vec<Trial>; 2]> {
    let path = path.canonicalize().unwrap();
    let Checked { program, tests, .. } = checked(&path, &std::fs::read_to_string(&path).unwrap());
    let program = program?;
    let runbook = program.runbook(program.main()).unwrap();
    let source = program.sources().get(program.main_source()).unwrap();
    let identity = |path: &Path| path.to_string_lossy().into_owned();
    let (tests, of) = if program.main_source() == SourceId::default() {
        (runbook.tests.iter().collect(), identity(&path))
    } else {
        (tests.iter().collect(), identity(&path).replace("_test.rb", ".rb"))
    };
    let original = Original::new(source, &of);
    let selected =
        SelectedTests { program: &program, tests, id: SourceId::default(), identity: identity(&path) };
    let runs = TestRuns::of(&[selected]).ok()?;
    let all = [(&original, &runs)];
    let by_excerpt = trial(&all, || Duration::ZERO).pop().unwrap();
    assert_eq!(by_excerpt.untried, 0);
    Some([by_excerpt.trials, trial_by_whole_texts(&all).pop().unwrap()])
}

fn runbooks(folder: &str, begin: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let name = |path: &PathBuf| path.file_name().unwrap().to_string_lossy().into_owned();
    let wanted =
        |path: &PathBuf| path.extension().is_some_and(|it| it == "rb") && name(path).starts_with(begin);
    let mut paths: Vec<PathBuf> = paths.filter(wanted).collect();
    paths.sort();
    paths
}

#[test]
fn an_excerpt_of_every_example_says_what_the_whole_text_says() {
    let folders = [("examples", ""), ("tests/corpus/mutants", ""), ("tests/corpus/testing", "passes_")];
    let paths = folders.iter().flat_map(|(folder, begin)| runbooks(folder, begin));
    let (mut files, mut mutants) = (0, 0);
    for path in paths {
        let Some([by_excerpt, by_whole_text]) = both_ways(&path) else { continue };
        assert_eq!(by_excerpt, by_whole_text, "{}", path.display());
        files += 1;
        mutants += by_whole_text.len();
    }
    assert!(files > 20 && mutants > 500, "{files} files, {mutants} mutants");
}

/// Names that steps leave to later steps, or hide; an end behind which nothing may stand; what only one statement asks.
const NAMES: &str = r#"runbook "Names"
owner "o"
param limit = 5
metric load(host) from prometheus "load{host='#{host}'}"
metric depth from prometheus "depth"
define restart(host) as `restart #{host}`
let hosts = ["a", "b"]

step "look" {
  let first = load("a")
  check first < limit else { record "high" }
  action `drain` as drained
}

"between"

step "act" {
  let twice = first * 2
  if twice > 8 and depth < 3 { action restart("a") } else { record "low" }
  for each h in hosts up to 3 { check load(h) < limit unknown { record "blind" } }
  check "ok" in drained else { stop "not drained" }
}

step "again" {
  let first = 3
  repeat up to first times until depth < 2 { action `drop one` } else { record "deep" }
}

if "Is it over?" { resolve "over" } else { stop "not over" } unknown { stop "nobody knows" }

test "it is over" {
  given load(host: "a") = 1
  given load(host: "b") = 1
  given depth = 1
  given action `drain` prints "ok"
  answer "Is it over?" with yes
  expect resolved
  expect action `drain`
  expect no action restart("a")
}

test "it is deep" {
  given load(host: "a") = 4.5
  given load(host: "b") = 1
  given depth = 2
  given action `drain` prints "ok"
  answer "Is it over?" with no
  expect record matching "deep"
}
"#;

#[test]
fn names_that_steps_leave_to_each_other_are_in_the_excerpt() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("names.rb");
    // Long enough that most of it is left out.
    let filler = "check depth < 100 else { record \"absurd\" }\n".repeat(20);
    std::fs::write(&path, NAMES.replace("\"between\"\n", &filler)).unwrap();
    let [by_excerpt, by_whole_text] = both_ways(&path).expect("no errors, and every test passes");
    assert_eq!(by_excerpt, by_whole_text);
    assert!(by_whole_text.len() > 60, "{} mutants", by_whole_text.len());
    assert!(
        by_whole_text.iter().any(|it| it.fate.noticed()) && by_whole_text.iter().any(|it| !it.fate.noticed())
    );
}
