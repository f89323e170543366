//! Checks what is handed to an executor: the reference, the parameters, and whether `retry` may begin the same thing twice.

use super::checker::Checker;
use super::reference::{self, KubernetesReference, KubernetesVerb, OPEN};
use super::symbol::SymbolKind;
use super::walk;
use rbl_syntax::diagnostic::Code;
use rbl_syntax::source::Span;
use rbl_syntax::tree::{Action, Define, DefineTarget, ExprKind, Name, Part, Target, Template};

impl<'t> Checker<'t> {
    /// Checks the reference of a `define`, and its parameters where the kind of the executor says what they are.
    pub(super) fn reference(&mut self, it: &'t Define, executor: &'t Name, reference: &'t Template) {
        let Some(facts) = self.inputs.catalogue.executor(&executor.text) else { return };
        let text = open_text(&reference.parts);
        if let Some(fault) = reference::fault(&facts.kind, &text) {
            let finding = self.finding(Code::ACTION_REFERENCE, fault.message, reference.span, fault.label);
            return self.report(finding.help(fault.help));
        }
        if facts.kind == "kubernetes"
            && let Ok(read) = KubernetesReference::parse(&text)
        {
            self.kubernetes_parameters(it, reference, read.verb);
        }
    }

    fn kubernetes_parameters(&mut self, it: &'t Define, reference: &'t Template, verb: KubernetesVerb) {
        let takes = match verb {
            // They are variables of the containers.
            KubernetesVerb::Run => return,
            KubernetesVerb::Scale => Some("replicas"),
            KubernetesVerb::Restart => None,
        };
        if let Some(needed) = takes
            && it.params.iter().all(|param| param.text != needed)
        {
            let message = format!("`{}` needs the parameter `{needed}`", verb.word());
            let finding =
                self.finding(Code::ACTION_PARAMETER, message, it.name.span, "has no such parameter");
            return self.report(finding.help(format!("write `define {}({needed}) as …`", it.name.text)));
        }
        let mut used: Vec<&str> = Vec::new();
        walk::parts(&reference.parts, &mut |expr| {
            if let ExprKind::Name(name) = &expr.kind {
                used.push(name.text.as_str());
            }
        });
        let left_out = it
            .params
            .iter()
            .find(|param| takes != Some(param.text.as_str()) && !used.contains(&param.text.as_str()));
        if let Some(param) = left_out {
            let message = format!("`{}` takes no parameter `{}`", verb.word(), param.text);
            let finding = self.finding(Code::ACTION_PARAMETER, message, param.span, "would be left out");
            self.report(finding.help("take it out, or put it into the reference: `#{name}`"));
        }
    }

    /// Reports a `retry` of something that another system may do twice.
    pub(super) fn repeated_executor(&mut self, it: &'t Action, retry: Span) {
        let Target::Call { span, name, .. } = &it.target else { return };
        let symbol = self.symbols.global_id(&name.text).and_then(|id| self.symbols.get(id));
        let Some(SymbolKind::Define(define)) = symbol.map(|symbol| symbol.kind) else { return };
        let DefineTarget::Executor { executor, reference } = &define.target else { return };
        let Some(facts) = self.inputs.catalogue.executor(&executor.text) else { return };
        if facts.begins_once {
            return;
        }
        let (what, again, instead) = match facts.kind.as_str() {
            "http" => match reference::http(&open_text(&reference.parts)) {
                Ok(method @ ("POST" | "PATCH")) => (
                    format!("a {method}"),
                    "the server may do it twice",
                    format!(
                        "take `retry` out, or write `idempotent = true` in `[executors.{}]` where the server knows a second request by its `Idempotency-Key`",
                        executor.text
                    ),
                ),
                Ok(_) | Err(_) => return,
            },
            "rundeck" => (
                "a job of Rundeck".to_owned(),
                "begins a second execution",
                "take `retry` out: Rundeck has no key by which it knows the second".to_owned(),
            ),
            _ => return,
        };
        let message = format!("{what} is not safe to repeat");
        let finding = self.finding(Code::ACTION_RETRY, message, retry, "does it again after a time-out too");
        let finding = finding.also(self.at(*span), again).help(instead);
        self.report(finding);
    }
}

/// A text with a mark in the place of each value.
pub(super) fn open_text(parts: &[Part]) -> String {
    let mut text = String::new();
    for part in parts {
        match part {
            Part::Literal { text: own, .. } => text.push_str(own),
            Part::Value(_) => text.push(OPEN),
        }
    }
    text
}
