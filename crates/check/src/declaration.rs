//! Checks declarations: the names they introduce, and their contents.

use super::checker::Checker;
use super::expression::{Slot, param_type};
use super::symbol::{SymbolId, SymbolKind, TypeState};
use super::types::Type;
use rbl_syntax::diagnostic::{Code, Diagnostic};
use rbl_syntax::source::Span;
use rbl_syntax::tree;
use rbl_syntax::tree::{Declaration, DefineTarget, Item, MetricType, ParamType};
use rbl_syntax::value::{Dimension, Unit};

/// Returns the constants of a file: each `let` before its first step or other statement.
pub(super) fn constants(tree: &tree::File) -> impl Iterator<Item = &tree::Let> {
    let before_the_body = tree.items.iter().take_while(|item| match item {
        Item::Declaration(_) | Item::Test(_) | Item::Background(_) => true,
        Item::Statement(it) => !it.kind.begins_body(),
        Item::Step(_) => false,
    });
    before_the_body.filter_map(|item| {
        let Item::Statement(tree::Statement { kind: tree::StatementKind::Let(it), .. }) = item else {
            return None;
        };
        Some(it)
    })
}

impl<'t> Checker<'t> {
    /// Declares every name that a declaration introduces.
    pub(super) fn declare(&mut self, tree: &'t tree::File) {
        for declaration in tree.declarations() {
            let (name, kind, state) = match declaration {
                Declaration::Param(it) => (&it.name, SymbolKind::Param(it), TypeState::Waiting),
                Declaration::Secret(it) => (&it.name, SymbolKind::Secret, TypeState::Known(Type::Secret)),
                Declaration::Metric(it) => (&it.name, SymbolKind::Metric(it), TypeState::Waiting),
                Declaration::Define(it) => (&it.name, SymbolKind::Define(it), TypeState::Waiting),
                Declaration::Probe(it) => (&it.name, SymbolKind::Probe(it), TypeState::Waiting),
                Declaration::Let(it) => (&it.name, SymbolKind::Expression(it), TypeState::Waiting),
                Declaration::Runbook(_)
                | Declaration::About(_)
                | Declaration::Tests(_)
                | Declaration::Trigger(_)
                | Declaration::Owner(_)
                | Declaration::Severity(_)
                | Declaration::Timezone(_)
                | Declaration::Link(_)
                | Declaration::Limit(_)
                | Declaration::Use(_) => continue,
            };
            self.findings.report_all(self.symbols.declare_global(name, kind, state));
        }
        for (number, it) in (0..).zip(constants(tree)) {
            let kind = SymbolKind::Constant(it, number);
            self.findings.report_all(self.symbols.declare_global(&it.name, kind, TypeState::Waiting));
        }
    }

    /// Checks every declaration.
    pub(super) fn declarations(&mut self, tree: &'t tree::File) {
        let mut seen: [Option<Span>; 6] = [None; 6];
        for declaration in tree.declarations() {
            self.findings.next_statement();
            match declaration {
                Declaration::Runbook(it) => {
                    self.once(&mut seen[0], "runbook", it.span);
                    self.template(&it.title, Slot::Text("the title"));
                }
                Declaration::About(it) => {
                    self.once(&mut seen[4], "about", it.span);
                    self.fixed(&it.text, "about");
                }
                Declaration::Trigger(it) => {
                    self.once(&mut seen[1], "trigger", it.span);
                    self.trigger(it);
                }
                Declaration::Owner(it) => {
                    self.once(&mut seen[2], "owner", it.span);
                    self.template(&it.team, Slot::Text("a team's name"));
                    self.configured_team(&it.team);
                }
                Declaration::Severity(it) => {
                    self.once(&mut seen[3], "severity", it.span);
                    self.template(&it.text, Slot::Text("the severity"));
                }
                Declaration::Timezone(it) => {
                    self.once(&mut seen[5], "timezone", it.span);
                    self.time_zone(&it.name, "timezone");
                }
                Declaration::Link(it) => {
                    self.template(&it.name, Slot::Text("a link"));
                    self.template(&it.url, Slot::Text("a link"));
                }
                Declaration::Secret(it) => match &it.source {
                    tree::SecretSource::Env(text) | tree::SecretSource::File(text) => {
                        self.fixed(text, "secret");
                    }
                    tree::SecretSource::Command(text) => self.secret_command(text),
                },
                Declaration::Tests(_) | Declaration::Use(_) | Declaration::Limit(_) => {}
                Declaration::Param(it) => self.declared(&it.name),
                Declaration::Metric(it) => self.declared(&it.name),
                Declaration::Define(it) => self.declared(&it.name),
                Declaration::Probe(it) => self.declared(&it.name),
                Declaration::Let(it) => self.declared(&it.name),
            }
        }
        for it in constants(tree) {
            self.findings.next_statement();
            self.declared(&it.name);
        }
        self.limits(tree);
    }

    /// Checks a declaration by its name, unless a use has already triggered that.
    fn declared(&mut self, name: &'t tree::Name) {
        if let Some(id) = self.symbols.global_id(&name.text) {
            self.type_of(id);
        }
    }

    fn once(&mut self, seen: &mut Option<Span>, word: &str, span: Span) {
        if let Some(first) = *seen {
            let finding = self
                .finding(Code::NAME_DUPLICATE, format!("a second `{word}`"), span, "again here")
                .also(self.at(first), "first here")
                .help("take one of them out");
            self.report(finding);
        }
        seen.get_or_insert(span);
    }

    /// Checks a declaration of the file; returns its type.
    pub(super) fn check_declaration(&mut self, id: SymbolId) -> Type {
        let Some(symbol) = self.symbols.get_mut(id) else { return Type::Any };
        symbol.state = TypeState::Busy;
        let kind = symbol.kind;
        let name = symbol.name;
        let outer = self.inference.begin();
        let ty = self.outside_blocks(|it| it.check_inside(kind, name));
        let needs = self.inference.end(outer);
        if let Some(symbol) = self.symbols.get_mut(id) {
            symbol.state = TypeState::Known(ty.clone());
            symbol.needs = needs;
        }
        ty
    }

    fn check_inside(&mut self, kind: SymbolKind<'t>, name: &'t tree::Name) -> Type {
        match kind {
            SymbolKind::Param(it) => self.param(it),
            SymbolKind::Metric(it) => self.metric(it),
            SymbolKind::Define(it) => {
                self.define(it);
                Type::Any
            }
            SymbolKind::Probe(it) => self.in_block(|checker| {
                checker.findings.report_all(checker.symbols.declare_arguments(&it.params, false));
                checker.look(&it.look);
                Type::Output
            }),
            SymbolKind::Expression(it) => self.in_block(|checker| {
                checker.findings.report_all(checker.symbols.declare_arguments(&it.params, false));
                checker.value(&it.value)
            }),
            SymbolKind::Constant(it, number) => {
                self.inference.evaluate_constant(number);
                let ty = self.value(&it.value);
                self.not_secret_text(&ty, it.value.span, name);
                ty
            }
            SymbolKind::Secret
            | SymbolKind::Local
            | SymbolKind::Element
            | SymbolKind::ActionResult
            | SymbolKind::Argument { .. } => Type::Any,
        }
    }

    fn param(&mut self, it: &'t tree::Param) -> Type {
        let declared = it.of.map(param_type);
        if let Some(among) = &it.among {
            self.allowed_values(it, among);
        }
        let Some(default) = &it.default else { return declared.unwrap_or(Type::Text) };
        self.inference.evaluate_default(true);
        let ty = self.value(default);
        self.inference.evaluate_default(false);
        match declared {
            Some(declared) => {
                if !ty.fits(&declared) {
                    let what = format!("`{}`", it.name.text);
                    self.wrong_argument(default, &ty, &declared, &what, self.at(it.name.span));
                }
                declared
            }
            None if it.among.is_some() && !ty.fits(&Type::Text) => {
                let what = format!("`{}`", it.name.text);
                self.wrong_argument(default, &ty, &Type::Text, &what, self.at(it.name.span));
                Type::Text
            }
            None => ty,
        }
    }

    fn metric(&mut self, it: &'t tree::Metric) -> Type {
        let mut kinds = Vec::new();
        self.in_block(|checker| {
            checker.findings.report_all(checker.symbols.declare_arguments(&it.params, false));
            checker.template_kinds(&it.query, Slot::Query, &mut kinds);
        });
        for (index, label) in it.by.iter().enumerate() {
            if let Some(first) = it.by.iter().take(index).find(|other| other.text == label.text) {
                let finding = self
                    .finding(
                        Code::NAME_DUPLICATE,
                        format!("`{}` is a label twice", label.text),
                        label.span,
                        "again here",
                    )
                    .also(self.at(first.span), "first here")
                    .help("name each label once");
                self.report(finding);
            }
        }
        self.provider(it, &kinds);
        match it.of {
            MetricType::Number => {}
            MetricType::Text => return self.text_metric(it),
            MetricType::Lines => return self.lines_metric(it),
            MetricType::Unknown => return Type::Any,
        }
        let dimension = match &it.unit {
            None => Unit::ONE.dimension(),
            Some(spec) => match spec.unit {
                Some(unit) => unit.dimension(),
                None => return Type::Any,
            },
        };
        if it.by.is_empty() {
            Type::Quantity(dimension)
        } else {
            Type::Samples(dimension, it.by.iter().map(|label| label.text.clone()).collect())
        }
    }

    /// A metric of texts, one or one for each label.
    fn text_metric(&mut self, it: &'t tree::Metric) -> Type {
        self.has_no_unit(it, "a text");
        if it.by.is_empty() {
            Type::Text
        } else {
            Type::Texts(it.by.iter().map(|label| label.text.clone()).collect())
        }
    }

    /// A metric of lines.
    fn lines_metric(&mut self, it: &'t tree::Metric) -> Type {
        self.has_no_unit(it, "lines of text");
        if let Some(label) = it.by.first() {
            let message = format!("`{}` is lines, and has no `by`", it.name.text);
            let finding = self.finding(Code::TYPE_METRIC, message, label.span, "lines have no labels");
            let help = "take `by` out; one text for each label is `: text by LABEL`";
            self.report(finding.help(help));
        }
        Type::List(Box::new(Type::Text))
    }

    /// Reports `in UNIT` of a metric that is no number.
    fn has_no_unit(&mut self, it: &'t tree::Metric, what: &str) {
        let Some(unit) = &it.unit else { return };
        let message = format!("`{}` is {what}, and has no unit", it.name.text);
        let finding = self.finding(Code::TYPE_METRIC, message, unit.span, "a unit of what?");
        self.report(finding.help("take `in UNIT` out, or the type: a number has no type"));
    }

    fn define(&mut self, it: &'t tree::Define) {
        let handed_on = matches!(it.target, DefineTarget::Executor { .. });
        self.in_block(|checker| {
            checker.findings.report_all(checker.symbols.declare_arguments(&it.params, handed_on));
            match &it.target {
                DefineTarget::Prose(text) => checker.template(text, Slot::Text("an instruction")),
                DefineTarget::Command(command) => checker.command(command),
                DefineTarget::Executor { executor, reference } => {
                    checker.template(reference, Slot::Reference);
                    checker.executor(executor);
                    checker.reference(it, executor, reference);
                }
            }
        });
        if let Some(at_most) = &it.at_most {
            self.at_most(at_most);
        }
    }

    /// Checks the name of a time zone.
    pub(super) fn time_zone(&mut self, zone: &'t tree::Template, declaration: &'static str) {
        let Some(name) = self.fixed(zone, declaration) else { return };
        if jiff::tz::db().get(name).is_err() {
            let message = format!("no time zone is called `{name}`");
            let finding = self.finding(Code::TIME_ZONE, message, zone.span, "not in the list of time zones");
            self.report(finding.help("write it as `\"Europe/Berlin\"` or `\"UTC\"`"));
        }
    }

    /// Checks a text that must be known before the run.
    pub(super) fn fixed(&mut self, text: &'t tree::Template, word: &str) -> Option<&'t str> {
        let fixed = text.literal();
        if fixed.is_none() {
            let value = text.values().next().map_or(text.span, |value| value.span);
            let message = format!("a value in the text of `{word}`");
            let finding: Diagnostic =
                self.finding(Code::TYPE_FIXED, message, value, "known only during the run");
            self.report(finding.help("write the text as it is"));
        }
        fixed
    }
}

/// Returns the type that the text of a `param` is read as.
pub(super) fn declared_type(param: &tree::Param) -> Option<ParamType> {
    if let Some(of) = param.of {
        return Some(of);
    }
    let Some(default) = &param.default else { return Some(ParamType::Text) };
    type_of_default(default)
}

/// Infers the type of a default from its form.
fn type_of_default(default: &tree::Expr) -> Option<ParamType> {
    match &default.bare().kind {
        tree::ExprKind::Text(_) => Some(ParamType::Text),
        tree::ExprKind::Bool { .. } => Some(ParamType::Bool),
        tree::ExprKind::Number { unit, .. } => of_dimension(unit.dimension()),
        tree::ExprKind::Unary { op: tree::UnaryOp::Negate, operand } => type_of_default(operand),
        _ => None,
    }
}

/// Returns the name of the type of a dimension, if it has one.
pub(super) fn of_dimension(dimension: Dimension) -> Option<ParamType> {
    [
        (Dimension::NUMBER, ParamType::Number),
        (Dimension::DURATION, ParamType::Duration),
        (Dimension::DATA, ParamType::Data),
        (Dimension::RATIO, ParamType::Ratio),
    ]
    .into_iter()
    .find_map(|(known, name)| (known == dimension).then_some(name))
}
