//! The tables of the reference are generated from those of the program; `RBL_BLESS=1` updates them.

use rbl_check::{FUNCTIONS, Function, Gives, Limits, Wants};
use rbl_syntax::diagnostic::{Code, Severity};
use rbl_syntax::value::{Quantity, UnitSymbol};

use super::block::{Kind, Ruby, parts};
use super::console::Place;
use super::{root, ruby};
use crate::providers::documents::is_generated;

fn units() -> String {
    let mut table = String::from("| unit | is | measures |\n|---|---|---|\n");
    for row in UnitSymbol::TABLE.iter().filter(|row| !row.spelling.is_empty()) {
        table.push_str(&format!("| `{}` | {} | {} |\n", row.spelling, row.name, row.dimension.in_words()));
    }
    table
}

fn gives(function: &Function) -> &'static str {
    match function.gives {
        Gives::Same => "the kind that it is given",
        Gives::SamePerTime => "that kind, a unit of time",
        Gives::Number => "a number",
        Gives::Text => "text",
        Gives::Texts => "a list of text",
        Gives::Bool => "yes or no",
        Gives::Time => "a point in time",
        Gives::Anything => "whatever it holds",
    }
}

fn functions() -> String {
    let mut table = String::from("| function | gives | meaning | example |\n|---|---|---|---|\n");
    for function in FUNCTIONS {
        let names: Vec<&str> = function.parameters.iter().map(|parameter| parameter.name).collect();
        table.push_str(&format!(
            "| `{}({})` | {} | {} | `{}` |\n",
            function.name,
            names.join(", "),
            gives(function),
            function.meaning,
            function.example
        ));
    }
    table.push_str("\nWhat the arguments must be:\n\n| argument | of | must be |\n|---|---|---|\n");
    let mut told: Vec<(&str, Wants, Vec<&str>)> = Vec::new();
    for function in FUNCTIONS {
        for parameter in function.parameters {
            match told
                .iter_mut()
                .find(|(name, wants, _)| (*name, *wants) == (parameter.name, parameter.wants))
            {
                Some((_, _, of)) => of.push(function.name),
                None => told.push((parameter.name, parameter.wants, vec![function.name])),
            }
        }
    }
    for (name, wants, of) in told {
        let more =
            if wants == Wants::SeveralOrQuantities { "; or two and more quantities of one kind" } else { "" };
        table.push_str(&format!("| `{name}` | `{}` | {}{more} |\n", of.join("` `"), wants.in_words()));
    }
    table
}

fn limits() -> String {
    let Limits { person, action, probe, poll, retry, lock } = Limits::DEFAULT;
    let mut table = String::from("| where nothing is written | holds |\n|---|---|\n");
    for (what, seconds) in [
        ("`within` of a question or an instruction to a person", person),
        ("`within` of a command or an executor in an action", action),
        ("`within` of a command that only looks", probe),
        ("`every` of `wait until`", poll),
        ("`every` between two tries of `retry N`", retry),
        ("`within` of a `lock`", lock),
    ] {
        table.push_str(&format!("| {what} | {} |\n", Quantity::seconds(seconds)));
    }
    table
}

/// The first paragraph of *What it says* in a page.
pub(super) fn says(page: &str) -> String {
    let says = page.split("## What it says\n").nth(1).expect("the page says what it says").trim_start();
    says.split("\n\n").next().unwrap_or("").replace('\n', " ")
}

fn codes() -> String {
    let mut text = String::new();
    let mut group = "";
    for code in Code::ALL {
        let (own, _) = code.name().split_once('/').unwrap();
        if own != group {
            text.push_str(&format!("{}`{own}/…`:\n\n", if group.is_empty() { "" } else { "\n" }));
            group = own;
        }
        let severity = if code.severity() == Severity::Warning { " (a warning)" } else { "" };
        let path = root().join(format!("docs/errors/{}.md", code.name()));
        let page = std::fs::read_to_string(&path).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
        text.push_str(&format!("- [`{0}`](errors/{0}.md){severity}: {1}\n", code.name(), says(&page)));
    }
    text
}

#[test]
fn the_tables_are_those_of_the_program() {
    is_generated("language.md", "limits", &limits());
    is_generated("language.md", "units", &units());
    is_generated("language.md", "functions", &functions());
    is_generated("language.md", "codes", &codes());
}

/// The examples in the table of functions are right, with the names that the page declares.
#[test]
fn every_example_of_a_function_checks() {
    let page = std::fs::read_to_string(root().join("docs/language.md")).unwrap();
    let preamble = parts(&page).into_iter().find(|part| matches!(part.kind, Kind::Preamble)).unwrap().text;
    let fragment = Ruby { fragment: true, ..Ruby::default() };
    for function in FUNCTIONS {
        let text = format!("let taken = {}\n\"#{{taken}}\"\n", function.example);
        ruby::run(&fragment, &text, &preamble, &mut Place::new())
            .unwrap_or_else(|why| panic!("{}: {why}", function.example));
    }
}

/// The reference describes every word of the grammar.
#[test]
fn every_word_of_the_grammar_is_in_the_reference() {
    let page = std::fs::read_to_string(root().join("docs/language.md")).unwrap();
    let word = regex::Regex::new(r"[a-z_]+").unwrap();
    let told: Vec<&str> = word.find_iter(&page).map(|it| it.as_str()).collect();
    let mut missing = Vec::new();
    for file in ["lexical", "test"] {
        let grammar = std::fs::read_to_string(root().join(format!("grammar/{file}.pest"))).unwrap();
        for line in grammar.lines().filter(|line| line.starts_with("kw_")) {
            let keyword = line.split('"').nth(1).unwrap().to_owned();
            if !told.contains(&keyword.as_str()) {
                missing.push(keyword);
            }
        }
    }
    assert!(missing.is_empty(), "docs/language.md says nothing of {missing:?}");
}

/// The reserved words, of all words of the grammar, are those that the page lists.
#[test]
fn reserved_words_are_the_ones_listed() {
    let page = std::fs::read_to_string(root().join("docs/language.md")).unwrap();
    let list = page.split("can name nothing: `").nth(1).unwrap().split('`').next().unwrap();
    let listed: Vec<&str> = list.split_whitespace().collect();
    for word in &listed {
        assert!(rbl_syntax::is_reserved(word), "{word} is listed and can name something");
    }
    for file in std::fs::read_dir(root().join("grammar")).unwrap() {
        let grammar = std::fs::read_to_string(file.unwrap().path()).unwrap();
        for line in grammar.lines().filter(|line| line.starts_with("kw_")) {
            let word = line.split([' ', '=']).next().unwrap().trim_start_matches("kw_");
            assert_eq!(rbl_syntax::is_reserved(word), listed.contains(&word), "{word}");
        }
    }
}
