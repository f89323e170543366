//! A person at this terminal.

use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rbl_report::evidence;
use rbl_runtime::answer::reading::{self, InstructionAnswer, YesNoAnswer};
use rbl_runtime::answer::{acted, answer_author};
use rbl_runtime::teams::{AnswerPermission, AskedOf};
use rbl_runtime::{Act, Acted, Answer, AnswerAuthor, Ask, AskKind, Interrupt, Parked, Secrets};
use rbl_syntax::clean;
use rbl_syntax::value::{CommandOutput, Reason, ReasonKind};
use rbl_terminal::{Console, Keyboard, Tone, Typed, hung};
use rbl_world::clock;
use rbl_world::people::{AbortQuestion, Desk, People};
use rbl_world::wait::{Waiter, Wake};
use rustix::event::PollFlags;

/// An abort question that nobody answers counts as no after this time, so that a run never hangs in it.
const QUESTION_WAITS: Duration = Duration::from_mins(1);

/// Asks on stderr, and reads what is typed at the keyboard.
pub struct TerminalPeople {
    console: Console,
    keyboard: Keyboard,
    /// Whether what is typed was hidden when the abort question was opened, and is hidden again after it.
    hidden: bool,
}

/// How the wait for a line ended.
#[derive(Debug, PartialEq, Eq)]
enum LineInput {
    /// The person typed a line.
    Typed(Typed),
    /// The deadline passed.
    TimedOut,
    /// The abort question was open in between: ask again.
    Resumed,
}

/// The result of a conversation.
enum ConversationEnd<T> {
    Answer(T),
    /// Nobody answered in time.
    NoAnswer,
    /// The person ended the input instead of answering.
    Declined,
}

/// A question with its answers explained.
struct TerminalQuestion<'a> {
    prompt: &'a str,
    /// The possible answers, on the line with the countdown.
    legend: String,
    /// Shown after an unclear answer.
    help: String,
    within: f64,
    hidden: bool,
    /// Whether Ctrl-D is an answer at once ("not sure"), or only after the question was asked again.
    end_answers: bool,
}

impl People for TerminalPeople {
    fn ask(&mut self, ask: &Ask, desk: &mut Desk<'_>) -> Result<Answer, Interrupt> {
        let approves = matches!(ask.kind, AskKind::YesNo) && ask.by.is_some();
        let asked = AskedOf { team: ask.by.as_deref(), approves, starter: desk.starter };
        let vouched = introduce(&self.console, &ask.prompt, "?", asked, &ask.links, desk)?;
        let (look, width) = (self.console.look(), self.console.width());
        for evidence in &ask.showing {
            for line in evidence::lines(evidence, look, width, clock::now()) {
                self.console.line(&line);
            }
        }
        let name = desk.name.to_owned();
        let said = |remark| answer_author(&name, vouched, remark);
        let not_sure = || Reason::new(ReasonKind::NotSure, "not sure");
        let mut question = TerminalQuestion {
            prompt: &ask.prompt,
            legend: String::new(),
            help: String::new(),
            within: ask.within,
            hidden: false,
            end_answers: false,
        };
        let ended = match &ask.kind {
            AskKind::YesNo => {
                question.legend = "y yes · n no · ? not sure, then a remark if you have one".into();
                question.help = "please begin with y, n or ?, for example: y looks like a deploy".into();
                question.end_answers = true;
                self.converse(&question, desk, |line| {
                    reading::yes_no(line).map(|(verdict, remark)| match verdict {
                        YesNoAnswer::Yes => Answer::Yes(said(remark)),
                        YesNoAnswer::No => Answer::No(said(remark)),
                        YesNoAnswer::NotSure => Answer::Unknown(not_sure(), said(remark)),
                    })
                })?
            }
            AskKind::Text => {
                question.legend = "type the answer · ? not sure".into();
                question.help = "please type a text, or ? for not sure".into();
                self.converse(&question, desk, |line| match line.trim() {
                    "" => None,
                    "?" => Some(Answer::Unknown(not_sure(), said(None))),
                    text => Some(Answer::Text(clean(text), said(None))),
                })?
            }
            AskKind::Choice(choices) => {
                for (index, choice) in choices.iter().enumerate() {
                    let number = format!("    {:>2}  ", index + 1);
                    for line in hung(&number, &" ".repeat(number.len()), &clean(choice), width) {
                        self.console.line(&line);
                    }
                }
                question.legend = "type a number or the text · ? not sure".into();
                question.help = format!("please type a number from 1 to {}, or ?", choices.len());
                self.converse(&question, desk, |line| {
                    let chosen = reading::choice(line, choices);
                    if let Some(chosen) = chosen {
                        return Some(Answer::Text(chosen.to_owned(), said(None)));
                    }
                    (line.trim() == "?").then(|| Answer::Unknown(not_sure(), said(None)))
                })?
            }
            AskKind::Secret(key) => {
                question.legend = "type the secret; it is not shown".into();
                question.help = "please type the secret, and then Enter".into();
                question.hidden = true;
                let secrets = desk.secrets.clone();
                let short = std::cell::Cell::new(false);
                let ended = self.converse(&question, desk, |line| {
                    (!line.is_empty()).then(|| {
                        short.set(Secrets::is_too_short(line));
                        secrets.keep(key, line.into());
                        Answer::SecretKept(said(None))
                    })
                })?;
                if short.get() {
                    self.console.line("warning: this secret is too short to be masked: it may be shown");
                }
                ended
            }
        };
        Ok(match ended {
            ConversationEnd::Answer(answer) => answer,
            ConversationEnd::NoAnswer => Answer::Unknown(no_answer(ask.within), AnswerAuthor::default()),
            ConversationEnd::Declined => Answer::Unknown(not_sure(), said(None)),
        })
    }

    fn instruct(&mut self, act: &Act, instruction: &str, desk: &mut Desk<'_>) -> Result<Acted, Interrupt> {
        introduce(
            &self.console,
            instruction,
            self.console.look().pick("▶", ">"),
            AskedOf { team: act.by.as_deref(), approves: false, starter: desk.starter },
            &act.links,
            desk,
        )?;
        let question = TerminalQuestion {
            prompt: instruction,
            legend: "d done · f failed · s skipped, then a remark if you have one".into(),
            help: "please begin with d, f or s, for example: f no rights on that host".into(),
            within: act.within,
            hidden: false,
            end_answers: false,
        };
        Ok(match self.converse(&question, desk, reading::did)? {
            ConversationEnd::Answer((did, remark)) => acted(did, desk.name, remark),
            ConversationEnd::NoAnswer => Acted {
                result: Err(no_answer(act.within)),
                output: CommandOutput::default(),
                by: None,
                remark: None,
            },
            ConversationEnd::Declined => acted(InstructionAnswer::Skipped, desk.name, None),
        })
    }

    fn open_abort_question(&mut self) -> Option<AbortQuestion> {
        self.hidden = self.keyboard.show();
        self.keyboard.flush();
        let status = self.console.paint(Tone::Faint, "    not answered yet");
        self.console.prompt_status(&status);
        self.console.close_prompt(false);
        self.console.hold();
        let question = self.console.paint(Tone::Question, "Abort this run?");
        self.console
            .open_prompt(None, &format!("{question} Its finally and undo actions will still run. [y/N] "));
        Some(AbortQuestion { answered: self.keyboard.fd(), until: Instant::now() + QUESTION_WAITS })
    }

    fn read_abort_answer(&mut self) -> Option<bool> {
        let typed = self.keyboard.read()?;
        let yes = matches!(&typed, Typed::Line(line)
            if matches!(line.trim().to_lowercase().as_str(), "y" | "yes"));
        self.close_question(matches!(typed, Typed::Line(_)));
        Some(yes)
    }

    fn close_abort_question(&mut self) {
        self.close_question(false);
    }

    fn before_suspend(&mut self) {
        self.hidden = self.keyboard.show();
        self.console.close_prompt(false);
    }

    fn after_suspend(&mut self) {
        if std::mem::take(&mut self.hidden) {
            self.keyboard.hide();
        }
    }
}

impl TerminalPeople {
    /// Asks on this console, and reads from this keyboard.
    pub fn new(console: Console, keyboard: Keyboard) -> Self {
        Self { console, keyboard, hidden: false }
    }

    /// `entered`: the person ended the line, so the cursor is below it already.
    fn close_question(&mut self, entered: bool) {
        if std::mem::take(&mut self.hidden) {
            self.keyboard.hide();
        }
        self.console.close_prompt(entered);
        self.console.release();
    }

    /// Waits for a line from the keyboard. Calls `tick` about every second with the time left.
    fn line(
        &mut self,
        until: Instant,
        waiter: &mut Waiter,
        mut tick: impl FnMut(&Console, Duration),
    ) -> Result<LineInput, Interrupt> {
        loop {
            if let Some(typed) = self.keyboard.already() {
                return Ok(LineInput::Typed(typed));
            }
            let fd: Arc<OwnedFd> = self.keyboard.fd();
            let left = clock::left(until);
            // Wakes at the full second, in step with the countdown.
            let next = Duration::from_nanos(u64::from(left.subsec_nanos())) + Duration::from_millis(1);
            let next = (Instant::now() + next).min(until);
            match waiter.wait(&[(fd.as_fd(), PollFlags::IN)], Some(next), self)? {
                Wake::Resumed => return Ok(LineInput::Resumed),
                Wake::Ready(_) if !waiter.is_asking() => {
                    if let Some(typed) = self.keyboard.read() {
                        return Ok(LineInput::Typed(typed));
                    }
                }
                Wake::Ready(_) | Wake::Time if waiter.is_asking() => {}
                Wake::Ready(_) | Wake::Time => {
                    let left = clock::left(until);
                    if left.is_zero() {
                        return Ok(LineInput::TimedOut);
                    }
                    tick(&self.console, left);
                }
            }
        }
    }

    /// Asks until there is an answer, the time is up, or the person declines.
    fn converse<T>(
        &mut self,
        question: &TerminalQuestion<'_>,
        desk: &mut Desk<'_>,
        mut read: impl FnMut(&str) -> Option<T>,
    ) -> Result<ConversationEnd<T>, Interrupt> {
        let console = self.console.clone();
        let until = clock::deadline(question.within);
        let look = console.look();
        let status = |left: Duration| {
            let legend =
                if look.unicode { question.legend.clone() } else { question.legend.replace('·', "-") };
            let left = clock::countdown(left);
            console.paint(Tone::Faint, &format!("    {left} left: {legend}"))
        };
        let over = |text: &str| console.paint(Tone::Faint, &format!("    {text}"));
        // What was typed before the question could be read is not an answer to it.
        self.keyboard.flush();
        let mut declined = false;
        loop {
            console.open_prompt(Some(&status(clock::left(until))), "    > ");
            let hidden = question.hidden && self.keyboard.hide();
            let heard = self.line(until, desk.waiter, |console, left| console.prompt_status(&status(left)));
            if hidden {
                self.keyboard.show();
            }
            // The countdown stays until something replaces it.
            match &heard {
                Ok(LineInput::TimedOut) => console.prompt_status(&over(&no_answer(question.within).text)),
                Err(_) => console.prompt_status(&over("not answered")),
                Ok(_) => {}
            }
            console.close_prompt(matches!(heard, Ok(LineInput::Typed(Typed::Line(_)))));
            match heard? {
                LineInput::Resumed => {}
                LineInput::TimedOut => return Ok(ConversationEnd::NoAnswer),
                LineInput::Typed(Typed::Gone) => {
                    return Err(Interrupt::Parked(Parked::person(question.prompt)));
                }
                LineInput::Typed(Typed::End) if question.end_answers || declined => {
                    return Ok(ConversationEnd::Declined);
                }
                LineInput::Typed(Typed::End) => {
                    declined = true;
                    console.line(&format!("    {}; Ctrl-D again leaves it open", question.help));
                }
                LineInput::Typed(Typed::Line(line)) => match read(&line) {
                    Some(answer) => return Ok(ConversationEnd::Answer(answer)),
                    None => console.line(&format!("    {}", question.help)),
                },
            }
        }
    }
}

/// Why a person's answer is not accepted.
pub(super) fn not_allowed(name: &str, members: &[String]) -> String {
    format!("only {} can answer this, and you are {}: give the name by --as", members.join(", "), clean(name))
}

/// Why nobody approves what they started.
fn started(name: &str, others: &[String]) -> String {
    let name = clean(name);
    if others.is_empty() {
        return format!("{name} started this run and cannot approve it, and the team has no other member");
    }
    format!("{name} started this run and cannot approve it: {} can", clean(&others.join(", ")))
}

fn no_answer(within: f64) -> Reason {
    Reason::new(ReasonKind::NoAnswer, format!("no answer within {}", rbl_syntax::value::span(within)))
}

/// Shows the question and whom it is for, and whether a list contains the person. One who may not answer parks the run.
fn introduce(
    console: &Console,
    prompt: &str,
    sign: &str,
    asked: AskedOf<'_>,
    links: &[(String, String)],
    desk: &mut Desk<'_>,
) -> Result<bool, Interrupt> {
    for line in hung(&format!("  {sign} "), "    ", &clean(prompt), console.width()) {
        console.line(&console.paint(Tone::Question, &line));
    }
    let faint = |text: &str| {
        for line in hung("    ", "      ", text, console.width()) {
            console.line(&console.paint(Tone::Faint, &line));
        }
    };
    let standing = desk.teams.permission(asked, desk.name);
    if let Some(team) = asked.team {
        let vouched = match standing {
            AnswerPermission::May { vouched: true } => ", a member",
            AnswerPermission::May { vouched: false } => ", and it has no list of members",
            AnswerPermission::MayNot(_) | AnswerPermission::Started(_) | AnswerPermission::Nobody => "",
        };
        faint(&format!("for {}; you are {}{vouched}", clean(team), clean(desk.name)));
        let quorum = if asked.approves { desk.teams.quorum(Some(team)) } else { 1 };
        if quorum > 1 {
            faint(&format!("{quorum} of its members have to approve"));
        }
    }
    for (name, url) in links {
        faint(&format!("{}: {}", clean(name), clean(url)));
    }
    let why = match standing {
        AnswerPermission::May { vouched } => return Ok(vouched),
        AnswerPermission::MayNot(members) => not_allowed(desk.name, &members),
        AnswerPermission::Started(others) => started(desk.name, &others),
        AnswerPermission::Nobody => "the team had members when the run began, and none are known now: nobody can answer this until they are back in rbl.toml".to_owned(),
    };
    for line in hung("    ", "      ", &why, console.width()) {
        console.line(&line);
    }
    Err(Interrupt::Parked(Parked::person(prompt)))
}
