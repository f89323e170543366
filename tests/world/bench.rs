//! A live world to test: its screen is recorded, its keyboard and its signals are the test's.

use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rbl::people::{ConsoleScreen, TerminalPeople};
use rbl_runtime::{
    Act, ActTarget, Acted, Answer, Ask, AskKind, CommandLine, Datum, Effect, Interrupt, Piece, Probe, Reply,
    World,
};
use rbl_syntax::value::CommandOutput;
use rbl_terminal::{Captured, Console, Keyboard, Look};
use rbl_world::{Cancel, CancelSender, Live, LiveBuilder};

pub(super) struct Bench {
    pub(super) live: Live,
    pub(super) screen: Captured,
    pub(super) stop: CancelSender,
}

pub(super) fn builder(keyboard: Option<OwnedFd>, look: Look) -> (LiveBuilder, Captured, CancelSender) {
    let (console, screen) = Console::captured(look, 80);
    let cancel = Cancel::no_signals().unwrap();
    let sender = cancel.sender();
    let shown = ConsoleScreen::new(console.clone());
    let builder = LiveBuilder::new(cancel, "ana").screen(Arc::new(shown));
    let builder = match keyboard.map(Keyboard::of) {
        Some(keyboard) => builder.people(TerminalPeople::new(console, keyboard)),
        None => builder,
    };
    (builder, screen, sender)
}

impl Bench {
    pub(super) fn alone() -> Self {
        let (builder, screen, stop) = builder(None, Look::default());
        Self { live: builder.build(), screen, stop }
    }

    pub(super) fn with_keyboard(keyboard: OwnedFd) -> Self {
        let (builder, screen, stop) = builder(Some(keyboard), Look::default());
        Self { live: builder.build(), screen, stop }
    }

    pub(super) fn probe(&mut self, command: CommandLine, within: f64) -> CommandOutput {
        let probe = Probe { command, host: None, folder: None, within, no_on: Vec::new(), call: None };
        match self.live.perform(&Effect::Probe(probe)).unwrap() {
            Reply::Output(output) => output,
            other => panic!("{other:?}"),
        }
    }

    pub(super) fn ask(&mut self, ask: Ask) -> Result<Answer, Interrupt> {
        self.live.perform(&Effect::Ask(ask)).map(|reply| match reply {
            Reply::Answered(answer) => answer,
            other => panic!("{other:?}"),
        })
    }

    pub(super) fn act(&mut self, act: Act) -> Result<Acted, Interrupt> {
        rbl_runtime::layers::Approve::new(&mut self.live).perform(&Effect::Act(act)).map(acted)
    }
}

pub(super) fn acted(reply: Reply) -> Acted {
    match reply {
        Reply::Acted(acted) => acted,
        other => panic!("{other:?}"),
    }
}

/// `@` marks the value.
pub(super) fn line(text: &str, value: &str) -> CommandLine {
    let mut pieces = Vec::new();
    for (index, part) in text.split('@').enumerate() {
        if index > 0 {
            pieces.push(Piece::Value(Datum::Text(value.into())));
        }
        pieces.push(Piece::Text(part.into()));
    }
    CommandLine(pieces)
}

pub(super) fn act(target: ActTarget, within: f64) -> Act {
    Act {
        call: None,
        showing: Vec::new(),
        target,
        title: "do it".into(),
        host: None,
        folder: None,
        by: None,
        within,
        key: "run-1".into(),
        attempt: 1,
        tries: 1,
        links: Vec::new(),
        role: rbl_runtime::ActionRole::Action,
        at_most: None,
        remote: None,
    }
}

pub(super) fn command(text: &str, within: f64) -> Act {
    act(ActTarget::Command(line(text, "")), within)
}

pub(super) fn question(kind: AskKind, within: f64) -> Ask {
    Ask {
        kind,
        prompt: "Did a deploy finish?".into(),
        by: None,
        within,
        showing: Vec::new(),
        links: Vec::new(),
        permits: None,
    }
}

/// Checks again until the condition holds, for a bounded time.
pub(super) fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    let until = Instant::now() + Duration::from_mins(1);
    while !is_so() {
        assert!(Instant::now() < until, "not in time: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Whether a process with that number exists and is not a zombie.
pub(super) fn alive(pid: &str) -> bool {
    std::fs::read_to_string(format!("/proc/{}/stat", pid.trim()))
        .is_ok_and(|stat| !stat.rsplit(')').next().unwrap_or("").trim_start().starts_with('Z'))
}
