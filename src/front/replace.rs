//! Writes a file anew, whole or not at all: beside it first, then in its place by one rename.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// Puts a text in the place of what a file holds. A link stays a link; permissions, and where we may the owner, stay what they
/// are.
///
/// Errors: why it was left as it is, in words.
pub(super) fn replace(path: &str, text: &str) -> Result<(), String> {
    let place = std::fs::canonicalize(path).map_err(|error| reason(&error))?;
    let about = std::fs::metadata(&place).map_err(|error| reason(&error))?;
    // A rename asks only whether the folder may be written.
    if about.permissions().readonly() {
        return Err("it is read-only".into());
    }
    OpenOptions::new().write(true).open(&place).map_err(|error| reason(&error))?;
    let (beside, file) = beside(&place, &about)?;
    let done = fill(file, text, &about).and_then(|()| std::fs::rename(&beside, &place));
    done.map_err(|error| {
        // What is left of the try; it was ours.
        let _ = std::fs::remove_file(&beside);
        reason(&error)
    })
}

/// A new file in the same folder, so that it can be renamed into its place.
fn beside(place: &Path, about: &Metadata) -> Result<(PathBuf, File), String> {
    let name = place.file_name().unwrap_or_default().to_string_lossy();
    for number in 0..100 {
        let beside = place.with_file_name(format!(".{name}.{}-{number}.new", std::process::id()));
        let made = OpenOptions::new().write(true).create_new(true).mode(about.mode() & 0o700).open(&beside);
        match made {
            Ok(file) => return Ok((beside, file)),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(format!("nothing can be written beside it: {}", reason(&error))),
        }
    }
    Err("a hundred files of earlier tries lie beside it".into())
}

fn fill(mut file: File, text: &str, about: &Metadata) -> std::io::Result<()> {
    file.write_all(text.as_bytes())?;
    // Only root may give a file away; for everybody else it was theirs already, or becomes so.
    let _ = std::os::unix::fs::fchown(&file, Some(about.uid()), Some(about.gid()));
    file.set_permissions(std::fs::Permissions::from_mode(about.mode()))?;
    file.sync_all()
}

fn reason(error: &std::io::Error) -> String {
    match error.kind() {
        ErrorKind::NotFound => "there is no such file".into(),
        ErrorKind::PermissionDenied => "you may not write there".into(),
        ErrorKind::ReadOnlyFilesystem => "its file system is read-only".into(),
        ErrorKind::StorageFull => "no space is left".into(),
        ErrorKind::QuotaExceeded => "your quota is used up".into(),
        ErrorKind::FileTooLarge => "files may not become so large here".into(),
        _ => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::replace;

    #[test]
    fn links_and_permissions_stay_and_nothing_is_left_over() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at("real"), "old").unwrap();
        std::fs::set_permissions(at("real"), std::fs::Permissions::from_mode(0o754)).unwrap();
        symlink("real", at("link")).unwrap();
        replace(at("link").to_str().unwrap(), "new").unwrap();
        assert_eq!(std::fs::read_to_string(at("real")).unwrap(), "new");
        assert!(at("link").symlink_metadata().unwrap().is_symlink());
        assert_eq!(at("real").metadata().unwrap().permissions().mode() & 0o777, 0o754);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[test]
    fn what_may_not_be_written_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.rb");
        std::fs::write(&file, "old").unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o444)).unwrap();
        assert_eq!(replace(file.to_str().unwrap(), "new").unwrap_err(), "it is read-only");
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "old");
        assert_eq!(replace("/nowhere/a.rb", "new").unwrap_err(), "there is no such file");
    }
}
