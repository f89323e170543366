//! A session: what was typed so far, what it came to, and the world that it is tried in.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::answer::Paper;
use super::command::{self, COMMANDS, Command};
use super::complete::Vocabulary;
use super::document::{Document, Found, Sound};
use super::help;
use super::input::{self, Input, Piece, PieceKind};
use super::stepper::{Stepper, Stood, Until};
use super::told::Told;
use crate::check::{self, Kind, Program};
use crate::diagnostic::{Diagnostic, Pretty, Style, short};
use crate::front::Exit;
use crate::front::configured::Configured;
use crate::front::files::{Files, Named};
use crate::front::story::{Page, Sink, words_of};
use crate::run::{Decision, Event, EventKind, Interrupt, Session, Start, Walked, World};
use crate::source::{Source, Sources, Span};
use crate::syntax::tree::{Expr, ExprKind, Item, StatementKind};
use crate::value::{Time, Value};
use crate::world::Armed;
use crate::world::console::Tone;

/// See the file.
pub(super) struct Repl {
    document: Document,
    session: Session,
    configured: Configured,
    world: Box<dyn World>,
    /// Forgets that a wait was broken off.
    again: Box<dyn FnMut()>,
    armed: Armed,
    armed_until: Option<Instant>,
    page: Page,
    style: Style,
    /// What is typed is a terminal's, and so are messages.
    at_terminal: bool,
    inputs: u32,
    loaded: Option<Loaded>,
    /// Sessions before each statement that was typed.
    before: Vec<(Document, Session)>,
    decision: Option<Decision>,
    events: Vec<Event>,
    worst: Exit,
}

/// What a session is made of.
pub(super) struct Parts {
    pub(super) configured: Configured,
    pub(super) world: Box<dyn World>,
    pub(super) again: Box<dyn FnMut()>,
    pub(super) armed: Armed,
    pub(super) sink: Sink,
    pub(super) style: Style,
    pub(super) at_terminal: bool,
}

/// A runbook that was loaded.
struct Loaded {
    file: String,
    title: String,
    stepper: Stepper,
}

/// Whether the session goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Goes {
    On,
    Out,
}

impl Repl {
    pub(super) fn new(parts: Parts) -> Self {
        let Parts { configured, world, again, armed, sink, style, at_terminal } = parts;
        let folder = std::env::current_dir().unwrap_or_default();
        Self {
            document: Document::new(&folder),
            session: Session::new(Start { run_id: "session".into(), ..Start::default() }),
            configured,
            world,
            again,
            armed,
            armed_until: None,
            page: Page::new(sink),
            style,
            at_terminal,
            inputs: 0,
            loaded: None,
            before: Vec::new(),
            decision: None,
            events: Vec::new(),
            worst: Exit::Fine,
        }
    }

    /// How bad it was: the worst of all inputs.
    pub(super) fn worst(&self) -> Exit {
        self.worst
    }

    /// What can be typed now.
    pub(super) fn vocabulary(&self) -> Vocabulary {
        let catalogue = self.configured.catalogue();
        let (document, _) = self.in_scope();
        Vocabulary {
            names: document.known(&catalogue),
            teams: catalogue.teams.into_iter().collect(),
            channels: catalogue.channels.into_iter().collect(),
            providers: catalogue.providers.into_keys().collect(),
            metrics: Arc::default(),
        }
    }

    /// What stands before the cursor: where it is, and whether anything would be done.
    pub(super) fn prompt(&mut self) -> String {
        self.disarm_in_time();
        let mut prompt = match self.loaded.as_ref().and_then(|it| Some((&it.file, it.line()?))) {
            Some((file, line)) => format!("{file}:{line}"),
            None => "rbl".into(),
        };
        if let Some(left) = self.armed_until.map(|until| until.saturating_duration_since(Instant::now())) {
            let minutes = left.as_secs().div_ceil(60);
            prompt.extend([" armed ", &minutes.to_string(), "m"]);
        }
        prompt.push_str("> ");
        prompt
    }

    /// Takes one input: a command, or something of the language.
    pub(super) fn take(&mut self, text: &str) -> Goes {
        self.disarm_in_time();
        let typed = text.trim();
        if !typed.starts_with(':') {
            self.language(text);
            return Goes::On;
        }
        match command::read(typed) {
            Ok(Command::Quit) => return Goes::Out,
            Ok(command) => self.command(command),
            Err(why) => self.refuse(&why),
        }
        Goes::On
    }

    fn command(&mut self, command: Command) {
        match command {
            Command::Help(topic) => self.help(topic.as_deref()),
            Command::Load(file) => self.load(&file),
            Command::Reload => match self.loaded.as_ref().map(|it| it.file.clone()) {
                Some(file) => self.load(&file),
                None => self.refuse("nothing is loaded; `:load FILE` loads a runbook"),
            },
            Command::Step => self.walk(Until::Statement),
            Command::Next => self.walk(Until::Step),
            Command::Continue => self.walk(Until::End),
            Command::Back(statements) => self.back(statements),
            Command::Where => self.place(),
            Command::Why => self.why(),
            Command::Story => self.story(),
            Command::Names => self.names(),
            Command::Type(expr) => self.type_of(&expr),
            Command::Arm(seconds) => self.arm(seconds),
            Command::Disarm => self.disarm(),
            Command::Quit => {}
        }
    }

    /// A statement, a declaration or an expression.
    fn language(&mut self, text: &str) {
        self.inputs += 1;
        let name =
            if self.at_terminal { format!("input {}", self.inputs) } else { format!("<{}>", self.inputs) };
        let source = Source::new(name, text.trim_end());
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

    fn pieces(&mut self, source: &Source, pieces: &[Piece]) {
        let in_file = pieces.iter().find_map(|it| match it.kind {
            PieceKind::OnlyInAFile(word) => Some(word),
            _ => None,
        });
        if let Some(word) = in_file {
            return self.refuse(&format!("`{word}` stands in a file: write it there, and `:load` it"));
        }
        let sound = match self.document.pieces(source, pieces, &self.configured.catalogue()) {
            Ok(sound) => sound,
            Err(found) => return self.found(&found),
        };
        self.found(&sound.warnings);
        let before = (self.document.clone(), self.session.clone());
        let replaced = self.document.keep(source, pieces);
        for name in replaced {
            self.faint(&format!("`{name}` has a new meaning from now on"));
        }
        for statement in &sound.statements {
            let mut told = Told::new(&mut self.page, sound.places.clone(), &mut self.events);
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
            let lines = self.paper().value(&value, program.runbook(program.main()).map(AsRef::as_ref));
            self.lines(lines);
        }
    }

    fn walked(&mut self, walked: Walked) {
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

    fn broken_off(&mut self, interrupt: &Interrupt) {
        (self.again)();
        match interrupt {
            Interrupt::Aborted { .. } => self.faint("broken off"),
            Interrupt::Parked(_) => self.faint("set aside: nobody is here to answer"),
        }
        self.worse(Exit::SetAside);
    }

    fn expression(&mut self, sound: &Sound, session: &mut Session) {
        let Some(expr) = &sound.value else { return };
        self.found(&sound.warnings);
        let mut told = Told::new(&mut self.page, sound.places.clone(), &mut self.events).quietly();
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
                let runbook = sound.program.runbook(sound.program.main());
                let lines = self.paper().value(&value, runbook.map(AsRef::as_ref));
                self.lines(lines);
            }
            Err(walked) => self.walked(walked),
        }
    }

    fn type_of(&mut self, text: &str) {
        let source = Source::new(format!("input {}", self.inputs + 1), text);
        let (document, _) = self.in_scope();
        match document.type_of(&source, &self.configured.catalogue()) {
            Ok(words) => self.line(&words),
            Err(found) => self.found(&found),
        }
    }

    /// The names that an expression sees: those of the session, and where a loaded runbook is being walked, those of the
    /// place where it stands.
    fn in_scope(&self) -> (Document, Session) {
        let (mut document, mut session) = (self.document.clone(), self.session.clone());
        if let Some(loaded) = self.standing()
            && let Some(stand) = loaded.stepper.stand()
        {
            for (name, value) in &stand.names {
                document.stand_in(name, value);
                session.define(name.clone(), value.clone());
            }
        }
        (document, session)
    }

    fn standing(&self) -> Option<&Loaded> {
        self.loaded.as_ref().filter(|it| it.stepper.stand().is_some())
    }

    /// Loads a runbook: its names are known from then on, and it can be walked.
    pub(super) fn load(&mut self, file: &str) {
        let named = match Named::read(file) {
            Ok(named) => named,
            Err(why) => return self.refuse(&why.refusal(file).message),
        };
        let configured = match Configured::find(&named.folder()) {
            Ok(configured) => configured,
            Err(refusal) => return self.refuse(&refusal.message),
        };
        if configured.config.is_none() {
            let Configured { sources, diagnostics, .. } = configured;
            return self.found(&Found { sources, diagnostics });
        }
        let source = Source::new(named.shown.as_str(), named.text.as_str());
        let checked = check::check(source, &named.identity, &mut Files::new(&named), &configured.catalogue());
        let errors: Vec<Diagnostic> =
            checked.diagnostics.iter().filter(|it| it.is_error()).cloned().collect();
        if !errors.is_empty() {
            return self.found(&Found { sources: checked.sources, diagnostics: errors });
        }
        let (Kind::Runbook, Some(program)) = (checked.kind, checked.program) else {
            return self.refuse(&format!("`{file}` is no runbook; `use \"{file}\"` takes a library in"));
        };
        let Some(runbook) = program.runbook(program.main()).cloned() else { return };
        let missing: Vec<&str> = runbook
            .params
            .iter()
            .filter(|it| it.declaration.default.is_none())
            .map(|it| it.declaration.name.text.as_str())
            .collect();
        if !missing.is_empty() {
            return self.refuse(&format!("`{file}` needs a value for {}", missing.join(", ")));
        }
        self.document = Document::load(&named, body_of(&named.text));
        let start = Start { run_id: "session".into(), ..Start::default() };
        self.session = Session::new(start.clone());
        self.before.clear();
        self.events.clear();
        self.decision = None;
        let mut told =
            Told::new(&mut self.page, super::document::Places::default(), &mut self.events).quietly();
        let walked = self.session.begin(&program, self.world.as_mut(), &mut told);
        self.walked(walked);
        let title = runbook.title.literal().unwrap_or_default().to_owned();
        let steps = runbook.steps.len();
        let plural = if steps == 1 { "" } else { "s" };
        self.line(&format!("{title}: {steps} step{plural}; `:step` walks the first statement"));
        let stepper = Stepper::new(Arc::new(program), start);
        self.loaded = Some(Loaded { file: named.shown, title, stepper });
    }

    fn walk(&mut self, until: Until) {
        let Some(loaded) = &mut self.loaded else {
            return self.refuse("nothing is loaded; `:load FILE` loads a runbook");
        };
        if loaded.stepper.ended().is_some() {
            return self.refuse("the run is over; `:back` takes statements back, `:reload` begins anew");
        }
        let mut all = Vec::new();
        let mut told = Told::new(&mut self.page, super::document::Places::default(), &mut all);
        let stood = loaded.stepper.walk(until, self.world.as_mut(), &mut |event| told.tell(event));
        self.decision = told.decision().or(self.decision.take());
        match stood {
            Stood::Before => self.place(),
            Stood::Ended(ended) => self.worse(ended.outcome.into()),
            Stood::BrokenOff(interrupt) => {
                self.broken_off(&interrupt);
                self.place();
            }
        }
    }

    fn back(&mut self, statements: usize) {
        if let Some(loaded) = self.loaded.as_mut().filter(|it| it.stepper.walked() > 0) {
            loaded.stepper.back(statements);
            return self.place();
        }
        let mut taken = 0;
        for _ in 0..statements {
            let Some((document, session)) = self.before.pop() else { break };
            (self.document, self.session) = (document, session);
            taken += 1;
        }
        match taken {
            0 => self.refuse("there is no statement to take back"),
            1 => self.faint("one statement was taken back"),
            more => self.faint(&format!("{more} statements were taken back")),
        }
    }

    /// The line where the walk stands, and those around it.
    fn place(&mut self) {
        let Some(loaded) = &self.loaded else {
            return self.refuse("nothing is loaded; `:load FILE` loads a runbook");
        };
        let Some(stand) = loaded.stepper.stand() else {
            let text = match loaded.stepper.ended() {
                Some(ended) => format!("{}: the run is over, {}", loaded.title, ended.outcome),
                None => format!("{}: before the first statement", loaded.title),
            };
            return self.faint(&text);
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
        let look = self.page.sink().look();
        let arrow = look.pick("▸", ">");
        for (at, text) in shown {
            let text = crate::world::console::clean(&text);
            if at == line {
                self.line(&format!(
                    "{}{}",
                    look.paint(Tone::Strong, &format!("{arrow}{}", number(at))),
                    look.paint(Tone::Strong, &text)
                ));
            } else {
                self.faint(&format!(" {}{text}", number(at)));
            }
        }
    }

    fn why(&mut self) {
        let Some(decision) = self.decision.clone() else {
            return self.refuse("nothing was decided yet");
        };
        self.line(&decision.condition);
        let paper = self.paper();
        let mut lines = paper.decision(&decision);
        lines.extend(paper.operands(&decision));
        self.lines(lines);
    }

    fn story(&mut self) {
        let events = self.loaded.as_ref().map_or(&self.events[..], |it| it.stepper.events());
        let lines: Vec<String> = events.iter().filter_map(words_of).collect();
        if lines.is_empty() {
            return self.faint("nothing happened yet");
        }
        self.lines(lines);
    }

    fn names(&mut self) {
        let (_, session) = self.in_scope();
        let mut names: Vec<(String, Value)> = Vec::new();
        for (name, value) in session.names() {
            names.retain(|(it, _)| it != name);
            names.push((name.to_string(), value.clone()));
        }
        let lines: Vec<String> = names.iter().map(|(name, value)| format!("{name} = {value}")).collect();
        if lines.is_empty() { self.faint("no names yet") } else { self.lines(lines) }
    }

    fn arm(&mut self, seconds: f64) {
        self.armed.set(true);
        self.armed_until = Some(Instant::now() + Duration::from_secs_f64(seconds.min(86_400.0)));
        let time = crate::value::Quantity::seconds(seconds);
        self.say(
            Tone::Warning,
            &format!("armed for {time}: actions, pages and records are done from now on"),
        );
    }

    fn disarm(&mut self) {
        self.armed.set(false);
        self.armed_until = None;
        self.faint("disarmed: actions, pages and records only say what they would do");
    }

    fn disarm_in_time(&mut self) {
        if self.armed_until.is_some_and(|until| Instant::now() >= until) {
            self.disarm();
        }
    }

    fn help(&mut self, topic: Option<&str>) {
        let Some(topic) = topic else {
            let width =
                COMMANDS.iter().map(|it| it.name.len() + it.takes.len() + 2).max().unwrap_or_default();
            let row =
                |it: &command::Row| format!("{:<width$}  {}", format!(":{} {}", it.name, it.takes), it.does);
            let mut lines = vec!["type a statement, a declaration or an expression; or".to_owned()];
            lines.extend(COMMANDS.iter().map(row));
            return self.lines(lines);
        };
        match help::page(topic, self.style) {
            Some(page) => self.lines(page.lines().map(str::to_owned).collect()),
            None => self.refuse(&format!(
                "there is no topic `{topic}`: a statement, a function, a unit or a code has one"
            )),
        }
    }

    fn found(&mut self, found: &Found) {
        let pretty = self.at_terminal.then(|| Pretty::new(&found.diagnostics, &found.sources, self.style));
        for diagnostic in &found.diagnostics {
            let text = match &pretty {
                Some(pretty) => pretty.draw(diagnostic),
                None => short(diagnostic, &found.sources),
            };
            self.line(text.trim_end());
            if diagnostic.is_error() {
                self.worse(Exit::Errors);
            }
        }
    }

    fn paper(&mut self) -> Paper {
        Paper {
            look: self.page.sink().look(),
            width: self.page.sink().width(),
            now: Time(jiff::Timestamp::now()),
        }
    }

    fn worse(&mut self, exit: Exit) {
        if exit.code() > self.worst.code() {
            self.worst = exit;
        }
    }

    fn refuse(&mut self, why: &str) {
        self.say(Tone::Bad, why);
        self.worse(Exit::Cannot);
    }

    fn say(&mut self, tone: Tone, text: &str) {
        let text = self.page.sink().look().paint(tone, text);
        self.line(&text);
    }

    fn faint(&mut self, text: &str) {
        self.say(Tone::Faint, text);
    }

    fn lines(&mut self, lines: Vec<String>) {
        for line in lines {
            self.line(&line);
        }
    }

    fn line(&mut self, text: &str) {
        self.page.sink().line(text);
    }
}

impl Loaded {
    /// The line where it stands.
    fn line(&self) -> Option<u32> {
        let stand = self.stepper.stand()?;
        let source = self.stepper.program().sources().get(stand.place.source)?;
        Some(source.line_column(stand.place.span.start).line)
    }
}

/// Whether it is judged, and not only valued.
fn is_condition(expr: &Expr) -> bool {
    match &expr.bare().kind {
        ExprKind::Binary { op, .. } => op.is_comparison() || matches!(op.spelling(), "and" | "or"),
        ExprKind::Unary { op, .. } => matches!(op, crate::syntax::tree::UnaryOp::Not),
        ExprKind::Question(_) | ExprKind::Quantified { .. } | ExprKind::Held { .. } => true,
        _ => false,
    }
}

/// Where the body of a file begins: at its first step or statement that is no `let`.
fn body_of(text: &str) -> usize {
    let parsed = crate::syntax::parse(crate::source::SourceId::default(), text);
    let begins = |item: &Item| match item {
        Item::Declaration(_) => None,
        Item::Statement(it) if matches!(it.kind, StatementKind::Let(_)) => None,
        Item::Statement(it) => Some(it.span),
        Item::Step(it) => Some(it.span),
        Item::Test(it) => Some(it.span),
    };
    let span: Option<Span> = parsed.file.items.iter().find_map(begins);
    span.map_or(text.len(), |span| span.range().start)
}

/// The folder that counts for a session without a file.
pub(super) fn here() -> Result<Configured, crate::front::Refusal> {
    Configured::find(Path::new("."))
}

/// What an event decided, if it did.
pub(super) fn decided(event: &Event) -> Option<&Decision> {
    match &event.kind {
        EventKind::Decided(decision) | EventKind::Polled { decision, .. } => Some(decision),
        _ => None,
    }
}
