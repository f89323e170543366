//! `rbl plan FILE`: reads all metrics, runs no action, and shows what would be done next and every way to continue.

use super::execute::{self, RunSettings};
use super::plan_printer::PlanPrinter;
use super::run::{RunFormat, StartArguments, checked, start};
use super::{CliContext, CommandResult};
use crate::Exit;
use crate::cli::live::RunPeople;
use crate::cli::store::StoreArgument;
use crate::cli::{live, store};
use clap::Args;
use rbl_check::paths::Paths;
use rbl_engine::named_secrets;
use rbl_project::Refusal;
use rbl_project::files::{Files, NamedFile};
use rbl_report::paths;
use rbl_report::paths::PathsLayout;
use rbl_report::plan;
use rbl_report::story::{Json, PLAN, PagePrinter, Plain};
use rbl_runtime as run;
use rbl_runtime::Exact;
use rbl_runtime::journal::{RunQuery, holder_words};
use rbl_runtime::layers::Plan;
use rbl_runtime::{Effect, Event, Observer, Outcome, RunEnd, World};
use rbl_syntax::value::Reason;
use rbl_world::Configured;
use rbl_world::executor;

/// `rbl plan`
#[derive(Debug, Args)]
#[command(
    after_help = "Metrics are read; no action, question, wait, page or record is made. Exit codes: 0 planned, 2 cannot be \
                        done, 3 the\nrunbook has errors and nothing was planned."
)]
pub(crate) struct PlanArguments {
    #[command(flatten)]
    pub begins: StartArguments,
    /// Run probes too: commands that, as their author says, only look
    #[arg(long)]
    pub probe: bool,
    /// How the plan is shown: pretty on a terminal, else plain
    #[arg(long, value_enum)]
    pub format: Option<RunFormat>,
    #[command(flatten)]
    pub store: StoreArgument,
}

/// Walks the runbook up to the first effect that is not a reading, and shows the ways to continue.
pub(super) fn plan(asked: &PlanArguments, context: &mut CliContext) -> CommandResult {
    let terminal = context.terminal;
    let format = RunSettings::format(asked.format, &terminal);
    let named = NamedFile::read(&asked.begins.file).map_err(|why| why.refusal(&asked.begins.file))?;
    let configured = Configured::find(&named.folder())?;
    let mut files = Files::new(&named);
    let program = checked(&named, &mut files, &configured, (format, "nothing was planned"), context)?;
    let Some(program) = program else { return Ok(Exit::Errors) };
    let Some(config) = &configured.connections else {
        return Err(Refusal::new("the configuration has mistakes, so nothing was planned"));
    };
    let mut start = start(&asked.begins, &program)?;
    start.run_id = PLAN.into();
    let secrets = named_secrets(&program);
    let console = live::console(&terminal, false);
    let nobody = RunPeople { name: live::user(), present: false, starter: None };
    let world = live::world(config, &console, &nobody, &secrets)?;
    if asked.store.store.is_some() {
        store::folder(config, &asked.store)?;
    }
    let holders = lock_holders(config, &asked.store);
    let mut world = Plan::new(world, asked.probe).holders(holders);
    context.out.flush();
    let sink = execute::stream(&terminal);
    let clock = live::story_clock();
    let printer: Box<dyn Observer> = match format {
        RunFormat::Pretty => Box::new(PagePrinter::new(sink, clock).planned()),
        RunFormat::Plain => Box::new(Plain::new(sink, clock).planned()),
        RunFormat::Json => Box::new(Json::new(sink, clock).planned()),
    };
    let mut heard = PlanPrinter::new(printer);
    let ended = run::run(&program, &start, &mut world, &mut heard);
    heard.pauses();
    console.status(None);
    if ended.outcome == Outcome::Aborted {
        return Err(Refusal::new("interrupted before the plan was complete; nothing was done"));
    }
    let catalogue = configured.catalogue();
    let planned = PlanWalk {
        paths: Paths::given(&program, &catalogue, &start.params),
        ended,
        events: heard.into_events(),
    };
    let ssh = config.ssh_options();
    let exact = world.open().and_then(|open| match open {
        Effect::Act(act) => Some(executor::exact::exact(act, &ssh, &secrets)),
        Effect::Now
        | Effect::Sleep(_)
        | Effect::Read(_)
        | Effect::Firing(_)
        | Effect::Mode(_)
        | Effect::Probe(_)
        | Effect::Ask(_)
        | Effect::Page(_)
        | Effect::Acknowledge(_)
        | Effect::Record(_)
        | Effect::Lock(_)
        | Effect::Enter(_)
        | Effect::Leave(_)
        | Effect::Conclude(_)
        | Effect::Secret { .. } => None,
    });
    if format == RunFormat::Json {
        planned.json(&world, exact.as_ref(), context);
    } else {
        planned.text(&world, exact.as_ref(), &named.shown, context);
    }
    Ok(Exit::Fine)
}

/// Looks who holds a lock now; nobody does in a journal that cannot be read.
fn lock_holders(
    config: &rbl_world::Connections,
    asked: &StoreArgument,
) -> impl Fn(&str) -> Option<String> + 'static {
    let look = store::folder(config, asked).and_then(|folder| store::open_reader(&folder)).ok();
    move |name| {
        let holders = look.as_ref()?.lock_holders(name).ok()?;
        let words: Vec<String> = holders.iter().map(holder_words).collect();
        (!words.is_empty()).then(|| words.join(", "))
    }
}

/// The result of the walk.
struct PlanWalk {
    paths: Paths,
    ended: RunEnd,
    events: Vec<Event>,
}

impl PlanWalk {
    /// The line at which the walk ended.
    fn line(&self) -> Option<u32> {
        let begun = |event: &&Event| event.kind.may_park();
        self.events.iter().rfind(begun).and_then(|event| event.place.as_ref()).map(|place| place.line)
    }

    fn text<W: World>(
        &self,
        world: &Plan<W>,
        exact: Option<&Result<Exact, Reason>>,
        file: &str,
        context: &mut CliContext,
    ) {
        let style = context.terminal.stdout;
        let look = PathsLayout { unicode: style.unicode, width: style.width };
        context.out.line("");
        let Some(open) = world.open() else {
            context.out.text(&paths::sentence(
                &format!(
                    "No answer is needed: the run would end now, {}: {}",
                    self.ended.outcome.word(),
                    self.ended.message
                ),
                look,
            ));
            return;
        };
        context.out.text(&plan::would(open, exact, self.line(), look));
        context.out.line("");
        let going_on = run::unfinished(&self.paths, &self.events);
        context.out.text(&paths::ways(&self.paths, &going_on, file, look));
    }

    fn json<W: World>(
        &self,
        world: &Plan<W>,
        exact: Option<&Result<Exact, Reason>>,
        context: &mut CliContext,
    ) {
        for announced in world.announced() {
            context.out.line(&plan::json_would(announced, None, None).unwrap_or_default());
        }
        let Some(open) = world.open() else {
            context.out.line(&plan::json_ending(&self.ended));
            return;
        };
        context.out.line(&plan::json_would(open, exact, self.line()).unwrap_or_default());
        let going_on = run::unfinished(&self.paths, &self.events);
        plan::json_ways(&self.paths, &going_on, |line| context.out.line(line));
    }
}
