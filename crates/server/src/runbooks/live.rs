//! [`LiveRunbooks`]: the set that counts now. A reader keeps the one it took; a change exchanges it as a whole.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use rbl_engine::{RunbookModes, RunbookSet};
use rbl_syntax::counted;

use super::find::{find_runbooks, looks};
use crate::stopping::Stopping;

/// How often it is looked whether a file has changed.
const LOOK: Duration = Duration::from_secs(2);

/// See the module.
pub(crate) struct LiveRunbooks {
    folders: Vec<PathBuf>,
    modes: Arc<RunbookModes>,
    current: RwLock<Arc<RunbookSet>>,
    reload: AtomicBool,
}

impl LiveRunbooks {
    /// Reads and checks the runbooks below these folders.
    pub(crate) fn load(folders: Vec<PathBuf>, modes: Arc<RunbookModes>) -> Self {
        let set = RunbookSet::load(&find_runbooks(&folders), &RunbookSet::default());
        report(&set, &RunbookSet::default());
        warn_of_unused(&set, &modes);
        Self { folders, modes, current: RwLock::new(Arc::new(set)), reload: AtomicBool::new(false) }
    }

    /// The set that counts now.
    pub(crate) fn current(&self) -> Arc<RunbookSet> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Has everything read again, whether it looks changed or not.
    pub(crate) fn reload(&self) {
        self.reload.store(true, Ordering::SeqCst);
    }

    /// Reads the runbooks again when something has changed, until the server stops.
    pub(crate) fn watch(&self, stopping: &Stopping) {
        let mut before = looks(&self.folders, &self.loaded());
        while !stopping.wait(LOOK) {
            let now = looks(&self.folders, &self.loaded());
            let is_asked = self.reload.swap(false, Ordering::SeqCst);
            if !is_asked && now == before {
                continue;
            }
            self.read_again();
            // What a runbook names may lie anywhere: it is known now.
            before = looks(&self.folders, &self.loaded());
            // A file that changed while it was read is read once more.
            before.retain(|path, look| now.get(path).is_none_or(|seen| seen == look));
        }
    }

    fn read_again(&self) {
        let before = self.current();
        let set = RunbookSet::load(&find_runbooks(&self.folders), &before);
        report(&set, &before);
        warn_of_unused(&set, &self.modes);
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(set);
    }

    /// The files that the runbooks name, wherever they are.
    fn loaded(&self) -> Vec<PathBuf> {
        let set = self.current();
        let runnable = set.runbooks.iter().filter_map(|it| it.runnable.as_ref().ok());
        runnable.flat_map(|it| it.sources.iter().map(|source| PathBuf::from(&source.identity))).collect()
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
        live.read_again();
        assert_eq!(titles(&live)[0], ("Right".into(), true));
        let broken = live.current().broken.clone();
        assert!(broken.iter().any(|it| it.keeps && it.findings[0].contains("nothing")), "{broken:?}");

        std::fs::write(&path, RIGHT.replace("\"Right\"", "\"Right again\"")).unwrap();
        live.read_again();
        assert_eq!(titles(&live)[0], ("Right again".into(), true));
        assert_eq!(live.current().broken.len(), 1);

        std::fs::remove_file(&path).unwrap();
        live.read_again();
        assert_eq!(titles(&live).len(), 1, "a runbook that is gone starts nothing more");
    }
}
