//! A person at this terminal.

use std::time::Duration;

use super::reading::{self, Did, Verdict};
use super::{Person, Room, evidence};
use crate::run::{Act, Acted, Answer, Ask, AskKind, Interrupt, Parked, Said};
use crate::value::{CommandOutput, Reason, ReasonKind};
use crate::world::attention::Heard;
use crate::world::clock;
use crate::world::console::{Console, Keyboard, Tone, Typed, clean, hung};
use crate::world::team::Standing;

/// Asks on stderr, and reads what is typed at the keyboard.
#[derive(Debug, Clone, Copy, Default)]
pub struct AtTerminal;

/// The result of a conversation.
enum Ended<T> {
    Answer(T),
    /// Nobody answered in time.
    NoAnswer,
    /// The person ended the input instead of answering.
    Declined,
}

/// A question with its answers explained.
struct Question<'a> {
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

impl Person for AtTerminal {
    fn ask(&mut self, ask: &Ask, room: &mut Room<'_>) -> Result<Answer, Interrupt> {
        let vouched = introduce(&ask.prompt, "?", ask.by.as_deref(), &ask.links, room)?;
        let (look, width) = (room.console.look(), room.console.width());
        for evidence in &ask.showing {
            for line in evidence::lines(evidence, look, width, clock::now()) {
                room.console.line(&line);
            }
        }
        let name = room.name.to_owned();
        let said = |remark| said(&name, vouched, remark);
        let not_sure = || Reason::new(ReasonKind::NotSure, "not sure");
        let mut question = Question {
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
                converse(&question, room, |line| {
                    reading::yes_no(line).map(|(verdict, remark)| match verdict {
                        Verdict::Yes => Answer::Yes(said(remark)),
                        Verdict::No => Answer::No(said(remark)),
                        Verdict::NotSure => Answer::Unknown(not_sure(), said(remark)),
                    })
                })?
            }
            AskKind::Text => {
                question.legend = "type the answer · ? not sure".into();
                question.help = "please type a text, or ? for not sure".into();
                converse(&question, room, |line| match line.trim() {
                    "" => None,
                    "?" => Some(Answer::Unknown(not_sure(), said(None))),
                    text => Some(Answer::Text(clean(text), said(None))),
                })?
            }
            AskKind::Choice(choices) => {
                for (index, choice) in choices.iter().enumerate() {
                    let number = format!("    {:>2}  ", index + 1);
                    for line in hung(&number, &" ".repeat(number.len()), &clean(choice), width) {
                        room.console.line(&line);
                    }
                }
                question.legend = "type a number or the text · ? not sure".into();
                question.help = format!("please type a number from 1 to {}, or ?", choices.len());
                converse(&question, room, |line| {
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
                let secrets = room.secrets.clone();
                converse(&question, room, |line| {
                    (!line.is_empty()).then(|| {
                        secrets.keep(key, line.to_owned());
                        Answer::SecretKept(said(None))
                    })
                })?
            }
        };
        Ok(match ended {
            Ended::Answer(answer) => answer,
            Ended::NoAnswer => Answer::Unknown(no_answer(ask.within), Said::default()),
            Ended::Declined => Answer::Unknown(not_sure(), said(None)),
        })
    }

    fn instruct(&mut self, act: &Act, instruction: &str, room: &mut Room<'_>) -> Result<Acted, Interrupt> {
        introduce(instruction, room.console.look().pick("▶", ">"), act.by.as_deref(), &act.links, room)?;
        let question = Question {
            prompt: instruction,
            legend: "d done · f failed · s skipped, then a remark if you have one".into(),
            help: "please begin with d, f or s, for example: f no rights on that host".into(),
            within: act.within,
            hidden: false,
            end_answers: false,
        };
        Ok(match converse(&question, room, reading::did)? {
            Ended::Answer((did, remark)) => acted(did, room.name, remark),
            Ended::NoAnswer => Acted {
                result: Err(no_answer(act.within)),
                output: CommandOutput::default(),
                by: None,
                remark: None,
            },
            Ended::Declined => acted(Did::Skipped, room.name, None),
        })
    }
}

/// Who answered.
pub(super) fn said(name: &str, vouched: bool, remark: Option<String>) -> Said {
    Said { by: Some(name.to_owned()), vouched, remark: remark.map(|remark| clean(&remark)) }
}

/// The result of an instruction.
pub(super) fn acted(did: Did, name: &str, remark: Option<String>) -> Acted {
    let remark = remark.map(|remark| clean(&remark));
    let kind = match did {
        Did::Done => None,
        Did::Failed => Some(ReasonKind::ProbeFailed),
        Did::Skipped => Some(ReasonKind::NotRun),
    };
    let words =
        remark.as_ref().map_or_else(|| did.word().into(), |remark| format!("{}: {remark}", did.word()));
    Acted {
        result: kind.map_or(Ok(()), |kind| Err(Reason::new(kind, words))),
        output: CommandOutput::default(),
        by: Some(name.to_owned()),
        remark,
    }
}

/// Why a person's answer is not accepted.
pub(super) fn not_allowed(name: &str, members: &[String]) -> String {
    format!("only {} can answer this, and you are {}: give the name by --as", members.join(", "), clean(name))
}

fn no_answer(within: f64) -> Reason {
    Reason::new(ReasonKind::NoAnswer, format!("no answer within {}", crate::value::span(within)))
}

/// Shows the question and whom it is for, and whether a list contains the person. One who may not answer parks the run.
fn introduce(
    prompt: &str,
    sign: &str,
    team: Option<&str>,
    links: &[(String, String)],
    room: &mut Room<'_>,
) -> Result<bool, Interrupt> {
    let console = room.console;
    for line in hung(&format!("  {sign} "), "    ", &clean(prompt), console.width()) {
        console.line(&console.paint(Tone::Question, &line));
    }
    let faint = |text: &str| {
        for line in hung("    ", "      ", text, console.width()) {
            console.line(&console.paint(Tone::Faint, &line));
        }
    };
    let standing = room.members.standing(team, room.name);
    if let Some(team) = team {
        let vouched = match standing {
            Standing::May { vouched: true } => ", a member",
            Standing::May { vouched: false } => ", and it has no list of members",
            Standing::MayNot(_) => "",
        };
        faint(&format!("for {}; you are {}{vouched}", clean(team), clean(room.name)));
    }
    for (name, url) in links {
        faint(&format!("{}: {}", clean(name), clean(url)));
    }
    match standing {
        Standing::May { vouched } => Ok(vouched),
        Standing::MayNot(members) => {
            for line in hung("    ", "      ", &not_allowed(room.name, &members), console.width()) {
                console.line(&line);
            }
            Err(Interrupt::Parked(Parked::Person(prompt.to_owned())))
        }
    }
}

/// Asks until there is an answer, the time is up, or the person declines.
fn converse<T>(
    question: &Question<'_>,
    room: &mut Room<'_>,
    mut read: impl FnMut(&str) -> Option<T>,
) -> Result<Ended<T>, Interrupt> {
    let console = room.console.clone();
    let until = clock::deadline(question.within);
    let look = console.look();
    let status = |left: Duration| {
        let legend = if look.unicode { question.legend.clone() } else { question.legend.replace('·', "-") };
        let left = clock::countdown(left);
        console.paint(Tone::Faint, &format!("    {left} left: {legend}"))
    };
    let over = |text: &str| console.paint(Tone::Faint, &format!("    {text}"));
    if let Some(keyboard) = room.attention.keyboard() {
        // What was typed before the question could be read is not an answer to it.
        keyboard.flush();
    }
    let mut declined = false;
    loop {
        console.open_prompt(Some(&status(clock::left(until))), "    > ");
        let hidden = question.hidden && room.attention.keyboard().is_some_and(Keyboard::hide);
        let heard =
            room.attention.line(until, |console: &Console, left| console.prompt_status(&status(left)));
        if hidden && let Some(keyboard) = room.attention.keyboard() {
            keyboard.show();
        }
        // The countdown stays until something replaces it.
        match &heard {
            Ok(Heard::TimedOut) => console.prompt_status(&over(&no_answer(question.within).text)),
            Err(_) => console.prompt_status(&over("not answered")),
            Ok(_) => {}
        }
        console.close_prompt(matches!(heard, Ok(Heard::Typed(Typed::Line(_)))));
        match heard? {
            Heard::Resumed => {}
            Heard::TimedOut => return Ok(Ended::NoAnswer),
            Heard::Typed(Typed::Gone) => {
                return Err(Interrupt::Parked(Parked::Person(question.prompt.to_owned())));
            }
            Heard::Typed(Typed::End) if question.end_answers || declined => return Ok(Ended::Declined),
            Heard::Typed(Typed::End) => {
                declined = true;
                console.line(&format!("    {}; Ctrl-D again leaves it open", question.help));
            }
            Heard::Typed(Typed::Line(line)) => match read(&line) {
                Some(answer) => return Ok(Ended::Answer(answer)),
                None => console.line(&format!("    {}", question.help)),
            },
        }
    }
}
