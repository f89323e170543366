//! Literals that represent, in the session's text, a value bound during a walk: a literal of the same type.

use smol_str::SmolStr;

use rbl_syntax::value::{Quantity, Value};

/// A literal with the type of the value.
pub(super) fn literal(value: &Value) -> Option<String> {
    Some(match value {
        Value::Quantity(quantity) => quantity_literal(*quantity)?,
        Value::Sample(sample) => quantity_literal(sample.value)?,
        Value::ExactNumber(digits) => digits.to_string(),
        Value::Bool(_) => "true".into(),
        Value::Text(_) | Value::PartialText(_) | Value::LabelledText(_) => "\"\"".into(),
        Value::Time(_) => "now".into(),
        Value::Output(_) => "`true`".into(),
        Value::PartialList(_) => "`true`.lines".into(),
        Value::List(items) => match items.first() {
            Some(first) => format!("[{}]", literal(first)?),
            None => "[]".into(),
        },
        Value::Record(record) => {
            let field = |(name, value): &(SmolStr, Value)| Some(format!("{name}: {}", literal(value)?));
            format!("{{{}}}", record.0.iter().map(field).collect::<Option<Vec<_>>>()?.join(", "))
        }
        // An untyped value; at run time, unknown fits every type.
        Value::Unknown(_) => "`true`.json".into(),
        Value::Samples(_) | Value::Window(_) | Value::Secret(_) => return None,
    })
}

fn quantity_literal(quantity: Quantity) -> Option<String> {
    let unit = ["", "s", "B", "%", "/s", "B/s", "%/s"]
        .into_iter()
        .filter_map(|symbol| Some((symbol, Quantity::parse(&format!("1{symbol}")).ok()?)))
        .find(|(_, one)| one.dimension == quantity.dimension)?;
    Some(format!("1{}", unit.0))
}
