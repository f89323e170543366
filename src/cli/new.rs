//! `rbl new [FILE]`: writes a first runbook that runs unchanged.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};

use super::{Context, Done};
use crate::Exit;
use clap::Args;
use rbl_project::Refusal;
use std::path::PathBuf;

/// `rbl new`
#[derive(Debug, Args)]
pub(crate) struct New {
    /// Where to write it
    #[arg(default_value = "runbook.rb")]
    pub file: PathBuf,
}

/// The text of the first runbook. It runs on any machine without configuration, and `rbl check` finds nothing in it.
const FIRST: &str = include_str!("first.rb");

/// Writes the file, unless it exists.
pub(super) fn new(asked: &New, context: &mut Context) -> Done {
    let shown = asked.file.display();
    let refuse = |why: &dyn std::fmt::Display| Refusal::new(format!("cannot write `{shown}`: {why}"));
    let mut file = OpenOptions::new().write(true).create_new(true).open(&asked.file).map_err(|error| {
        match error.kind() {
            ErrorKind::AlreadyExists => {
                refuse(&"it is there already").help("give another name: `rbl new disk-full.rb`")
            }
            ErrorKind::NotFound => refuse(&"there is no such folder"),
            ErrorKind::PermissionDenied => refuse(&"you may not write there"),
            _ => refuse(&error),
        }
    })?;
    file.write_all(FIRST.as_bytes()).map_err(|error| refuse(&error))?;
    context.out.line(&format!("wrote {shown}\n  rbl check {shown}\n  rbl run {shown}"));
    Ok(Exit::Fine)
}
