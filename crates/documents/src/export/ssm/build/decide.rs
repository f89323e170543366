//! What is decided: checks, waits, branches and loops become steps that look or lead elsewhere.

use rbl_syntax::source::Span;
use rbl_syntax::tree::{Arm, Check, Declaration, Expr, ExprKind, ForEach, If, Team, Wait};

use super::super::output::OrderedJson;
use super::super::{command, read};
use super::act::arguments;
use super::{Builder, ExportedStep, Lead, camel, is_step_name, step_words};

impl Builder<'_> {
    pub(super) fn both(
        &mut self,
        otherwise: Option<&Arm>,
        unknown: Option<&Arm>,
        next: Lead,
        failed: bool,
    ) -> Option<(Lead, bool)> {
        if let Some(arm) = otherwise.filter(|it| !it.both).or(unknown) {
            self.finding(
                arm.keyword,
                "a step that says no and one that cannot tell fail alike",
                "write `else or unknown { … }`",
                true,
            );
        }
        self.failure(otherwise, next, failed)
    }

    pub(super) fn check(
        &mut self,
        it: &Check,
        node: &mut ExportedStep,
        next: Lead,
        failed: bool,
        span: Span,
    ) -> bool {
        let made = if let ExprKind::Question(question) = &it.condition.bare().kind {
            let Some(Team::Named(team)) = &question.by else {
                self.finding(
                    span,
                    "an approval of an automation names who approves",
                    "write `by \"TEAM\"`",
                    true,
                );
                return false;
            };
            let (Some(message), Some(OrderedJson::Text(team))) =
                (read::template(&question.prompt), read::value(team))
            else {
                return self.odd(span);
            };
            if !question.showing.is_empty() {
                self.finding(span, "an approval shows no evidence", "", true);
            }
            node.action = "approve";
            node.inputs = vec![("Message".into(), message)];
            if let Some(step) = team.strip_suffix(" approvers").filter(|it| is_step_name(it)) {
                step.clone_into(&mut node.name);
            }
            let approvers = if team.contains(char::is_whitespace) {
                let parameter = camel(&step_words(&team.split_whitespace().collect::<Vec<_>>().join("_")));
                OrderedJson::text(format!("{{{{{parameter}}}}}"))
            } else {
                OrderedJson::List(vec![OrderedJson::text(team)])
            };
            node.inputs.push(("Approvers".into(), approvers));
            self.limits(node, question.within.as_ref(), None);
            if node.timeout == Some(OrderedJson::plain(604_800)) {
                node.timeout = None;
            }
            true
        } else {
            self.look(&it.condition, "assertAwsResourceProperty", node, span)
        };
        node.failure = self.both(it.otherwise.as_ref(), it.unknown.as_ref(), next, failed);
        made
    }

    pub(super) fn look(
        &mut self,
        condition: &Expr,
        action: &'static str,
        node: &mut ExportedStep,
        span: Span,
    ) -> bool {
        let Some(found) = read::wanted(condition) else {
            self.finding(
                condition.span,
                "an automation only looks at what an API of AWS answers",
                "compare `probe(…).json.A.B` with a value",
                true,
            );
            return false;
        };
        let ExprKind::Call { name, args } = &found.call.kind else { return self.odd(span) };
        let file = self.file;
        let probe = file.declarations().find_map(|it| match it {
            Declaration::Probe(it) if it.name.text == name.text => Some(it),
            _ => None,
        });
        let Some(probe) = probe else {
            self.finding(found.call.span, format!("`{}` is no probe of this file", name.text), "", true);
            return false;
        };
        let Some(given) = arguments(&probe.params, args) else { return self.odd(span) };
        let text = match &probe.look.bare().kind {
            ExprKind::Command { command, host: None, no_on, .. } if no_on.is_empty() => {
                read::command(command)
            }
            _ => None,
        };
        let Some((inputs, picked)) = text.as_deref().and_then(command::look) else {
            self.finding(
                probe.span,
                "Systems Manager has no such look",
                "`aws SERVICE OPERATION --output json --cli-input-json JSON` is one",
                true,
            );
            return false;
        };
        let selector = match picked {
            Some(program) => read::selector(&program).filter(|_| found.selector == "$"),
            None => Some(found.selector).filter(|_| !found.is_list),
        };
        let Some(selector) = selector else { return self.odd(span) };
        node.description = self
            .comment_before(probe.span)
            .into_iter()
            .chain(std::mem::take(&mut node.description))
            .collect();
        self.passed(text.as_deref().unwrap_or_default(), &given);
        node.action = action;
        self.named(node, Some(&name.text));
        node.inputs = inputs.into_iter().map(|(key, it)| (key, it.placed(&given))).collect();
        node.inputs.push(("PropertySelector".into(), OrderedJson::Text(selector)));
        let values = found
            .values
            .into_iter()
            .map(|it| if let OrderedJson::Plain(it) = it { OrderedJson::Text(it) } else { it });
        node.inputs.push(("DesiredValues".into(), OrderedJson::List(values.collect())));
        true
    }

    pub(super) fn wait(
        &mut self,
        it: &Wait,
        node: &mut ExportedStep,
        next: Lead,
        failed: bool,
        span: Span,
    ) -> bool {
        match it {
            Wait::Duration { duration } => {
                let value = read::seconds(duration)
                    .map(|it| OrderedJson::Text(read::iso(it)))
                    .or_else(|| read::value(duration));
                let Some(value) = value.filter(|it| !matches!(it, OrderedJson::Plain(_))) else {
                    return self.odd(span);
                };
                node.action = "sleep";
                node.inputs = vec![("Duration".into(), value)];
                true
            }
            Wait::Until { condition, held, within, every, otherwise, unknown } => {
                if held.is_some() || every.is_some() {
                    self.finding(
                        span,
                        "an automation looks when it wants, and once is enough",
                        "leave out `for` and `every`",
                        true,
                    );
                }
                let made = self.look(condition, "waitForAwsResourceProperty", node, span);
                self.limits(node, within.as_deref(), None);
                node.failure = self.both(otherwise.as_ref(), unknown.as_ref(), next, failed);
                made
            }
        }
    }

    pub(super) fn branch(&mut self, it: &If, node: &mut ExportedStep, next: Lead, failed: bool) -> bool {
        node.action = "branch";
        for branch in &it.branches {
            let Some(choice) = read::choice(&branch.condition) else {
                self.finding(
                    branch.condition.span,
                    "a branch compares a parameter or an output with a value",
                    "",
                    true,
                );
                continue;
            };
            let choice = self.typed(choice);
            let lead = self.block(&branch.block, next, failed).or_else(|| Some(self.end()));
            node.choices.push((choice, lead));
        }
        node.next = match &it.otherwise {
            Some(arm) => self.block(&arm.block, next, failed),
            None => next,
        };
        node.failure = self.failure(it.unknown.as_ref(), next, failed);
        true
    }

    /// A choice whose comparison fits the types of what it compares.
    pub(super) fn typed(&mut self, choice: Vec<(String, OrderedJson)>) -> Vec<(String, OrderedJson)> {
        let inner = |builder: &mut Self, it: OrderedJson| match it {
            OrderedJson::Map(pairs) => OrderedJson::Map(builder.typed(pairs)),
            OrderedJson::List(items) => OrderedJson::List(
                items
                    .into_iter()
                    .map(|it| {
                        if let OrderedJson::Map(pairs) = it {
                            OrderedJson::Map(builder.typed(pairs))
                        } else {
                            it
                        }
                    })
                    .collect(),
            ),
            other => other,
        };
        let is_number = choice
            .iter()
            .any(|(_, it)| matches!(it, OrderedJson::Value(name) if self.numbers.contains(name)));
        if is_number {
            let compared = choice.iter().filter_map(|(_, it)| {
                if let OrderedJson::Value(name) = it { Some(name.clone()) } else { None }
            });
            self.plain.extend(compared.collect::<Vec<_>>());
        }
        let is_bool =
            choice.iter().any(|(key, it)| key == "BooleanEquals" && matches!(it, OrderedJson::Plain(_)));
        if let Some((_, OrderedJson::Value(name))) =
            choice.iter().find(|(key, _)| is_bool && key == "Variable")
        {
            self.bools.insert(name.clone());
        }
        choice
            .into_iter()
            .map(|(key, it)| match key.as_str() {
                "And" | "Or" | "Not" => {
                    let it = inner(self, it);
                    (key, it)
                }
                "StringEquals" if is_number => ("NumericEquals".to_owned(), it),
                _ => (key, it),
            })
            .collect()
    }

    pub(super) fn each(&mut self, it: &ForEach, node: &mut ExportedStep, span: Span) -> bool {
        if it.filter.is_some() || it.unknown.is_some() {
            self.finding(span, "a loop of an automation takes all, and has no `unknown`", "", true);
        }
        let over = read::value(&it.over);
        let Some(over) = over.filter(|it| !matches!(it, OrderedJson::Plain(_) | OrderedJson::Text(_))) else {
            return self.odd(span);
        };
        node.action = "loop";
        node.inputs =
            vec![("Iterators".into(), over), ("IteratorDataType".into(), OrderedJson::text("String"))];
        node.outputs.push((it.name.text.to_string(), "CurrentIteratorValue".into(), String::new(), ""));
        let body = self.block(&it.body, None, false);
        node.body = Some(body);
        true
    }
}
