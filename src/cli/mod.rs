//! The command line, with one module for each command. [`main`] parses the arguments and runs the command in a
//! [`CliContext`].

mod abort;
mod acknowledge;
mod answer;
mod arguments;
mod as_test;
mod ast;
mod check;
mod check_cache;
mod completions;
mod configurations;
mod connections;
mod copy;
mod diff;
mod doctor;
mod due;
mod execute;
mod executor_queries;
mod explain;
mod export;
mod fix;
mod fmt;
mod freeze;
mod hooks;
mod import;
mod input_files;
pub(crate) mod live;
mod man;
mod markdown;
mod metric_queries;
mod new;
mod params;
mod paths;
mod plan;
mod plan_printer;
pub(crate) mod processor_time;
mod prune;
mod random;
mod remote;
mod repl;
mod replay;
mod report;
mod resume;
mod resuming;
#[cfg(feature = "server")]
mod route;
pub(crate) mod run;
mod runs;
#[cfg(feature = "server")]
mod serve;
mod server_log;
mod show;
mod site;
mod store;
mod test;
#[cfg(feature = "server")]
mod tokens;
mod write_missing;

use std::ffi::OsString;

use clap::{CommandFactory, FromArgMatches};

use crate::Exit;
use arguments::{Cli, CliCommand};
pub(super) use markdown::plain as markdown_page;
use rbl_project::Refusal;
use rbl_terminal::Output;
use rbl_terminal::Terminal;

/// The output streams, and what they can show.
#[derive(Debug)]
pub(super) struct CliContext {
    /// Results.
    pub(super) out: Output,
    /// Progress, findings about the command line, questions.
    pub(super) err: Output,
    /// The capabilities of the streams.
    pub(super) terminal: Terminal,
}

/// The result of a command.
type CommandResult = Result<Exit, Refusal>;

/// Parses the command line and runs the command.
pub(super) fn main(arguments: Vec<OsString>) -> Exit {
    let arguments = arguments::with_command(arguments);
    let color = arguments::color(&arguments);
    let mut context =
        CliContext { out: Output::stdout(), err: Output::stderr(), terminal: Terminal::detect(color) };
    let parsed = command(&context).try_get_matches_from(arguments);
    let exit = match parsed.and_then(|matches| Cli::from_arg_matches(&matches)) {
        Ok(cli) => perform(cli.command, &mut context).unwrap_or_else(|refusal| {
            context.out.flush();
            context.err.line(&refusal.to_string());
            Exit::Cannot
        }),
        Err(error) => usage(&error, &mut context),
    };
    context.out.flush();
    let trouble = context.out.trouble().map(ToString::to_string);
    match trouble {
        Some(why) => {
            context.err.line(&Refusal::new(format!("cannot write to standard output: {why}")).to_string());
            if exit == Exit::Fine { Exit::Cannot } else { exit }
        }
        None => exit,
    }
}

/// The clap definition of the command line.
fn command(context: &CliContext) -> clap::Command {
    use clap::ColorChoice;
    let color = if context.terminal.stdout.color { ColorChoice::Always } else { ColorChoice::Never };
    Cli::command().color(color).term_width(context.terminal.stdout.width.min(100))
}

/// Prints `--help` and `--version` as results, and everything else as a usage error.
fn usage(error: &clap::Error, context: &mut CliContext) -> Exit {
    let text = error.render();
    let (stream, style) = if error.use_stderr() {
        (&mut context.err, context.terminal.stderr)
    } else {
        (&mut context.out, context.terminal.stdout)
    };
    stream.text(&if style.color { text.ansi().to_string() } else { text.to_string() });
    if error.use_stderr() { Exit::Cannot } else { Exit::Fine }
}

fn perform(command: CliCommand, context: &mut CliContext) -> CommandResult {
    match command {
        CliCommand::Explain(it) => explain::explain(&it, context),
        CliCommand::Diff(it) => diff::diff(&it, context),
        CliCommand::Paths(it) => paths::paths(&it, context),
        CliCommand::New(it) => new::new(&it, context),
        CliCommand::Export(it) => export::export_command(&it, context),
        CliCommand::Site(it) => site::site(&it, context),
        CliCommand::Import(it) => import::import_command(&it, context),
        CliCommand::Ast(it) => ast::ast(&it, context),
        CliCommand::Connections(it) => connections::connections(&it, context),
        CliCommand::Plan(it) => plan::plan(&it, context),
        CliCommand::Run(it) => run::run(&it, context),
        CliCommand::Repl(it) => repl::repl(&it, context),
        CliCommand::Runs(it) => runs::runs(&it, context),
        CliCommand::Freeze(it) => freeze::freeze(&it, context),
        CliCommand::Hooks(it) => hooks::hooks(&it, context),
        #[cfg(feature = "server")]
        CliCommand::Route(it) => route::route(&it, context),
        #[cfg(feature = "server")]
        CliCommand::Serve(it) => serve::serve(&it, context),
        CliCommand::Show(it) => show::show(&it, context),
        CliCommand::Resume(it) => resume::resume(&it, context),
        CliCommand::Acknowledge(it) => acknowledge::acknowledge(&it, context),
        CliCommand::Answer(it) => answer::answer(&it, context),
        CliCommand::Abort(it) => abort::abort(&it, context),
        CliCommand::Report(it) => report::report(&it, context),
        CliCommand::Store(it) => prune::store_command(&it, context),
        CliCommand::Doctor(it) => doctor::doctor(&it, context),
        CliCommand::Replay(it) => replay::replay(&it, context),
        CliCommand::Check(it) => check::check(&it, context),
        CliCommand::Test(it) => test::test(&it, context),
        CliCommand::Fmt(it) => fmt::fmt(&it, context),
        CliCommand::Completions(it) => Ok(completions::completions(&it, context)),
        CliCommand::Man(it) => man::man(&it, context),
    }
}

/// The schema of every kind of JSON that is printed, by the name of its page in `docs/json`.
pub fn json_schemas() -> Vec<(&'static str, schemars::Schema)> {
    use rbl_report as shown;
    let schemas = vec![
        ("ast", ast::schema()),
        ("delivery", hooks::schema()),
        ("coverage", shown::coverage::schema()),
        ("diagnostic", shown::findings::json_schema()),
        ("diff", shown::paths::diff_schema()),
        ("event", shown::story::schema()),
        ("import", import::schema()),
        ("mutants", shown::mutants::schema()),
        ("test", shown::tests::schema()),
        ("paths", shown::paths::schema()),
        ("plan", shown::plan::schema()),
        ("run", runs::schema()),
        ("report", report::schema()),
        ("server_log", server_log::schema()),
        ("record", rbl_runtime::journal::record_schema()),
        ("summary", shown::findings::FindingsSummary::json_schema()),
        ("worlds", shown::fuzz::schema()),
    ];
    #[cfg(feature = "server")]
    let schemas = [schemas, vec![("route", route::schema()), ("token", tokens::schema())]].concat();
    schemas
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_holds_together() {
        Cli::command().debug_assert();
    }
}
