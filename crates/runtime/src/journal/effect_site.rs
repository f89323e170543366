//! [`EffectSite`]: which effect of a run it is, independent of how anything is worded.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::{
    Acknowledge, Act, ActTarget, Argument, Ask, AskKind, Called, CommandLine, Conclude, Effect, LockEffect,
    Page, Probe, Purpose, Read, ReadTime, RecordEffect, Sleep,
};
use rbl_syntax::source::Place;
use rbl_syntax::tree::MetricType;
use rbl_syntax::value::{SecretRef, Value};

/// Where in the program an effect is performed: the same in every walk of the same text.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct EffectSite {
    /// The text, by its number among the recorded ones.
    pub source: u32,
    /// The first byte of the statement.
    pub offset: u32,
    /// The way there, outermost first: the number of the pass for each loop, and the first byte of each `run` statement.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub path: Vec<u32>,
}

impl EffectSite {
    /// The site of this statement, reached on this way.
    pub fn new(statement: Place, path: &[u32]) -> Self {
        Self { source: statement.source.0, offset: statement.span.start, path: path.to_vec() }
    }
}

/// What an effect does and to what, apart from everything that is only worded for people: no title, reason or prompt, no
/// story, no link, no evidence and no time limit.
///
/// Resuming compares this and the [`EffectSite`], so that an rbl with other words resumes the run.
#[derive(Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
enum EffectIdentity<'e> {
    Now,
    Sleep(&'static str),
    Read {
        provider: &'e SmolStr,
        query: &'e CommandLine,
        by: &'e [SmolStr],
        arguments: &'e [(SmolStr, Value)],
        of: MetricType,
        time: ReadTime,
    },
    Firing,
    Mode,
    Probe {
        command: &'e CommandLine,
        host: Option<&'e str>,
    },
    Command {
        command: &'e CommandLine,
        act: ActIdentity<'e>,
    },
    Instruction(ActIdentity<'e>),
    Lock {
        name: &'e str,
    },
    Enter {
        key: &'e str,
    },
    Leave {
        key: &'e str,
    },
    Executor {
        executor: &'e SmolStr,
        reference: &'e CommandLine,
        arguments: &'e [Argument],
        act: ActIdentity<'e>,
    },
    Ask {
        kind: &'static str,
        by: Option<&'e str>,
    },
    Page {
        team: &'e str,
        key: &'e str,
    },
    Acknowledge {
        team: &'e str,
        key: &'e str,
    },
    Record {
        channel: Option<&'e str>,
        key: &'e str,
    },
    Conclude {
        key: &'e str,
    },
    Secret {
        name: &'e SmolStr,
        from: &'e SecretRef,
    },
}

/// What every action has.
#[derive(Debug, PartialEq, Serialize)]
struct ActIdentity<'e> {
    call: Option<&'e Called>,
    host: Option<&'e str>,
    key: &'e str,
    attempt: u32,
}

/// The identity of an effect as JSON.
pub(super) fn identity(effect: &Effect) -> String {
    // Every effect can be serialised to JSON.
    serde_json::to_string(&EffectIdentity::of(effect)).unwrap_or_default()
}

impl<'e> EffectIdentity<'e> {
    fn of(effect: &'e Effect) -> Self {
        match effect {
            Effect::Now => Self::Now,
            Effect::Sleep(Sleep { seconds: _, purpose }) => Self::Sleep(match purpose {
                Purpose::Wait => "wait",
                Purpose::Poll { .. } => "poll",
                Purpose::Retry => "retry",
                Purpose::Repeat => "repeat",
                Purpose::Acknowledgement { .. } => "acknowledgement",
                Purpose::Queue { .. } => "queue",
            }),
            Effect::Read(Read { metric: _, arguments, provider, query, of, by, time }) => {
                Self::Read { provider, query, by, arguments, of: *of, time: *time }
            }
            Effect::Firing(_) => Self::Firing,
            Effect::Mode(_) => Self::Mode,
            Effect::Probe(Probe { command, host, folder: _, within: _, no_on: _, call: _ }) => {
                Self::Probe { command, host: host.as_deref() }
            }
            Effect::Lock(LockEffect { name, within: _ }) => Self::Lock { name },
            Effect::Enter(run) => Self::Enter { key: &run.key },
            Effect::Leave(run) => Self::Leave { key: &run.key },
            Effect::Act(act) => Self::of_act(act),
            Effect::Ask(Ask { kind, by, prompt: _, within: _, showing: _, links: _, permits: _ }) => {
                Self::Ask {
                    kind: match kind {
                        AskKind::YesNo => "yes_no",
                        AskKind::Text => "text",
                        AskKind::Secret(_) => "secret",
                        AskKind::Choice(_) => "choice",
                    },
                    by: by.as_deref(),
                }
            }
            Effect::Page(Page {
                team,
                key,
                reason: _,
                runbook: _,
                severity: _,
                story: _,
                links: _,
                about: _,
                again: _,
            }) => Self::Page { team, key },
            Effect::Acknowledge(Acknowledge { team, key, reason: _, within: _, ticket: _ }) => {
                Self::Acknowledge { team, key }
            }
            Effect::Record(RecordEffect {
                channel,
                key,
                text: _,
                runbook: _,
                question: _,
                thread: _,
                pages: _,
                again: _,
            }) => Self::Record { channel: channel.as_deref(), key },
            Effect::Conclude(Conclude {
                key,
                ticket: _,
                outcome: _,
                message: _,
                runbook: _,
                question: _,
            }) => Self::Conclude { key },
            Effect::Secret { name, from } => Self::Secret { name, from },
        }
    }

    fn of_act(act: &'e Act) -> Self {
        let Act { target, call, host, key, attempt, .. } = act;
        let act = ActIdentity { call: call.as_ref(), host: host.as_deref(), key, attempt: *attempt };
        match target {
            ActTarget::Command(command) => Self::Command { command, act },
            ActTarget::Instruction(_) => Self::Instruction(act),
            ActTarget::Executor { executor, reference, arguments } => {
                Self::Executor { executor, reference, arguments, act }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Datum, Piece};

    fn act(target: ActTarget) -> Act {
        Act {
            target,
            title: "restart(api)".into(),
            call: None,
            host: None,
            folder: None,
            by: None,
            within: 60.0,
            key: "r1/0.12".into(),
            attempt: 1,
            tries: 1,
            role: crate::ActionRole::Action,
            showing: Vec::new(),
            links: Vec::new(),
            at_most: None,
            remote: None,
        }
    }

    fn command(value: &str) -> ActTarget {
        let pieces = vec![Piece::Text("restart ".into()), Piece::Value(Datum::Text(value.into()))];
        ActTarget::Command(CommandLine(pieces))
    }

    /// Words for people are no part of it; what is done, where and to what is.
    #[test]
    fn words_do_not_count_and_targets_do() {
        let one = Effect::Act(act(command("api")));
        let other_words = Act { title: "restart api".into(), within: 90.0, ..act(command("api")) };
        assert_eq!(identity(&one), identity(&Effect::Act(other_words)));
        let others = [
            Act { host: Some("db-1".into()), ..act(command("api")) },
            Act { key: "r1/0.99".into(), ..act(command("api")) },
            Act { attempt: 2, ..act(command("api")) },
            act(command("db")),
            act(ActTarget::Instruction("restart api".into())),
        ];
        for other in others {
            assert_ne!(identity(&one), identity(&Effect::Act(other)));
        }
        let ask = |prompt: &str, kind| {
            Effect::Ask(Ask {
                kind,
                prompt: prompt.into(),
                by: None,
                within: 60.0,
                showing: Vec::new(),
                links: Vec::new(),
                permits: None,
            })
        };
        let yes_no = ask("p99 is 760s: well?", AskKind::YesNo);
        assert_eq!(identity(&yes_no), identity(&ask("p99 is 12m40s: well?", AskKind::YesNo)));
        assert_ne!(identity(&yes_no), identity(&ask("p99 is 760s: well?", AskKind::Text)));
    }
}
