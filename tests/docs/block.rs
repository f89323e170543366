//! The fenced blocks of a page, and the meaning of their first line.
//!
//! | first line | what the test does |
//! |---|---|
//! | `ruby` | a whole runbook or library: checks without a finding |
//! | `ruby fragment` | a piece of one: the page's preamble is put before it |
//! | `ruby fails=CODE` | the check finds this code, and nothing else |
//! | `ruby file=NAME`, `sh file=NAME`, `python file=NAME`, `json file=NAME`, `toml file=NAME`, `markdown file=NAME`, `yaml file=NAME` | written into the page's folder |
//! | `diff file=NAME` | changes that file: `-` lines are removed, `+` lines are added; then it checks without a finding |
//! | `console` | `$ COMMAND` lines are run in the page's folder and print the lines below them |
//! | `terminal` | one `$ COMMAND`, run at a real terminal, where the lines after `    > ` are typed |
//! | `session` | `$ rbl repl [FILE]`, the input after each prompt, and its output |
//! | `toml` | an `rbl.toml` without a finding |
//! | `json` | is JSON |
//! | `text file=NAME` | written into the page's folder, and not run |
//! | `console tutorial` | run by the test of the tutorial |
//! | `sh plug-in`, `python plug-in` | run by the tests of the providers |
//! | `yaml` | each command `rbl …` in it is run in the page's folder and succeeds (exit code not 2, not 70) |
//! | `text` | is not run |
//!
//! `<!-- preamble`, lines of rbl, `-->` sets the preamble from there on.

use std::ops::Range;

/// A block or a preamble of a page.
pub struct Part {
    pub kind: Kind,
    /// The text between the fences.
    pub text: String,
    /// The place of that text in the page, in bytes.
    pub range: Range<usize>,
    /// The line of the opening fence, from 1.
    pub line: usize,
}

/// What the test does with a part.
pub enum Kind {
    Preamble,
    Ruby(Ruby),
    Diff(String),
    File(String),
    Console,
    Terminal,
    Session,
    Toml,
    Json,
    Yaml,
    Text,
    PlugIn,
    Tutorial,
    Strange(String),
}

/// The expected result of a block of rbl.
#[derive(Default)]
pub struct Ruby {
    pub fragment: bool,
    pub fails: Option<String>,
    pub file: Option<String>,
}

/// The parts of a page, in order.
pub fn parts(page: &str) -> Vec<Part> {
    let mut found = Vec::new();
    let mut at = 0;
    let mut open: Option<(Kind, &'static str, usize, usize)> = None;
    for (line, number) in page.split_inclusive('\n').zip(1..) {
        let begin = at;
        at += line.len();
        let line = line.trim_end();
        if let Some((_, end, _, _)) = &open {
            if line == *end {
                let (kind, _, start, opened) = open.take().unwrap();
                found.push(Part {
                    kind,
                    text: page[start..begin].to_owned(),
                    range: start..begin,
                    line: opened,
                });
            }
        } else if let Some(tag) = line.trim_start().strip_prefix("```") {
            assert!(line.starts_with("```"), "line {number}: a block that is indented is not read");
            open = Some((kind(tag), "```", at, number));
        } else if line == "<!-- preamble" {
            open = Some((Kind::Preamble, "-->", at, number));
        }
    }
    assert!(open.is_none(), "a block is never closed");
    found
}

fn kind(tag: &str) -> Kind {
    let mut words = tag.split_whitespace();
    let language = words.next().unwrap_or("");
    let words: Vec<&str> = words.collect();
    let file = |name: &str| name.strip_prefix("file=").map(str::to_owned);
    match (language, words.as_slice()) {
        ("ruby", words) => {
            let mut ruby = Ruby::default();
            for word in words {
                if *word == "fragment" {
                    ruby.fragment = true;
                } else if let Some(code) = word.strip_prefix("fails=") {
                    ruby.fails = Some(code.to_owned());
                } else if let Some(name) = file(word) {
                    ruby.file = Some(name);
                } else {
                    return Kind::Strange(tag.to_owned());
                }
            }
            Kind::Ruby(ruby)
        }
        ("sh" | "python" | "json" | "toml" | "markdown" | "yaml" | "text", [name])
            if file(name).is_some() =>
        {
            Kind::File(file(name).unwrap())
        }
        ("diff", [name]) if file(name).is_some() => Kind::Diff(file(name).unwrap()),
        ("console", []) => Kind::Console,
        ("terminal", []) => Kind::Terminal,
        ("session", []) => Kind::Session,
        ("toml", []) => Kind::Toml,
        ("json", []) => Kind::Json,
        ("yaml", []) => Kind::Yaml,
        ("text", []) => Kind::Text,
        ("sh" | "python", ["plug-in"]) => Kind::PlugIn,
        ("console", ["tutorial"]) => Kind::Tutorial,
        _ => Kind::Strange(tag.to_owned()),
    }
}
