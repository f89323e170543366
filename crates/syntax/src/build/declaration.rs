//! Builds declarations.

use smol_str::SmolStr;

use super::{GrammarPair, TreeBuilder, first, misplaced, parts};
use crate::diagnostic::{Code, Diagnostic, Safety, did_you_mean};
use crate::grammar::Rule;
use crate::source::Span;
use crate::tree::{
    About, AlertNames, AtMost, Declaration, Define, DefineTarget, Item, LabelMatch, LabelMatcher, Limit,
    Link, Metric, MetricType, Name, Owner, Param, ParamType, ProbeDeclaration, RunbookHeader, Secret,
    SecretSource, SeverityDeclaration, TestsHeader, TimezoneDeclaration, Trigger, TriggerKind, UnitSpec, Use,
};
use crate::value::{Unit, UnitRefusal};

const PARAM_TYPES: [(&str, ParamType); 6] = [
    ("text", ParamType::Text),
    ("number", ParamType::Number),
    ("bool", ParamType::Bool),
    ("duration", ParamType::Duration),
    ("data", ParamType::Data),
    ("ratio", ParamType::Ratio),
];

impl TreeBuilder<'_> {
    /// Builds a declaration, or a statement at the top level.
    pub(super) fn item(&mut self, pair: GrammarPair<'_>) -> Item {
        let span = self.span(&pair);
        let declaration = match pair.as_rule() {
            Rule::runbook_decl => {
                Declaration::Runbook(RunbookHeader { span, title: self.text(first(&mut parts(pair))) })
            }
            Rule::about_decl => Declaration::About(About { span, text: self.text(first(&mut parts(pair))) }),
            Rule::tests_decl => {
                Declaration::Tests(TestsHeader { span, file: self.text(first(&mut parts(pair))) })
            }
            Rule::trigger_decl => {
                let kind = self.trigger(first(&mut parts(pair)));
                Declaration::Trigger(Trigger { span, kind })
            }
            Rule::owner_decl => Declaration::Owner(Owner { span, team: self.text(first(&mut parts(pair))) }),
            Rule::timezone_decl => {
                Declaration::Timezone(TimezoneDeclaration { span, name: self.text(first(&mut parts(pair))) })
            }
            Rule::severity_decl => {
                Declaration::Severity(SeverityDeclaration { span, text: self.text(first(&mut parts(pair))) })
            }
            Rule::link_decl => {
                let mut inner = parts(pair);
                let name = self.text(first(&mut inner));
                Declaration::Link(Link { span, name, url: self.text(first(&mut inner)) })
            }
            Rule::param_decl => self.param(pair, span),
            Rule::secret_decl => self.secret(pair, span),
            Rule::metric_decl => self.metric(pair, span),
            Rule::define_decl => self.define(pair, span),
            Rule::limit_decl => self.limit(pair, span),
            Rule::probe_decl => self.probe_declaration(pair, span),
            Rule::use_decl => Declaration::Use(Use { span, file: self.text(first(&mut parts(pair))) }),
            _ => return self.statement(pair),
        };
        Item::Declaration(declaration)
    }

    fn trigger(&mut self, pair: GrammarPair<'_>) -> TriggerKind {
        match pair.as_rule() {
            Rule::kw_manual => TriggerKind::Manual,
            Rule::alert_trigger => {
                let (mut listed, mut regex, mut labels, mut by) = (Vec::new(), None, None, None);
                for pair in parts(pair) {
                    let span = self.span(&pair);
                    match pair.as_rule() {
                        Rule::text => listed.push(self.text(pair)),
                        Rule::alert_regex => regex = Some(self.text(first(&mut parts(pair)))),
                        Rule::alert_where => {
                            let matchers = parts(pair).map(|label| self.label(label)).collect();
                            self.once(&mut labels, span, "where", matchers);
                        }
                        _ => {
                            let names = parts(pair).map(|label| self.label_name(label)).collect();
                            self.once(&mut by, span, "by", names);
                        }
                    }
                }
                TriggerKind::Alert {
                    name: regex.map_or(AlertNames::Listed(listed), AlertNames::Matching),
                    labels: labels.unwrap_or_default(),
                    by: by.unwrap_or_default(),
                }
            }
            Rule::schedule_trigger => {
                let mut inner = parts(pair);
                let cron = self.text(first(&mut inner));
                let (mut timezone, mut window) = (None, None);
                for pair in inner {
                    let span = self.span(&pair);
                    if pair.as_rule() == Rule::timezone {
                        let text = self.text(first(&mut parts(pair)));
                        self.once(&mut timezone, span, "in", text);
                    } else {
                        let value = self.modifier_value(pair);
                        self.once(&mut window, span, "for", value);
                    }
                }
                TriggerKind::Schedule { cron, timezone, window }
            }
            _ => misplaced(&pair),
        }
    }

    fn label(&mut self, pair: GrammarPair<'_>) -> LabelMatcher {
        let mut inner = parts(pair);
        let name = self.label_name(first(&mut inner));
        let op = match first(&mut inner).as_str() {
            "=" => LabelMatch::Equal,
            "!=" => LabelMatch::NotEqual,
            "=~" => LabelMatch::Matches,
            _ => LabelMatch::NotMatches,
        };
        LabelMatcher { name, op, value: self.text(first(&mut inner)) }
    }

    /// Builds the name of a label: a word, or a text for one with other characters.
    fn label_name(&mut self, pair: GrammarPair<'_>) -> Name {
        if pair.as_rule() != Rule::text {
            return self.name(&pair);
        }
        let text = self.text(pair);
        let name = text.literal().map(SmolStr::from).unwrap_or_default();
        if name.is_empty() {
            let place = self.place(text.span);
            self.report(
                Diagnostic::new(Code::TYPE_FIXED, "the name of a label is written out", place, "no name")
                    .help("write the label: `\"service.name\"`"),
            );
        }
        Name { text: name, span: text.span }
    }

    fn param(&mut self, pair: GrammarPair<'_>, span: Span) -> Declaration {
        let mut inner = parts(pair);
        let name = self.new_name(&first(&mut inner));
        let (mut of, mut among, mut default) = (None, None, None);
        for pair in inner {
            match pair.as_rule() {
                Rule::param_type => of = Some(self.param_type(&first(&mut parts(pair)))),
                Rule::among => among = Some(self.modifier_value(pair)),
                _ => default = Some(self.value(pair)),
            }
        }
        Declaration::Param(Param { span, name, of, among, default })
    }

    fn param_type(&mut self, pair: &GrammarPair<'_>) -> ParamType {
        let written = pair.as_str();
        if let Some((_, found)) = PARAM_TYPES.iter().find(|(name, _)| *name == written) {
            return *found;
        }
        let place = self.place(self.span(pair));
        let names = PARAM_TYPES.iter().map(|(name, _)| *name);
        // A unit that is only similar, or that could be one of two, was perhaps not meant.
        let (meant, safety) = match written {
            "string" | "str" => (Some("text"), Safety::Safe),
            "int" | "integer" | "float" => (Some("number"), Safety::Safe),
            "boolean" => (Some("bool"), Safety::Safe),
            "percent" | "percentage" => (Some("ratio"), Safety::Safe),
            "count" => (Some("number"), Safety::Choice),
            "time" | "seconds" => (Some("duration"), Safety::Choice),
            "bytes" | "size" => (Some("data"), Safety::Choice),
            _ => (did_you_mean(written, names), Safety::Choice),
        };
        let diagnostic = Diagnostic::new(
            Code::NAME_UNKNOWN_TYPE,
            format!("there is no type `{written}`"),
            place,
            "not a type",
        );
        self.report(match meant {
            Some(meant) => diagnostic.help(format!("write `{meant}`")).fix(
                format!("write `{meant}`"),
                safety,
                place,
                meant,
            ),
            None => diagnostic.help("the types are text, number, bool, duration, data and ratio"),
        });
        ParamType::Unknown
    }

    fn secret(&mut self, pair: GrammarPair<'_>, span: Span) -> Declaration {
        // The word between the name and the text says the source; the grammar already distinguished the three.
        let mut inner = pair.into_inner().filter(|pair| {
            matches!(
                pair.as_rule(),
                Rule::name | Rule::kw_env | Rule::kw_file | Rule::kw_command | Rule::text
            )
        });
        let name = self.new_name(&first(&mut inner));
        let from = first(&mut inner).as_rule();
        let text = self.text(first(&mut inner));
        let source = match from {
            Rule::kw_env => SecretSource::Env(text),
            Rule::kw_file => SecretSource::File(text),
            _ => SecretSource::Command(text),
        };
        Declaration::Secret(Secret { span, name, source })
    }

    fn metric(&mut self, pair: GrammarPair<'_>, span: Span) -> Declaration {
        let mut inner = parts(pair);
        let name = self.new_name(&first(&mut inner));
        let mut params = Vec::new();
        let mut of = MetricType::Number;
        let (mut by, mut unit, mut provider, mut query) = (None, None, None, None);
        for pair in inner {
            let span = self.span(&pair);
            match pair.as_rule() {
                Rule::params => params = self.params(pair),
                Rule::metric_type => of = self.metric_type(&first(&mut parts(pair))),
                Rule::metric_by => {
                    let labels: Vec<_> = parts(pair).map(|label| self.label_name(label)).collect();
                    self.once(&mut by, span, "by", labels);
                }
                Rule::metric_unit => {
                    let spec = self.unit(&first(&mut parts(pair)));
                    self.once(&mut unit, span, "in", spec);
                }
                Rule::name => provider = Some(self.name(&pair)),
                _ => query = Some(self.text(pair)),
            }
        }
        let (Some(provider), Some(query)) = (provider, query) else {
            crate::diagnostic::bug("a metric without a provider or a query")
        };
        Declaration::Metric(Box::new(Metric {
            span,
            name,
            params,
            of,
            by: by.unwrap_or_default(),
            unit,
            provider,
            query,
        }))
    }

    fn metric_type(&mut self, pair: &GrammarPair<'_>) -> MetricType {
        let written = pair.as_str();
        let place = self.place(self.span(pair));
        let meant = match written {
            "text" => return MetricType::Text,
            "lines" => return MetricType::Lines,
            "number" | "duration" | "data" | "ratio" | "float" | "int" => {
                let message = format!("`{written}` is no type of a metric");
                let diagnostic =
                    Diagnostic::new(Code::NAME_UNKNOWN_TYPE, message, place, "not a type of a metric");
                self.report(
                    diagnostic.help("take it out: without a type it is a number, in the unit that `in` says"),
                );
                return MetricType::Unknown;
            }
            "string" | "str" => Some("text"),
            "list" | "line" | "log" => Some("lines"),
            _ => did_you_mean(written, ["text", "lines"]),
        };
        let message = format!("there is no metric of type `{written}`");
        let diagnostic = Diagnostic::new(Code::NAME_UNKNOWN_TYPE, message, place, "not a type of a metric");
        self.report(match meant {
            Some(meant) => {
                let title = format!("write `{meant}`");
                diagnostic.help(title.clone()).fix(title, Safety::Choice, place, meant)
            }
            None => diagnostic.help("a metric is `text`, `lines`, or without a type a number"),
        });
        MetricType::Unknown
    }

    fn unit(&mut self, pair: &GrammarPair<'_>) -> UnitSpec {
        let span = self.span(pair);
        let written = pair.as_str();
        match Unit::parse(written) {
            Ok(unit) => UnitSpec { span, unit: Some(unit) },
            Err(refusal) => {
                let place = self.place(span);
                let mut diagnostic = Diagnostic::new(
                    Code::UNIT_UNKNOWN,
                    format!("`{written}` is no unit"),
                    place,
                    "not a unit of the language",
                );
                match refusal {
                    UnitRefusal::Doubtful(right) => {
                        let safety = if right.len() == 1 { Safety::Safe } else { Safety::Choice };
                        let shown: Vec<String> = right.iter().map(|unit| format!("`{unit}`")).collect();
                        diagnostic = diagnostic.help(format!("write {}", shown.join(" or ")));
                        for unit in right {
                            diagnostic = diagnostic.fix(format!("write `{unit}`"), safety, place, *unit);
                        }
                    }
                    UnitRefusal::Unknown => {
                        diagnostic = diagnostic.help(
                            "the units are ns us ms s m h d w, B kB MB GB TB PB, KiB MiB GiB TiB PiB, %, ratio and any of them `/s`; leave `in` out for a plain number",
                        );
                    }
                }
                self.report(diagnostic);
                UnitSpec { span, unit: None }
            }
        }
    }

    fn probe_declaration(&mut self, pair: GrammarPair<'_>, span: Span) -> Declaration {
        let mut inner = parts(pair);
        let name = self.new_name(&first(&mut inner));
        let (mut params, mut look) = (Vec::new(), None);
        for pair in inner {
            match pair.as_rule() {
                Rule::params => params = self.params(pair),
                _ => look = Some(self.primary(pair)),
            }
        }
        let Some(look) = look else { crate::diagnostic::bug("a probe without a command") };
        Declaration::Probe(Box::new(ProbeDeclaration { span, name, params, look }))
    }

    fn define(&mut self, pair: GrammarPair<'_>, span: Span) -> Declaration {
        let mut inner = parts(pair);
        let name = self.new_name(&first(&mut inner));
        let mut params = Vec::new();
        let (mut target, mut at_most) = (None, None);
        for pair in inner {
            let span = self.span(&pair);
            match pair.as_rule() {
                Rule::params => params = self.params(pair),
                Rule::at_most => {
                    let mut inner = parts(pair);
                    let times = self.value(first(&mut inner));
                    let window = self.value(first(&mut inner));
                    at_most = Some(AtMost { span, times, window });
                }
                Rule::text => target = Some(DefineTarget::Prose(self.text(pair))),
                Rule::command => target = Some(DefineTarget::Command(self.command(pair))),
                _ => {
                    let mut inner = parts(pair);
                    let executor = self.name(&first(&mut inner));
                    let reference = self.text(first(&mut inner));
                    target = Some(DefineTarget::Executor { executor, reference });
                }
            }
        }
        let Some(target) = target else { crate::diagnostic::bug("a define without a target") };
        Declaration::Define(Define { span, name, params, target, at_most })
    }

    fn limit(&mut self, pair: GrammarPair<'_>, span: Span) -> Declaration {
        let mut inner = parts(pair);
        let count = self.value(first(&mut inner));
        let (mut window, mut by) = (None, None);
        for pair in inner {
            match pair.as_rule() {
                Rule::limit_runs => window = Some(self.modifier_value(pair)),
                Rule::limit_by => by = Some(self.name(&first(&mut parts(pair)))),
                _ => {}
            }
        }
        Declaration::Limit(Limit { span, count, window, by })
    }
}
