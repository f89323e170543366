//! The words for the errors of an operating system: why a file was not read or written, or a program not started.
//!
//! *Invariant:* nothing here does input or output. The words continue a sentence that names the file or the program:
//! `cannot read a.rb: no such file`.

use std::io::{Error, ErrorKind};

/// Why a file was not read.
pub fn reading(error: &Error) -> String {
    match error.kind() {
        ErrorKind::NotFound => "no such file".into(),
        ErrorKind::PermissionDenied => "you may not read it".into(),
        ErrorKind::IsADirectory => "it is a folder".into(),
        ErrorKind::NotADirectory => "a part of its path is not a folder".into(),
        ErrorKind::InvalidData => "it is not text".into(),
        _ => error.to_string(),
    }
}

/// Why a file was not written, or a folder not made.
pub fn writing(error: &Error) -> String {
    match error.kind() {
        ErrorKind::NotFound => "no such file".into(),
        ErrorKind::PermissionDenied => "you may not write there".into(),
        ErrorKind::ReadOnlyFilesystem => "its file system is read-only".into(),
        ErrorKind::StorageFull => "no space is left".into(),
        ErrorKind::QuotaExceeded => "your quota is used up".into(),
        ErrorKind::FileTooLarge => "files may not become so large here".into(),
        ErrorKind::NotADirectory | ErrorKind::AlreadyExists => "there is a file in its place".into(),
        ErrorKind::IsADirectory => "there is a folder in its place".into(),
        _ => error.to_string(),
    }
}

/// Why a file was not created that must not exist yet.
pub fn creating(error: &Error) -> String {
    match error.kind() {
        ErrorKind::NotFound => "no such folder".into(),
        ErrorKind::AlreadyExists => "it is there already".into(),
        _ => writing(error),
    }
}

/// Why a program was not started.
pub fn starting(error: &Error) -> String {
    match error.kind() {
        ErrorKind::NotFound => "no such program".into(),
        ErrorKind::PermissionDenied => "it may not be run".into(),
        ErrorKind::ArgumentListTooLong => "its arguments are too long together".into(),
        ErrorKind::OutOfMemory => "out of memory".into(),
        ErrorKind::WouldBlock => "too many processes".into(),
        _ => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_kind_is_worded_for_what_was_tried() {
        let words = |kind: ErrorKind| {
            let error = Error::from(kind);
            [reading(&error), writing(&error), creating(&error), starting(&error)]
        };
        assert_eq!(
            words(ErrorKind::NotFound),
            ["no such file", "no such file", "no such folder", "no such program"]
        );
        assert_eq!(
            words(ErrorKind::PermissionDenied),
            [
                "you may not read it",
                "you may not write there",
                "you may not write there",
                "it may not be run"
            ]
        );
        // What has no words here keeps those of the system.
        let other = Error::from_raw_os_error(5);
        assert_eq!(reading(&other), other.to_string());
        assert_eq!(starting(&other), other.to_string());
    }
}
