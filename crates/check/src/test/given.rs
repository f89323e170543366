//! Checks `given` lines: metrics, providers, actions and probes that the runbook has, and values that fit them.

use super::super::expression::{literal_number, with_units};
use super::super::symbol::{Symbol, SymbolKind};
use super::super::types::{Type, listed};
use super::subject::literals;
use super::{TestChecker, is_word};
use rbl_syntax::diagnostic::{Code, did_you_mean};
use rbl_syntax::source::Span;
use rbl_syntax::tree;
use rbl_syntax::tree::{Arg, Expr, ExprKind, Given, GivenCondition, MetricType, Name, Target, UnaryOp};

impl<'t> TestChecker<'_, 't> {
    /// `given …`
    pub(super) fn given(&mut self, given: &'t Given, line: Span) {
        match given {
            Given::Metric { name, args, series, condition, from } if given.is_now() => {
                let alone = args.is_empty() && series.is_none() && from.is_none();
                self.given_now(name, if alone { Some(condition) } else { None });
            }
            Given::Metric { name, args, series, condition, from } => {
                self.given_metric(name, args, series.as_ref(), condition, line);
                if let Some(from) = from {
                    self.moment_of(from);
                }
            }
            Given::Provider { name, condition } => {
                self.given_provider(name);
                self.given_condition(condition, None);
            }
            Given::Team { name, condition } => {
                self.tested_team(name);
                self.given_condition(condition, None);
            }
            Given::Channel { name, condition } => {
                self.tested_channel(name);
                self.given_condition(condition, None);
            }
            Given::Alert { name, labels } => self.given_alert(name, labels.as_ref()),
            Given::Firing { condition, from } => {
                self.given_firing(condition, line);
                if let Some(from) = from {
                    self.moment_of(from);
                }
            }
            Given::Action { target, condition } => {
                self.tested_action(target);
                self.given_condition(condition, None);
            }
            Given::Lock { name, held } => self.given_lock(name, held.as_ref()),
            Given::Limit { of } => self.given_limit(of),
            Given::Probe { target, condition } => {
                self.given_probe(target);
                self.given_condition(condition, Some((&Type::Bool, "the probe")));
            }
        }
    }

    /// Checks `given alert "NAME" {label: "value"}`.
    fn given_alert(&mut self, name: &'t tree::Template, labels: Option<&'t Expr>) {
        self.test_text(name, "the name of an alert");
        let Some(labels) = labels else { return };
        self.checker.value(labels);
        self.known_before(labels);
        let ExprKind::Record { fields } = &labels.kind else { return };
        for field in fields {
            if matches!(field.value.bare().kind, ExprKind::Text(_)) {
                continue;
            }
            let ty = self.checker.value(&field.value);
            if !ty.reads_as_text() {
                let message = format!("the label `{}` is {}, not text", field.name.text, ty.in_words());
                let finding =
                    self.checker.finding(Code::TYPE_ARGUMENT, message, field.value.span, ty.in_words());
                self.checker.report(finding.help("write the value of the label in quotes"));
            }
        }
    }

    /// Checks `given alert.firing = yes`.
    fn given_firing(&mut self, condition: &'t GivenCondition, line: Span) {
        if self.subject.complete && !self.subject.firing {
            let message = "`alert.firing` is given, and nothing asks for it";
            let finding = self.checker.finding(Code::NAME_UNUSED, message, line, "no statement asks for it");
            self.checker.report(finding.help("take the line out, or check `alert.firing` in the runbook"));
        }
        self.given_condition(condition, Some((&Type::Bool, "`alert.firing`")));
    }

    /// Checks `given now = TIME`: the start of the run.
    fn given_now(&mut self, now: &'t Name, condition: Option<&'t GivenCondition>) {
        let help = "write it as `given now = time(\"2026-05-03T03:30:00Z\")`";
        let Some(GivenCondition::Value { value }) = condition else {
            let message = "a run begins at one point in time";
            let finding =
                self.checker.finding(Code::SYNTAX_PLACE, message, now.span, "not a time and nothing else");
            self.checker.report(finding.help(help));
            return;
        };
        let ty = self.checker.value(value);
        self.known_before(value);
        if !ty.fits(&Type::Time) {
            let message = format!("`now` is {}, not {}", Type::Time.in_words(), ty.in_words());
            let finding = self.checker.finding(Code::TYPE_ARGUMENT, message, value.span, ty.in_words());
            self.checker.report(finding.help(help));
        }
    }

    /// Checks when something begins to hold; `-1h` means before the run.
    fn moment_of(&mut self, from: &'t Expr) {
        let from = match &from.kind {
            ExprKind::Unary { op: UnaryOp::Negate, operand } => operand,
            _ => from,
        };
        self.checker.duration(from, "from");
        self.known_before(from);
    }

    /// Checks a probe of the runbook.
    fn given_probe(&mut self, target: &'t Target) {
        match target {
            Target::Command(command) => {
                for value in command.values() {
                    self.checker.value(value);
                    self.known_before(value);
                }
            }
            Target::Call { span, name, args } => {
                self.given_declared_probe(*span, name, args);
                return;
            }
            Target::Prose(_) => {
                let finding = self.checker.finding(
                    Code::SYNTAX_PLACE,
                    "a probe is a command",
                    target.span(),
                    "no command",
                );
                self.checker.report(
                    finding.help("write it in back quotes, given probe `COMMAND` = yes; or name a declared one: given probe NAME(…) = yes"),
                );
                return;
            }
        }
        if self.subject.complete && !self.subject.probes(target) {
            let parts: &[tree::Part] =
                if let Target::Command(command) = target { &command.parts } else { &[] };
            let written = literals(&[parts]).first().copied();
            let known = literals(&self.subject.probes);
            self.not_there("the runbook never looks with this", target.span(), written, known);
        }
    }

    /// Checks `given probe NAME(ARGS)`. Without arguments it matches every call of that probe.
    fn given_declared_probe(&mut self, span: Span, name: &'t Name, args: &'t [Arg]) {
        for arg in args {
            self.checker.value(&arg.value);
            self.known_before(&arg.value);
        }
        match self.tested(name) {
            Some((SymbolKind::Probe(probe), place)) => {
                if !args.is_empty() {
                    let params: Vec<(&str, bool)> =
                        probe.params.iter().map(|param| (param.text.as_str(), false)).collect();
                    self.checker.match_arguments(&name.text, &params, args, Some(place), span);
                }
                if self.subject.complete && !self.subject.used.contains(name.text.as_str()) {
                    let message = format!("`{}` is given, and nothing looks with it", name.text);
                    let finding = self.checker.finding(
                        Code::NAME_UNUSED,
                        message,
                        name.span,
                        "no statement asks for it",
                    );
                    self.checker.report(finding.help("take the line out, or use the probe in the runbook"));
                }
            }
            Some((SymbolKind::Define(_), place)) => {
                let message = format!("`{}` is an action, not a probe", name.text);
                let finding = self
                    .checker
                    .finding(Code::NAME_UNKNOWN, message, name.span, "a probe is needed here")
                    .also(place, "names an action");
                let help = format!("write `given action {} …`", self.checker.slice(span));
                self.checker.report(finding.help(help));
            }
            _ => {
                self.unknown_in_test(name, "probe", |symbol| matches!(symbol.kind, SymbolKind::Probe(_)));
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
        let Some((SymbolKind::Metric(metric), place)) = self.tested(name) else {
            self.unknown_in_test(name, "metric", |symbol| matches!(symbol.kind, SymbolKind::Metric(_)));
            return;
        };
        if self.subject.complete && !self.subject.used.contains(name.text.as_str()) {
            let message = format!("`{}` is given, and nothing reads it", name.text);
            let finding =
                self.checker.finding(Code::NAME_UNUSED, message, name.span, "no statement asks for it");
            self.checker.report(finding.help("take the line out, or check the metric in the runbook"));
        }
        for arg in args {
            self.known_before(&arg.value);
        }
        if !metric.params.is_empty() || !args.is_empty() {
            self.checker.arguments(name, &metric.params, args, Some(place), line);
        }
        if let Some(series) = series {
            self.series(metric, series);
        } else if let (GivenCondition::Series { count }, false) = (condition, metric.by.is_empty()) {
            self.one_for_each(metric, count);
            return;
        } else if let (GivenCondition::Value { value }, false) = (condition, metric.by.is_empty()) {
            self.one_for_each(metric, value);
            return;
        }
        if let Some(wanted) = text_of(metric) {
            self.given_text(name, metric.of, condition, &wanted);
            return;
        }
        let dimension = metric
            .unit
            .map_or(Some(rbl_syntax::value::Unit::ONE), |spec| spec.unit)
            .map(rbl_syntax::value::Unit::dimension);
        let wanted = dimension.map_or(Type::Any, Type::Quantity);
        let what = format!("`{}`", name.text);
        self.given_condition(condition, Some((&wanted, what.as_str())));
    }

    /// Checks what is given of a metric of texts or lines.
    fn given_text(&mut self, name: &'t Name, of: MetricType, condition: &'t GivenCondition, wanted: &Type) {
        let example = if of == MetricType::Lines { "[\"…\"]" } else { "\"…\"" };
        let why = match condition {
            GivenCondition::Nan => "is never `nan`",
            GivenCondition::Series { .. } if of == MetricType::Lines => "has no series",
            _ => {
                let what = format!("`{}`", name.text);
                return self.given_condition(condition, Some((wanted, what.as_str())));
            }
        };
        let message = format!("`{}` is {}, and {why}", name.text, wanted.in_words());
        let finding =
            self.checker.finding(Code::TYPE_ARGUMENT, message, name.span, "not a metric of numbers");
        let help = format!("write `given {0} = {example}`, or `given {0} is none`", name.text);
        self.checker.report(finding.help(help));
    }

    /// Reports a metric with several series that is given as a whole: each series is given separately.
    fn one_for_each(&mut self, metric: &'t tree::Metric, at: &'t Expr) {
        let name = &metric.name.text;
        let message = format!("`{name}` is one value for each {}", listed(&labels(metric)));
        let finding = self.checker.finding(Code::TYPE_SERIES, message, at.span, "the value of which one?");
        let label = metric.by.first().map_or("label", |label| label.text.as_str());
        self.checker.report(finding.help(format!("say which: `given {name} {{{label}: \"…\"}} = …`")));
    }

    /// Checks `{label: "value"}`.
    fn series(&mut self, metric: &'t tree::Metric, series: &'t Expr) {
        self.checker.value(series);
        let ExprKind::Record { fields } = &series.kind else { return };
        for field in fields {
            if metric.by.iter().any(|label| label.text == field.name.text) {
                continue;
            }
            let message = format!("`{}` has no label `{}`", metric.name.text, field.name.text);
            let finding =
                self.checker.finding(Code::NAME_FIELD, message, field.name.span, "not a label of its `by`");
            let near = did_you_mean(&field.name.text, metric.by.iter().map(|label| label.text.as_str()));
            let finding = match near {
                Some(near) => self.checker.file.suggest(finding, field.name.span, near),
                None if metric.by.is_empty() => {
                    finding.help(format!("write `given {} = …`", metric.name.text))
                }
                None => finding.help(format!("it has {}", listed(&labels(metric)))),
            };
            self.checker.report(finding);
            return;
        }
        let said = |label: &Name| fields.iter().any(|field| field.name.text == label.text);
        if let Some(missing) = metric.by.iter().find(|label| !said(label)) {
            let message = format!("`{}` has the label `{}`, too", metric.name.text, missing.text);
            let finding = self.checker.finding(Code::NAME_ARGUMENTS, message, series.span, "which one?");
            self.checker.report(finding.help(format!("say it as well: `{}: \"…\"`", missing.text)));
        }
    }

    fn given_provider(&mut self, name: &'t Name) {
        let reads = |symbol: &Symbol<'t>| match symbol.kind {
            SymbolKind::Metric(metric) => metric.provider.text == name.text,
            _ => false,
        };
        let inputs = &self.checker.inputs;
        let others = || self.subject.others.iter().filter_map(|file| inputs.interface(*file));
        let used =
            self.checker.symbols.all().iter().any(reads) || others().any(|it| it.symbols.iter().any(reads));
        if used || name.text.is_empty() || self.checker.symbols.may_be_unread(name) {
            return;
        }
        let message = format!("no metric is read from `{}`", name.text);
        let finding = self.checker.finding(Code::NAME_UNKNOWN, message, name.span, "nothing would notice");
        let near = did_you_mean(
            &name.text,
            self.checker.symbols.all().iter().filter_map(|symbol| match symbol.kind {
                SymbolKind::Metric(metric) => Some(metric.provider.text.as_str()),
                _ => None,
            }),
        );
        self.checker.report(match near {
            Some(near) => self.checker.file.suggest(finding, name.span, near),
            None => finding.help("name a provider that a metric is read `from`"),
        });
    }

    /// Checks the given condition; a value must fit the declaration.
    fn given_condition(&mut self, condition: &'t GivenCondition, wanted: Option<(&Type, &str)>) {
        match condition {
            GivenCondition::Value { value } => self.given_value(value, wanted),
            GivenCondition::Samples { runs, every } => {
                for (value, _) in runs {
                    self.given_value(value, wanted);
                }
                self.checker.duration(every, "every");
            }
            GivenCondition::Stale { age } => self.checker.duration(age, "stale"),
            GivenCondition::Slow { by } => self.checker.duration(by, "slow"),
            GivenCondition::Takes { duration } => self.checker.duration(duration, "takes"),
            GivenCondition::Series { count } => self.checker.count(count, "has"),
            GivenCondition::Exits { code, prints } => {
                self.checker.exit_code(*code);
                if let Some(text) = prints {
                    self.test_text(text, "what is printed");
                }
            }
            GivenCondition::Error { text }
            | GivenCondition::Prints { text }
            | GivenCondition::Fails { text: Some(text) } => self.test_text(text, "what is printed"),
            GivenCondition::Acknowledges { after: Some(after) } => {
                self.checker.duration(after, "after");
                self.known_before(after);
            }
            GivenCondition::Acknowledges { after: None }
            | GivenCondition::NeverAcknowledges
            | GivenCondition::Fails { text: None }
            | GivenCondition::None
            | GivenCondition::Nan
            | GivenCondition::Down
            | GivenCondition::Hangs => {}
        }
    }

    fn given_value(&mut self, value: &'t Expr, wanted: Option<(&Type, &str)>) {
        let Some((wanted, what)) = wanted else {
            self.answer(value);
            return;
        };
        let words: &[&str] =
            if *wanted == Type::Bool { &["yes", "no", "unknown"] } else { &["none", "unknown"] };
        if is_word(value, words) {
            return;
        }
        let ty = self.checker.value(value);
        self.known_before(value);
        let (Some(ours), Some(theirs)) = (ty.dimension(), wanted.dimension()) else {
            if !ty.fits(wanted) {
                let message = format!("{what} is {}, not {}", wanted.in_words(), ty.in_words());
                let finding = self.checker.finding(Code::TYPE_ARGUMENT, message, value.span, ty.in_words());
                let help = if *wanted == Type::Bool {
                    "write `yes`, `no` or `unknown`"
                } else if *wanted == Type::Text {
                    "write its text in quotes"
                } else if matches!(wanted, Type::List(_)) {
                    "write its lines as a list: `[\"a\", \"b\"]`; several samples are a list of those, `every 1m`"
                } else {
                    "give it a value of its own unit"
                };
                self.checker.report(finding.help(help));
            }
            return;
        };
        if !ours.agrees_with(theirs) {
            let wanted = Type::Quantity(theirs);
            let message = format!("{what} is {}, not {}", wanted.in_words(), ty.in_words());
            let code = if ours == rbl_syntax::value::Dimension::NUMBER {
                Code::UNIT_MISSING
            } else {
                Code::UNIT_DIFFERENT
            };
            let finding = self.checker.finding(code, message, value.span, ty.in_words());
            let help = match literal_number(value) {
                Some(number) => with_units(number, self.checker.slice(value.span), theirs, None),
                None => "give it in the unit it is declared in".to_owned(),
            };
            self.checker.report(finding.help(help));
        }
    }
}

/// The type of one value of a metric of texts or lines; `None` for one of numbers.
fn text_of(metric: &tree::Metric) -> Option<Type> {
    match metric.of {
        MetricType::Number => None,
        MetricType::Text => Some(Type::Text),
        MetricType::Lines => Some(Type::List(Box::new(Type::Text))),
        MetricType::Unknown => Some(Type::Any),
    }
}

fn labels(metric: &tree::Metric) -> Vec<&str> {
    metric.by.iter().map(|label| label.text.as_str()).collect()
}
