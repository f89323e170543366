//! Replaces the text of a file atomically: a reader sees the old text or the new one.

use std::fs;
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use rbl_syntax::io_error::{creating, writing};

/// Replaces the text `before` with `after`, and keeps the permissions. On error the file is unchanged, and the
/// message is for people.
pub fn replace(path: &Path, before: &str, after: &str) -> Result<(), String> {
    // A symbolic link is kept: the file that it leads to is replaced.
    let path = fs::canonicalize(path).map_err(|error| writing(&error))?;
    let about = fs::metadata(&path).map_err(|error| writing(&error))?;
    let permissions = about.permissions();
    // Replacing a file needs no write permission on it, but a read-only file says that its owner does not want it.
    if permissions.readonly() {
        return Err("it is read-only".into());
    }
    fs::File::options().write(true).open(&path).map_err(|error| writing(&error))?;
    let folder = path.parent().unwrap_or(Path::new("/"));
    let mut builder = tempfile::Builder::new();
    let mut file = builder
        .prefix(".rbl-")
        .suffix(".tmp")
        .permissions(permissions.clone())
        .tempfile_in(folder)
        .map_err(|error| format!("nothing can be written beside it: {}", writing(&error)))?;
    // Only root may change the owner; for everybody else the owner is the same already.
    let _ = std::os::unix::fs::fchown(file.as_file(), Some(about.uid()), Some(about.gid()));
    file.write_all(after.as_bytes())
        .and_then(|()| file.as_file().set_permissions(permissions))
        .and_then(|()| file.as_file().sync_all())
        .map_err(|error| writing(&error))?;
    if fs::read(&path).map_err(|error| writing(&error))? != before.as_bytes() {
        return Err("it was changed in the meantime".into());
    }
    file.persist(&path).map_err(|error| writing(&error.error))?;
    Ok(())
}

/// Appends to a file, which is created where it is not there. The error is the reason, in words for people.
pub fn append(path: &Path, text: &str) -> Result<(), String> {
    let file = fs::File::options().append(true).create(true).open(path);
    file.and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(|error| rbl_syntax::io_error::writing(&error))
}

/// Writes a file that is not there yet: all of it, or nothing. The error is the reason, in words for people.
pub fn create(path: &Path, text: &str) -> Result<(), String> {
    let folder = path.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    let permissions = std::os::unix::fs::PermissionsExt::from_mode(0o644);
    let named = builder.prefix(".rbl-").suffix(".tmp").permissions(permissions);
    let mut file = named.tempfile_in(folder).map_err(|error| creating(&error))?;
    let written = file.write_all(text.as_bytes()).and_then(|()| file.as_file().sync_all());
    written.map_err(|error| creating(&error))?;
    file.persist_noclobber(path).map(|_| ()).map_err(|error| creating(&error.error))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    #[test]
    fn permissions_and_links_are_kept_and_nothing_is_left_behind() {
        let folder = tempfile::tempdir().unwrap();
        let (path, link) = (folder.path().join("a.rb"), folder.path().join("b.rb"));
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o751)).unwrap();
        symlink("a.rb", &link).unwrap();
        replace(&link, "old", "new").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o751);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[test]
    fn what_may_not_be_written_or_was_changed_stays_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.rb");
        fs::write(&path, "old").unwrap();
        assert_eq!(replace(&path, "older", "new").unwrap_err(), "it was changed in the meantime");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).unwrap();
        assert_eq!(replace(&path, "old", "new").unwrap_err(), "it is read-only");
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
