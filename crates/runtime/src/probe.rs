//! Probes: commands that only look.

use std::sync::Arc;

use super::exit::WalkResult;
use super::interpreter::Interpreter;
use super::metric::other_kind;
use super::operand_trace::{Traced, TracedFrom};
use super::{Effect, EventKind, Probe, Reply};
use rbl_syntax::tree::{Expr, Part};
use rbl_syntax::value::{CommandOutput, Reason, Value};

impl<'p> Interpreter<'p, '_> {
    /// Runs a probe; within one condition the same probe runs once. The inner error says which value in it is
    /// unknown, so that it was not run.
    pub(super) fn probe(
        &mut self,
        expr: &'p Expr,
        parts: &'p [Part],
        host: Option<&'p Expr>,
        within: Option<&'p Expr>,
    ) -> WalkResult<Result<Arc<CommandOutput>, Reason>> {
        let command = match self.command_line(parts)? {
            Ok(command) => command,
            Err(reason) => return Ok(Err(reason)),
        };
        let host = match self.host(host)? {
            Ok(host) => host,
            Err(reason) => return Ok(Err(reason)),
        };
        let mut seconds = match within {
            None => self.limits.probe,
            Some(within) => match self.seconds(within)? {
                Ok(seconds) => seconds,
                Err(reason) => return Ok(Err(reason)),
            },
        };
        if let Some(patience) = self.patience {
            seconds = seconds.min(patience);
        }
        let probe = Probe { command, host, within: seconds };
        let known = self
            .judging
            .probed
            .iter()
            .find(|(done, _)| done.command == probe.command && done.host == probe.host);
        let output = if let Some((_, output)) = known {
            output.clone()
        } else {
            let reply = self.perform(&Effect::Probe(probe.clone()))?;
            let output = if let Reply::Output(output) = reply {
                output
            } else {
                CommandOutput { trouble: Some(other_kind()), ..CommandOutput::default() }
            };
            let output = Arc::new(output);
            self.report(expr.span, |_| EventKind::Probed {
                command: probe.command.shown(),
                host: probe.host.clone(),
                output: (*output).clone(),
            });
            self.judging.probed.push((probe, output.clone()));
            output
        };
        if self.judging.tracing {
            let place = self.place(expr.span);
            let value = Value::Output(output.clone());
            self.judging.trace.push(Traced { place, value, from: TracedFrom::Command, compared: None });
        }
        Ok(Ok(output))
    }

    /// `on HOST`; the inner error says why the host is unknown.
    pub(super) fn host(&mut self, host: Option<&'p Expr>) -> WalkResult<Result<Option<String>, Reason>> {
        let Some(expr) = host else { return Ok(Ok(None)) };
        let value = self.untraced(expr)?;
        Ok(match value {
            Value::Unknown(reason) => Err(self.not_known(expr, &reason)),
            value => Ok(Some(value.to_string())),
        })
    }
}

/// "exit code 127: sh: 1: nope: not found"
pub(super) fn exit_words(code: i32, output: &CommandOutput) -> String {
    match last_line(&output.stderr).or_else(|| last_line(&output.stdout)) {
        Some(line) => format!("exit code {code}: {line}"),
        None => format!("exit code {code}"),
    }
}

/// The last line that is not blank, without control characters, cut to a readable length.
fn last_line(text: &str) -> Option<String> {
    let line = text.lines().rev().find(|line| !line.trim().is_empty())?;
    let clean: String = line.chars().filter(|c| !c.is_control()).take(200).collect();
    Some(clean.trim().to_owned())
}
