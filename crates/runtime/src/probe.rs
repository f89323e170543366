//! Probes: commands that only look, in place or declared.

use std::sync::Arc;

use super::exit::WalkResult;
use super::interpreter::Interpreter;
use super::judging::ProbedLook;
use super::metric::other_kind;
use super::operand_trace::{Traced, TracedFrom};
use super::{Called, Effect, EventKind, Probe, Reply};
use rbl_check::DeclaredProbe;
use smol_str::SmolStr;

use rbl_syntax::tree::{Arg, Expr, ExprKind, ProbeDeclaration};
use rbl_syntax::value::{CommandOutput, Reason, Value};

impl<'p> Interpreter<'p, '_> {
    /// Runs a command that only looks, and its modifiers; see [`Self::look`].
    pub(super) fn probe(&mut self, expr: &'p Expr) -> WalkResult<Value> {
        let probe = self.prepare_probe(expr, None)?;
        self.look(expr, probe)
    }

    /// `healthy("a")`: a declared probe.
    pub(super) fn declared_probe(
        &mut self,
        expr: &'p Expr,
        probe: &'p DeclaredProbe,
        args: &'p [Arg],
    ) -> WalkResult<Value> {
        let ProbeDeclaration { name, params, look, .. } = &probe.declaration;
        let values = self.arguments(args, params)?;
        let elements = self.element_arguments(args, params);
        let arguments: Vec<_> = params.iter().map(|param| param.text.clone()).zip(values).collect();
        let scope = self.frame.environment.enter_declaration();
        let source = std::mem::replace(&mut self.frame.source, probe.source);
        for ((param, value), element) in arguments.iter().zip(elements) {
            self.frame.environment.define_element(param.clone(), value.clone(), element);
        }
        let prepared = self.prepare_probe(look, Some(Called { name: name.text.clone(), arguments }));
        self.frame.source = source;
        self.frame.environment.leave(scope);
        self.look(expr, prepared?)
    }

    /// Fills in the values of a probe. The inner error says which value in it is unknown, so that it is not run.
    fn prepare_probe(&mut self, look: &'p Expr, call: Option<Called>) -> WalkResult<Result<Probe, Reason>> {
        let ExprKind::Command { command, host, within, no_on } = &look.kind else {
            return Ok(Err(other_kind()));
        };
        let command = match self.shell_command(&command.parts)? {
            Ok(command) => command,
            Err(reason) => return Ok(Err(reason)),
        };
        let host = match self.host(host.as_deref())? {
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
        let folder = self.folder(host.as_ref());
        let no_on = no_on.iter().map(|code| code.code).collect();
        Ok(Ok(Probe { command, host, folder, within: seconds, no_on, call }))
    }

    /// Runs a probe; within one condition the same probe runs once.
    fn look(&mut self, expr: &'p Expr, probe: Result<Probe, Reason>) -> WalkResult<Value> {
        let probe = match probe {
            Ok(probe) => probe,
            Err(reason) => return Ok(Value::unknown(reason)),
        };
        let written = match &expr.kind {
            ExprKind::Command { command, .. } => command.span,
            _ => expr.span,
        };
        let (place, shown) = (self.place(written), probe.shown());
        let known = self
            .judging
            .probed
            .iter_mut()
            .find(|done| done.probe.command == probe.command && done.probe.host == probe.host);
        let output = if let Some(done) = known {
            done.places.push(place);
            if done.probe.no_on == probe.no_on {
                done.output.clone()
            } else {
                Arc::new(CommandOutput { no_on: probe.no_on, ..(*done.output).clone() })
            }
        } else {
            let reply = self.perform(&Effect::Probe(probe.clone()))?;
            let output = if let Reply::Output(output) = reply {
                CommandOutput { no_on: probe.no_on.clone(), ..output }
            } else {
                CommandOutput { trouble: Some(other_kind()), ..CommandOutput::default() }
            };
            let output = Arc::new(output);
            self.explain(expr.span, |_| EventKind::Probed {
                command: probe.command.shown(),
                host: probe.host.clone(),
                output: (*output).clone(),
            });
            self.judging.probed.push(ProbedLook { probe, output: output.clone(), places: vec![place] });
            output
        };
        let value = Value::Output(output);
        if self.judging.tracing {
            let place = self.place(expr.span);
            self.judging.trace.push(Traced {
                place,
                value: value.clone(),
                from: TracedFrom::Command(shown.into()),
                compared: None,
            });
        }
        Ok(value)
    }

    /// The folder in which a command of the current runbook runs: on a host it is the one in which that begins a session.
    pub(super) fn folder(&self, host: Option<&String>) -> Option<SmolStr> {
        self.frame.runbook.folder.clone().filter(|_| host.is_none())
    }

    /// `on HOST`; the inner error says why the host is unknown.
    pub(super) fn host(&mut self, host: Option<&'p Expr>) -> WalkResult<Result<Option<String>, Reason>> {
        let Some(expr) = host else { return Ok(Ok(None)) };
        Ok(self.name_of(expr)?.map(Some))
    }
}
