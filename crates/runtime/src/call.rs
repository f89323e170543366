//! Calls: functions, metrics with parameters and named expressions.

use std::sync::Arc;

use super::aggregate;
use super::budget::CALL;
use super::compare;
use super::element::argument;
use super::exit::WalkResult;
use super::expression::{in_words, unknown};
use super::field;
use super::interpreter::Interpreter;
use super::json;
use super::kept_regex::KeptRegex;
use super::partial;
use rbl_check::NamedExpression;
use rbl_syntax::tree::{Arg, BinaryOp, Expr, Name};
use rbl_syntax::value::{Quantity, ReasonKind, Time, Unit, Value, Verdict};

/// A built-in function: takes values, returns a value; unknown where an argument it needs is unknown.
pub(super) type BuiltinFunction = fn(&[Value]) -> Value;

/// All built-in functions by name.
const FUNCTIONS: &[(&str, BuiltinFunction)] = &[
    ("abs", abs),
    ("avg", aggregate::avg),
    ("contains", contains),
    ("count", aggregate::count),
    ("delta", aggregate::delta),
    ("first", aggregate::first),
    ("join", join),
    ("json", read_json),
    ("last", aggregate::last),
    ("length", length),
    ("lower", lower),
    ("matches", matches),
    ("max", aggregate::max),
    ("min", aggregate::min),
    ("number", number),
    ("quantile", aggregate::quantile),
    ("rate", aggregate::rate),
    ("round", round),
    ("split", split),
    ("sum", aggregate::sum),
    ("time", time),
    ("trim", trim),
    ("upper", upper),
];

impl<'p> Interpreter<'p, '_> {
    /// `f(x, name: y)`
    pub(super) fn call(&mut self, expr: &'p Expr, name: &'p Name, args: &'p [Arg]) -> WalkResult<Value> {
        let runbook = self.frame.runbook;
        if let Some(metric) = runbook.metrics.get(&name.text) {
            return self.reading(expr, metric, args);
        }
        if let Some(probe) = runbook.probes.get(&name.text) {
            return self.declared_probe(expr, probe, args);
        }
        if let Some(expression) = runbook.expressions.get(&name.text) {
            return self.named_expression(expression, args);
        }
        let Some((_, function)) = FUNCTIONS.iter().find(|(known, _)| *known == name.text) else {
            return Ok(unknown(ReasonKind::NoField, format!("no function `{}`", name.text)));
        };
        let mut values = Vec::with_capacity(args.len());
        for arg in args {
            values.push(self.value(&arg.value)?);
        }
        let value = self.bounded_call(&name.text, *function, &values, expr.span);
        Ok(match values.iter().find_map(Value::alteration) {
            Some(why) => partial::altered_like(value, &why),
            None => value,
        })
    }

    /// `let NAME(PARAMS) = …`, evaluated at each use.
    pub(super) fn named_expression(
        &mut self,
        expression: &'p Arc<NamedExpression>,
        args: &'p [Arg],
    ) -> WalkResult<Value> {
        self.budget.heavy(CALL);
        let params = &expression.declaration.params;
        let values = self.arguments(args, params)?;
        let elements = self.element_arguments(args, params);
        let scope = self.frame.environment.enter_declaration();
        let source = std::mem::replace(&mut self.frame.source, expression.source);
        for ((param, value), element) in params.iter().zip(values).zip(elements) {
            self.frame.environment.define_element(param.text.clone(), value, element);
        }
        let value = self.value(&expression.declaration.value);
        self.frame.source = source;
        self.frame.environment.leave(scope);
        value
    }

    /// The arguments in the order of the parameters; a missing one is unknown.
    pub(super) fn arguments(&mut self, args: &'p [Arg], params: &'p [Name]) -> WalkResult<Vec<Value>> {
        if params.is_empty() {
            return Ok(Vec::new());
        }
        let mut values = Vec::with_capacity(params.len());
        for (index, param) in params.iter().enumerate() {
            values.push(match argument(args, index, param) {
                Some(arg) => self.untraced(&arg.value)?,
                None => unknown(ReasonKind::NoField, format!("no argument `{}`", param.text)),
            });
        }
        Ok(values)
    }
}

/// Returns the argument at this index if it is known; else the value the function returns at once.
fn known(args: &[Value], index: usize) -> Result<&Value, Value> {
    match args.get(index) {
        Some(Value::Unknown(reason)) => Err(Value::Unknown(reason.clone())),
        Some(value) => Ok(value),
        None => Err(unknown(ReasonKind::NoField, "an argument is missing")),
    }
}

pub(super) fn text(args: &[Value], index: usize) -> Result<String, Value> {
    match known(args, index)? {
        Value::Text(text) => Ok(text.to_string()),
        Value::Output(output) => text(&[output.text().compared().into_owned()], 0),
        value if let Some(reason) = partial::gap(value) => Err(Value::Unknown(reason)),
        Value::Secret(_) => Err(unknown(ReasonKind::NoValue, "a secret is no text")),
        value => Ok(value.to_string()),
    }
}

fn either(result: Result<Value, Value>) -> Value {
    result.unwrap_or_else(|unknown| unknown)
}

fn quantity(args: &[Value], index: usize) -> Result<Quantity, Value> {
    compare::needed_quantity(known(args, index)?).map_err(Value::unknown)
}

fn abs(args: &[Value]) -> Value {
    either(quantity(args, 0).map(|it| Value::Quantity(Quantity { base: it.base.abs(), ..it })))
}

/// Rounds to a whole number of the unit it prints in, or to the given number of decimal places.
fn round(args: &[Value]) -> Value {
    either((|| {
        let value = quantity(args, 0)?;
        let digits = if args.len() > 1 { quantity(args, 1)?.base } else { 0.0 };
        let scale = 10_f64.powf(digits.clamp(-12.0, 12.0).trunc());
        let factor = value.shown_unit().map_or(1.0, Unit::factor);
        let base = (value.base / factor * scale).round() / scale * factor;
        Ok(Value::Quantity(Quantity { base, ..value }))
    })())
}

fn length(args: &[Value]) -> Value {
    either((|| {
        let count = match known(args, 0)? {
            Value::Text(text) => text.chars().count(),
            Value::Record(record) => record.0.len(),
            Value::Output(output) => return Ok(length(&[output.text()])),
            value if let Some(reason) = partial::gap(value) => return Ok(Value::Unknown(reason)),
            Value::LabelledText(labelled) => labelled.text.chars().count(),
            Value::PartialText(_) => return Ok(length(&[partial::as_data(known(args, 0)?)])),
            other => return Ok(aggregate::count(std::slice::from_ref(other))),
        };
        Ok(Value::Quantity(Quantity::number(count as f64)))
    })())
}

fn lower(args: &[Value]) -> Value {
    changed(args, str::to_lowercase)
}

fn upper(args: &[Value]) -> Value {
    changed(args, str::to_uppercase)
}

fn trim(args: &[Value]) -> Value {
    match args.first().map(partial::as_data) {
        Some(Value::PartialText(text)) => Value::PartialText(text.trimmed().into()),
        _ => either(text(args, 0).map(|text| Value::text(text.trim()))),
    }
}

/// Changes a text; of a partial one the known parts.
fn changed(args: &[Value], change: impl Fn(&str) -> String) -> Value {
    match args.first().map(partial::as_data) {
        Some(Value::PartialText(text)) => Value::PartialText(text.map(change).into()),
        _ => either(text(args, 0).map(|text| Value::text(change(&text)))),
    }
}

/// Splits at a separator, or at white space where none is given.
fn split(args: &[Value]) -> Value {
    either((|| {
        if let Some(Value::PartialText(subject)) = args.first().map(partial::as_data) {
            let separator = if args.len() < 2 { None } else { Some(text(args, 1)?) };
            return match separator.as_deref() {
                Some("") => Err(Value::unknown(subject.reason.clone())),
                separator => Ok(partial::split(&subject, separator)),
            };
        }
        let subject = text(args, 0)?;
        if args.len() < 2 {
            return Ok(field::texts(subject.split_whitespace()));
        }
        let separator = text(args, 1)?;
        if separator.is_empty() {
            return Ok(field::texts(subject.chars().map(|c| c.to_string())));
        }
        Ok(field::texts(subject.split(separator.as_str())))
    })())
}

/// Joins with a separator, or with `", "` where none is given.
fn join(args: &[Value]) -> Value {
    either((|| {
        let list = match known(args, 0)? {
            Value::Output(output) => output.lines(),
            list => list.clone(),
        };
        let separator = if args.len() > 1 { text(args, 1)? } else { ", ".to_owned() };
        Ok(match list {
            Value::PartialList(_) => partial::join(&list, &separator),
            list => {
                let elements = super::condition::elements(&list).map_err(Value::unknown)?;
                partial::join(&Value::List(elements.into()), &separator)
            }
        })
    })())
}

/// Whether a text contains another text, or a list an element.
pub(super) fn contains(args: &[Value]) -> Value {
    either((|| {
        let (whole, part) = (known(args, 0)?, known(args, 1)?);
        Ok(match compare::compare(BinaryOp::In, part, whole) {
            Verdict::Yes => Value::Bool(true),
            Verdict::No => Value::Bool(false),
            Verdict::Unknown(reason) => Value::Unknown(reason),
        })
    })())
}

/// Whether a regular expression matches somewhere in a text.
pub(super) fn matches(args: &[Value]) -> Value {
    either((|| {
        let subject = partial::as_data(known(args, 0)?);
        let pattern = text(args, 1)?;
        let compiled = KeptRegex::of(&pattern);
        let Some(regex) = compiled.regex() else {
            return Err(unknown(ReasonKind::Unreadable, format!("no regular expression: {pattern}")));
        };
        if let Value::PartialText(subject) = &subject {
            return Ok(match partial::matches(subject, regex) {
                Verdict::Yes => Value::Bool(true),
                Verdict::No => Value::Bool(false),
                Verdict::Unknown(reason) => Value::Unknown(reason),
            });
        }
        Ok(Value::Bool(regex.is_match(&text(&[subject], 0)?)))
    })())
}

fn number(args: &[Value]) -> Value {
    either((|| match known(args, 0)? {
        Value::Text(text) => Ok(field::number(text)),
        Value::LabelledText(labelled) => Ok(field::number(&labelled.text)),
        value @ (Value::Output(_) | Value::PartialText(_)) => {
            Ok(field::number(&text(std::slice::from_ref(value), 0)?))
        }
        Value::Bool(value) => Ok(Value::Quantity(Quantity::number(if *value { 1.0 } else { 0.0 }))),
        Value::ExactNumber(number) => Ok(Value::ExactNumber(number.clone())),
        Value::Sample(sample)
            if let Some(digits) = sample.digits.as_ref().filter(|_| sample.value.unit == Some(Unit::ONE)) =>
        {
            Ok(Value::ExactNumber(digits.clone()))
        }
        value => match value.quantity() {
            Some(quantity) if quantity.dimension.is_pure() => {
                Ok(Value::Quantity(Quantity::number(quantity.base)))
            }
            _ => Err(unknown(ReasonKind::Unreadable, format!("{} is no number", in_words(value)))),
        },
    })())
}

fn read_json(args: &[Value]) -> Value {
    either(known(args, 0).and_then(partial::readable).map(|text| json::read(&text)))
}

fn time(args: &[Value]) -> Value {
    either((|| {
        if let Value::Time(time) = known(args, 0)? {
            return Ok(Value::Time(*time));
        }
        let text = text(args, 0)?;
        Time::parse(&text)
            .map(Value::Time)
            .ok_or_else(|| unknown(ReasonKind::Unreadable, format!("`{text}` is no time")))
    })())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rbl_check::Wants;
    use rbl_syntax::value::{Labels, Point, Series};

    fn run_value(name: &str, args: &[Value]) -> Value {
        let (_, function) = FUNCTIONS.iter().find(|(known, _)| *known == name).unwrap();
        function(args)
    }

    fn run(name: &str, args: &[Value]) -> String {
        run_value(name, args).to_string()
    }

    fn q(text: &str) -> Value {
        Value::Quantity(Quantity::parse(text).unwrap())
    }

    #[test]
    fn each_function_does_what_its_name_says() {
        let t = |text: &str| Value::text(text);
        assert_eq!(run("abs", &[q("-3ms")]), "3ms");
        assert_eq!(run("round", &[q("812.6ms")]), "813ms");
        assert_eq!(run("round", &[q("1.2345"), q("2")]), "1.23");
        assert_eq!(run("round", &[Value::Quantity(Quantity::seconds(95.4))]), "1m35s");
        assert_eq!(run("round", &[Value::Quantity(Quantity::seconds(5_450.0))]), "1h31m");
        assert_eq!(run("round", &[Value::Quantity(Quantity::seconds(0.8126))]), "813ms");
        assert_eq!(run("abs", &[t("563018673253974017")]), "a text is no number");
        let large = "563018673253974017";
        assert_eq!(run("number", &[t(large)]), large);
        assert_eq!(
            run("json", &[t(&format!("[{large}, -{large}0000000000]"))]),
            format!("{large}, -{large}0000000000")
        );
        for computed in ["abs", "round", "max", "sum"] {
            let args = [run_value("number", &[t(large)])];
            assert_eq!(run(computed, &args), "too large to compute with exactly", "{computed}");
        }
        assert_eq!(run("length", &[t("früh")]), "4");
        assert_eq!(run("lower", &[t("AbC")]), "abc");
        assert_eq!(run("upper", &[t("AbC")]), "ABC");
        assert_eq!(run("trim", &[t("  a b ")]), "a b");
        assert_eq!(run("split", &[t("a,b"), t(",")]), "a, b");
        assert_eq!(run("split", &[t("a  b\nc")]), "a, b, c");
        assert_eq!(run("join", &[Value::List([t("a"), q("1")].into()), t("-")]), "a-1");
        assert_eq!(run("contains", &[t("abc"), t("bc")]), "true");
        assert_eq!(run("matches", &[t("node-12"), t("[0-9]+$")]), "true");
        assert_eq!(run("matches", &[t("x"), t("(")]), "no regular expression: (");
        assert_eq!(run("number", &[t(" 42 ")]), "42");
        assert_eq!(run("number", &[t("500ms")]), "`500ms` is no number");
        assert_eq!(run("json", &[t(r#"{"a":[1,null]}"#)]), "{a: 1, null}");
        assert_eq!(run("time", &[t("2026-05-01T10:00:00Z")]), "2026-05-01T10:00:00Z");
        assert_eq!(run("lower", &[Value::unknown(rbl_syntax::value::Reason::no_data())]), "no data");
    }

    /// Three minutes, a value each.
    fn window() -> Value {
        let at = |minute: u8| Time::from_unix(f64::from(minute) * 60.0).unwrap();
        let point = |minute| Point { at: at(minute), value: Some(Quantity::number(f64::from(minute))) };
        let points = (1..=3).map(point).collect();
        Value::Window([Series { labels: Labels::new(), points, step: 60.0, from: None, to: None }].into())
    }

    #[test]
    fn the_functions_are_those_that_the_check_knows() {
        let mut known: Vec<&str> = rbl_check::FUNCTIONS.iter().map(|function| function.name).collect();
        known.sort_unstable();
        // In this order, and each once.
        assert_eq!(FUNCTIONS.iter().map(|(name, _)| *name).collect::<Vec<_>>(), known);
    }

    /// What the check lets through is computed, and never a silent unknown: an example of every function has a value.
    #[test]
    fn every_function_can_be_computed() {
        for function in rbl_check::FUNCTIONS {
            let list = || Value::List([q("3ms"), q("5ms")].into());
            let args: Vec<Value> = function
                .parameters
                .iter()
                .map(|parameter| match parameter.wants {
                    Wants::Quantity => q("812.6ms"),
                    Wants::Fraction => q("0.9"),
                    Wants::Several | Wants::SeveralOrQuantities | Wants::Many | Wants::List => list(),
                    Wants::Window => window(),
                    Wants::Text if matches!(function.name, "number" | "json") => Value::text("42"),
                    Wants::Text | Wants::TextOrList | Wants::Element => Value::text("a"),
                    Wants::Regex => Value::text("^a$"),
                    Wants::Point => Value::text("2026-05-01T10:00:00Z"),
                })
                .collect();
            let (_, compute) = FUNCTIONS.iter().find(|(known, _)| *known == function.name).unwrap();
            let value = compute(&args);
            assert!(!matches!(value, Value::Unknown(_)), "{}: {value}", function.name);
        }
    }
}
