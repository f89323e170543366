//! The configurations of the checked files: each is read once.

use std::collections::HashMap;
use std::ops::Deref;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use super::check::CheckFindings;
use rbl_check::Catalogue;
use rbl_project::Refusal;
use rbl_project::check_cache::hash;
use rbl_world::Configured;

/// The configuration of a folder, and what a check needs of it.
#[derive(Debug)]
pub(super) struct FolderConfiguration {
    configured: Configured,
    /// The names that it defines.
    pub(super) catalogue: Catalogue,
    /// A hash of them: all that a check depends on.
    pub(super) catalogue_hash: String,
}

impl Deref for FolderConfiguration {
    type Target = Configured;

    fn deref(&self) -> &Configured {
        &self.configured
    }
}

impl FolderConfiguration {
    fn new(configured: Configured) -> Self {
        let catalogue = configured.catalogue();
        // What is derived shows every field, and the maps are sorted.
        let catalogue_hash = hash(&[format!("{catalogue:?}").as_bytes()]);
        Self { configured, catalogue, catalogue_hash }
    }
}

/// The configurations read so far, by folder.
#[derive(Default)]
pub(super) struct Configurations(Mutex<HashMap<PathBuf, Result<Arc<FolderConfiguration>, Refusal>>>);

impl Configurations {
    pub(super) fn of(&self, folder: PathBuf) -> Result<Arc<FolderConfiguration>, Refusal> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let read =
            |folder: &PathBuf| Configured::find(folder).map(|it| Arc::new(FolderConfiguration::new(it)));
        known.entry(folder).or_insert_with_key(read).clone()
    }

    /// The findings about the configurations, each once.
    pub(super) fn findings(&self, refusals: &mut Vec<Refusal>) -> Vec<(String, CheckFindings)> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut files: Vec<&Arc<FolderConfiguration>> = Vec::new();
        for configured in known.values() {
            match configured {
                Ok(it) if files.iter().all(|other| other.file != it.file) => files.push(it),
                Ok(_) => {}
                Err(refusal) if refusals.contains(refusal) => {}
                Err(refusal) => refusals.push(refusal.clone()),
            }
        }
        files.sort_by(|a, b| a.file.cmp(&b.file));
        let findings = |it: &&Arc<FolderConfiguration>| {
            let findings =
                CheckFindings { sources: Arc::clone(&it.sources), diagnostics: it.diagnostics.clone() };
            (it.file.clone().unwrap_or_default(), findings)
        };
        files.iter().filter(|it| !it.diagnostics.is_empty()).map(findings).collect()
    }
}
