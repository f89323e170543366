//! Where `rbl check` keeps which files had no findings, and what that depends on besides their texts.

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::configurations::FolderConfiguration;
use rbl_project::check_cache::{CheckCache, hash};
use rbl_project::files::NamedFile;
use rbl_project::recording_loader::ReadDependency;

/// Where jiff looks for time zones, in its order.
const TIME_ZONES: [&str; 4] =
    ["/usr/share/zoneinfo", "/usr/share/lib/zoneinfo", "/etc/zoneinfo", "/usr/lib/zoneinfo"];

/// The check cache, and what is the same for all files of this check.
#[derive(Debug)]
pub(super) struct CheckedBefore {
    cache: CheckCache,
    /// A hash of this program, of the time zones of the machine and of the options.
    with: String,
}

/// Opens the cache of this program and the current folder; `None` where there is no place for it.
pub(super) fn open(budget: Option<f64>) -> Option<CheckedBefore> {
    let env = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    let folder = folder(env("XDG_CACHE_HOME"), env("HOME"))?;
    let program = program()?;
    let here = std::env::current_dir().ok()?;
    let name = hash(&[program.as_bytes(), here.as_os_str().as_bytes()]);
    let budget = budget.map_or(Vec::new(), |seconds| seconds.to_bits().to_le_bytes().to_vec());
    let with = hash(&[program.as_bytes(), time_zones(env("TZDIR")).as_bytes(), &budget]);
    Some(CheckedBefore { cache: CheckCache::open(&folder, &name), with })
}

impl CheckedBefore {
    /// Whether a check of the file had no findings, and would read the same now.
    pub(super) fn is_clean(&self, file: &NamedFile, configured: &FolderConfiguration) -> bool {
        self.cache.is_clean(file, &self.how(configured))
    }

    /// Keeps that a check of the file had no findings, and what it read.
    pub(super) fn keep(&self, file: &NamedFile, configured: &FolderConfiguration, read: Vec<ReadDependency>) {
        self.cache.keep(file, &self.how(configured), read);
    }

    /// Writes what was kept.
    pub(super) fn save(self) {
        self.cache.save();
    }

    fn how(&self, configured: &FolderConfiguration) -> String {
        format!("{} {}", self.with, configured.catalogue_hash)
    }
}

/// The folder of the caches: `$XDG_CACHE_HOME/rbl/check`, else `~/.cache/rbl/check`. A relative `XDG_CACHE_HOME` is
/// ignored, as its specification says.
fn folder(cache: Option<OsString>, home: Option<OsString>) -> Option<PathBuf> {
    let absolute = |path: OsString| Some(PathBuf::from(path)).filter(|path| path.is_absolute());
    let cache = cache.and_then(absolute);
    Some(cache.or_else(|| Some(absolute(home?)?.join(".cache")))?.join("rbl/check"))
}

/// What distinguishes this program from every other build of it.
fn program() -> Option<String> {
    let path = std::env::current_exe().ok()?;
    let about = std::fs::metadata(&path).ok()?;
    Some(format!(
        "{} {} {} {} {} {}.{}",
        env!("CARGO_PKG_VERSION"),
        path.display(),
        about.dev(),
        about.ino(),
        about.len(),
        about.mtime(),
        about.mtime_nsec()
    ))
}

/// What changes with the time zones of the machine: runbooks name them.
fn time_zones(chosen: Option<OsString>) -> String {
    let chosen = chosen.map(PathBuf::from);
    let folders = chosen.as_deref().into_iter().chain(TIME_ZONES.map(Path::new));
    let changed = folders.filter_map(|path| {
        let about = std::fs::metadata(path).ok()?;
        Some(format!("{} {} {}.{}", path.display(), about.ino(), about.mtime(), about.mtime_nsec()))
    });
    changed.collect::<Vec<String>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cache_folder_then_home() {
        let folder = |cache: &str, home: Option<&str>| folder(Some(cache.into()), home.map(OsString::from));
        assert_eq!(folder("/cache", Some("/home/ana")), Some("/cache/rbl/check".into()));
        assert_eq!(folder("cache", Some("/home/ana")), Some("/home/ana/.cache/rbl/check".into()));
        assert_eq!(folder("cache", None), None);
    }
}
