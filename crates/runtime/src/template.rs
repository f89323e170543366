//! Text and commands with values in them.

use super::exit::WalkResult;
use super::interpreter::Interpreter;
use super::{CommandLine, Datum, Piece};
use rbl_syntax::tree::{Part, Template};
use rbl_syntax::value::{Dimension, Quantity, Reason, Scale, Value};

impl<'p> Interpreter<'p, '_> {
    /// Fills in the values as they print. An unknown prints its reason, a secret never prints.
    pub(super) fn text(&mut self, template: &'p Template) -> WalkResult<String> {
        if let Some(literal) = template.literal() {
            return Ok(literal.to_owned());
        }
        let mut text = String::new();
        for part in &template.parts {
            match part {
                Part::Literal { text: literal, .. } => text.push_str(literal),
                Part::Value(expr) => {
                    use std::fmt::Write as _;
                    let value = self.untraced(expr)?;
                    let _ = write!(text, "{value}");
                }
            }
        }
        Ok(text)
    }

    /// A text as a value; a literal one is not copied.
    pub(super) fn text_value(&mut self, template: &'p Template) -> WalkResult<Value> {
        if let [Part::Literal { text, .. }] = template.parts.as_slice() {
            return Ok(Value::Text(text.clone()));
        }
        Ok(Value::text(self.text(template)?))
    }

    /// Code in another language, its values kept separate. The inner error: a value in it is unknown.
    pub(super) fn command_line(&mut self, parts: &'p [Part]) -> WalkResult<Result<CommandLine, Reason>> {
        let mut pieces = Vec::with_capacity(parts.len());
        for part in parts {
            match part {
                Part::Literal { text, .. } => pieces.push(Piece::Text(text.to_string())),
                Part::Value(expr) => {
                    let value = self.untraced(expr)?;
                    match datum(&value) {
                        Ok(datum) => pieces.push(Piece::Value(datum)),
                        Err(reason) => return Ok(Err(self.not_known(expr, &reason))),
                    }
                }
            }
        }
        Ok(Ok(CommandLine(pieces)))
    }

    /// "`deploy` is unknown: no data"
    pub(super) fn not_known(&self, expr: &'p rbl_syntax::tree::Expr, reason: &Reason) -> Reason {
        Reason::new(reason.kind, format!("`{}` is unknown: {reason}", self.source_line(expr.span)))
    }
}

/// Converts a value for an effect; an unknown value is an error.
pub(super) fn datum(value: &Value) -> Result<Datum, Reason> {
    Ok(match value {
        Value::Quantity(quantity) => quantity_datum(*quantity),
        Value::Sample(sample) => quantity_datum(sample.value),
        Value::Bool(value) => Datum::Bool(*value),
        Value::List(items) => Datum::List(items.iter().map(datum).collect::<Result<_, _>>()?),
        Value::Samples(samples) => {
            Datum::List(samples.iter().map(|sample| quantity_datum(sample.value)).collect())
        }
        Value::Secret(secret) => Datum::Secret(secret.clone()),
        Value::Unknown(reason) => return Err((**reason).clone()),
        Value::Record(record) => {
            if let Some(reason) = record.0.iter().find_map(|(_, value)| datum(value).err()) {
                return Err(reason);
            }
            Datum::Text(value.to_string())
        }
        Value::Text(_) | Value::Time(_) | Value::Output(_) | Value::Window(_) => {
            Datum::Text(value.to_string())
        }
    })
}

fn quantity_datum(quantity: Quantity) -> Datum {
    match quantity.dimension {
        Dimension { time: 0, data: 0, .. } => Datum::Number(quantity.base),
        Dimension { time: 1, data: 0, scale: Scale::Plain | Scale::Either } => Datum::Duration(quantity.base),
        Dimension { time: 0, data: 1, scale: Scale::Plain | Scale::Either } => Datum::Data(quantity.base),
        _ => Datum::Text(quantity.to_string()),
    }
}
