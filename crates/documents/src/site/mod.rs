//! A static site of all runbooks: an index with a search that needs no server, and a page for each runbook.
//!
//! *Invariant:* the address of a page is the path of its runbook, so that a `runbook_url` can lead there.

mod index;

use std::fmt::Write as _;

use rbl_syntax::tree::{Block, Declaration, File, Item, Statement, StatementKind, Wait};

use crate::alerts::{AlertCoverage, trigger};
use crate::export;
use crate::flow::words::SpokenWords;
use rbl_syntax::tree::AlertNames;

/// A runbook of a site.
#[derive(Debug, Clone)]
pub struct SiteRunbook {
    /// Its path below the folder, with `/`.
    pub path: String,
    /// Its text.
    pub text: String,
    /// Its tree.
    pub file: File,
    /// What `rbl check` finds in it, a line each.
    pub findings: Vec<String>,
    /// How many paths it has and how long they take, in words; `None` for one with errors.
    pub paths: Option<String>,
    /// How many tests it has, also in files of their own.
    pub tests: usize,
}

/// A file of a site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteFile {
    /// Its path below the folder of the site, with `/`.
    pub path: String,
    /// Its text.
    pub text: String,
}

/// What the index knows of a runbook.
pub(crate) struct SiteEntry {
    pub(crate) title: String,
    pub(crate) address: String,
    pub(crate) path: String,
    pub(crate) service: String,
    pub(crate) owner: String,
    pub(crate) alerts: Vec<String>,
    pub(crate) words: String,
    pub(crate) findings: usize,
}

/// Builds a site. `alerts`: what rule files say, if some were named.
pub fn build(runbooks: &[SiteRunbook], alerts: Option<&AlertCoverage>) -> Vec<SiteFile> {
    let mut files = Vec::with_capacity(runbooks.len() + 1);
    let runs: Vec<(String, Vec<String>)> = runbooks.iter().map(|it| (it.path.clone(), run_by(it))).collect();
    let entries: Vec<SiteEntry> = runbooks.iter().map(entry).collect();
    files.push(SiteFile { path: "index.html".into(), text: index::page(&entries, alerts) });
    for runbook in runbooks {
        files.push(SiteFile { path: address(&runbook.path), text: page(runbook, &runs) });
    }
    files
}

/// The address of a page: `db/disk.rb` is `db/disk.html`.
fn address(path: &str) -> String {
    let stem = path.strip_suffix(".rbl").or_else(|| path.strip_suffix(".rb")).unwrap_or(path);
    if stem == "index" { "index-runbook.html".into() } else { format!("{stem}.html") }
}

fn entry(runbook: &SiteRunbook) -> SiteEntry {
    let words = SpokenWords { text: &runbook.text };
    let owner = runbook.file.declarations().find_map(|it| match it {
        Declaration::Owner(it) => Some(words.template(&it.team)),
        _ => None,
    });
    let alerts = match trigger(&runbook.file) {
        Some(AlertNames::Listed(names)) => names.iter().map(|it| words.template(it)).collect(),
        Some(AlertNames::Matching(pattern)) => vec![words.template(pattern)],
        None => Vec::new(),
    };
    let service = runbook.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    SiteEntry {
        title: export::title(&runbook.file, &runbook.text),
        address: address(&runbook.path),
        path: runbook.path.clone(),
        service: service.to_owned(),
        owner: owner.unwrap_or_default(),
        alerts,
        words: searched(&runbook.text),
        findings: runbook.findings.len(),
    }
}

/// The words by which a runbook is found, each once.
fn searched(text: &str) -> String {
    let mut words: Vec<String> = text
        .split(|c: char| !(c.is_alphanumeric() || c == '-' || c == '_'))
        .filter(|it| it.chars().count() > 2)
        .map(str::to_lowercase)
        .collect();
    words.sort();
    words.dedup();
    words.join(" ")
}

fn page(runbook: &SiteRunbook, runs: &[(String, Vec<String>)]) -> String {
    let name = runbook.path.rsplit('/').next().unwrap_or(&runbook.path);
    let up = "../".repeat(runbook.path.matches('/').count());
    let mut more = String::from("<h2>About this runbook</h2>\n<ul>\n");
    let _ = writeln!(more, "<li>File: <code>{}</code></li>", export::escape(&runbook.path));
    if let Some(paths) = &runbook.paths {
        let _ = writeln!(more, "<li>Paths: {}</li>", export::escape(paths));
    }
    let tests = match runbook.tests {
        0 => "no tests".to_owned(),
        1 => "1 test".to_owned(),
        many => format!("{many} tests"),
    };
    let _ = writeln!(more, "<li>Tests: {tests}</li>");
    for (label, others) in [
        ("Runs", runs.iter().find(|it| it.0 == runbook.path).map(|it| it.1.clone()).unwrap_or_default()),
        ("Run by", runs.iter().filter(|it| it.1.contains(&runbook.path)).map(|it| it.0.clone()).collect()),
    ] {
        if !others.is_empty() {
            let linked: Vec<String> = others
                .iter()
                .map(|it| {
                    format!("<a href=\"{up}{}\">{}</a>", export::escape(&address(it)), export::escape(it))
                })
                .collect();
            let _ = writeln!(more, "<li>{label}: {}</li>", linked.join(", "));
        }
    }
    more.push_str("</ul>\n");
    if runbook.findings.is_empty() {
        more.push_str("<p>Nothing was found in it.</p>\n");
    } else {
        more.push_str("<h2>Findings</h2>\n<ul>\n");
        for finding in &runbook.findings {
            let _ = writeln!(more, "<li>{}</li>", export::escape(finding));
        }
        more.push_str("</ul>\n");
    }
    let back = format!("<nav><a href=\"{up}index.html\">All runbooks</a></nav>\n");
    let page = export::html(&runbook.file, &runbook.text, name);
    page.replacen("<main>\n", &format!("<main>\n{back}"), 1).replacen("</main>", &format!("{more}</main>"), 1)
}

/// The runbooks that a runbook runs, as paths below the folder.
fn run_by(runbook: &SiteRunbook) -> Vec<String> {
    let mut named = Vec::new();
    for item in &runbook.file.items {
        match item {
            Item::Step(step) => in_block(&step.body, &mut named),
            Item::Statement(it) => in_statement(it, &mut named),
            Item::Declaration(_) | Item::Test(_) | Item::Background(_) => {}
        }
    }
    let folder = runbook.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    named.iter().map(|it| joined(folder, it)).collect()
}

/// A path relative to a folder, without `.` and `..`.
fn joined(folder: &str, path: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|it| !it.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "." | "" => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

fn in_block(block: &Block, named: &mut Vec<String>) {
    block.statements.iter().for_each(|it| in_statement(it, named));
}

fn in_statement(statement: &Statement, named: &mut Vec<String>) {
    let mut arms = Vec::new();
    match &statement.kind {
        StatementKind::Run(it) => {
            named.extend(it.file.literal().map(str::to_owned));
            arms.extend(&it.otherwise);
        }
        StatementKind::Check(it) => arms.extend(it.otherwise.iter().chain(&it.unknown)),
        StatementKind::If(it) => {
            it.branches.iter().for_each(|it| in_block(&it.block, named));
            arms.extend(it.otherwise.iter().chain(&it.unknown));
        }
        StatementKind::Match(it) => {
            it.arms.iter().for_each(|it| in_block(&it.block, named));
            arms.extend(it.otherwise.iter().chain(&it.unknown));
        }
        StatementKind::Action(it) => {
            it.block.iter().for_each(|it| in_block(it, named));
            arms.extend(&it.otherwise);
        }
        StatementKind::Escalate(it) => arms.extend(&it.otherwise),
        StatementKind::Wait(Wait::Until { otherwise, unknown, .. }) => {
            arms.extend(otherwise.iter().chain(unknown));
        }
        StatementKind::ForEach(it) => {
            in_block(&it.body, named);
            arms.extend(it.none.iter().chain(&it.unknown));
        }
        StatementKind::Repeat(it) => {
            in_block(&it.body, named);
            arms.extend(it.otherwise.iter().chain(&it.unknown));
        }
        StatementKind::Lock(it) => arms.extend(&it.otherwise),
        StatementKind::Broken { blocks } => blocks.iter().for_each(|it| in_block(it, named)),
        StatementKind::Wait(Wait::Duration { .. })
        | StatementKind::Prose { .. }
        | StatementKind::Let(_)
        | StatementKind::Record(_)
        | StatementKind::Resolve { .. }
        | StatementKind::Stop { .. } => {}
    }
    for arm in arms {
        in_block(&arm.block, named);
    }
}
