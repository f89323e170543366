//! Recovery: every mistake in a file is reported once, none is caused by another, and each is at the right place.

mod deleted_line;
mod place;
mod slips;
mod twelve;
mod words;

use std::path::{Path, PathBuf};

use rbl_check::{Catalogue, Checked, LoadedFile, Loader};
use rbl_syntax::source::Source;

/// A correct program: every example, and the two programs that `language.md` shows.
struct Program {
    /// The path from the root of the project.
    name: String,
    text: String,
    folder: PathBuf,
}

fn programs() -> Vec<Program> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths: Vec<PathBuf> = ["examples", "examples/library"]
        .into_iter()
        .flat_map(|folder| std::fs::read_dir(root.join(folder)).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "rb"))
        .collect();
    paths.sort();
    for name in ["the_first_day.rb", "the_whole_runbook_with_its_tests.rb"] {
        paths.push(root.join("tests/corpus/check").join(name));
    }
    let read = |path: PathBuf| Program {
        name: path.strip_prefix(root).unwrap().to_string_lossy().into_owned(),
        text: std::fs::read_to_string(&path).unwrap(),
        folder: path.parent().unwrap().to_owned(),
    };
    paths.into_iter().map(read).collect()
}

struct Folder<'a>(&'a Path);

impl Loader for Folder<'_> {
    fn load(&mut self, from: &str, named: &str) -> Result<LoadedFile, String> {
        // The changed text takes the place of a file of the folder; what it uses is beside it or below.
        let base = if from == "main.rb" { self.0 } else { Path::new(from).parent().unwrap() };
        let path = base.join(named).canonicalize().map_err(|_| "no such file".to_owned())?;
        let text = std::fs::read_to_string(&path).map_err(|error| error.to_string())?;
        Ok(LoadedFile { identity: path.to_string_lossy().into_owned(), shown: named.to_owned(), text })
    }
}

/// The findings in a changed text of a program.
fn check(program: &Program, text: &str) -> Checked {
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let kinds = ["prometheus", "host", "file"].map(|kind| (kind, kind));
    let connections = [("ports", "tcp"), ("certificates", "tls"), ("units", "systemd")];
    let catalogue = Catalogue {
        providers: kinds
            .iter()
            .chain(&connections)
            .map(|(name, kind)| ((*name).to_owned(), (*kind).to_owned()))
            .collect(),
        executors: names(&[]),
        teams: names(&["api-oncall", "database-oncall", "infra-oncall", "payments-oncall", "security"]),
        channels: names(&["incidents", "maintenance"]),
        configured: true,
        metrics: rbl_world::metric_types(),
        ..rbl_check::Catalogue::default()
    };
    rbl_check::check(Source::new("main.rb", text), "main.rb", &mut Folder(&program.folder), &catalogue)
}

/// The findings of a changed text, a line each.
fn told(checked: &Checked) -> String {
    let mut text = String::new();
    for finding in &checked.diagnostics {
        let place = finding.place().unwrap();
        let source = checked.sources.get(place.source).unwrap();
        let at = source.line_column(place.span.start);
        text +=
            &format!("    {}:{}:{} {} {}", source.name(), at.line, at.column, finding.code, finding.message);
        text += &format!("  [{}]\n", finding.help.join(" | "));
    }
    text
}

#[test]
fn every_program_is_right() {
    for program in programs() {
        let checked = check(&program, &program.text);
        assert!(checked.diagnostics.is_empty(), "{}:\n{}", program.name, told(&checked));
    }
}
