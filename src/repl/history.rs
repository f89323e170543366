//! The history of inputs, kept between sessions; it holds no secrets.

use std::path::{Path, PathBuf};

use rustyline::Editor;
use rustyline::history::FileHistory;

use super::line::LineHelper;

/// The path of the history: `$XDG_STATE_HOME/rbl/history`, else `~/.local/state/rbl/history`; `None` without a home
/// folder.
pub(super) fn file() -> Option<PathBuf> {
    let folder = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|it| it.is_absolute());
    let state = folder("XDG_STATE_HOME").or_else(|| folder("HOME").map(|home| home.join(".local/state")))?;
    Some(state.join("rbl").join("history"))
}

/// Whether a line may be kept: it does not begin with a blank, and probably contains no secret.
pub(super) fn is_recordable(text: &str) -> bool {
    let lower = text.to_lowercase();
    let secret = ["password", "passwd", "secret", "token", "api_key", "apikey", "authorization", "bearer "];
    !text.trim().is_empty() && !text.starts_with(' ') && !secret.iter().any(|word| lower.contains(word))
}

/// Writes the history, readable by its owner only. Errors are ignored: a lost history is not worth a message.
pub(super) fn keep(editor: &mut Editor<LineHelper, FileHistory>, file: &Path) {
    use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
    if let Some(folder) = file.parent() {
        let _ = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder);
    }
    if editor.save_history(file).is_ok() {
        let _ = std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o600));
    }
}

#[cfg(test)]
mod tests {
    use super::is_recordable;

    #[test]
    fn nothing_that_looks_like_a_secret_is_kept() {
        assert!(is_recordable("check p99 < 500ms"));
        assert!(!is_recordable(" check p99 < 500ms"));
        assert!(!is_recordable("action `curl -H 'Authorization: Bearer abc'`"));
        assert!(!is_recordable("let x = \"my password\""));
        assert!(!is_recordable("  "));
    }
}
