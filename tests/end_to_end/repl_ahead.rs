//! Lines that are typed before the session asks for them: pasted ones, and those of a fast typist.

use super::pane::Pane;
use crate::cli::shell::Shell;

#[test]
fn lines_that_come_at_once_are_all_taken() {
    let shell = Shell::new();
    let Some(pane) = Pane::open(100, shell.path(), "repl") else { return };
    pane.wait_for("rbl>");
    pane.keys(&["3 + 4", "Enter", "5 + 6", "Enter", "let limit = 500ms", "Enter", "limit * 2", "Enter"]);
    pane.wait_for("7   number");
    pane.wait_for("11   number");
    pane.wait_for("1s   duration");
    pane.key("C-d");
    pane.ended(0);
}
