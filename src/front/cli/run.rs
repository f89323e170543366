//! `rbl run FILE`: checks the runbook, and runs it in the world as it is.

use super::arguments::{Run, RunFormat};
use super::check::{Findings, unreadable};
use super::{Context, Done};
use crate::check::{self, Kind, Loader, Program};
use crate::diagnostic::{Code, Diagnostic, Summary, short};
use crate::front::configured::Configured;
use crate::front::files::{self, Files, Named, Unread};
use crate::front::findings::{self, Form};
use crate::front::live::{self, People};
use crate::front::story::{Json, Page, Plain, Sink};
use crate::front::{Exit, Output, Refusal, Surroundings, params, run_id};
use crate::run::{self, Alert, Given, Observer, ParamError, Start, read_params};
use crate::source::{Source, SourceId, Sources, Span};
use crate::world::console::{Console, Look};

/// Runs it. Nothing happens in the world before the text, the configuration and the parameters are known to be right.
pub(super) fn run(asked: &Run, context: &mut Context) -> Done {
    let surroundings = context.surroundings;
    let format = asked.format.unwrap_or(if surroundings.stdout_is_terminal && !surroundings.ci {
        RunFormat::Pretty
    } else {
        RunFormat::Plain
    });
    let named = match Named::read(&asked.file) {
        Ok(named) => named,
        Err(why @ Unread::NotText { .. }) => {
            let Findings { sources, diagnostics } = unreadable(&asked.file, &why);
            tell(&diagnostics, &sources, format, "nothing was run", context);
            return Ok(Exit::Errors);
        }
        Err(why) => return Err(why.refusal(&asked.file)),
    };
    let configured = Configured::find(&named.folder())?;
    let program =
        checked(&named, &mut Files::new(&named), &configured, (format, "nothing was run"), context)?;
    let Some(program) = program else { return Ok(Exit::Errors) };
    let Some(config) = &configured.config else {
        return Err(Refusal::new("the configuration has mistakes, so nothing was run"));
    };
    let start = start(asked, &program)?;
    let console =
        live::console(&surroundings, format == RunFormat::Pretty && surroundings.stdout_is_terminal);
    let people = People {
        name: asked.person.clone().unwrap_or_else(live::user),
        present: surroundings.person && !asked.no_input,
        confirm: asked.confirm,
    };
    let mut world = live::world(config, &console, &people)?;
    let mut observer = observer(format, &surroundings, &console);
    context.out.flush();
    let ended = run::run(&program, &start, &mut world, observer.as_mut());
    console.status(None);
    Ok(ended.outcome.into())
}

/// The program, if nothing stands against it; `None`: it has errors, which have been told.
fn checked(
    named: &Named,
    loader: &mut dyn Loader,
    configured: &Configured,
    (format, instead): (RunFormat, &str),
    context: &mut Context,
) -> Result<Option<Program>, Refusal> {
    if configured.config.is_none() {
        tell(&configured.diagnostics, &configured.sources, format, instead, context);
        return Err(Refusal::new(format!("the configuration has mistakes: {instead}")));
    }
    let source = Source::new(named.shown.as_str(), named.text.as_str());
    let catalogue = configured.catalogue();
    let today = || jiff::Zoned::now().date();
    let checked = check::check_on(source, &named.identity, loader, &catalogue, Some(today));
    if checked.diagnostics.iter().any(Diagnostic::is_error) {
        tell(&checked.diagnostics, &checked.sources, format, instead, context);
        return Ok(None);
    }
    match (checked.kind, checked.program) {
        (Kind::Runbook, Some(program)) => {
            warn(&checked.diagnostics, &checked.sources, context);
            Ok(Some(program))
        }
        (kind, _) => {
            tell(&[no_runbook(kind)], &checked.sources, format, instead, context);
            Ok(None)
        }
    }
}

/// The program of a file, for what does not run it; `None`: it has errors, which have been told. `instead`: what is not
/// done then.
pub(super) fn program_of(
    named: &Named,
    loader: &mut dyn Loader,
    configured: &Configured,
    instead: &str,
    context: &mut Context,
) -> Result<Option<Program>, Refusal> {
    checked(named, loader, configured, (RunFormat::Pretty, instead), context)
}

/// Why a file in which nothing is wrong cannot be run all the same.
fn no_runbook(kind: Kind) -> Diagnostic {
    let (message, label, help) = match kind {
        Kind::Tests => (
            "this file holds tests, and is no runbook",
            "tests begin here",
            "run the runbook that it is about",
        ),
        Kind::Library | Kind::Runbook => (
            "this file is a library: it has no `runbook` line",
            "a runbook begins here",
            "write `runbook \"TITLE\"` above it, or run a file that takes this one in with `use`",
        ),
    };
    let place = Span::default().in_source(SourceId::default());
    Diagnostic::new(Code::NAME_FILE_KIND, message, place, label).help(help)
}

/// Everything that stands against it: a result, for nothing else comes.
fn tell(
    diagnostics: &[Diagnostic],
    sources: &Sources,
    format: RunFormat,
    instead: &str,
    context: &mut Context,
) {
    let mut summary = Summary { files: sources.iter().count(), ..Summary::default() };
    if format == RunFormat::Json {
        findings::print(diagnostics, sources, Form::Json, &mut context.out, &mut summary);
        context.out.line(&summary.json());
        return;
    }
    let form = Form::Pretty(context.surroundings.stderr);
    findings::print(diagnostics, sources, form, &mut context.err, &mut summary);
    context.err.line(&format!("{summary}: {instead}"));
}

/// What does not stand against it, in a line each.
fn warn(diagnostics: &[Diagnostic], sources: &Sources, context: &mut Context) {
    for diagnostic in diagnostics {
        context.err.line(&short(diagnostic, sources));
    }
}

/// What the run begins with: its name, its parameters, its alert.
fn start(asked: &Run, program: &Program) -> Result<Start, Refusal> {
    let alert = asked.alert.as_deref().map(alert).transpose()?;
    let table = asked.params_file.as_deref().map(params::table).transpose()?;
    let texts = params::pairs(&asked.params)?;
    let given = Given { texts: &texts, table: table.as_ref(), alert: alert.as_ref() };
    let params = read_params(program, &given).map_err(|errors| refused(&errors, program))?;
    Ok(Start { run_id: run_id::new().into(), params, alert, scheduled: None })
}

/// Every parameter that is wrong, in one refusal.
fn refused(errors: &[ParamError], program: &Program) -> Refusal {
    let say = |error: &ParamError| {
        let place = error.declared.and_then(|place| {
            let source = program.sources().get(place.source)?;
            Some(format!(" ({}:{})", source.name(), source.line_column(place.span.start).line))
        });
        format!("{}{}", error.message, place.unwrap_or_default())
    };
    let message = errors.iter().map(say).collect::<Vec<_>>().join("\nrbl: ");
    let help: Vec<&str> = errors.iter().filter_map(|error| error.help.as_deref()).collect();
    Refusal { message, help: (!help.is_empty()).then(|| help.join("\n")) }
}

fn alert(path: &std::path::Path) -> Result<Alert, Refusal> {
    let refuse = |why: &dyn std::fmt::Display| {
        Refusal::new(format!("cannot take the alert from `{}`: {why}", path.display()))
    };
    let text = files::read(path).map_err(|why| refuse(&why))?;
    Alert::from_webhook(&text).map_err(|why| {
        refuse(&why).help("give the body that Alertmanager sends to a webhook, with one firing alert")
    })
}

fn observer(format: RunFormat, surroundings: &Surroundings, console: &Console) -> Box<dyn Observer> {
    let one_screen = surroundings.stdout_is_terminal && surroundings.stderr_is_terminal;
    let sink = if one_screen && format != RunFormat::Json {
        Sink::Screen(console.clone())
    } else {
        let style = surroundings.stdout;
        let look = Look { color: style.color, unicode: style.unicode, moves: false };
        Sink::Stream { output: Output::stdout(), look, width: style.width }
    };
    match format {
        RunFormat::Pretty => Box::new(Page::new(sink)),
        RunFormat::Plain => Box::new(Plain::new(sink)),
        RunFormat::Json => Box::new(Json::new(sink)),
    }
}
