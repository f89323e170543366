//! What is done: an instruction, a command or the call of a `define` becomes a step that acts.

use std::collections::BTreeMap;

use rbl_syntax::source::Span;
use rbl_syntax::tree::{Action, Arg, Declaration, DefineTarget, Expr, ExprKind, Let, Name, Target};

use super::super::output::{CLOSE, OPEN, OrderedJson};
use super::super::{command, read};
use super::{Builder, ExportedStep, Lead, camel};

impl Builder<'_> {
    pub(super) fn action(
        &mut self,
        it: &Action,
        node: &mut ExportedStep,
        next: Lead,
        failed: bool,
        lets: &[&Let],
    ) -> bool {
        let beyond = [
            (it.host.is_some(), "another host"),
            (it.by.is_some(), "an approval of an action: `check \"…\" by TEAM` before it is one"),
            (it.block.is_some(), "a block"),
            (!it.finally.is_empty(), "`finally`"),
            (!it.undo.is_empty(), "`undo`"),
            (!it.showing.is_empty(), "evidence"),
            (it.retry.as_ref().is_some_and(|it| it.every.is_some()), "a pause between two tries"),
        ];
        for (_, what) in beyond.iter().filter(|(is_there, _)| *is_there) {
            self.finding(it.target.span(), format!("a step has no {what}"), "", true);
        }
        let (made, name) = match &it.target {
            Target::Prose(text) => {
                let Some(text) = read::template(text) else { return self.odd(it.target.span()) };
                node.action = "pause";
                node.inputs = vec![("Message".into(), text)];
                (true, None)
            }
            Target::Command(command) => {
                (self.command(command.span, read::command(command), &BTreeMap::new(), node), None)
            }
            Target::Call { name, args, span } => {
                (self.call(name, args, *span, node), Some(name.text.to_string()))
            }
        };
        if !made {
            return false;
        }
        self.named(node, name.as_deref());
        self.limits(node, it.within.as_ref(), it.retry.as_ref().map(|it| &it.times));
        for output in lets {
            self.output(output, node);
        }
        node.failure = self.failure(it.otherwise.as_ref(), next, failed);
        true
    }

    pub(super) fn odd(&mut self, span: Span) -> bool {
        self.finding(
            span,
            "an automation puts only parameters and outputs into a step",
            "name the value with `let`",
            true,
        );
        false
    }

    pub(super) fn named(&self, node: &mut ExportedStep, name: Option<&str>) {
        if let Some(name) = name {
            node.name = self.titles.get(name).cloned().unwrap_or_else(|| camel(name));
        }
    }

    /// A call of a `define`.
    pub(super) fn call(&mut self, name: &Name, args: &[Arg], span: Span, node: &mut ExportedStep) -> bool {
        let file = self.file;
        let define = file.declarations().find_map(|it| match it {
            Declaration::Define(it) if it.name.text == name.text => Some(it),
            _ => None,
        });
        let Some(define) = define else {
            self.finding(span, format!("`{}` is not declared here", name.text), "", true);
            return false;
        };
        if define.at_most.is_some() {
            self.finding(define.span, "an automation does not count how often something was done", "", true);
        }
        node.description = self
            .comment_before(define.span)
            .into_iter()
            .chain(std::mem::take(&mut node.description))
            .collect();
        let Some(given) = arguments(&define.params, args) else { return self.odd(span) };
        match &define.target {
            DefineTarget::Command(it) => self.command(span, read::command(it), &given, node),
            DefineTarget::Prose(it) => {
                let Some(text) = read::template(it) else { return self.odd(span) };
                node.action = "pause";
                node.inputs = vec![("Message".into(), text.placed(&given))];
                true
            }
            DefineTarget::Executor { executor, reference } => {
                if executor.text != "ssm" {
                    self.finding(
                        span,
                        format!("Systems Manager has no executor `{}`", executor.text),
                        "an automation runs others with the executor `ssm`",
                        true,
                    );
                    return false;
                }
                let Some(OrderedJson::Text(reference)) = read::template(reference) else {
                    return self.odd(span);
                };
                let (document, version) = reference.split_once(' ').unwrap_or((&reference, ""));
                node.action = "executeAutomation";
                node.inputs = vec![("DocumentName".into(), OrderedJson::text(document).placed(&given))];
                if !version.is_empty() {
                    node.inputs.push(("DocumentVersion".into(), OrderedJson::text(version).placed(&given)));
                }
                let parameters: Vec<(String, OrderedJson)> = define
                    .params
                    .iter()
                    .filter_map(|it| Some((camel(&it.text), given.get(it.text.as_str())?.clone())))
                    .collect();
                if !parameters.is_empty() {
                    node.inputs.push(("RuntimeParameters".into(), OrderedJson::Map(parameters)));
                }
                true
            }
        }
    }

    pub(super) fn command(
        &mut self,
        span: Span,
        text: Option<String>,
        given: &BTreeMap<String, OrderedJson>,
        node: &mut ExportedStep,
    ) -> bool {
        let Some(text) = text else { return self.odd(span) };
        let Some(found) = command::read(&text) else {
            self.finding(span, "Systems Manager runs no such command", "`aws SERVICE OPERATION --output json --cli-input-json JSON` is a step of it; what runs on an instance is sent with `aws ssm send-command`", true);
            return false;
        };
        self.passed(&text, given);
        node.action = found.action;
        node.inputs = found.inputs.into_iter().map(|(key, it)| (key, it.placed(given))).collect();
        true
    }

    /// Remembers how a command takes its values, which says what they are.
    pub(super) fn passed(&mut self, text: &str, given: &BTreeMap<String, OrderedJson>) {
        for (param, value) in given {
            let OrderedJson::Value(name) = value else { continue };
            let mark = format!("{OPEN}{param}{CLOSE}");
            if text.match_indices(&mark).any(|(at, _)| {
                text.get(..at)
                    .and_then(|it| it.rsplit("--arg").next())
                    .is_some_and(|it| it.starts_with("json "))
            }) {
                self.plain.insert(name.clone());
            }
        }
    }

    pub(super) fn limits(&mut self, node: &mut ExportedStep, within: Option<&Expr>, retry: Option<&Expr>) {
        if let Some(within) = within {
            let product = match &within.bare().kind {
                ExprKind::Binary { left, right, .. } if read::seconds(right) == Some(1) => read::value(left),
                _ => None,
            };
            node.timeout = read::seconds(within).map(OrderedJson::plain).or(product);
            if node.timeout.is_none() {
                self.finding(
                    within.span,
                    "a step has a time limit in seconds, or one that a parameter says",
                    "",
                    true,
                );
            }
            // A script has this limit of itself.
            if node.action == "executeScript" && node.timeout == Some(OrderedJson::plain(600)) {
                node.timeout = None;
            }
        }
        if let Some(times) = retry {
            node.attempts = read::number(times).and_then(|it| it.parse::<u64>().ok()).map(|it| it + 1);
            if node.attempts.is_none() {
                self.finding(times.span, "the number of tries of a step is written as it is", "", true);
            }
        }
    }
}

/// What the parameters of a `define` are in a call of it.
pub(super) fn arguments(params: &[Name], args: &[Arg]) -> Option<BTreeMap<String, OrderedJson>> {
    let mut given = BTreeMap::new();
    for (place, arg) in args.iter().enumerate() {
        let name = match &arg.name {
            Some(name) => name.text.to_string(),
            None => params.get(place)?.text.to_string(),
        };
        given.insert(name, read::value(&arg.value)?);
    }
    Some(given)
}
