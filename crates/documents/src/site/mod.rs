//! A static site of all runbooks: an index with a search that needs no server, and a page for each runbook.
//!
//! *Invariant:* the address of a page is the path of its runbook, so that a `runbook_url` can lead there.

mod index;

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use rbl_check::RunbookFacts;
use rbl_syntax::tree::{AlertNames, Block, File, Item, Statement, StatementKind, Wait};

use crate::alerts::AlertCoverage;
use crate::draft::unique;
use crate::export;
use crate::flow::words::SpokenWords;

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
    /// Its tests, also those in files of their own.
    pub tests: SiteTests,
}

/// What the tests of a runbook say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SiteTests {
    /// How many there are.
    pub count: usize,
    /// The titles of those that fail; `None`: they were not run, since something has errors.
    pub failed: Option<Vec<String>>,
    /// How many of how many arms they take, in words.
    pub coverage: Option<String>,
}

impl SiteTests {
    fn said(&self) -> String {
        let count = match self.count {
            0 => return "no tests".to_owned(),
            1 => "1 test".to_owned(),
            many => format!("{many} tests"),
        };
        let result = match self.failed.as_deref() {
            None => "not run, because of errors".to_owned(),
            Some([]) => "passed".to_owned(),
            Some(failed) => format!("failed: {}", failed.join("; ")),
        };
        let coverage = self.coverage.as_ref().map_or_else(String::new, |it| format!("; {it}"));
        format!("{count}, {result}{coverage}")
    }
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
    pub(crate) tests: SiteTests,
}

/// Builds a site. `alerts`: what rule files say, if some were named.
pub fn build(runbooks: &[SiteRunbook], alerts: Option<&AlertCoverage>) -> Vec<SiteFile> {
    let mut files = Vec::with_capacity(runbooks.len() + 1);
    let runs: HashMap<&str, Vec<String>> =
        runbooks.iter().map(|it| (it.path.as_str(), named_by(it))).collect();
    let mut run_by: HashMap<&str, Vec<&str>> = HashMap::new();
    for runbook in runbooks {
        let mut named: Vec<&str> =
            runs.get(runbook.path.as_str()).into_iter().flatten().map(String::as_str).collect();
        named.sort_unstable();
        named.dedup();
        for name in named {
            run_by.entry(name).or_default().push(&runbook.path);
        }
    }
    let addresses = addresses(runbooks);
    let of = |runbook: &SiteRunbook| addresses.get(runbook.path.as_str()).cloned().unwrap_or_default();
    let entries: Vec<SiteEntry> = runbooks.iter().map(|it| entry(it, &of(it))).collect();
    files.push(SiteFile { path: "index.html".into(), text: index::page(&entries, alerts) });
    for runbook in runbooks {
        files.push(SiteFile { path: of(runbook), text: page(runbook, &addresses, &runs, &run_by) });
    }
    files
}

/// The pages of all runbooks by their paths: `db/disk.rb` is `db/disk.html`. Where the names of two differ only in case or in
/// their ending, the second has a number: on some systems they would be one file.
fn addresses(runbooks: &[SiteRunbook]) -> HashMap<&str, String> {
    let mut paths: Vec<&str> = runbooks.iter().map(|it| it.path.as_str()).collect();
    paths.sort_unstable();
    let mut taken: HashSet<String> = HashSet::new();
    let mut found = HashMap::new();
    for path in paths {
        let stem = path.strip_suffix(".rbl").or_else(|| path.strip_suffix(".rb")).unwrap_or(path);
        let stem = if stem.eq_ignore_ascii_case("index") { "index-runbook" } else { stem };
        let free = unique(stem, |it| taken.contains(&it.to_lowercase()));
        taken.insert(free.to_lowercase());
        found.insert(path, format!("{free}.html"));
    }
    found
}

/// What a browser takes as anything but a letter of a path: blanks, `#`, `?`, `%`, `:`, quotes.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// The path of a page as an address in a link.
pub(crate) fn link(path: &str) -> String {
    utf8_percent_encode(path, ESCAPED).to_string()
}

fn entry(runbook: &SiteRunbook, address: &str) -> SiteEntry {
    let words = SpokenWords { text: &runbook.text };
    let facts = RunbookFacts::of(&runbook.file);
    let owner = facts.owner.map(|it| words.template(it));
    let alerts = match facts.alerts() {
        Some(AlertNames::Listed(names)) => names.iter().map(|it| words.template(it)).collect(),
        Some(AlertNames::Matching(pattern)) => vec![words.template(pattern)],
        None => Vec::new(),
    };
    let service = runbook.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    SiteEntry {
        title: export::title(&runbook.file, &runbook.text),
        address: link(address),
        path: runbook.path.clone(),
        service: service.to_owned(),
        owner: owner.unwrap_or_default(),
        alerts,
        words: searched(&runbook.text),
        findings: runbook.findings.len(),
        tests: runbook.tests.clone(),
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

/// `runs`, `run_by`: what each runbook runs, and which run it, by path.
fn page(
    runbook: &SiteRunbook,
    addresses: &HashMap<&str, String>,
    runs: &HashMap<&str, Vec<String>>,
    run_by: &HashMap<&str, Vec<&str>>,
) -> String {
    let name = runbook.path.rsplit('/').next().unwrap_or(&runbook.path);
    let up = "../".repeat(runbook.path.matches('/').count());
    let mut more = String::from("<h2>About this runbook</h2>\n<ul>\n");
    let _ = writeln!(more, "<li>File: <code>{}</code></li>", export::escape(&runbook.path));
    if let Some(paths) = &runbook.paths {
        let _ = writeln!(more, "<li>Paths: {}</li>", export::escape(paths));
    }
    let _ = writeln!(more, "<li>Tests: {}</li>", export::escape(&runbook.tests.said()));
    for (label, others) in [
        (
            "Runs",
            runs.get(runbook.path.as_str()).into_iter().flatten().map(String::as_str).collect::<Vec<&str>>(),
        ),
        ("Run by", run_by.get(runbook.path.as_str()).cloned().unwrap_or_default()),
    ] {
        if !others.is_empty() {
            let linked: Vec<String> = others
                .iter()
                .map(|it| match addresses.get(it) {
                    Some(page) => format!("<a href=\"{up}{}\">{}</a>", link(page), export::escape(it)),
                    // It stands outside of the folder, or nowhere.
                    None => format!("<code>{}</code>", export::escape(it)),
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
fn named_by(runbook: &SiteRunbook) -> Vec<String> {
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
