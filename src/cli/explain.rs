//! `rbl explain CODE`: prints the page of a diagnostic. The pages are compiled in.

use super::{CliContext, CommandResult, markdown};
use crate::Exit;
use clap::Args;
use rbl_project::Refusal;
use rbl_report::diagnostic_docs::{page, title};
use rbl_syntax::diagnostic::{Code, did_you_mean};
use rbl_terminal::fitted;

/// `rbl explain`
#[derive(Debug, Args)]
pub(crate) struct ExplainArguments {
    /// A code such as `unit/missing`; without one, all codes are listed
    pub code: Option<String>,
}

/// Prints the page of a code, or lists all codes.
pub(super) fn explain(asked: &ExplainArguments, context: &mut CliContext) -> CommandResult {
    let Some(name) = &asked.code else {
        let width = Code::ALL.iter().map(|code| code.name().len()).max().unwrap_or(0);
        for code in Code::ALL {
            let line =
                format!("{:<width$}  {:<7}  {}", code.name(), code.severity().word(), title(code.name()));
            let line = line.trim_end();
            if context.terminal.stdout_is_terminal {
                context.out.line(&fitted(line, context.terminal.stdout.width));
            } else {
                context.out.line(line);
            }
        }
        return Ok(Exit::Fine);
    };
    let name = name.trim().trim_matches(['[', ']', '`']);
    let Some(page) = page(name) else {
        if Code::find(name).is_some() {
            return Err(Refusal::new(format!("the page of `{name}` is missing: this is a bug in rbl")));
        }
        let refusal = Refusal::new(format!("there is no code `{name}`"));
        return Err(match near(name) {
            Some(near) => refusal.help(format!("did you mean `rbl explain {near}`?")),
            None => refusal.help("`rbl explain` lists all codes"),
        });
    };
    context.out.text(&markdown::plain(page, context.terminal.stdout));
    Ok(Exit::Fine)
}

/// Suggests a code similar to what was typed. One part of a code (`missing`) is enough if only one code has it.
fn near(typed: &str) -> Option<&'static str> {
    let names = || Code::ALL.iter().map(|code| code.name());
    did_you_mean(typed, names()).or_else(|| {
        let mut found = names().filter(|name| name.split('/').any(|part| part == typed));
        let first = found.next()?;
        found.next().is_none().then_some(first)
    })
}
