//! Checks the `PromQL` query of a metric: whether it parses, and whether it returns what the metric declares.

use super::checker::Checker;
use super::current_file::CurrentFile;
use super::promql::{self, Measure, NumberKind, Pure, QueryRange};
use super::types::Type;
use rbl_syntax::diagnostic::{Code, Safety};
use rbl_syntax::source::Span;
use rbl_syntax::tree::{Metric, Part, UnitSpec};
use rbl_syntax::value::{Dimension, Scale, TimeUnit, Unit, UnitSymbol};

impl<'t> Checker<'t> {
    /// Checks the query of a metric; `types` are those of its values, in order.
    pub(super) fn promql(&mut self, metric: &'t Metric, types: &[Type]) {
        let mut values = types.iter();
        let parts: Vec<promql::PromqlPart<'_>> =
            parts(metric, || values.next().map_or(promql::InsertedKind::Any, kind));
        let look = match promql::analyse(&parts) {
            Ok(look) => look,
            Err(error) => {
                let span = in_query(
                    self.file,
                    metric,
                    QueryRange { part: error.part, byte: error.byte, len: error.len },
                );
                let label = format!("in the query of `{}`", metric.name.text);
                let finding = self.finding(Code::PROVIDER_PROMQL, error.message, span, label);
                let help = error.help.unwrap_or_else(|| "try the query in Prometheus first".to_owned());
                self.report(finding.help(help));
                return;
            }
        };
        self.inference.set_counts(metric, look.counts);
        if let (Some((measure, spot)), Some(declared)) = (&look.measure, &metric.unit) {
            self.declared_unit(metric, declared, measure, *spot);
        }
        if let Some((spot, comparison)) = &look.filter
            && metric.by.is_empty()
        {
            self.filter(metric, *spot, comparison);
        }
        for (function, range, spot) in &look.short {
            let span = in_query(self.file, metric, *spot);
            let message = format!("`{function}` over {range} may see fewer than two samples");
            let finding = self.finding(Code::PROVIDER_RANGE, message, span, "shorter than four scrapes");
            self.report(
                finding
                    .help("write `1m` or more: a range holds four scrapes, so that one may be missed")
                    .fix("write `1m`", Safety::Choice, self.at(span), "1m"),
            );
        }
    }

    /// Reports a comparison at the top: *false* and *no data* look the same.
    fn filter(&mut self, metric: &'t Metric, spot: QueryRange, comparison: &str) {
        let span = in_query(self.file, metric, spot);
        let name = &metric.name.text;
        let message = format!("the query of `{name}` gives nothing where it is false");
        let finding = self.finding(Code::PROVIDER_FILTER, message, span, "a filter: no answer, not a no");
        let short = comparison.len() <= 20 && !comparison.contains('\n');
        let help = if short {
            format!(
                "take `{comparison}` out of the query, and compare where it is used: `{name} {comparison}`"
            )
        } else {
            format!("end the query before this, and compare where `{name}` is used")
        };
        self.report(finding.help(help));
    }

    /// Compares the declared unit with what the query measures.
    fn declared_unit(
        &mut self,
        metric: &'t Metric,
        declared: &UnitSpec,
        measure: &Measure,
        spot: Option<QueryRange>,
    ) {
        let Some(unit) = declared.unit else { return };
        let Some(disagreement) = disagreement(unit, measure) else { return };
        let name = &metric.name.text;
        let written = String::from(unit);
        let right = unit_that_fits(unit, measure);
        let counts = right.map_or_else(|| in_words(measure), |right| format!("in `{}`", String::from(right)));
        let message = format!("`{name}` is declared in `{written}`, its query counts {counts}");
        let finding = self.finding(Code::UNIT_NAME, message, declared.span, "declared here");
        let finding = match spot {
            Some(spot) => {
                let span = in_query(self.file, metric, spot);
                finding.also(self.at(span), name_evidence(measure))
            }
            None => finding,
        };
        let pure = measure.time == 0 && measure.data == 0;
        let Some(right) = right else {
            let help = if pure && measure.pure == Pure::Share {
                "seconds per second have no unit: write `in ratio`, or take `increase(…)` in the query"
            } else {
                "take the unit out, or fix the query"
            };
            self.report(finding.help(help));
            return;
        };
        let right = String::from(right);
        let help = match disagreement {
            Disagreement::Factor if pure && unit.factor() < measure.factor => {
                format!("write `in {right}`, or multiply the query by 100")
            }
            Disagreement::Factor if pure => format!("write `in {right}`"),
            Disagreement::Factor => format!(
                "write `in {right}`: an answer of 1 is then 1{right}, not 1{written}; limits with a unit stay as they are"
            ),
            Disagreement::Kind => {
                format!("write `in {right}`; what it is compared with takes such a unit too")
            }
        };
        let place = self.at(declared.span);
        self.report(finding.help(help.clone()).fix(help, Safety::Choice, place, right));
    }

    /// Returns the kind of numbers of a Prometheus metric; computed once per metric.
    pub(super) fn counts(&mut self, metric: &'t Metric) -> Option<&NumberKind> {
        if !self.inputs.catalogue.asks_prometheus(&metric.provider.text) {
            return None;
        }
        Some(self.inference.counts(metric, || NumberKind::of(&parts(metric, || promql::InsertedKind::Any))))
    }
}

/// Returns the source span of a part of a metric's query.
pub(super) fn in_query(file: CurrentFile<'_>, metric: &Metric, spot: QueryRange) -> Span {
    match metric.query.parts.get(spot.part) {
        Some(Part::Literal { text, span }) => {
            let start = file.source_offset(text, *span, spot.byte);
            let end = file.source_offset(text, *span, spot.byte + spot.len).max(start);
            if start == end {
                Span::new(start, metric.query.span.end.min(start + 1))
            } else {
                Span::new(start, end)
            }
        }
        Some(Part::Value(value)) => value.span,
        None => metric.query.span,
    }
}

/// How a declared unit differs from what is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Disagreement {
    /// The dimension differs.
    Kind,
    /// The dimension is the same, but the scale differs.
    Factor,
}

fn disagreement(unit: Unit, measure: &Measure) -> Option<Disagreement> {
    // An increase within a minute may well be read as a rate per minute.
    if measure.difference && unit.per.is_some() {
        return None;
    }
    let dimension = unit.dimension();
    if (dimension.time, dimension.data) != (measure.time, measure.data) {
        return (measure.pure != Pure::Counter).then_some(Disagreement::Kind);
    }
    if dimension.is_pure() && (measure.pure != Pure::Share || dimension.scale != Scale::Ratio) {
        return None;
    }
    let ratio = unit.factor() / measure.factor;
    (!(0.99..=1.01).contains(&ratio)).then_some(Disagreement::Factor)
}

/// Returns the unit of the query, if there is one; of several the one with the same "per".
fn unit_that_fits(declared: Unit, measure: &Measure) -> Option<Unit> {
    let pers = [declared.per, None, Some(TimeUnit::Second)].into_iter();
    let all = pers.flat_map(|per| UnitSymbol::TABLE.iter().map(move |row| Unit { symbol: row.symbol, per }));
    let mut fitting = all.filter(|unit| {
        let dimension = unit.dimension();
        let share = matches!(dimension.scale, Scale::Ratio);
        let time_per_time = unit.per.is_some() && unit.symbol.row().dimension.time != 0;
        let same = (dimension.time, dimension.data) == (measure.time, measure.data);
        same && !time_per_time
            && share == (measure.pure == Pure::Share && dimension.is_pure())
            && (unit.factor() / measure.factor - 1.0).abs() < 1e-6
    });
    fitting.find(|unit| *unit != Unit::ONE)
}

/// Describes what is measured, if no unit does.
fn in_words(measure: &Measure) -> String {
    let pure = measure.time == 0 && measure.data == 0;
    let scale = if pure && measure.pure == Pure::Share { Scale::Ratio } else { Scale::Plain };
    Dimension { time: measure.time, data: measure.data, scale }.in_words()
}

/// Why the name shows it.
fn name_evidence(measure: &Measure) -> &'static str {
    if measure.time == 0 && measure.data == 0 { "what it counts" } else { "its own name says so" }
}

/// Returns the parts of a query, with a kind for each value in it.
fn parts(metric: &Metric, mut kind: impl FnMut() -> promql::InsertedKind) -> Vec<promql::PromqlPart<'_>> {
    let mut all = Vec::with_capacity(metric.query.parts.len());
    for part in &metric.query.parts {
        all.push(match part {
            Part::Literal { text, .. } => promql::PromqlPart::Text(text),
            Part::Value(_) => promql::PromqlPart::Value(promql::InsertedValue::Later(kind())),
        });
    }
    all
}

/// Returns what is known about an inserted value.
fn kind(ty: &Type) -> promql::InsertedKind {
    match ty {
        Type::Text | Type::Output | Type::Secret => promql::InsertedKind::Text,
        Type::Bool => promql::InsertedKind::Bool,
        Type::List(_) => promql::InsertedKind::List,
        other => match other.dimension() {
            Some(dimension) if dimension.is_pure() => promql::InsertedKind::Number,
            Some(Dimension::DURATION) => promql::InsertedKind::Duration,
            Some(Dimension::DATA) => promql::InsertedKind::Data,
            _ => promql::InsertedKind::Any,
        },
    }
}
