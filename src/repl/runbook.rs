//! The loaded runbook of a session: walks it forwards and back, and shows its place, paths and story.

use std::sync::Arc;

use super::document::Document;
use super::evaluate::Repl;
use super::log::SessionLog;
use super::source_map::{PlacedFindings, Places};
use super::stepper::{PauseReason, Stepper, WalkLimit};
use crate::cli::run::GivenValues;
use crate::repl::display::{EventPrinter, marked};
use rbl_check as check;
use rbl_check::paths::Paths;
use rbl_check::{Catalogue, FileKind};
use rbl_project::files::{Files, NamedFile};
use rbl_report::paths;
use rbl_report::paths::PathsLayout;
use rbl_report::story::words_of;
use rbl_runtime as run;
use rbl_runtime::{Alert, Event, EventKind, ParamError, ParamHelp, Start, Then, read_params};
use rbl_syntax::clean;
use rbl_syntax::diagnostic::Diagnostic;
use rbl_syntax::parse;
use rbl_syntax::source::{Source, SourceId, Span};
use rbl_syntax::tree::{Item, StatementKind};
use rbl_syntax::value::Quantity;
use rbl_terminal::Tone;
use rbl_world::Configured;

/// The message of commands that need a runbook.
pub(super) const NOTHING: &str = "nothing is loaded; `:load FILE` loads a runbook";

/// A loaded runbook.
pub(super) struct LoadedRunbook {
    /// Its file, as it is shown.
    pub(super) file: String,
    /// What its parameters were given.
    pub(super) values: GivenValues,
    /// The alert of `--alert` that its trigger means.
    pub(super) alert: Option<Alert>,
    /// Its title.
    pub(super) title: String,
    /// The walk through it.
    pub(super) stepper: Stepper,
    /// The names of the configuration that its check used.
    pub(super) catalogue: Catalogue,
}

impl Repl {
    /// Loads a runbook: its names are known from then on, and it can be walked.
    pub(super) fn load(&mut self, file: &str, values: GivenValues) {
        let named = match NamedFile::read(file) {
            Ok(named) => named,
            Err(why) => return self.output.refuse(&why.refusal(file).message),
        };
        let configured = match Configured::find(&named.folder()) {
            Ok(configured) => configured,
            Err(refusal) => return self.output.refuse(&refusal.message),
        };
        if configured.connections.is_none() {
            let Configured { sources, diagnostics, .. } = configured;
            return self.output.found(&PlacedFindings { sources, diagnostics });
        }
        let catalogue = configured.catalogue();
        let source = Source::new(named.shown.as_str(), named.text.as_str());
        let checked = check::check(source, &named.identity, &mut Files::new(&named), &catalogue);
        let errors: Vec<Diagnostic> = checked.of_a_run().filter(|it| it.is_error()).cloned().collect();
        if !errors.is_empty() {
            return self.output.found(&PlacedFindings { sources: checked.sources, diagnostics: errors });
        }
        let (FileKind::Runbook, Some(program)) = (checked.kind, checked.runnable) else {
            return self
                .output
                .refuse(&format!("`{file}` is no runbook; `use \"{file}\"` takes a library in"));
        };
        let Some(runbook) = program.runbook(program.main()).cloned() else { return };
        let of_load = self.taken.alert().or_else(|| values.alert_for(&program));
        let alert = self.taken.alert().or_else(|| of_load.clone());
        let given = match read_params(&program, &values.sources(alert.as_ref())) {
            Ok(given) => given,
            Err(errors) => return self.refuse_params(file, &errors),
        };
        self.configure(configured);
        let document = Document::load(&named, body_of(&named.text), &given);
        let start = Start { run_id: "session".into(), params: given, alert, ..Start::default() };
        self.state.restart(document, start.clone());
        self.log = SessionLog::default();
        self.loaded = None;
        self.give_again();
        self.state.session.started_by(start.alert.clone());
        let mut printer = EventPrinter::new(
            &mut self.output.page,
            Places::default(),
            &mut self.log.events,
            &self.taken.world,
        )
        .quietly();
        let walked = self.state.session.begin(&program, self.world.effects.as_mut(), &mut printer);
        self.walked(walked);
        let title = runbook.title.literal().unwrap_or_default().to_owned();
        let steps = runbook.steps.len();
        let steps = rbl_syntax::counted(steps, "step", "steps");
        self.output.line(&format!("{title}: {steps}; `:step` walks the first statement"));
        let stepper = Stepper::new(Arc::new(program), start, self.taken.world.clone());
        self.loaded =
            Some(LoadedRunbook { file: named.shown, values, alert: of_load, title, stepper, catalogue });
    }

    /// Reports mistakes in the parameters, with a corrected line.
    fn refuse_params(&mut self, file: &str, errors: &[ParamError]) {
        for error in errors {
            let help = match &error.help {
                Some(ParamHelp::Pair(pair)) => format!("; `:load {file} {pair}`"),
                Some(ParamHelp::Text(text)) => format!("; {text}"),
                None => String::new(),
            };
            self.output.refuse(&format!("{}{help}", error.message));
        }
    }

    /// Switches to the configuration of the runbook.
    fn configure(&mut self, configured: Configured) {
        match self.world.switch(configured) {
            Err(refusal) => return self.output.refuse(&refusal.message),
            Ok(false) => {}
            Ok(true) => {
                let text = match self.world.configuration_file() {
                    Some(file) => format!("the configuration of `{file}` applies from now on"),
                    None => "no `rbl.toml` applies where it is: only what works without one can be used"
                        .to_owned(),
                };
                self.output.faint(&text);
            }
        }
        if self.output.at_terminal {
            self.world.metrics().fetch();
        }
    }

    pub(super) fn walk(&mut self, until: WalkLimit) {
        let Some(loaded) = &mut self.loaded else {
            return self.output.refuse(NOTHING);
        };
        if loaded.stepper.ended().is_some() {
            return self
                .output
                .refuse("the run is over; `:back` takes statements back, `:reload` starts again");
        }
        let mut all = Vec::new();
        let mut printer =
            EventPrinter::new(&mut self.output.page, Places::default(), &mut all, &self.taken.world);
        let stood =
            loaded.stepper.walk(until, self.world.effects.as_mut(), &mut |event| printer.print(event));
        let decision = printer.decision();
        self.log.decided(decision);
        match stood {
            PauseReason::Before => self.place(),
            PauseReason::Ended(ended) => self.output.worse(ended.outcome.into()),
            PauseReason::BrokenOff(interrupt) => {
                self.broken_off(&interrupt);
                self.place();
            }
        }
    }

    pub(super) fn back(&mut self, statements: usize) {
        if let Some(loaded) = self.loaded.as_mut().filter(|it| it.stepper.walked() > 0) {
            loaded.stepper.back(statements);
            return self.place();
        }
        let mut taken = 0;
        for _ in 0..statements {
            let Some(mark) = self.state.back() else { break };
            self.taken.world.back(mark);
            taken += 1;
        }
        match taken {
            0 => self.output.refuse("there is no statement to take back"),
            1 => self.output.faint("one statement was taken back"),
            more => self.output.faint(&format!("{more} statements were taken back")),
        }
    }

    /// Executes `:where`: shows the place, and what is given.
    pub(super) fn whereabouts(&mut self) {
        self.place();
        if self.loaded.is_some() && self.taken.any() {
            let given: Vec<&str> = self.taken.lines.iter().map(|it| it.written.as_str()).collect();
            let passed = Quantity::seconds(self.taken.world.seconds().round());
            let text = format!("given: {}; {passed} since the beginning", given.join(", "));
            self.output.faint(&text);
        }
    }

    /// Shows the current line of the walk, and the lines around it.
    pub(super) fn place(&mut self) {
        let Some(loaded) = &self.loaded else {
            return self.output.refuse(NOTHING);
        };
        let Some(stand) = loaded.stepper.stand() else {
            let text = match loaded.stepper.ended() {
                Some(ended) => format!("{}: the run is over, {}", loaded.title, ended.outcome),
                None => format!("{}: before the first statement", loaded.title),
            };
            return self.output.faint(&text);
        };
        let program = Arc::clone(loaded.stepper.program());
        let Some(source) = program.sources().get(stand.place.source) else { return };
        let line = source.line_column(stand.place.span.start).line;
        let number = |it: u32| format!("{it:>5} ");
        let shown: Vec<(u32, String)> = (1..)
            .zip(source.text().lines())
            .skip_while(|(at, _)| at + 2 < line)
            .take_while(|(at, _)| *at <= line + 2)
            .map(|(at, text)| (at, text.to_owned()))
            .collect();
        let look = self.output.page.sink().look();
        let arrow = look.pick("▸", ">");
        for (at, text) in shown {
            let text = clean(&text);
            if at == line {
                self.output.line(&format!(
                    "{}{}",
                    look.paint(Tone::Strong, &format!("{arrow}{}", number(at))),
                    look.paint(Tone::Strong, &text)
                ));
            } else {
                self.output.faint(&format!(" {}{text}", number(at)));
            }
        }
    }

    pub(super) fn why(&mut self) {
        let Some(decision) = self.log.decision().cloned() else {
            return self.output.refuse("nothing was decided yet");
        };
        self.output.line(&decision.condition);
        let paper = self.output.paper();
        let mut lines = paper.decision(&decision);
        lines.extend(paper.operands(&decision));
        self.output.lines(lines);
    }

    pub(super) fn story(&mut self) {
        let events = self.loaded.as_ref().map_or(&self.log.events[..], |it| it.stepper.events());
        // A reading is shown by the decision that used it; of the polls of a wait, the last one decided.
        let is_told = |event: &&Event| {
            if let EventKind::Polled { decision, .. } = &event.kind {
                return decision.then != Then::Again;
            }
            !matches!(event.kind, EventKind::Read { .. })
        };
        let lines: Vec<String> =
            events.iter().filter(is_told).filter_map(|it| words_of(&marked(it))).collect();
        if lines.is_empty() {
            return self.output.faint("nothing happened yet");
        }
        self.output.lines(lines);
    }

    /// Shows the paths of the loaded runbook, or one of them.
    pub(super) fn paths(&mut self, number: Option<u64>) {
        let look = self.output.page.sink().look();
        let look = PathsLayout { unicode: look.unicode, width: self.output.page.sink().width() };
        let Some(loaded) = &self.loaded else {
            return self.output.refuse(NOTHING);
        };
        let params = &loaded.stepper.start().params;
        let paths = Paths::given(loaded.stepper.program(), &loaded.catalogue, params);
        let of = paths.total().paths;
        let Some(number) = number else {
            if loaded.stepper.stand().is_some() {
                let going_on = run::unfinished(&paths, loaded.stepper.events());
                let text = paths::ways(&paths, &going_on, &loaded.file, look);
                return self.output.lines(text.lines().map(str::to_owned).collect());
            }
            let text = paths::list(&loaded.title, &loaded.file, &paths, look);
            return self.output.lines(text.lines().map(str::to_owned).collect());
        };
        match paths.path(number.into()).and_then(|path| paths.describe(&path)) {
            Some(described) => {
                let text = paths::full(number.into(), of, &described, &loaded.file, look);
                self.output.lines(text.lines().map(str::to_owned).collect());
            }
            None if number > 0 && u128::from(number) <= of => {
                self.output.refuse(&format!("path {number} is too long to be shown"));
            }
            None => {
                self.output.refuse(&format!(
                    "there is no path {number}: the runbook has {}",
                    rbl_syntax::counted(of, "path", "paths")
                ));
            }
        }
    }
}

impl LoadedRunbook {
    /// The current line.
    pub(super) fn line(&self) -> Option<u32> {
        let stand = self.stepper.stand()?;
        let source = self.stepper.program().sources().get(stand.place.source)?;
        Some(source.line_column(stand.place.span.start).line)
    }
}

/// The start of a file's body: its first step or statement that is not a `let`.
fn body_of(text: &str) -> usize {
    let parsed = parse(SourceId::default(), text);
    let begins = |item: &Item| match item {
        Item::Declaration(_) => None,
        Item::Statement(it) if matches!(it.kind, StatementKind::Let(_)) => None,
        Item::Statement(it) => Some(it.span),
        Item::Step(it) => Some(it.span),
        Item::Test(it) => Some(it.span),
        Item::Background(it) => Some(it.span),
    };
    let span: Option<Span> = parsed.file.items.iter().find_map(begins);
    span.map_or(text.len(), |span| span.range().start)
}
