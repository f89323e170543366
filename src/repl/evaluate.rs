//! A session: [`Repl`] takes each input, checks it and runs it in the session's world.
//!
//! Its parts: the [state](SessionState) that inputs have built, the [loaded](LoadedRunbook) runbook, the facts that are
//! [given](GivenFacts), the [world](SessionWorld), how long it is [armed](Arming), what [happened](SessionLog), and the
//! [output](SessionOutput). Each command is a method here or in `ask.rs`, `given.rs`, `runbook.rs` and `save.rs`.

use std::sync::Arc;

use super::arming::Arming;
use super::command::{self, SessionCommand};
use super::complete::Vocabulary;
use super::document::{Document, ValidInput};
use super::ending::SessionEnding;
use super::given::GivenFacts;
use super::input::{self, Input, InputPiece, InputPieceKind};
use super::log::SessionLog;
use super::output::SessionOutput;
use super::runbook::{LoadedRunbook, NOTHING};
use super::session_world::SessionWorld;
use super::source_map::PlacedFindings;
use super::state::SessionState;
use super::stepper::WalkLimit;
use super::value_display::ReadFrom;
use crate::Exit;
use crate::cli::run::GivenValues;
use crate::repl::display::EventPrinter;
use crate::repl::dry_run::Armed;
use crate::repl::given_layer::Givens;
use rbl_check::Program;
use rbl_runtime::{ENDING_SIGNALS, EventKind, Interrupt, Session, StatementResult};
use rbl_syntax::source::{Source, Sources};
use rbl_syntax::tree::{BinaryOp, Expr, ExprKind, StatementKind};
use rbl_terminal::Tone;

/// A session; see the module documentation.
pub(super) struct Repl {
    pub(super) state: SessionState,
    /// The loaded runbook.
    pub(super) loaded: Option<LoadedRunbook>,
    pub(super) taken: GivenFacts,
    pub(super) world: SessionWorld,
    pub(super) arming: Arming,
    pub(super) log: SessionLog,
    pub(super) output: SessionOutput,
    ending: SessionEnding,
}

/// Whether the session continues.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SessionControl {
    On,
    Out,
}

impl Repl {
    /// Begins a session; the world shares `givens` and `armed`.
    pub(super) fn new(
        world: SessionWorld,
        givens: Givens,
        armed: Armed,
        output: SessionOutput,
        ending: SessionEnding,
    ) -> Self {
        let folder = std::env::current_dir().unwrap_or_default();
        Self {
            state: SessionState::new(&folder),
            loaded: None,
            taken: GivenFacts { world: givens, ..GivenFacts::default() },
            world,
            arming: Arming::new(armed),
            log: SessionLog::default(),
            output,
            ending,
        }
    }

    /// The completions that are possible now.
    pub(super) fn vocabulary(&self) -> Vocabulary {
        let catalogue = self.world.catalogue();
        let (document, _) = self.in_scope();
        Vocabulary {
            names: document.known(&catalogue),
            teams: catalogue.teams.into_iter().collect(),
            channels: catalogue.channels.into_iter().collect(),
            providers: catalogue.providers.into_keys().collect(),
            metrics: self.world.metrics().clone(),
            given: self.taken.lines.iter().map(|it| it.given.subject()).collect(),
        }
    }

    /// How many bytes the check of an input reads besides it.
    pub(super) fn length(&self) -> usize {
        self.state.document.length()
    }

    /// The prompt: the position, and whether effects are armed.
    pub(super) fn prompt(&mut self) -> String {
        self.disarm_in_time();
        let mut prompt = match self.loaded.as_ref().and_then(|it| Some((&it.file, it.line()?))) {
            Some((file, line)) => format!("{file}:{line}"),
            None => "rbl".into(),
        };
        if self.taken.any() {
            prompt.push_str(" given");
        }
        if let Some(minutes) = self.arming.minutes_left() {
            prompt.extend([" armed ", &minutes.to_string(), "m"]);
        }
        prompt.push_str("> ");
        prompt
    }

    /// Processes one input: a command, or text of the language.
    pub(super) fn take(&mut self, text: &str) -> SessionControl {
        let ending = self.ending.clone();
        let Some(_busy) = ending.begin() else { return SessionControl::Out };
        match self.processed(text) {
            SessionControl::On if ending.came() => SessionControl::Out,
            control => control,
        }
    }

    fn processed(&mut self, text: &str) -> SessionControl {
        self.disarm_in_time();
        // The time in which somebody thought and typed belongs to no statement.
        self.output.page.begin_timing();
        let without_colon = command::without_colon(text.trim());
        let without_colon = without_colon.filter(|_| !self.has_name(text.trim()));
        let typed = without_colon.as_deref().unwrap_or(text).trim();
        if !typed.starts_with(':') {
            self.language(text);
            return SessionControl::On;
        }
        match command::read(typed) {
            Ok(SessionCommand::Quit) => return SessionControl::Out,
            Ok(command) => self.command(command, typed),
            Err(why) => self.output.refuse(&why),
        }
        SessionControl::On
    }

    /// Whether the text is a name in scope.
    fn has_name(&self, text: &str) -> bool {
        let (document, _) = self.in_scope();
        document.known(&self.world.catalogue()).iter().any(|it| it.name == text)
    }

    fn command(&mut self, command: SessionCommand, typed: &str) {
        match command {
            SessionCommand::Help(topic) => self.help(topic.as_deref()),
            SessionCommand::Load(file, params) => {
                self.load(&file, GivenValues { texts: params, ..GivenValues::default() });
            }
            SessionCommand::Reload => {
                match self.loaded.as_ref().map(|it| (it.file.clone(), it.values.clone())) {
                    Some((file, values)) => self.load(file.as_str(), values),
                    None => self.output.refuse(NOTHING),
                }
            }
            SessionCommand::Step => self.walk(WalkLimit::Statement),
            SessionCommand::Next => self.walk(WalkLimit::Step),
            SessionCommand::Continue => self.walk(WalkLimit::End),
            SessionCommand::Back(statements) => self.back(statements),
            SessionCommand::Paths(number) => self.paths(number),
            SessionCommand::Given(Some(line)) => self.given(typed, &line),
            SessionCommand::Given(None) => self.list_given(),
            SessionCommand::Clear(what) => self.clear(what.as_deref()),
            SessionCommand::Save(file) => self.save(file.as_deref()),
            SessionCommand::Metrics(pattern) => self.metrics(pattern.as_deref()),
            SessionCommand::Where => self.whereabouts(),
            SessionCommand::Why => self.why(),
            SessionCommand::Story => self.story(),
            SessionCommand::Names => self.names(),
            SessionCommand::Type(expr) => self.type_of(&expr),
            SessionCommand::Arm(seconds) => self.arm(seconds),
            SessionCommand::Disarm => self.disarm(),
            SessionCommand::Quit => {}
        }
    }

    /// Processes a statement, a declaration or an expression.
    fn language(&mut self, text: &str) {
        let name = self.next_input();
        let source = Source::new(name, text.trim_end());
        self.state.session.forget_readings();
        match input::read(source.text()) {
            Input::Nothing => self.state.uncount_input(),
            Input::Broken(diagnostics) => {
                let mut sources = Sources::new();
                sources.add(source);
                self.output.found(&PlacedFindings { sources: Arc::new(sources), diagnostics });
            }
            Input::Expression => {
                let (document, mut session) = self.in_scope();
                match document.expression(&source, &self.world.catalogue()) {
                    Ok(sound) => self.expression(&sound, &mut session),
                    Err(found) => self.output.found(&found),
                }
                if self.loaded_runbook().is_none() {
                    self.state.session = session;
                }
            }
            Input::Pieces(pieces) => self.pieces(&source, &pieces),
        }
    }

    /// The name of the current input.
    pub(super) fn next_input(&mut self) -> String {
        let number = self.state.next_input();
        if self.output.at_terminal { format!("input {number}") } else { format!("<{number}>") }
    }

    fn pieces(&mut self, source: &Source, pieces: &[InputPiece]) {
        let in_file = pieces.iter().find_map(|it| match it.kind {
            InputPieceKind::OnlyInAFile(word) => Some(word),
            _ => None,
        });
        if let Some(word) = in_file {
            return self
                .output
                .refuse(&format!("`{word}` belongs in a file: write it there, and `:load` it"));
        }
        let sound = match self.state.document.pieces(source, pieces, &self.world.catalogue()) {
            Ok(sound) => sound,
            Err(found) => return self.output.found(&found),
        };
        self.output.found(&sound.warnings);
        let before = self.state.snapshot(self.taken.world.mark());
        let replaced = self.state.document.keep(source, pieces);
        for name in replaced {
            self.output.faint(&format!("`{name}` has a new meaning from now on"));
        }
        for statement in &sound.statements {
            let mut printer = EventPrinter::new(
                &mut self.output.page,
                sound.places.clone(),
                &mut self.log.events,
                &self.taken.world,
            );
            let walked = self.state.session.statement(
                &sound.program,
                statement,
                self.world.effects.as_mut(),
                &mut printer,
            );
            let decision = printer.decision();
            self.log.decided(decision);
            let goes_on = walked == StatementResult::Continues;
            self.walked(walked);
            if !goes_on {
                break;
            }
            if let StatementKind::Let(it) = &statement.kind {
                self.show_name(&it.name.text, &sound.program);
            }
        }
        if !sound.statements.is_empty() {
            self.state.keep(before);
        }
    }

    fn show_name(&mut self, name: &str, program: &Program) {
        let value =
            self.state.session.names().filter(|(it, _)| *it == name).last().map(|(_, value)| value.clone());
        if let Some(value) = value {
            let from = self.read_from(program);
            let lines = self.output.paper().value(&value, &from);
            self.output.lines(lines);
        }
    }

    pub(super) fn walked(&mut self, walked: StatementResult) {
        match walked {
            StatementResult::Continues => {}
            StatementResult::Resolved(_) => self.output.faint("a run would end here, resolved"),
            StatementResult::Stopped(why) => {
                let why = if why.is_empty() { String::new() } else { format!(": {why}") };
                self.output.say(Tone::Bad, &format!("a run would stop here, and page its owner{why}"));
                self.output.worse(Exit::Escalated);
            }
            StatementResult::Interrupted(interrupt) => self.broken_off(&interrupt),
        }
    }

    pub(super) fn broken_off(&mut self, interrupt: &Interrupt) {
        self.world.after_interrupt();
        match interrupt {
            Interrupt::Aborted { by } if ENDING_SIGNALS.contains(&by.as_str()) => {
                self.ending.comes();
                self.output.faint(&format!("broken off by {by}: the session ends"));
            }
            Interrupt::Aborted { .. } => self.output.faint("broken off"),
            Interrupt::Parked(_) => self.output.faint("parked: nobody is here to answer"),
        }
        self.output.worse(Exit::Waiting);
    }

    fn expression(&mut self, sound: &ValidInput, session: &mut Session) {
        let Some(expr) = &sound.value else { return };
        self.output.found(&sound.warnings);
        let mut printer = EventPrinter::new(
            &mut self.output.page,
            sound.places.clone(),
            &mut self.log.events,
            &self.taken.world,
        )
        .quietly();
        if is_condition(expr) {
            let judged = session.judge(&sound.program, expr, self.world.effects.as_mut(), &mut printer);
            return match judged {
                Ok(decision) => {
                    let lines = self.output.paper().decision(&decision);
                    self.output.lines(lines);
                    self.log.decided(Some(decision));
                }
                Err(walked) => self.walked(walked),
            };
        }
        match session.value(&sound.program, expr, self.world.effects.as_mut(), &mut printer) {
            Ok(value) => {
                let from = self.read_from(&sound.program);
                let lines = self.output.paper().value(&value, &from);
                self.output.lines(lines);
            }
            Err(walked) => self.walked(walked),
        }
    }

    /// The source that each metric of a program was last read from: its provider, unless it was given.
    fn read_from(&self, program: &Program) -> ReadFrom {
        let metrics = program.runbook(program.main()).into_iter().flat_map(|it| &it.metrics);
        let mut from: ReadFrom =
            metrics.map(|(name, it)| (name.to_string(), it.declaration.provider.text.to_string())).collect();
        let walked = self.loaded.as_ref().map_or(&[][..], |it| it.stepper.events());
        for event in walked.iter().chain(&self.log.events) {
            if let EventKind::Read { metric, provider, .. } = &event.kind {
                let name = metric.split(|it: char| !it.is_alphanumeric() && it != '_').next();
                from.insert(name.unwrap_or_default().to_owned(), provider.to_string());
            }
        }
        from
    }

    /// The names that an expression can use: those of the session and, while a loaded runbook is walked, those in
    /// scope at its current statement.
    pub(super) fn in_scope(&self) -> (Document, Session) {
        let (mut document, mut session) = (self.state.document.clone(), self.state.session.clone());
        if let Some(loaded) = self.loaded_runbook()
            && let Some(stand) = loaded.stepper.stand()
        {
            for (name, value) in &stand.names {
                let declared = self.state.session.names().any(|(it, _)| it == name);
                document.stand_in(name, value, declared);
                session.define(name.clone(), value.clone());
            }
        }
        (document, session)
    }

    fn loaded_runbook(&self) -> Option<&LoadedRunbook> {
        self.loaded.as_ref().filter(|it| it.stepper.stand().is_some())
    }
}

/// Whether the expression is judged as a condition.
fn is_condition(expr: &Expr) -> bool {
    match &expr.bare().kind {
        ExprKind::Binary { op, .. } => op.is_comparison() || matches!(op, BinaryOp::And | BinaryOp::Or),
        ExprKind::Unary { op, .. } => matches!(op, rbl_syntax::tree::UnaryOp::Not),
        ExprKind::Question(_) | ExprKind::Quantified { .. } | ExprKind::Held { .. } => true,
        _ => false,
    }
}
