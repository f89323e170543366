//! `rbl new [FILE]`: writes a first runbook that runs unchanged.

use std::fs::OpenOptions;
use std::io::{Error, ErrorKind, Write};

use super::{CliContext, CommandResult};
use crate::Exit;
use clap::Args;
use rbl_project::Refusal;
use rbl_syntax::io_error;
use std::path::PathBuf;

/// `rbl new`
#[derive(Debug, Args)]
pub(crate) struct NewArguments {
    /// Where to write it
    #[arg(default_value = "runbook.rb")]
    pub file: PathBuf,
}

/// The text of the first runbook. It runs on any machine without configuration, and `rbl check` finds nothing in it.
const FIRST: &str = include_str!("first.rb");

/// Writes the file, unless it exists.
pub(super) fn new(asked: &NewArguments, context: &mut CliContext) -> CommandResult {
    let shown = asked.file.display();
    let refuse =
        |error: &Error| Refusal::new(format!("cannot write `{shown}`: {}", io_error::creating(error)));
    let mut file = OpenOptions::new().write(true).create_new(true).open(&asked.file).map_err(|error| {
        let refusal = refuse(&error);
        match error.kind() {
            ErrorKind::AlreadyExists => refusal.help("give another name: `rbl new disk-full.rb`"),
            _ => refusal,
        }
    })?;
    file.write_all(FIRST.as_bytes()).map_err(|error| refuse(&error))?;
    context.out.line(&format!("wrote {shown}\n  rbl check {shown}\n  rbl run {shown}"));
    Ok(Exit::Fine)
}
