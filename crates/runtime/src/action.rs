//! Actions: runs a command, an instruction or an executor, with retries, and registers its `finally` and `undo`.

use std::sync::Arc;

use super::cleanup::Registered;
use super::exit::WalkResult;
use super::interpreter::Interpreter;
use super::metric::other_kind;
use super::target::Prepared;
use super::{
    Act, ActLimit, ActTarget, Acted, ActionRole, Effect, EventKind, Evidence, Purpose, Reply, Sleep, Then,
};
use rbl_syntax::source::Span;
use rbl_syntax::tree::Action;
use rbl_syntax::value::{CommandOutput, Reason, ReasonKind, Value};

/// Where an action runs and how often it is tried.
#[derive(Debug, Clone)]
pub(super) struct Manner {
    pub(super) host: Option<String>,
    pub(super) by: Option<String>,
    /// Time limit of one try, in seconds.
    pub(super) within: f64,
    /// The number of tries.
    pub(super) tries: u32,
    /// Seconds between two tries.
    pub(super) every: f64,
    pub(super) role: ActionRole,
    pub(super) showing: Vec<Evidence>,
}

impl<'p> Interpreter<'p, '_> {
    /// `action TARGET …`
    pub(super) fn action(&mut self, span: Span, action: &'p Action) -> WalkResult<()> {
        let target = action.target.span();
        let key = self.key(span);
        let ready = match self.ready(action)? {
            Err(reason) => {
                let text = format!("not done: {reason}");
                Err((self.source_line(target), refused(Reason::new(ReasonKind::NotRun, text))))
            }
            Ok(ready) => match self.permitted(target, &key, &ready)? {
                Err(acted) => Err((ready.prepared.title, *acted)),
                Ok(()) => Ok(ready),
            },
        };
        let result = match ready {
            // Nothing was started, so no `finally` or `undo` is registered either.
            Err((title, acted)) => {
                let reason = acted.result.err().unwrap_or_else(other_kind);
                let then = self.arm("else", action.otherwise.as_ref());
                self.note(target, &format!("{title} was {reason}"));
                self.report(target, |_| EventKind::ActionEnded {
                    title: title.clone(),
                    key: key.clone(),
                    role: ActionRole::Action,
                    failure: Some(reason.clone()),
                    output: CommandOutput::default(),
                    by: acted.by,
                    remark: acted.remark,
                    attempt: 0,
                    then: Some(then),
                });
                if let Some(name) = &action.name {
                    self.frame.environment.define(name.text.clone(), Value::unknown(reason.clone()));
                }
                Err((title, reason))
            }
            Ok(Ready { prepared, manner, promises, mut put_back }) => {
                let promised = self.frame.cleanup.len();
                self.frame.cleanup.extend(promises);
                let then = self.arm("else", action.otherwise.as_ref());
                let acted = self.act(target, &prepared, &manner, &key, &then);
                let (result, left) = match acted {
                    Err(exit) => (Ok(()), Err(exit)),
                    Ok((acted, tries)) => {
                        let never_began = tries == 1 && was_not_begun(&acted);
                        if never_began {
                            self.frame.cleanup.truncate(promised);
                            put_back.clear();
                        }
                        if let Err(why) = &acted.result
                            && why.kind == ReasonKind::OnlyLooks
                        {
                            let again =
                                Ready { prepared, manner, promises: Vec::new(), put_back: Vec::new() };
                            let ready = never_began.then_some(&again);
                            let exit = self.only_looks(target, &why.text, ready);
                            return self.leave_block(Err(exit), put_back);
                        }
                        if let Some(name) = &action.name {
                            self.frame.environment.define(name.text.clone(), result_value(&prepared, &acted));
                        }
                        let left = match (&acted.result, &action.block) {
                            (Ok(()), Some(block)) => self.block(block),
                            _ => Ok(()),
                        };
                        (acted.result.map_err(|reason| (prepared.title, reason)), left)
                    }
                };
                self.leave_block(left, put_back)?;
                result
            }
        };
        match (result, &action.otherwise) {
            (Ok(()), _) => Ok(()),
            (Err(_), Some(arm)) => self.block(&arm.block),
            (Err((title, reason)), None) => {
                let what = format!("the action `{title}` failed ({reason}), and it has no `else`");
                Err(self.unhandled(target, what))
            }
        }
    }

    /// Prepares everything an action needs before it starts; the inner error says which value is unknown.
    fn ready(&mut self, action: &'p Action) -> WalkResult<Result<Ready, Reason>> {
        let prepared = match self.prepare(&action.target)? {
            Ok(prepared) => prepared,
            Err(reason) => return Ok(Err(reason)),
        };
        let host = match self.host(action.host.as_ref())? {
            Ok(host) => host,
            Err(reason) => return Ok(Err(reason)),
        };
        let by = match &action.by {
            None => None,
            Some(team) => match self.team(team)? {
                Ok(team) => Some(team),
                Err(reason) => return Ok(Err(reason)),
            },
        };
        let within = match &action.within {
            None if prepared.is_instruction() => self.limits.person,
            None => self.limits.action,
            Some(within) => match self.seconds(within)? {
                Ok(seconds) => seconds,
                Err(reason) => return Ok(Err(reason)),
            },
        };
        let (mut tries, mut every) = (1, self.limits.retry);
        if let Some(retry) = &action.retry {
            match self.whole(&retry.times)? {
                Ok(times) => tries = times.saturating_add(1),
                Err(reason) => return Ok(Err(reason)),
            }
            if let Some(expr) = &retry.every {
                match self.seconds(expr)? {
                    Ok(seconds) => every = seconds,
                    Err(reason) => return Ok(Err(reason)),
                }
            }
        }
        let (mut promises, mut put_back) = (Vec::new(), Vec::new());
        // In reverse order: the last one registered runs first, so `undo` runs before `finally`, and several targets in
        // the order in which they were written.
        let finally = action.finally.iter().rev().map(|target| (ActionRole::Finally, target));
        let undo = action.undo.iter().rev().map(|target| (ActionRole::Undo, target));
        for (role, target) in finally.chain(undo) {
            // Filled in now, so that the cleanup refers to what this action did, whatever the names mean later.
            match self.prepare(target)? {
                Ok(prepared) => {
                    let span = target.span();
                    let within =
                        if prepared.is_instruction() { self.limits.person } else { self.limits.action };
                    let key = self.key(span);
                    let host = host.clone();
                    let source = self.frame.source;
                    let registered = Registered { role, prepared, host, within, span, source, key };
                    // With a block, `finally` belongs to the block.
                    if action.block.is_some() && role == ActionRole::Finally {
                        put_back.insert(0, registered);
                    } else {
                        promises.push(registered);
                    }
                }
                Err(reason) => return Ok(Err(reason)),
            }
        }
        let showing = self.evidence(&action.showing)?;
        let manner = Manner { host, by, within, tries, every, role: ActionRole::Action, showing };
        Ok(Ok(Ready { prepared, manner, promises, put_back }))
    }

    /// Performs the action, and retries it while it fails and retries are left. Returns what came of it, and the number of tries.
    pub(super) fn act(
        &mut self,
        span: Span,
        prepared: &Prepared,
        manner: &Manner,
        key: &str,
        otherwise: &Then,
    ) -> WalkResult<(Acted, u32)> {
        let mut act = Act {
            target: prepared.target.clone(),
            title: prepared.title.clone(),
            call: prepared.call.clone(),
            host: manner.host.clone(),
            folder: match prepared.target {
                ActTarget::Command(_) => self.folder(manner.host.as_ref()),
                ActTarget::Instruction(_) | ActTarget::Executor { .. } => None,
            },
            by: manner.by.clone(),
            within: manner.within,
            key: key.to_owned(),
            attempt: 1,
            tries: manner.tries,
            role: manner.role,
            showing: manner.showing.clone(),
            links: self.frame.links.to_vec(),
            at_most: prepared.at_most.clone().map(|limit| match manner.role {
                ActionRole::Action => limit,
                // What cleans up is counted, and never kept from running.
                ActionRole::Finally | ActionRole::Undo => ActLimit { most: None, ..limit },
            }),
            remote: None,
        };
        loop {
            let attempt = act.attempt;
            self.report(span, |_| EventKind::ActionStarted {
                title: act.title.clone(),
                key: act.key.clone(),
                role: manner.role,
                host: act.host.clone(),
                by: act.by.clone(),
                within: act.within,
                attempt,
                of: manner.tries,
            });
            self.story.line(format!("{}: {}", role_words(manner.role), act.title));
            let reply = self.perform(&Effect::Act(act.clone()))?;
            self.forget_readings();
            let mut acted = if let Reply::Acted(acted) = reply {
                acted
            } else {
                Acted { result: Err(other_kind()), output: CommandOutput::default(), by: None, remark: None }
            };
            // A limit that is reached is still reached at the next try.
            let limited = matches!(&acted.result, Err(why) if why.kind == ReasonKind::LimitReached);
            let only_looks = matches!(&acted.result, Err(why) if why.kind == ReasonKind::OnlyLooks);
            let mut again = acted.result.is_err() && !limited && !only_looks && attempt < manner.tries;
            if let Err(reason) = &mut acted.result
                && again
                && reason.kind == ReasonKind::StillRuns
            {
                // A second copy beside the first could do more harm than the failure.
                again = false;
                reason.text.push_str(" (so it is not retried)");
            }
            if let Err(reason) = &acted.result {
                self.note(span, &format!("`{}` failed: {reason}", act.title));
            } else if let Some(by) = &acted.by {
                let remark = acted.remark.as_ref().map_or(String::new(), |remark| format!(": {remark}"));
                self.note(span, &format!("done by {by}{remark}"));
            }
            self.report(span, |_| EventKind::ActionEnded {
                title: act.title.clone(),
                key: act.key.clone(),
                role: manner.role,
                failure: acted.result.clone().err(),
                output: acted.output.clone(),
                by: acted.by.clone(),
                remark: acted.remark.clone(),
                attempt,
                then: match (again, &acted.result) {
                    (true, _) => None,
                    (false, Err(_)) if only_looks => Some(Then::Stops),
                    (false, Ok(())) => Some(Then::GoesOn),
                    (false, Err(_)) => Some(otherwise.clone()),
                },
            });
            if !again {
                return Ok((acted, attempt));
            }
            act.attempt = attempt.saturating_add(1);
            self.report(span, |_| EventKind::ActionRetried {
                title: act.title.clone(),
                attempt: act.attempt,
                of: manner.tries,
                after: manner.every,
            });
            if manner.every > 0.0 {
                self.perform(&Effect::Sleep(Sleep { seconds: manner.every, purpose: Purpose::Retry }))?;
                self.forget_readings();
            }
        }
    }
}

/// An action that is ready to start.
pub(super) struct Ready {
    pub(super) prepared: Prepared,
    pub(super) manner: Manner,
    /// To be done at the end of the run, in the order of registration.
    promises: Vec<Registered>,
    /// To be done where the block is left, in this order.
    put_back: Vec<Registered>,
}

impl Ready {
    /// Its `finally` and `undo`, in the order in which they are done.
    pub(super) fn clean_up(&self) -> impl Iterator<Item = &Registered> {
        self.put_back.iter().chain(self.promises.iter().rev())
    }

    /// Everything that is done with it.
    pub(super) fn parts(&self) -> impl Iterator<Item = &Prepared> {
        [&self.prepared].into_iter().chain(self.clean_up().map(|it| &it.prepared))
    }
}

/// Whether an action failed before it began: then there is nothing to clean up.
fn was_not_begun(acted: &Acted) -> bool {
    matches!(&acted.result, Err(why) if matches!(why.kind, ReasonKind::NotApproved | ReasonKind::OnlyLooks))
}

/// The result of an action that was not done.
fn refused(reason: Reason) -> Acted {
    Acted { result: Err(reason), output: CommandOutput::default(), by: None, remark: None }
}

/// The value of `as NAME`: the output; for an instruction, the person's remark.
fn result_value(prepared: &Prepared, acted: &Acted) -> Value {
    let output = match prepared.target {
        ActTarget::Instruction(_) => CommandOutput {
            status: Some(i32::from(acted.result.is_err())),
            stdout: acted.remark.clone().unwrap_or_default(),
            ..CommandOutput::default()
        },
        ActTarget::Command(_) | ActTarget::Executor { .. } => acted.output.clone(),
    };
    Value::Output(Arc::new(output))
}

pub(super) fn role_words(role: ActionRole) -> &'static str {
    match role {
        ActionRole::Action => "action",
        ActionRole::Finally => "finally",
        ActionRole::Undo => "undo",
    }
}
