//! `docs/errors.md`: every finding with its output, generated from the pages of `docs/errors`; `RBL_BLESS=1` updates
//! it.

use rbl_report::findings::Pretty;
use rbl_syntax::diagnostic::{Code, Diagnostic};
use rbl_syntax::source::{Source, Sources};
use rbl_terminal::Style;
use rbl_world::Connections;

use super::reference::says;
use super::root;
use crate::corpus::pages;

const STYLE: Style = Style { color: false, unicode: true, width: 80 };

const INTRODUCTION: &str = "# Every finding

What `rbl check` finds, group by group: a program with the mistake, and the output for it. Each finding has a page that says why
it matters in an incident and what to write instead; `rbl explain CODE` prints that page, offline. A warning does not change the
exit code, except with `--strict`.

This page is generated from those pages by a test: `just bless` updates it.
";

fn drawn(diagnostics: &[Diagnostic], sources: &Sources) -> String {
    let pretty = Pretty::new(diagnostics, sources, STYLE);
    diagnostics.iter().map(|it| pretty.draw(it)).collect::<Vec<String>>().join("\n")
}

/// The texts of the *Wrong* program, each with its name, and the output.
fn wrong(code: Code, page: &str) -> (Vec<(String, String)>, String) {
    if code.name().starts_with("config/") {
        let section = page.split("\n## Wrong\n").nth(1).unwrap().split("\n## ").next().unwrap();
        let text = section.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
        let source = Source::new("rbl.toml", text);
        let mut sources = Sources::new();
        let id = sources.add(source.clone());
        let found = Connections::read(&source, id, root()).expect_err(code.name());
        return (vec![("rbl.toml".to_owned(), text.to_owned())], drawn(&found, &sources));
    }
    let files = pages::files(page, "Wrong");
    let checked = pages::checked(files.clone());
    // First the file that is checked, then those that it names.
    let mut files: Vec<(String, String)> = files.into_iter().collect();
    files.sort_by_key(|(name, _)| name != "main.rb");
    (files, drawn(&checked.diagnostics, &checked.sources))
}

fn gallery() -> String {
    let mut text = INTRODUCTION.to_owned();
    let mut groups: Vec<&str> = Vec::new();
    for code in Code::ALL {
        let (group, _) = code.name().split_once('/').unwrap();
        if !groups.contains(&group) {
            groups.push(group);
        }
    }
    for group in groups {
        text.push_str(&format!("\n## {group}\n"));
        let of_group = |code: &&Code| code.name().split_once('/').is_some_and(|(own, _)| own == group);
        for code in Code::ALL.iter().filter(of_group) {
            let path = root().join(format!("docs/errors/{code}.md"));
            let page =
                std::fs::read_to_string(&path).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
            let (files, printed) = wrong(*code, &page);
            let severity = code.severity().word();
            text.push_str(&format!("\n### {code}\n\n[{severity}](errors/{code}.md). {}\n", says(&page)));
            let several = files.len() > 1;
            for (name, file) in files {
                let name = if several { format!("`{name}`:\n\n") } else { String::new() };
                text.push_str(&format!("\n{name}```text\n{}\n```\n", file.replace('\0', "\\x00").trim_end()));
            }
            text.push_str(&format!("\n```text\n{}\n```\n", printed.trim_end()));
        }
    }
    text
}

#[test]
fn the_gallery_shows_what_is_printed() {
    let path = root().join("docs/errors.md");
    let made = gallery();
    if std::env::var_os("RBL_BLESS").is_some() {
        std::fs::write(&path, &made).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    let differs = made.lines().zip(written.lines()).find(|(a, b)| a != b);
    assert!(written == made, "docs/errors.md is not up to date, run `just bless`; first {differs:?}");
    for code in Code::ALL {
        assert!(made.contains(&format!("\n### {code}\n")), "{code} is not in it");
    }
}
