//! The state of a session and its evaluation: [`Repl`] takes each input, checks it and runs it in the session's
//! world.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use super::answer::ReadFrom;
use super::command::{self, Command};
use super::complete::Vocabulary;
use super::document::{Document, Sound};
use super::given::Taken;
use super::input::{self, Input, Piece, PieceKind};
use super::metrics::{Listed, Metrics};
use super::places::Found;
use super::runbook::{Loaded, NOTHING};
use super::stepper::Until;
use crate::Exit;
use crate::repl::display::Told;
use crate::repl::dry_run::Armed;
use crate::repl::given_layer::{Givens, Mark};
use rbl_check::Program;
use rbl_project::Refusal;
use rbl_report::story::{Clock, Page, Sink};
use rbl_runtime::{Decision, Event, EventKind, Interrupt, Session, Start, Walked, World};
use rbl_syntax::source::{Source, Sources};
use rbl_syntax::tree::{BinaryOp, Expr, ExprKind, StatementKind};
use rbl_terminal::Style;
use rbl_terminal::Tone;
use rbl_world::Configured;
use rbl_world::Connections;

/// The state of a session; see the module documentation.
pub(super) struct Repl {
    pub(super) document: Document,
    pub(super) session: Session,
    pub(super) configured: Configured,
    pub(super) world: Box<dyn World>,
    /// Makes the world use another configuration.
    pub(super) reach: Reach,
    /// Clears the flag of an interrupted wait.
    pub(super) again: Box<dyn FnMut()>,
    /// Waits for the names of metrics, until interrupted.
    pub(super) listed: Listing,
    pub(super) armed: Armed,
    pub(super) armed_until: Option<Instant>,
    pub(super) page: Page,
    pub(super) style: Style,
    /// Whether input and messages belong to a terminal.
    pub(super) at_terminal: bool,
    pub(super) inputs: u32,
    pub(super) loaded: Option<Loaded>,
    /// The state of the session before each typed statement.
    pub(super) before: Vec<(Document, Session, Mark)>,
    pub(super) decision: Option<Decision>,
    pub(super) events: Vec<Event>,
    pub(super) worst: Exit,
    pub(super) metrics: Metrics,
    pub(super) taken: Taken,
}

/// Waits for the names of metrics; `None` if they did not come in time.
pub(super) type Listing = Box<dyn FnMut(&Metrics) -> Result<Option<Listed>, Interrupt>>;

/// Applies a configuration to the world.
pub(super) type Reach = Box<dyn FnMut(&Connections) -> Result<(), Refusal>>;

/// The parts of a new session.
pub(super) struct Parts {
    pub(super) configured: Configured,
    pub(super) world: Box<dyn World>,
    /// The given facts, shared with the world.
    pub(super) givens: Givens,
    pub(super) reach: Reach,
    pub(super) again: Box<dyn FnMut()>,
    pub(super) listed: Listing,
    pub(super) armed: Armed,
    pub(super) sink: Sink,
    pub(super) style: Style,
    pub(super) at_terminal: bool,
}

/// Whether the session continues.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Goes {
    On,
    Out,
}

impl Repl {
    pub(super) fn new(parts: Parts) -> Self {
        let Parts { configured, world, givens, reach, again, listed, armed, sink, style, at_terminal } =
            parts;
        let folder = std::env::current_dir().unwrap_or_default();
        let metrics = Metrics::of(configured.connections.as_ref());
        Self {
            document: Document::new(&folder),
            session: Session::new(Start { run_id: "session".into(), ..Start::default() }),
            configured,
            world,
            reach,
            again,
            listed,
            armed,
            armed_until: None,
            page: Page::new(sink, {
                let givens = givens.clone();
                Clock::recorded(move || givens.now(), std::time::Instant::now())
            }),
            style,
            at_terminal,
            inputs: 0,
            loaded: None,
            before: Vec::new(),
            decision: None,
            events: Vec::new(),
            worst: Exit::Fine,
            metrics,
            taken: Taken { world: givens, ..Taken::default() },
        }
    }

    /// The worst exit code of all inputs.
    pub(super) fn worst(&self) -> Exit {
        self.worst
    }

    /// The completions that are possible now.
    pub(super) fn vocabulary(&self) -> Vocabulary {
        let catalogue = self.configured.catalogue();
        let (document, _) = self.in_scope();
        Vocabulary {
            names: document.known(&catalogue),
            teams: catalogue.teams.into_iter().collect(),
            channels: catalogue.channels.into_iter().collect(),
            providers: catalogue.providers.into_keys().collect(),
            metrics: self.metrics.clone(),
            given: self.taken.lines.iter().map(|it| it.given.subject()).collect(),
        }
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
        if let Some(left) = self.armed_until.map(|until| until.saturating_duration_since(Instant::now())) {
            let minutes = left.as_secs().div_ceil(60);
            prompt.extend([" armed ", &minutes.to_string(), "m"]);
        }
        prompt.push_str("> ");
        prompt
    }

    /// Processes one input: a command, or text of the language.
    pub(super) fn take(&mut self, text: &str) -> Goes {
        self.disarm_in_time();
        let typed = text.trim();
        if !typed.starts_with(':') {
            self.language(text);
            return Goes::On;
        }
        match command::read(typed) {
            Ok(Command::Quit) => return Goes::Out,
            Ok(command) => self.command(command, typed),
            Err(why) => self.refuse(&why),
        }
        Goes::On
    }

    fn command(&mut self, command: Command, typed: &str) {
        match command {
            Command::Help(topic) => self.help(topic.as_deref()),
            Command::Load(file, params) => self.load(&file, &params),
            Command::Reload => match self.loaded.as_ref().map(|it| (it.file.clone(), it.params.clone())) {
                Some((file, params)) => self.load(&file, &params),
                None => self.refuse(NOTHING),
            },
            Command::Step => self.walk(Until::Statement),
            Command::Next => self.walk(Until::Step),
            Command::Continue => self.walk(Until::End),
            Command::Back(statements) => self.back(statements),
            Command::Paths(number) => self.paths(number),
            Command::Given(Some(line)) => self.given(typed, &line),
            Command::Given(None) => self.list_given(),
            Command::Clear(what) => self.clear(what.as_deref()),
            Command::Save(file) => self.save(file.as_deref()),
            Command::Metrics(pattern) => self.metrics(pattern.as_deref()),
            Command::Where => self.whereabouts(),
            Command::Why => self.why(),
            Command::Story => self.story(),
            Command::Names => self.names(),
            Command::Type(expr) => self.type_of(&expr),
            Command::Arm(seconds) => self.arm(seconds),
            Command::Disarm => self.disarm(),
            Command::Quit => {}
        }
    }

    /// Processes a statement, a declaration or an expression.
    fn language(&mut self, text: &str) {
        let (name, _) = self.next_input();
        let source = Source::new(name, text.trim_end());
        self.session.forget_readings();
        match input::read(source.text()) {
            Input::Nothing => self.inputs -= 1,
            Input::Broken(diagnostics) => {
                let mut sources = Sources::new();
                sources.add(source);
                self.found(&Found { sources: Arc::new(sources), diagnostics });
            }
            Input::Expression => {
                let (document, mut session) = self.in_scope();
                match document.expression(&source, &self.configured.catalogue()) {
                    Ok(sound) => self.expression(&sound, &mut session),
                    Err(found) => self.found(&found),
                }
                if self.standing().is_none() {
                    self.session = session;
                }
            }
            Input::Pieces(pieces) => self.pieces(&source, &pieces),
        }
    }

    /// The name of the current input, and its number.
    pub(super) fn next_input(&mut self) -> (String, u32) {
        self.inputs += 1;
        let number = self.inputs;
        (if self.at_terminal { format!("input {number}") } else { format!("<{number}>") }, number)
    }

    fn pieces(&mut self, source: &Source, pieces: &[Piece]) {
        let in_file = pieces.iter().find_map(|it| match it.kind {
            PieceKind::OnlyInAFile(word) => Some(word),
            _ => None,
        });
        if let Some(word) = in_file {
            return self.refuse(&format!("`{word}` belongs in a file: write it there, and `:load` it"));
        }
        let sound = match self.document.pieces(source, pieces, &self.configured.catalogue()) {
            Ok(sound) => sound,
            Err(found) => return self.found(&found),
        };
        self.found(&sound.warnings);
        let before = (self.document.clone(), self.session.clone(), self.taken.world.mark());
        let replaced = self.document.keep(source, pieces);
        for name in replaced {
            self.faint(&format!("`{name}` has a new meaning from now on"));
        }
        for statement in &sound.statements {
            let mut told =
                Told::new(&mut self.page, sound.places.clone(), &mut self.events, &self.taken.world);
            let walked = self.session.statement(&sound.program, statement, self.world.as_mut(), &mut told);
            self.decision = told.decision().or(self.decision.take());
            let goes_on = walked == Walked::GoesOn;
            self.walked(walked);
            if !goes_on {
                break;
            }
            if let StatementKind::Let(it) = &statement.kind {
                self.show_name(&it.name.text, &sound.program);
            }
        }
        if !sound.statements.is_empty() {
            self.before.push(before);
        }
    }

    fn show_name(&mut self, name: &str, program: &Program) {
        let value = self.session.names().filter(|(it, _)| *it == name).last().map(|(_, value)| value.clone());
        if let Some(value) = value {
            let from = self.read_from(program);
            let lines = self.paper().value(&value, &from);
            self.lines(lines);
        }
    }

    pub(super) fn walked(&mut self, walked: Walked) {
        match walked {
            Walked::GoesOn => {}
            Walked::Resolved(_) => self.faint("a run would end here, resolved"),
            Walked::Stopped(why) => {
                let why = if why.is_empty() { String::new() } else { format!(": {why}") };
                self.say(Tone::Bad, &format!("a run would stop here, and page its owner{why}"));
                self.worse(Exit::Escalated);
            }
            Walked::Interrupted(interrupt) => self.broken_off(&interrupt),
        }
    }

    pub(super) fn broken_off(&mut self, interrupt: &Interrupt) {
        (self.again)();
        match interrupt {
            Interrupt::Aborted { .. } => self.faint("broken off"),
            Interrupt::Parked(_) => self.faint("parked: nobody is here to answer"),
        }
        self.worse(Exit::SetAside);
    }

    fn expression(&mut self, sound: &Sound, session: &mut Session) {
        let Some(expr) = &sound.value else { return };
        self.found(&sound.warnings);
        let mut told =
            Told::new(&mut self.page, sound.places.clone(), &mut self.events, &self.taken.world).quietly();
        if is_condition(expr) {
            let judged = session.judge(&sound.program, expr, self.world.as_mut(), &mut told);
            return match judged {
                Ok(decision) => {
                    let lines = self.paper().decision(&decision);
                    self.lines(lines);
                    self.decision = Some(decision);
                }
                Err(walked) => self.walked(walked),
            };
        }
        match session.value(&sound.program, expr, self.world.as_mut(), &mut told) {
            Ok(value) => {
                let from = self.read_from(&sound.program);
                let lines = self.paper().value(&value, &from);
                self.lines(lines);
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
        for event in walked.iter().chain(&self.events) {
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
        let (mut document, mut session) = (self.document.clone(), self.session.clone());
        if let Some(loaded) = self.standing()
            && let Some(stand) = loaded.stepper.stand()
        {
            for (name, value) in &stand.names {
                let declared = self.session.names().any(|(it, _)| it == name);
                document.stand_in(name, value, declared);
                session.define(name.clone(), value.clone());
            }
        }
        (document, session)
    }

    fn standing(&self) -> Option<&Loaded> {
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

/// The configuration for a session without a file.
pub(super) fn here() -> Result<Configured, Refusal> {
    Configured::find(Path::new("."))
}
