//! [`LiveRunbooks`]: the set that counts now. A reader keeps the one it took; a change exchanges it as a whole.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use rbl_engine::{AlertRoute, RunbookModes, RunbookScope, RunbookSet, route};
use rbl_runtime::Alert;
use rbl_runtime::journal::Inbox;
use rbl_store::{ServedText, ServerDeed, Sqlite};
use rbl_syntax::counted;
use smol_str::SmolStr;

use super::find::{FileLook, find_runbooks, looks};
use crate::server_log::log_entry;
use crate::stopping::Stopping;

/// How often it is looked whether a file has changed.
const LOOK: Duration = Duration::from_secs(2);

/// See the module.
pub(crate) struct LiveRunbooks {
    folders: Vec<PathBuf>,
    modes: Arc<RunbookModes>,
    current: RwLock<Arc<RunbookSet>>,
    /// Held while alerts are reported to their episodes, and while the set is exchanged: what a runbook was called when an alert was
    /// read is what its episodes are called.
    deciding: Mutex<()>,
    /// How the files looked before they were first read.
    first: BTreeMap<PathBuf, FileLook>,
    reload: AtomicBool,
}

impl LiveRunbooks {
    /// Reads and checks the runbooks below these folders.
    pub(crate) fn load(folders: Vec<PathBuf>, modes: Arc<RunbookModes>) -> Self {
        let first = looks(&folders, &[]);
        let set = RunbookSet::load(&find_runbooks(&folders), &RunbookSet::default());
        report(&set, &RunbookSet::default());
        warn_of_unused(&set, &modes);
        Self {
            folders,
            modes,
            current: RwLock::new(Arc::new(set)),
            deciding: Mutex::default(),
            first,
            reload: AtomicBool::new(false),
        }
    }

    /// The set that counts now.
    pub(crate) fn current(&self) -> Arc<RunbookSet> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Until it is dropped, no runbook gets another name.
    pub(crate) fn deciding(&self) -> MutexGuard<'_, ()> {
        self.deciding.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The runbooks that these patterns mean. They were read when the token was made that has them: where they cannot be, there are none.
    pub(crate) fn scope(&self, patterns: &[String]) -> RunbookScope {
        self.modes.scope(patterns).unwrap_or_default()
    }

    /// Has everything read again, whether it looks changed or not.
    pub(crate) fn reload(&self) {
        self.reload.store(true, Ordering::SeqCst);
    }

    /// Reads the runbooks again when something has changed, until the server stops. Each time that is added to the log of the server.
    pub(crate) fn watch(&self, store: &Sqlite, stopping: &Stopping) {
        let mut before = self.read_as(&self.first);
        while !stopping.wait(LOOK) {
            let now = looks(&self.folders, &self.loaded());
            let is_asked = self.reload.swap(false, Ordering::SeqCst);
            if !is_asked && now == before {
                continue;
            }
            let changed = self.read_again(Some(store));
            if is_asked || !changed.is_empty() {
                let by = if is_asked { "SIGHUP" } else { "files that changed" };
                log_entry(store, ServerDeed::Reloaded, by, self.about(), self.texts(&changed));
            }
            before = self.read_as(&now);
        }
    }

    /// How the files looked that were read, where they looked like this before: what changed, came or went while they were read is read
    /// once more.
    fn read_as(&self, before: &BTreeMap<PathBuf, FileLook>) -> BTreeMap<PathBuf, FileLook> {
        let loaded = self.loaded();
        // What a runbook names may lie anywhere: it is known only now.
        let mut after = looks(&self.folders, &loaded);
        let mut read = BTreeMap::new();
        for (path, look) in before {
            // A file that is there and counts no more: no runbook names it now.
            if after.remove(path).is_some() || !path.exists() {
                read.insert(path.clone(), look.clone());
            }
        }
        read.extend(after.into_iter().filter(|(path, _)| loaded.contains(path)));
        read
    }

    /// Hands what alerts have begun to the runbooks that were renamed since.
    pub(crate) fn rename(&self, inbox: &dyn Inbox) {
        rename(&self.current(), inbox);
    }

    /// Returns the files of the runbooks that changed. With an `inbox`, those that were renamed keep what alerts have begun.
    fn read_again(&self, inbox: Option<&dyn Inbox>) -> Vec<SmolStr> {
        let before = self.current();
        let set = RunbookSet::load(&find_runbooks(&self.folders), &before);
        report(&set, &before);
        warn_of_unused(&set, &self.modes);
        let changed = set.changes_since(&before);
        // Before an alert can start a runbook under its new name, and after those that were read under the old one.
        let _exchanges = self.deciding();
        if let Some(inbox) = inbox.filter(|_| !changed.is_empty()) {
            rename(&set, inbox);
        }
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(set);
        changed
    }

    /// How many there are, and which are broken.
    pub(crate) fn about(&self) -> String {
        let set = self.current();
        let broken: Vec<&str> = set.broken.iter().map(|it| it.file.as_str()).collect();
        let runbooks = counted(set.runbooks.len(), "runbook", "runbooks");
        if broken.is_empty() { runbooks } else { format!("{runbooks}; with errors: {}", broken.join(", ")) }
    }

    /// The texts of all runbooks that start something.
    pub(crate) fn all_texts(&self) -> Vec<ServedText> {
        let files: Vec<SmolStr> = self.current().runbooks.iter().map(|it| it.file.clone()).collect();
        self.texts(&files)
    }

    fn texts(&self, files: &[SmolStr]) -> Vec<ServedText> {
        let set = self.current();
        files.iter().map(|file| ServedText { file: file.to_string(), sha256: set.text_of(file) }).collect()
    }

    /// The files that the runbooks name, wherever they are.
    fn loaded(&self) -> Vec<PathBuf> {
        let set = self.current();
        let runnable = set.runbooks.iter().filter_map(|it| it.runnable.as_ref().ok());
        runnable.flat_map(|it| it.sources.iter().map(|source| PathBuf::from(&source.identity))).collect()
    }
}

/// Hands the open episodes of runbooks that are gone to those that are there under another name. Where the journal refuses, an alert
/// that still fires starts the runbook under its new name once more.
fn rename(set: &RunbookSet, inbox: &dyn Inbox) {
    let there = set.runbooks.iter().map(|it| (it.identity.clone(), it.title.clone())).collect();
    let means = |identity: &str, group: &str, alert: &Alert| match route(set, alert) {
        AlertRoute::Starts(starts) => starts.iter().any(|(it, of)| it.identity == identity && of == group),
        AlertRoute::Nothing(_) | AlertRoute::Own(_) => false,
    };
    match inbox.rename(&there, &means) {
        Ok(renamed) => {
            for (from, to) in renamed {
                tracing::info!(from, to, "a runbook was renamed: it keeps the alerts that fire");
            }
        }
        Err(why) => tracing::error!(%why, "it is not known which runbooks were renamed"),
    }
}

/// Says which patterns of modes mean no runbook: one that is misspelt leaves a runbook in another mode than its author
/// thinks.
fn warn_of_unused(set: &RunbookSet, modes: &RunbookModes) {
    let files: Vec<&str> = set.runbooks.iter().map(|it| it.identity.as_str()).collect();
    for pattern in modes.unused(&files) {
        tracing::warn!(pattern, "no runbook matches this pattern of `[serve.modes]`");
    }
}

/// Says what changed, and what is wrong.
fn report(set: &RunbookSet, before: &RunbookSet) {
    let runbooks = counted(set.runbooks.len(), "runbook", "runbooks");
    let broken = counted(set.broken.len(), "is broken", "are broken");
    let changed: Vec<String> = set.changes_since(before).iter().map(ToString::to_string).collect();
    tracing::info!(changed = %changed.join(", "), "{runbooks}, of which {broken}");
    for one in &set.broken {
        let keeps = if one.keeps { "its last version stays in force" } else { "it cannot be started" };
        tracing::error!(file = %one.file, findings = %one.findings.join(" | "), "a runbook has errors: {keeps}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RIGHT: &str = "runbook \"Right\"\ntrigger alert \"A\"\nowner \"ops\"\n\nresolve \"one\"\n";

    fn titles(live: &LiveRunbooks) -> Vec<(String, bool)> {
        live.current().runbooks.iter().map(|it| (it.title.clone(), it.runnable.is_ok())).collect()
    }

    #[test]
    fn a_broken_runbook_keeps_its_last_version_without_errors() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.rb");
        std::fs::write(&path, RIGHT).unwrap();
        std::fs::write(
            folder.path().join("b.rb"),
            "runbook \"Never right\"\ntrigger alert \"B\"\nowner \"ops\"\nresolve\n  x y z\n",
        )
        .unwrap();
        let live = LiveRunbooks::load(
            vec![folder.path().to_owned()],
            Arc::new(RunbookModes::all(rbl_runtime::journal::RunMode::Ask)),
        );
        assert_eq!(titles(&live), [("Right".into(), true), ("Never right".into(), false)]);
        assert!(live.current().runbooks[1].trigger.is_some(), "its trigger is known all the same");
        assert_eq!(live.current().runbooks[1].owner.as_deref(), Some("ops"));

        std::fs::write(&path, RIGHT.replace("resolve \"one\"", "check nothing < 5m")).unwrap();
        live.read_again(None);
        assert_eq!(titles(&live)[0], ("Right".into(), true));
        let broken = live.current().broken.clone();
        assert!(broken.iter().any(|it| it.keeps && it.findings[0].contains("nothing")), "{broken:?}");

        std::fs::write(&path, RIGHT.replace("\"Right\"", "\"Right again\"")).unwrap();
        live.read_again(None);
        assert_eq!(titles(&live)[0], ("Right again".into(), true));
        assert_eq!(live.current().broken.len(), 1);

        std::fs::remove_file(&path).unwrap();
        live.read_again(None);
        assert_eq!(titles(&live).len(), 1, "a runbook that is gone starts nothing more");
    }

    #[test]
    fn what_comes_goes_or_changes_while_the_folder_is_read_is_read_once_more() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let write = |name: &str, text: &str| std::fs::write(at(name), text).unwrap();
        write("a.rb", RIGHT);
        write("b.rb", RIGHT);
        let modes = Arc::new(RunbookModes::all(rbl_runtime::journal::RunMode::Ask));
        let live = LiveRunbooks::load(vec![folder.path().to_owned()], modes);
        let look = || looks(&live.folders, &live.loaded());
        assert_eq!(live.read_as(&live.first), look(), "nothing happened meanwhile");
        // Each of these comes between the look and its reading, and the look after it.
        let before = look();
        std::fs::remove_file(at("a.rb")).unwrap();
        assert_ne!(live.read_as(&before), look(), "gone");
        live.read_again(None);
        let before = look();
        write("c.rb", RIGHT);
        assert_ne!(live.read_as(&before), look(), "new");
        live.read_again(None);
        let before = look();
        write("c.rb", &RIGHT.replace("one", "another"));
        assert_ne!(live.read_as(&before), look(), "changed");
        live.read_again(None);
        assert_eq!(live.read_as(&look()), look());
        // A library elsewhere is known once it is named, and forgotten once it is not.
        let elsewhere = tempfile::tempdir().unwrap();
        let library = elsewhere.path().join("l.rb");
        std::fs::write(&library, "let limit = 5\n").unwrap();
        let before = look();
        let uses = format!("owner \"ops\"\nuse {:?}", library.canonicalize().unwrap());
        write("b.rb", &RIGHT.replace("owner \"ops\"", &uses));
        live.read_again(None);
        assert_eq!(live.current().broken, []);
        let read = live.read_as(&before);
        assert!(read.contains_key(&library.canonicalize().unwrap()));
        assert_eq!(read.keys().collect::<Vec<_>>(), look().keys().collect::<Vec<_>>());
    }
}
