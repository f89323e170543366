//! Writes values as expressions.

use smol_str::SmolStr;

use super::{UnwritableTest, amount, field_name, quoted};
use crate::scripted::{ActionName, ProbeName};
use rbl_syntax::value::{Dimension, Form, Quantity, Scale, TimeUnit, Unit, UnitSymbol, Value};

/// Returns an expression that evaluates to this value.
pub(super) fn value(value: &Value) -> Result<String, UnwritableTest> {
    Ok(match value {
        Value::Quantity(quantity) => self::quantity(*quantity)?,
        Value::Sample(sample) => match &sample.digits {
            Some(digits) if sample.value.unit == Some(Unit::ONE) => digits.to_string(),
            Some(_) | None => self::quantity(sample.value)?,
        },
        Value::ExactNumber(digits) if digits.as_str().starts_with('+') => {
            return Err(UnwritableTest::no_form(format!("a number with a plus sign ({digits})")));
        }
        Value::ExactNumber(digits) => digits.to_string(),
        Value::Bool(value) => value.to_string(),
        Value::Text(text) => quoted::text(text),
        Value::LabelledText(labelled) => quoted::text(&labelled.text),
        // To the nanosecond, where people read seconds.
        Value::Time(time) => format!("time({})", quoted::text(&time.0.to_string())),
        Value::Output(output) => self::value(&output.text())?,
        Value::List(items) => {
            let items: Vec<String> = items.iter().map(self::value).collect::<Result<_, _>>()?;
            format!("[{}]", items.join(", "))
        }
        Value::Record(record) => {
            let field = |(name, value): &(SmolStr, Value)| {
                Ok(format!("{}: {}", field_name(name), self::value(value)?))
            };
            let fields: Vec<String> = record.0.iter().map(field).collect::<Result<_, UnwritableTest>>()?;
            format!("{{{}}}", fields.join(", "))
        }
        Value::Secret(_) => return Err(UnwritableTest::no_form("a secret")),
        Value::Unknown(reason) => {
            return Err(UnwritableTest::no_form(format!("a value that is unknown ({reason})")));
        }
        Value::PartialText(_) | Value::PartialList(_) => {
            let reason = value.gap().map_or_else(String::new, |reason| format!(" ({reason})"));
            return Err(UnwritableTest::no_form(format!("a value of which a part is unknown{reason}")));
        }
        Value::Samples(_) | Value::Window(_) => {
            return Err(UnwritableTest::no_form("all values of a metric"));
        }
    })
}

fn quantity(quantity: Quantity) -> Result<String, UnwritableTest> {
    let unit = match quantity.unit.filter(|_| quantity.form != Form::Computed) {
        Some(unit) => unit,
        None if quantity.dimension == Dimension::DURATION => return amount::duration(quantity.base),
        None => unit_of(quantity.dimension)?,
    };
    amount::amount(quantity.base, unit)
}

/// A unit for a computed amount.
fn unit_of(dimension: Dimension) -> Result<Unit, UnwritableTest> {
    let ratio = dimension.scale != Scale::Plain;
    let (symbol, per) = match (dimension.time, dimension.data) {
        (0, 0) if ratio => (UnitSymbol::Percent, None),
        (0, 0) => (UnitSymbol::One, None),
        (1, 0) => (UnitSymbol::Second, None),
        (0, 1) => (UnitSymbol::Byte, None),
        (-1, 0) if ratio => (UnitSymbol::Percent, Some(TimeUnit::Second)),
        (-1, 0) => (UnitSymbol::One, Some(TimeUnit::Second)),
        (-1, 1) => (UnitSymbol::Byte, Some(TimeUnit::Second)),
        _ => return Err(UnwritableTest::no_form(dimension.in_words())),
    };
    Ok(Unit { symbol, per })
}

/// An action as a test names it.
pub(super) fn action(name: &ActionName) -> Result<String, UnwritableTest> {
    Ok(match name {
        ActionName::Call { name, arguments } => format!("{name}{}", self::arguments(arguments)?),
        ActionName::Command(text) => quoted::command(text),
        ActionName::Instruction(text) => quoted::text(text),
    })
}

/// Returns a probe as a test names it.
pub(super) fn probe(name: &ProbeName) -> Result<String, UnwritableTest> {
    Ok(match name {
        ProbeName::Call { name, arguments } => format!("{name}{}", self::arguments(arguments)?),
        ProbeName::Command(text) => quoted::command(text),
    })
}

/// `(service: "api")`; empty without arguments.
pub(super) fn arguments(arguments: &[(SmolStr, Value)]) -> Result<String, UnwritableTest> {
    if arguments.is_empty() {
        return Ok(String::new());
    }
    let argument = |(name, value): &(SmolStr, Value)| Ok(format!("{name}: {}", self::value(value)?));
    let arguments: Vec<String> = arguments.iter().map(argument).collect::<Result<_, UnwritableTest>>()?;
    Ok(format!("({})", arguments.join(", ")))
}
