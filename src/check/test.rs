//! Tests: the metrics, actions and params they name exist, and what is given fits what was declared.

use super::checker::Checker;
use super::expression::{Slot, literal_number, with_units};
use super::symbol::{Symbol, SymbolKind};
use super::types::Type;
use crate::diagnostic::{Code, did_you_mean};
use crate::source::Span;
use crate::syntax::tree::{
    self, Arg, Expectation, Expr, ExprKind, Given, GivenCondition, Item, Name, Target, TestStatement,
    TestStatementKind,
};

impl<'t> Checker<'t> {
    /// Every test of the file.
    pub(super) fn tests(&mut self, tree: &'t tree::File) {
        for item in &tree.items {
            if let Item::Test(test) = item {
                self.findings.next_statement();
                self.fixed(&test.title, "test");
                self.in_block(|checker| checker.test_body(&test.body));
            }
        }
    }

    fn test_body(&mut self, body: &'t [TestStatement]) {
        for line in body {
            self.findings.next_statement();
            self.test_line(line);
        }
    }

    fn test_line(&mut self, line: &'t TestStatement) {
        match &line.kind {
            TestStatementKind::Param { name, value } => self.test_param(name, value),
            TestStatementKind::Given(given) => self.given(given, line.span),
            TestStatementKind::After { action, body } => {
                self.tested_action(action);
                self.test_body(body);
            }
            TestStatementKind::Each { body } => self.test_body(body),
            TestStatementKind::Answer { question, with, after } => {
                self.template(question, Slot::Text("a question"));
                self.answer(with);
                if let Some(after) = after {
                    self.duration(after, "after");
                }
            }
            TestStatementKind::Expect(expectation) => self.expectation(expectation),
            TestStatementKind::Broken => {}
        }
    }

    fn test_param(&mut self, name: &'t Name, value: &'t Expr) {
        let ty = self.value(value);
        let id = self.scope.globals.get(name.text.as_str()).copied();
        if let Some((id, symbol)) = id.and_then(|id| Some((id, self.symbols.get(id)?)))
            && let SymbolKind::Param(_) = symbol.kind
        {
            let place = symbol.place();
            let wanted = self.type_of(id);
            if !ty.fits(&wanted) {
                self.wrong_argument(value, &ty, &wanted, &format!("`{}`", name.text), place);
            }
            return;
        }
        self.unknown_in_test(name, "param", |symbol| matches!(symbol.kind, SymbolKind::Param(_)));
    }

    fn unknown_in_test(&mut self, name: &'t Name, what: &str, wanted: impl Fn(&Symbol<'t>) -> bool) {
        if name.text.is_empty() || self.may_be_unread(name) {
            return;
        }
        let message = format!("the runbook has no {what} `{}`", name.text);
        let finding = self.finding(Code::NAME_UNKNOWN, message, name.span, "not declared there");
        let near = self.near(&name.text, wanted);
        self.report(match near {
            Some(near) => self.suggest(finding, name.span, &near),
            None => finding.help(format!(
                "name one that the runbook declares as `{}`",
                if what == "action" { "define" } else { what }
            )),
        });
    }

    fn given(&mut self, given: &'t Given, line: Span) {
        match given {
            Given::Metric { name, args, series, condition, from } => {
                self.given_metric(name, args, series.as_ref(), condition, line);
                if let Some(from) = from {
                    self.duration(from, "from");
                }
            }
            Given::Provider { name, condition } => {
                self.given_provider(name);
                self.given_condition(condition, None);
            }
            Given::Action { target, condition } => {
                self.tested_action(target);
                self.given_condition(condition, None);
            }
            Given::Probe { target, condition } => {
                self.tested_action(target);
                self.given_condition(condition, Some((&Type::Bool, "the probe")));
            }
        }
    }

    fn given_metric(
        &mut self,
        name: &'t Name,
        args: &'t [Arg],
        series: Option<&'t Expr>,
        condition: &'t GivenCondition,
        line: Span,
    ) {
        let symbol = self.scope.globals.get(name.text.as_str()).and_then(|id| self.symbols.get(*id));
        let Some((SymbolKind::Metric(metric), place)) = symbol.map(|symbol| (symbol.kind, symbol.place()))
        else {
            self.unknown_in_test(name, "metric", |symbol| matches!(symbol.kind, SymbolKind::Metric(_)));
            return;
        };
        if !metric.params.is_empty() || !args.is_empty() {
            self.arguments(name, &metric.params, args, Some(place), line);
        }
        if let Some(series) = series {
            self.series(metric, series);
        } else if let (GivenCondition::Value { value }, false) = (condition, metric.by.is_empty()) {
            let message =
                format!("`{}` is one value for each {}", name.text, super::types::listed(&labels(metric)));
            let finding = self.finding(Code::TYPE_SERIES, message, value.span, "the value of which one?");
            let label = metric.by.first().map_or("label", |label| label.text.as_str());
            self.report(finding.help(format!("say which: `given {} {{{label}: \"…\"}} = …`", name.text)));
            return;
        }
        let dimension = metric
            .unit
            .map_or(Some(crate::value::Unit::ONE), |spec| spec.unit)
            .map(crate::value::Unit::dimension);
        let wanted = dimension.map_or(Type::Any, Type::Quantity);
        let what = format!("`{}`", name.text);
        self.given_condition(condition, Some((&wanted, what.as_str())));
    }

    /// `{label: "value"}`
    fn series(&mut self, metric: &'t tree::Metric, series: &'t Expr) {
        self.value(series);
        let ExprKind::Record { fields } = &series.kind else { return };
        for field in fields {
            if metric.by.iter().any(|label| label.text == field.name.text) {
                continue;
            }
            let message = format!("`{}` is not told apart by `{}`", metric.name.text, field.name.text);
            let finding = self.finding(Code::NAME_FIELD, message, field.name.span, "not a label of its `by`");
            let near = did_you_mean(&field.name.text, metric.by.iter().map(|label| label.text.as_str()));
            let finding = match near {
                Some(near) => self.suggest(finding, field.name.span, near),
                None if metric.by.is_empty() => {
                    finding.help(format!("write `given {} = …`", metric.name.text))
                }
                None => finding.help(format!("it has {}", super::types::listed(&labels(metric)))),
            };
            self.report(finding);
            return;
        }
    }

    fn given_provider(&mut self, name: &'t Name) {
        let used = self.symbols.iter().any(|symbol| match symbol.kind {
            SymbolKind::Metric(metric) => metric.provider.text == name.text,
            _ => false,
        });
        if used || name.text.is_empty() || self.may_be_unread(name) {
            return;
        }
        let message = format!("no metric is read from `{}`", name.text);
        let finding = self.finding(Code::NAME_UNKNOWN, message, name.span, "nothing would notice");
        let near = did_you_mean(
            &name.text,
            self.symbols.iter().filter_map(|symbol| match symbol.kind {
                SymbolKind::Metric(metric) => Some(metric.provider.text.as_str()),
                _ => None,
            }),
        );
        self.report(match near {
            Some(near) => self.suggest(finding, name.span, near),
            None => finding.help("name a provider that a metric is read `from`"),
        });
    }

    /// What is given; a value must fit what was declared.
    fn given_condition(&mut self, condition: &'t GivenCondition, wanted: Option<(&Type, &str)>) {
        match condition {
            GivenCondition::Value { value } => self.given_value(value, wanted),
            GivenCondition::Samples { runs, every } => {
                for (value, _) in runs {
                    self.given_value(value, wanted);
                }
                self.duration(every, "every");
            }
            GivenCondition::Stale { age } => self.duration(age, "stale"),
            GivenCondition::Slow { by } => self.duration(by, "slow"),
            GivenCondition::Takes { duration } => self.duration(duration, "takes"),
            GivenCondition::Series { count } => self.count(count, "has"),
            GivenCondition::Error { text } | GivenCondition::Prints { text } => {
                self.template(text, Slot::Text("what is printed"));
            }
            GivenCondition::Fails { text } => {
                if let Some(text) = text {
                    self.template(text, Slot::Text("what is printed"));
                }
            }
            GivenCondition::None | GivenCondition::Nan | GivenCondition::Down | GivenCondition::Hangs => {}
        }
    }

    fn given_value(&mut self, value: &'t Expr, wanted: Option<(&Type, &str)>) {
        let Some((wanted, what)) = wanted else {
            self.answer(value);
            return;
        };
        if is_word(value, &["yes", "no", "unknown", "none"]) {
            return;
        }
        let ty = self.value(value);
        let (Some(ours), Some(theirs)) = (ty.dimension(), wanted.dimension()) else {
            if !ty.fits(wanted) {
                let message = format!("{what} is {}, not {}", wanted.in_words(), ty.in_words());
                let finding = self.finding(Code::TYPE_ARGUMENT, message, value.span, ty.in_words());
                let help = if *wanted == Type::Bool {
                    "write `yes`, `no` or `unknown`"
                } else {
                    "give it a value of its own unit"
                };
                self.report(finding.help(help));
            }
            return;
        };
        if !ours.agrees_with(theirs) {
            let wanted = Type::Quantity(theirs);
            let message = format!("{what} is {}, not {}", wanted.in_words(), ty.in_words());
            let code = if ours == crate::value::Dimension::NUMBER {
                Code::UNIT_MISSING
            } else {
                Code::UNIT_DIFFERENT
            };
            let finding = self.finding(code, message, value.span, ty.in_words());
            let help = match literal_number(value) {
                Some(number) => with_units(number, self.slice(value.span), theirs, None),
                None => "give it in the unit it is declared in".to_owned(),
            };
            self.report(finding.help(help));
        }
    }

    /// What a person answers: a word of the language or a value.
    fn answer(&mut self, with: &'t Expr) {
        if !is_word(with, &["yes", "no", "unknown", "done", "failed", "skipped"]) {
            self.value(with);
        }
    }

    /// An action of the runbook, by its name or by its text.
    fn tested_action(&mut self, target: &'t Target) {
        match target {
            Target::Prose(text) => self.template(text, Slot::Text("an instruction")),
            Target::Command(command) => command.values().for_each(|value| {
                self.value(value);
            }),
            Target::Call { name, args, .. } => {
                let symbol = self.scope.globals.get(name.text.as_str()).and_then(|id| self.symbols.get(*id));
                let Some((SymbolKind::Define(define), place)) =
                    symbol.map(|symbol| (symbol.kind, symbol.place()))
                else {
                    self.unknown_in_test(name, "action", |symbol| !symbol.is_value());
                    return;
                };
                // Without arguments it stands for every call of that action.
                if !args.is_empty() {
                    for arg in args {
                        self.value(&arg.value);
                    }
                    let params: Vec<(&str, bool)> =
                        define.params.iter().map(|param| (param.text.as_str(), false)).collect();
                    self.match_arguments(&name.text, &params, args, Some(place), target.span());
                }
            }
        }
    }

    fn expectation(&mut self, it: &'t Expectation) {
        match it {
            Expectation::Ends { within, .. } => {
                if let Some(within) = within {
                    self.duration(within, "within");
                }
            }
            Expectation::Action { target, .. } => {
                if let Some(target) = target {
                    self.tested_action(target);
                }
            }
            Expectation::Escalation { to, matching, .. } => {
                if let Some(to) = to {
                    self.template(to, Slot::Text("a name"));
                }
                self.expected_words(matching.as_ref());
            }
            Expectation::Record { matching, .. } => self.expected_words(matching.as_ref()),
            Expectation::Step { title, .. } => self.expected_step(title),
        }
    }

    fn expected_words(&mut self, matching: Option<&'t tree::Template>) {
        let Some(matching) = matching else { return };
        self.template(matching, Slot::Text("a text"));
        if let Some(regex) = matching.literal() {
            self.regex(regex, matching.span);
        }
    }

    /// A step that the runbook has.
    fn expected_step(&mut self, title: &'t tree::Template) {
        self.template(title, Slot::Text("a title"));
        let Some(wanted) = title.literal() else { return };
        let runbook = match self.file.tests {
            Some(file) => self.around.files.get(file),
            None => Some(self.file),
        };
        let Some(runbook) = runbook.filter(|file| file.clean && !file.incomplete) else { return };
        let mut titles = Vec::new();
        for item in &runbook.tree.items {
            if let Item::Step(step) = item {
                match step.title.literal() {
                    Some(known) if known == wanted => return,
                    Some(known) => titles.push(known),
                    None => return,
                }
            }
        }
        let finding = self.finding(
            Code::NAME_UNKNOWN,
            format!("no step is called `{wanted}`"),
            title.span,
            "not a step of the runbook",
        );
        self.report(match did_you_mean(wanted, titles) {
            Some(near) => self.suggest(finding, title.span, &format!("\"{near}\"")),
            None => finding.help("write the title as it stands behind `step`"),
        });
    }
}

fn labels(metric: &tree::Metric) -> Vec<&str> {
    metric.by.iter().map(|label| label.text.as_str()).collect()
}

fn is_word(it: &Expr, words: &[&str]) -> bool {
    matches!(&it.kind, ExprKind::Name(name) if words.contains(&name.text.as_str()))
}
