//! Walks a runbook one statement at a time, forwards and back.
//!
//! *Why a thread:* the interpreter walks the tree with its own call stack. On its own thread it can pause before each
//! statement until it receives [`WalkCommand::Go`]. The world stays on the session's thread, so questions are asked there.
//!
//! *Why going back is exact:* the interpreter is a function of program and replies. Going back repeats the walk from
//! the beginning, with the recorded replies, up to an earlier statement.

use std::rc::Rc;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

use smol_str::SmolStr;

use crate::repl::given_layer::{Givens, SessionMark};
use rbl_check::Program;
use rbl_runtime as run;
use rbl_runtime::journal::LoggedEffect;
use rbl_runtime::{
    Effect, Event, Interrupt, Observer, Parked, Reply, RunEnd, Start, StatementPosition, World,
};
use rbl_syntax::diagnostic::bug;
use rbl_syntax::source::Place;
use rbl_syntax::value::Value;

/// A message from the walk.
enum WalkMessage {
    /// It paused before a statement.
    Before(WalkPosition),
    /// An event happened.
    Event(Box<Event>),
    /// It requests an effect.
    Wants(Box<Effect>),
    /// The run has ended.
    Ended(Box<RunEnd>),
}

/// A message to the walk.
enum WalkCommand {
    /// Execute the statement.
    Go,
    /// The reply to the requested effect.
    Reply(Box<Reply>),
}

/// The position of the walk.
#[derive(Debug, Clone)]
pub(super) struct WalkPosition {
    /// The next statement.
    pub(super) place: Place,
    /// The names in scope, innermost last.
    pub(super) names: Vec<(SmolStr, Value)>,
}

/// How far to walk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WalkLimit {
    /// To the next statement, at whatever depth.
    Statement,
    /// To the next step.
    Step,
    /// To the end.
    End,
}

/// Why a walk paused.
#[derive(Debug, Clone)]
pub(super) enum PauseReason {
    /// Before the next statement.
    Before,
    /// At the end of the run.
    Ended(RunEnd),
    /// The world interrupted it (Ctrl-C in a wait): it is before the same statement again.
    BrokenOff(Interrupt),
}

/// A walk through a runbook.
pub(super) struct Stepper {
    program: Arc<Program>,
    start: Start,
    walk: Option<WalkThread>,
    stand: Option<WalkPosition>,
    ended: Option<RunEnd>,
    /// Every effect performed so far, with its reply.
    effects: Vec<LoggedEffect>,
    /// The number of replies at each pause, and the position in the given facts.
    pauses: Vec<(usize, SessionMark)>,
    givens: Givens,
    /// The events so far.
    events: Vec<Event>,
}

struct WalkThread {
    commands: Sender<WalkCommand>,
    messages: Receiver<WalkMessage>,
}

impl Stepper {
    /// Starts a walk before the first statement.
    pub(super) fn new(program: Arc<Program>, start: Start, givens: Givens) -> Self {
        Self {
            program,
            start,
            walk: None,
            stand: None,
            ended: None,
            effects: Vec::new(),
            pauses: Vec::new(),
            givens,
            events: Vec::new(),
        }
    }

    /// The program.
    pub(super) fn program(&self) -> &Arc<Program> {
        &self.program
    }

    /// The values that the run starts with.
    pub(super) fn start(&self) -> &Start {
        &self.start
    }

    /// Whether anything of it has been walked.
    pub(super) fn has_begun(&self) -> bool {
        self.walk.is_some() || self.ended.is_some()
    }

    /// Sets the alert that starts it.
    pub(super) fn started_by(&mut self, alert: Option<run::Alert>) {
        self.start.alert = alert;
    }

    /// The current position; `None` before the beginning and after the end.
    pub(super) fn stand(&self) -> Option<&WalkPosition> {
        self.stand.as_ref()
    }

    /// How the run ended, if it did.
    pub(super) fn ended(&self) -> Option<&RunEnd> {
        self.ended.as_ref()
    }

    /// The events so far.
    pub(super) fn events(&self) -> &[Event] {
        &self.events
    }

    /// Every effect performed so far, with its reply.
    pub(super) fn performed_effects(&self) -> &[LoggedEffect] {
        &self.effects
    }

    /// The number of executed statements.
    pub(super) fn walked(&self) -> usize {
        self.pauses.len().saturating_sub(usize::from(self.ended.is_none()))
    }

    /// Continues the walk; `tell` receives each event as it happens.
    pub(super) fn walk(
        &mut self,
        until: WalkLimit,
        world: &mut dyn World,
        tell: &mut dyn FnMut(&Event),
    ) -> PauseReason {
        if let Some(ended) = &self.ended {
            return PauseReason::Ended(ended.clone());
        }
        let mut new_step = false;
        if self.walk.is_none() {
            self.walk = Some(self.begin());
        } else {
            self.go();
        }
        loop {
            match self.hear() {
                WalkMessage::Event(event) => {
                    new_step |= matches!(event.kind, run::EventKind::StepStarted { .. }) && event.depth == 0;
                    tell(&event);
                    self.events.push(*event);
                }
                WalkMessage::Wants(effect) => match self.perform(*effect, world) {
                    Ok(reply) => self.send(WalkCommand::Reply(Box::new(reply))),
                    // A run would be aborted here; a session goes back before the statement.
                    Err(interrupt) => {
                        let walked = self.walked();
                        self.rewind(walked);
                        return PauseReason::BrokenOff(interrupt);
                    }
                },
                WalkMessage::Before(stand) => {
                    self.pauses.push((self.effects.len(), self.givens.mark()));
                    self.stand = Some(stand);
                    let stop = match until {
                        WalkLimit::Statement => true,
                        WalkLimit::Step => new_step,
                        WalkLimit::End => false,
                    };
                    if stop {
                        return PauseReason::Before;
                    }
                    self.go();
                }
                WalkMessage::Ended(ended) => {
                    self.walk = None;
                    self.stand = None;
                    self.ended = Some(*ended.clone());
                    return PauseReason::Ended(*ended);
                }
            }
        }
    }

    /// Performs an effect in the world, and keeps the reply.
    fn perform(&mut self, effect: Effect, world: &mut dyn World) -> Result<Reply, Interrupt> {
        let at = self.givens.now();
        let reply = world.perform(&effect)?;
        let took = self.givens.now().since(at).base.max(0.0);
        self.effects.push(LoggedEffect { effect, reply: reply.clone(), at, took });
        Ok(reply)
    }

    /// Goes back by a number of statements. Returns the new position.
    pub(super) fn back(&mut self, statements: usize) -> Option<Place> {
        self.rewind(self.walked().saturating_sub(statements));
        self.stand.as_ref().map(|stand| stand.place)
    }

    /// Repeats the walk with the recorded replies, to before the statement with this index.
    fn rewind(&mut self, walked: usize) {
        let heard = std::mem::take(&mut self.effects);
        let mut marks = std::mem::take(&mut self.pauses).into_iter().map(|(_, mark)| mark);
        self.walk = Some(self.begin());
        self.stand = None;
        self.ended = None;
        self.events.clear();
        let mut given = heard.into_iter();
        loop {
            match self.hear() {
                WalkMessage::Event(event) => self.events.push(*event),
                WalkMessage::Wants(_) => match given.next() {
                    Some(heard) => {
                        self.send(WalkCommand::Reply(Box::new(heard.reply.clone())));
                        self.effects.push(heard);
                    }
                    None => return,
                },
                WalkMessage::Before(stand) => {
                    let mark = marks.next().unwrap_or_else(|| self.givens.mark());
                    self.pauses.push((self.effects.len(), mark));
                    self.stand = Some(stand);
                    if self.pauses.len() > walked {
                        self.givens.back(mark);
                        return;
                    }
                    self.go();
                }
                WalkMessage::Ended(ended) => {
                    self.walk = None;
                    self.stand = None;
                    self.ended = Some(*ended);
                    return;
                }
            }
        }
    }

    fn begin(&self) -> WalkThread {
        let (command, hears) = channel();
        let (says, said) = channel();
        let (program, start) = (Arc::clone(&self.program), self.start.clone());
        std::thread::spawn(move || {
            let line = Rc::new(WalkChannels { messages: says, commands: hears });
            let ended = run::run(
                &program,
                &start,
                &mut WalkWorld(Rc::clone(&line)),
                &mut WalkObserver(Rc::clone(&line)),
            );
            line.say(WalkMessage::Ended(Box::new(ended)));
        });
        WalkThread { commands: command, messages: said }
    }

    fn go(&self) {
        self.send(WalkCommand::Go);
    }

    fn send(&self, command: WalkCommand) {
        if let Some(walk) = &self.walk {
            // If the walk has ended, receiving from it reports that.
            let _ = walk.commands.send(command);
        }
    }

    fn hear(&self) -> WalkMessage {
        let heard = self.walk.as_ref().and_then(|walk| walk.messages.recv().ok());
        heard.unwrap_or_else(|| bug("the walk through the runbook broke off"))
    }
}

/// The walk's end of the channels.
struct WalkChannels {
    messages: Sender<WalkMessage>,
    commands: Receiver<WalkCommand>,
}

impl WalkChannels {
    fn say(&self, said: WalkMessage) {
        // After going back, nothing receives these messages: this walk has been abandoned.
        let _ = self.messages.send(said);
    }
}

/// The walk's world: requests effects from the session's thread.
struct WalkWorld(Rc<WalkChannels>);

impl World for WalkWorld {
    fn perform(&mut self, effect: &Effect) -> Result<Reply, Interrupt> {
        self.0.say(WalkMessage::Wants(Box::new(effect.clone())));
        match self.0.commands.recv() {
            Ok(WalkCommand::Reply(reply)) => Ok(*reply),
            Ok(WalkCommand::Go) | Err(_) => Err(Interrupt::Parked(Parked::ByHand)),
        }
    }
}

/// The walk's observer: sends events to the session's thread, and pauses before each statement.
struct WalkObserver(Rc<WalkChannels>);

impl Observer for WalkObserver {
    fn event(&mut self, event: &Event) {
        self.0.say(WalkMessage::Event(Box::new(event.clone())));
    }

    fn statement(&mut self, at: &StatementPosition<'_>) {
        let names = at.names().map(|(name, value)| (name.clone(), value.clone())).collect();
        self.0.say(WalkMessage::Before(WalkPosition { place: at.place, names }));
        let _ = self.0.commands.recv();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rbl_check::{Catalogue, LoadedFile, Loader, check};
    use rbl_runtime::{Answer, AnswerAuthor as SaidBy};
    use rbl_syntax::source::Source;
    use rbl_syntax::value::Time;

    struct Nothing;

    impl Loader for Nothing {
        fn load(&mut self, _: &str, _: &str) -> Result<LoadedFile, String> {
            Err("nothing here".into())
        }
    }

    /// Answers every question with yes, and counts them.
    struct Yes(usize);

    impl World for Yes {
        fn perform(&mut self, effect: &Effect) -> Result<Reply, Interrupt> {
            Ok(match effect {
                Effect::Ask(_) => {
                    self.0 += 1;
                    Reply::Answered(Answer::Yes(SaidBy::default()))
                }
                _ => Reply::Now(Time::from_unix(0.0).unwrap()),
            })
        }
    }

    fn stepper() -> Stepper {
        let text = "runbook \"x\"\nowner \"a\"\nstep \"One\" {\n  let x = 3\n  if \"Really?\" {\n    \"command\"\n  }\n}\n\
                    step \"Two\" {\n  resolve\n}\n";
        let checked = check(Source::new("x.rb", text), "x.rb", &mut Nothing, &Catalogue::default());
        Stepper::new(Arc::new(checked.program.unwrap()), Start::default(), Givens::default())
    }

    fn line(stepper: &Stepper) -> Option<u32> {
        let place = stepper.stand()?.place;
        let source = stepper.program().sources().get(place.source)?;
        Some(source.line_column(place.span.start).line)
    }

    #[test]
    fn it_stands_before_each_statement_and_goes_back_exactly() {
        let (mut stepper, mut world) = (stepper(), Yes(0));
        let mut walk = |stepper: &mut Stepper, until| {
            stepper.walk(until, &mut world, &mut |_| ());
            (line(stepper), world.0)
        };
        assert_eq!(walk(&mut stepper, WalkLimit::Statement), (Some(4), 0));
        assert_eq!(walk(&mut stepper, WalkLimit::Statement), (Some(5), 0));
        assert_eq!(stepper.stand().unwrap().names.len(), 1);
        assert_eq!(walk(&mut stepper, WalkLimit::Statement), (Some(6), 1));
        let events = stepper.events().to_vec();
        stepper.back(1);
        assert_eq!(line(&stepper), Some(5));
        // The question is asked again, because it was undone with its statement.
        assert_eq!(walk(&mut stepper, WalkLimit::Statement), (Some(6), 2));
        assert_eq!(stepper.events(), events);
        assert_eq!(walk(&mut stepper, WalkLimit::Step), (Some(10), 2));
        assert_eq!(walk(&mut stepper, WalkLimit::End), (None, 2));
        assert_eq!(stepper.ended().unwrap().outcome, rbl_runtime::Outcome::Resolved);
        assert_eq!(stepper.walked(), 4);
        stepper.back(2);
        assert_eq!(line(&stepper), Some(6));
        assert!(stepper.ended().is_none());
        stepper.back(100);
        assert_eq!(line(&stepper), Some(4));
    }
}
