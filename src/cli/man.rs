//! `rbl man [COMMAND]`: prints manual pages.

use clap::CommandFactory;
use clap_mangen::Man as Page;
use clap_mangen::roff::{Roff, bold, roman};

use super::arguments::Cli;
use super::{CliContext, CommandResult};
use crate::Exit;
use clap::Args;
use rbl_project::Refusal;
use rbl_syntax::diagnostic::did_you_mean;

/// `rbl man`
#[derive(Debug, Args)]
pub(crate) struct ManArguments {
    /// The command to print the page of
    pub command: Option<String>,
}

/// The exit codes, as in `docs/cli.md`.
const EXIT_CODES: [(&str, &str); 8] = [
    ("0", "resolved; nothing to report"),
    ("1", "findings"),
    ("2", "cannot do what was asked: usage, configuration, no such file, nothing matched"),
    ("3", "the runbook has errors, nothing was run"),
    ("4", "escalated: somebody was paged (not a fault)"),
    ("5", "waiting, or aborted by a person"),
    ("6", "failed: not healthy, and nobody could be paged"),
    ("70", "a bug in rbl"),
];

/// The environment variables, as in `docs/cli.md`.
const ENVIRONMENT: [(&str, &str); 5] = [
    ("NO_COLOR", "set to anything: no colours, unless --color says otherwise"),
    ("CLICOLOR_FORCE", "set to anything but 0: colours even without a terminal"),
    ("TERM", "dumb: no colours, no box drawing, nothing that moves"),
    ("CI", "set: nothing that moves, no question; what needs a person parks the run"),
    ("COLUMNS", "the width where there is no terminal"),
];

/// Prints a page in roff format.
pub(super) fn man(asked: &ManArguments, context: &mut CliContext) -> CommandResult {
    let mut cli = Cli::command();
    cli.build();
    let page = match &asked.command {
        None => Page::new(cli).section("1"),
        Some(name) => {
            let Some(command) = cli.find_subcommand(name) else {
                let refusal = Refusal::new(format!("there is no command `{name}`"));
                let near = did_you_mean(name, cli.get_subcommands().map(clap::Command::get_name));
                return Err(match near {
                    Some(near) => refusal.help(format!("did you mean `rbl man {near}`?")),
                    None => refusal.help("`rbl --help` lists the commands"),
                });
            };
            Page::new(command.clone()).title(format!("rbl-{name}")).section("1")
        }
    };
    let result = page.render(&mut context.out).and_then(|()| {
        let mut roff = Roff::new();
        section(&mut roff, "EXIT STATUS", &EXIT_CODES);
        section(&mut roff, "ENVIRONMENT", &ENVIRONMENT);
        roff.to_writer(&mut context.out)
    });
    result.map_err(|error| Refusal::new(format!("cannot write the page: {error}")))?;
    Ok(Exit::Fine)
}

fn section(roff: &mut Roff, title: &str, rows: &[(&str, &str)]) {
    roff.control("SH", [title]);
    for (name, meaning) in rows {
        roff.control("TP", []);
        roff.text([bold(*name)]);
        roff.text([roman(*meaning)]);
    }
}
