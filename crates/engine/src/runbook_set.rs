//! [`RunbookSet`]: the runbooks that a server has, checked, each with the last version that had no errors.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use rbl_check::{FileKind, Program, RunbookFacts, check_on};
use rbl_project::files::{Files, NamedFile};
use rbl_runtime::journal::{RecordedSource, sha256};
use rbl_syntax::diagnostic::{Diagnostic, short};
use rbl_syntax::source::{Source, SourceId};
use rbl_syntax::tree::{Template, TriggerKind};
use rbl_world::Configured;
use smol_str::SmolStr;

use crate::recorded_sources;

/// A runbook of a server.
#[derive(Debug, Clone)]
pub struct SetRunbook {
    /// Its file, as it is shown.
    pub file: SmolStr,
    /// The permanent identity of the file.
    pub identity: String,
    /// Its title, where it is plain text; else its file.
    pub title: String,
    /// The team that is paged for it, where it is plain text.
    pub owner: Option<String>,
    /// What starts it.
    pub trigger: Option<TriggerKind>,
    /// The time zone of its schedule, where that names none.
    pub timezone: Option<SmolStr>,
    /// What is run; an error: its text has errors and never had none, with the first of them.
    pub runnable: Result<RunnableRunbook, String>,
}

/// A runbook without errors, with everything that a run of it begins with.
#[derive(Debug, Clone)]
pub struct RunnableRunbook {
    /// The checked program.
    pub program: Program,
    /// The texts of the program, its own first.
    pub sources: Vec<RecordedSource>,
    /// The kinds of the configured providers by name.
    pub providers: BTreeMap<String, String>,
}

/// What is wrong with the newest text of a runbook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokenRunbook {
    /// Its file, as it is shown.
    pub file: SmolStr,
    /// What is wrong, a line each.
    pub findings: Vec<String>,
    /// Whether its last version without errors is still used.
    pub keeps: bool,
}

/// The runbooks of a server.
#[derive(Debug, Clone, Default)]
pub struct RunbookSet {
    /// All of them, in the order of their files.
    pub runbooks: Vec<Arc<SetRunbook>>,
    /// Those whose newest text has errors.
    pub broken: Vec<BrokenRunbook>,
    /// The texts that were read, by the identity of the main file: what did not change is not checked again.
    checked: BTreeMap<String, String>,
}

/// What one file is.
enum RunbookText {
    Runbook(Box<SetRunbook>),
    /// A library or tests.
    Other,
    Broken(Vec<String>),
}

impl RunbookSet {
    /// Reads and checks these files. Of a runbook that has errors now, the version in `before` stays.
    pub fn load(files: &[PathBuf], before: &Self) -> Self {
        let mut set = Self::default();
        let mut configured: BTreeMap<PathBuf, Result<Configured, String>> = BTreeMap::new();
        for path in files {
            let shown = path.to_string_lossy().into_owned();
            let named = match NamedFile::found(&shown) {
                Ok(named) => named,
                Err(why) => {
                    let why = vec![format!("it cannot be read: {why}")];
                    set.keep_last(before, shown.into(), None, why);
                    continue;
                }
            };
            let folder = named.folder();
            let config = configured
                .entry(folder)
                .or_insert_with_key(|folder| Configured::find(folder).map_err(|why| why.message));
            match load(&named, config) {
                RunbookText::Runbook(runbook) => {
                    let runbook = Arc::new(*runbook);
                    set.checked.insert(runbook.identity.clone(), runbook.digest());
                    set.runbooks.push(runbook);
                }
                RunbookText::Other => {}
                RunbookText::Broken(findings) => {
                    set.keep_last(before, named.shown.as_str().into(), Some(&named), findings);
                }
            }
        }
        set
    }

    /// The runbook of this identity.
    pub fn of(&self, identity: &str) -> Option<&Arc<SetRunbook>> {
        self.runbooks.iter().find(|it| it.identity == identity)
    }

    /// The files whose text differs from the one in another set, those that are new, and those that are gone.
    pub fn changes_since(&self, before: &Self) -> Vec<SmolStr> {
        let changed = |one: &Self, other: &Self| {
            let changed = one
                .runbooks
                .iter()
                .filter(|it| other.checked.get(&it.identity) != one.checked.get(&it.identity));
            changed.map(|it| it.file.clone()).collect::<Vec<_>>()
        };
        let mut all = changed(self, before);
        all.extend(changed(before, self));
        all.sort_unstable();
        all.dedup();
        all
    }

    /// The SHA-256 of what the runbook of this file starts, in hexadecimal: of its text, and where it uses other files of all their
    /// hashes in order. `None`: it starts nothing.
    pub fn text_of(&self, file: &str) -> Option<String> {
        let runbook = self.runbooks.iter().find(|it| it.file == file)?;
        match runbook.runnable.as_ref().ok()?.sources.as_slice() {
            [own] => Some(own.sha256.clone()),
            _ => Some(runbook.digest()),
        }
    }

    /// Keeps the last version of a runbook whose text has errors now. Where there is none, its trigger and its owner are
    /// taken from the text as far as it can be read: an alert that means it must not be overlooked.
    fn keep_last(&mut self, before: &Self, file: SmolStr, named: Option<&NamedFile>, findings: Vec<String>) {
        let last = before.runbooks.iter().find(|it| match named {
            Some(named) => it.identity == named.identity,
            None => it.file == file,
        });
        let last = last.filter(|last| last.runnable.is_ok());
        if let Some(last) = last {
            self.checked.insert(last.identity.clone(), last.digest());
            self.runbooks.push(Arc::clone(last));
        } else if let Some(named) = named {
            let first = findings.first().cloned().unwrap_or_default();
            let broken = SetRunbook::broken(named, first);
            self.checked.insert(broken.identity.clone(), broken.digest());
            self.runbooks.push(Arc::new(broken));
        }
        self.broken.push(BrokenRunbook { file, findings, keeps: last.is_some() });
    }
}

fn load(named: &NamedFile, configured: &Result<Configured, String>) -> RunbookText {
    let configured = match configured {
        Ok(configured) => configured,
        Err(why) => return RunbookText::Broken(vec![why.clone()]),
    };
    let Some(connections) = &configured.connections else {
        let file = configured.file.as_deref().unwrap_or("rbl.toml");
        let mut findings = vec![format!("{file} has mistakes")];
        findings.extend(configured.diagnostics.iter().map(|it| short(it, &configured.sources)));
        return RunbookText::Broken(findings);
    };
    let mut files = Files::new(named);
    let source = Source::new(named.shown.as_str(), named.text.as_str());
    let today = || jiff::Zoned::now().date();
    let checked = check_on(source, &named.identity, &mut files, &configured.catalogue(), Some(&today));
    let errors = checked.of_a_run().filter(|it| Diagnostic::is_error(it));
    let errors: Vec<String> = errors.map(|it| short(it, &checked.sources)).collect();
    if !errors.is_empty() {
        return RunbookText::Broken(errors);
    }
    match (checked.kind, checked.runnable) {
        (FileKind::Runbook, Some(program)) => {
            let providers = connections.catalogue().providers;
            RunbookText::Runbook(Box::new(SetRunbook::new(named, &files, program, providers)))
        }
        _ => RunbookText::Other,
    }
}

impl SetRunbook {
    fn new(named: &NamedFile, files: &Files, program: Program, providers: BTreeMap<String, String>) -> Self {
        let sources = recorded_sources(&program, |name| files.identity(name).to_owned());
        let main = program.runbook(program.main()).map(Arc::clone);
        let facts = main.as_deref().map(RunbookFacts::of_checked).unwrap_or_default();
        Self::with(named, &facts, Ok(RunnableRunbook { program, sources, providers }))
    }

    /// A text with errors, as far as it can be read.
    fn broken(named: &NamedFile, why: String) -> Self {
        let file = rbl_syntax::parse(SourceId(0), &named.text).file;
        Self::with(named, &RunbookFacts::of(&file), Err(why))
    }

    fn with(named: &NamedFile, facts: &RunbookFacts<'_>, runnable: Result<RunnableRunbook, String>) -> Self {
        Self {
            file: named.shown.as_str().into(),
            identity: named.identity.clone(),
            title: facts.title.and_then(Template::literal).unwrap_or(&named.shown).to_owned(),
            owner: facts.owner.and_then(Template::literal).map(str::to_owned),
            trigger: facts.trigger.cloned(),
            timezone: facts.timezone.map(SmolStr::from),
            runnable,
        }
    }

    /// What differs between two versions of it.
    fn digest(&self) -> String {
        match &self.runnable {
            Ok(runnable) => sha256(&runnable.sources.iter().map(|it| it.sha256.as_str()).collect::<String>()),
            Err(why) => why.clone(),
        }
    }
}
