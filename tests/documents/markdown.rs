//! What is promised of the import of Markdown, on 31 runbooks of other people.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use rbl_check::promql::QueryStyle;
use rbl_check::{Catalogue, ReadPart};
use rbl_documents::import::{ImportOptions, ImportedDocument, import_markdown};
use rbl_syntax::source::SourceId;
use rbl_syntax::tree::{Command, Part};

use super::agreement::{agreement, commands, kinds, run_commands};
use super::{errors, files};

fn imported(name: &str, text: &str, commands: bool) -> ImportedDocument {
    import_markdown(name, text, &ImportOptions { commands, catalogue: &Catalogue::default(), alert: None })
}

fn whole(document: &ImportedDocument) -> String {
    document.runbooks.iter().map(|it| it.text.as_str()).collect::<Vec<_>>().join("\n")
}

/// The agreement of each translation of a folder with what the importer makes of its document.
fn agreements(below: &str) -> Vec<(String, f64)> {
    let documents = files("markdown");
    files(below)
        .into_iter()
        .map(|(name, reference)| {
            assert_eq!(errors(&reference), Vec::<String>::new(), "{name}");
            let source = format!("{}.md", name.strip_suffix(".rb").unwrap());
            let (_, text) = documents.iter().find(|(it, _)| *it == source).unwrap();
            let made = whole(&imported(&source, text, false));
            (name, agreement(&kinds(&reference), &kinds(&made)))
        })
        .collect()
}

fn listed(agreements: &[(String, f64)]) -> String {
    agreements.iter().fold(String::new(), |mut out, (name, agreement)| {
        let _ = writeln!(out, "{:5.1} %  {name}", agreement * 100.0);
        out
    })
}

#[test]
fn what_is_made_agrees_with_what_a_person_writes() {
    let found = agreements("reference");
    let mean = found.iter().map(|it| it.1).sum::<f64>() / found.len() as f64;
    assert_eq!(found.len(), 10);
    assert!(mean >= 0.80, "{mean}\n{}", listed(&found));
    // One document of the ten is below: its paragraphs mix what is so with what to do in one sentence.
    let below: Vec<&str> = found.iter().filter(|it| it.1 < 0.80).map(|it| it.0.as_str()).collect();
    assert!(below.is_empty() || below == ["gitlab__scale-down-patroni.rb"], "{}", listed(&found));
    let held_out = agreements("held_out");
    let mean = held_out.iter().map(|it| it.1).sum::<f64>() / held_out.len() as f64;
    assert!(mean >= 0.80, "{mean}\n{}", listed(&held_out));
}

#[test]
fn every_document_becomes_runbooks_that_check_and_are_formatted() {
    for (name, text) in files("markdown") {
        for with_commands in [false, true] {
            let document = imported(&name, &text, with_commands);
            let is_index = name == "thanos__runbook.md";
            assert_eq!(document.report.refused.is_some(), is_index, "{name}: {:?}", document.report.refused);
            for runbook in &document.runbooks {
                assert!(runbook.text.starts_with("# rbl: imported\n"), "{}", runbook.text);
                assert_eq!(
                    errors(&runbook.text),
                    Vec::<String>::new(),
                    "{name}: {}\n{}",
                    runbook.file,
                    runbook.text
                );
                let catalogue = Catalogue::default();
                let printed =
                    rbl_syntax::print(SourceId(0), &runbook.text, &QueryStyle { catalogue: &catalogue });
                assert_eq!(printed.unwrap(), runbook.text, "{name}");
            }
            assert!(!document.report.needs.iter().any(|it| it.what.contains("a bug")), "{name}");
        }
    }
}

/// The words of a text in small letters. A number in front of an item of a list and the language of a block of code are not text.
fn words(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line in text.lines() {
        let line = line.trim_start().trim_start_matches('>').trim_start();
        let line = if line.starts_with("```") { "" } else { line };
        let digits = line.chars().take_while(char::is_ascii_digit).count();
        let line = if line[digits..].starts_with(". ") { &line[digits..] } else { line };
        let split = line.split(|c: char| !c.is_alphanumeric());
        found.extend(split.filter(|it| it.chars().count() > 1).map(str::to_lowercase));
    }
    found
}

/// What a statement says by its keyword, or the header by its own words: `check` for *verify*, `if` for *when*, `let` for *export*.
const SAID_BY_SYNTAX: &[&str] = &[
    "br",
    "confirm",
    "double",
    "ensure",
    "export",
    "make",
    "otherwise",
    "once",
    "slack",
    "sure",
    "then",
    "title",
    "validate",
    "verify",
    "via",
    "when",
    "optionally",
    "note",
];

#[test]
fn no_word_is_lost_and_few_are_only_comments() {
    let (mut all, mut commented) = (0_usize, 0_usize);
    for (name, text) in files("markdown") {
        let document = imported(&name, &text, false);
        if document.report.refused.is_some() {
            continue;
        }
        let made = whole(&document);
        let kept: BTreeSet<String> = words(&made).into_iter().collect();
        let lost: BTreeSet<String> = words(&text)
            .into_iter()
            .filter(|it| !kept.contains(it) && !SAID_BY_SYNTAX.contains(&it.as_str()))
            .collect();
        assert!(lost.is_empty(), "{name} lost {lost:?}");
        let comments: Vec<&str> = made.lines().filter(|it| it.trim_start().starts_with('#')).collect();
        let (these, whole) = (words(&comments.join("\n")).len(), words(&made).len());
        assert!(these * 100 <= whole * 15, "{name}: {these} of {whole} words are comments");
        all += whole;
        commented += these;
    }
    assert!(commented * 100 <= all * 15, "{commented} of {all}");
}

/// A command without its values.
fn parts(command: &Command) -> Vec<ReadPart> {
    command
        .parts
        .iter()
        .map(|part| match part {
            Part::Literal { text, .. } => ReadPart::Text(text.to_string()),
            Part::Value(_) => ReadPart::Value(vec!["x".into()]),
        })
        .collect()
}

#[test]
fn no_command_runs_by_itself_that_may_change_something() {
    let (mut evidence, mut acting) = (0, 0);
    for (name, text) in files("markdown") {
        let made = imported(&name, &text, false);
        for runbook in &made.runbooks {
            assert_eq!(run_commands(&runbook.text).len(), 0, "{name}\n{}", runbook.text);
            for command in commands(&runbook.text) {
                assert!(rbl_check::only_reads(&parts(&command)), "{name}: {command:?}");
                evidence += 1;
            }
        }
        acting += imported(&name, &text, true)
            .runbooks
            .iter()
            .map(|it| run_commands(&it.text).len())
            .sum::<usize>();
    }
    assert!(evidence > 60 && acting > 60, "{evidence} commands as evidence, {acting} with --commands");
}

#[test]
fn every_line_is_in_the_report() {
    for (name, text) in files("markdown") {
        let document = imported(&name, &text, false);
        if document.report.refused.is_some() {
            continue;
        }
        let taken = &document.report.taken;
        let open: Vec<String> = text
            .lines()
            .zip(1..)
            .filter(|(line, _)| {
                let line = line.trim();
                let silent = line.is_empty()
                    || line.chars().all(|c| "-*_`>~ ".contains(c))
                    || line.starts_with("<!--")
                    || line.ends_with("-->");
                let is_link = line.starts_with('[') && line.contains("]:");
                let is_bold = line.starts_with("**") || line.starts_with('#') || line.contains("**:");
                !silent && !is_link && !is_bold && !line.starts_with("```")
            })
            .filter(|(_, number)| !taken.iter().any(|it| it.first <= *number && *number <= it.last))
            .map(|(line, number)| format!("{number}: {line}"))
            .collect();
        assert!(open.is_empty(), "{name}\n{}", open.join("\n"));
    }
}
