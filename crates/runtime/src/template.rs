//! Text and commands with values in them.

use super::exit::WalkResult;
use super::interpreter::Interpreter;
use super::{CommandLine, Datum, Piece};
use rbl_check::shell::{self, Quoting, ShellPart};
use rbl_syntax::source::Span;
use rbl_syntax::tree::{Part, Template};
use rbl_syntax::value::{
    Dimension, Form, Quantity, Reason, ReasonKind, Sample, TextBuilder, UnitSymbol, Value,
};

impl<'p> Interpreter<'p, '_> {
    /// Fills in the values as they print. An unknown prints its reason, a secret never prints.
    pub(super) fn text(&mut self, template: &'p Template) -> WalkResult<String> {
        if let Some(literal) = template.literal() {
            return Ok(literal.to_owned());
        }
        Ok(self.text_value(template, template.span)?.to_string())
    }

    /// A text as a value; partial where a value in it is not known. A literal one is not copied.
    pub(super) fn text_value(&mut self, template: &'p Template, span: Span) -> WalkResult<Value> {
        if let [Part::Literal { text, .. }] = template.parts.as_slice() {
            return Ok(Value::Text(text.clone()));
        }
        let (mut text, mut bytes) = (TextBuilder::default(), 0_usize);
        for part in &template.parts {
            match part {
                Part::Literal { text: literal, .. } => text.literal(literal),
                Part::Value(expr) => {
                    let value = self.untraced(expr)?;
                    bytes = bytes.saturating_add(self.read_size(&value));
                    if let Some(unknown) = self.outgrown(bytes, span) {
                        return Ok(unknown);
                    }
                    text.value(&value);
                }
            }
        }
        Ok(text.finish())
    }

    /// A text that names something. The inner error says which value in it is unknown.
    pub(super) fn named_text(&mut self, template: &'p Template) -> WalkResult<Result<String, Reason>> {
        let value = self.text_value(template, template.span)?;
        Ok(match value.gap() {
            Some(reason) => Err(reason),
            None => Ok(value.to_string()),
        })
    }

    /// A command for a shell, its values kept separate. The inner error: a value in it is unknown, or is no word.
    pub(super) fn shell_command(&mut self, parts: &'p [Part]) -> WalkResult<Result<CommandLine, Reason>> {
        let command = self.command_line(parts, "a command")?;
        Ok(command.and_then(|command| match missing_word(&command) {
            None => Ok(command),
            Some(index) => {
                let list = parts
                    .iter()
                    .filter_map(|part| match part {
                        Part::Value(list) => Some(list),
                        Part::Literal { .. } => None,
                    })
                    .nth(index);
                let shown = list.map_or_else(String::new, |list| self.source_line(list.span));
                let text = format!("`{shown}` is an empty list, and the command would run without it");
                Err(Reason::new(ReasonKind::NotRun, text))
            }
        }))
    }

    /// Code in another language, its values kept separate; `place` says what it is: "a query". The inner error: a value in it is
    /// unknown, or is not one value.
    pub(super) fn command_line(
        &mut self,
        parts: &'p [Part],
        place: &str,
    ) -> WalkResult<Result<CommandLine, Reason>> {
        let (mut pieces, mut bytes) = (Vec::with_capacity(parts.len()), 0_usize);
        for part in parts {
            match part {
                Part::Literal { text, .. } => pieces.push(Piece::Text(text.to_string())),
                Part::Value(expr) => {
                    let value = self.untraced(expr)?;
                    bytes = bytes.saturating_add(self.read_size(&value));
                    let value = self.outgrown(bytes, expr.span).unwrap_or(value);
                    if value.gap().is_none() && holds_record(&value) {
                        let shown = self.source_line(expr.span);
                        let text = format!(
                            "`{shown}` cannot be put into {place}: it is not one value; write the field that is meant: `{shown}.NAME`"
                        );
                        return Ok(Err(Reason::new(ReasonKind::NotRun, text)));
                    }
                    match datum(&value) {
                        Ok(datum) => pieces.push(Piece::Value(datum)),
                        Err(reason) => return Ok(Err(self.not_known(expr, &reason))),
                    }
                }
            }
        }
        Ok(Ok(CommandLine(pieces)))
    }

    /// The name of a host, a team, a channel or a lock. The inner error says why it is unknown.
    pub(super) fn name_of(&mut self, expr: &'p rbl_syntax::tree::Expr) -> WalkResult<Result<String, Reason>> {
        let value = self.untraced(expr)?;
        Ok(match value.gap() {
            Some(reason) => Err(self.not_known(expr, &reason)),
            None => Ok(value.to_string()),
        })
    }

    /// "`deploy` is unknown: no data"
    pub(super) fn not_known(&self, expr: &'p rbl_syntax::tree::Expr, reason: &Reason) -> Reason {
        Reason::new(reason.kind, format!("`{}` is unknown: {reason}", self.source_line(expr.span)))
    }
}

/// Which value of a command is a list without elements, where the shell would see no word at all. In quotes it is an empty word.
fn missing_word(command: &CommandLine) -> Option<usize> {
    let values = command.0.iter().filter_map(|piece| match piece {
        Piece::Value(datum) => Some(datum),
        Piece::Text(_) => None,
    });
    let empty: Vec<usize> = values.enumerate().filter(|(_, datum)| no_words(datum)).map(|it| it.0).collect();
    if empty.is_empty() {
        return None;
    }
    let parts: Vec<ShellPart<'_>> = command
        .0
        .iter()
        .map(|piece| match piece {
            Piece::Text(text) => ShellPart::Text(text),
            Piece::Value(Datum::List(_)) => ShellPart::List,
            // What it is changes nothing about where the others stand.
            Piece::Value(_) => ShellPart::Plain,
        })
        .collect();
    // Where a value cannot stand at all is said by whoever runs it.
    let sites = shell::sites(&parts).ok()?;
    empty.into_iter().find(|at| sites.get(*at).is_some_and(|site| site.place == Quoting::Bare))
}

fn no_words(datum: &Datum) -> bool {
    matches!(datum, Datum::List(items) if items.iter().all(no_words))
}

fn holds_record(value: &Value) -> bool {
    match value {
        Value::Record(_) => true,
        Value::List(items) => items.iter().any(holds_record),
        _ => false,
    }
}

/// Converts a value for an effect; an unknown value is an error.
pub(super) fn datum(value: &Value) -> Result<Datum, Reason> {
    Ok(match value {
        Value::Quantity(quantity) => quantity_datum(*quantity),
        Value::ExactNumber(digits) => Datum::ExactNumber(digits.clone()),
        Value::Sample(sample) => sample_datum(sample),
        Value::Bool(value) => Datum::Bool(*value),
        Value::List(items) => Datum::List(items.iter().map(datum).collect::<Result<_, _>>()?),
        Value::Samples(samples) => Datum::List(samples.iter().map(sample_datum).collect()),
        Value::Secret(secret) => Datum::Secret(secret.clone()),
        Value::Output(output) => return datum(&output.text()),
        Value::Unknown(reason) => return Err((**reason).clone()),
        Value::PartialText(text) => return Err(text.reason.clone()),
        Value::PartialList(list) => return Err(list.reason.clone()),
        Value::Record(record) => {
            if let Some(reason) = record.0.iter().find_map(|(_, value)| datum(value).err()) {
                return Err(reason);
            }
            Datum::Text(value.to_string())
        }
        Value::LabelledText(_) if let Some(reason) = value.gap() => return Err(reason),
        Value::Text(_) | Value::LabelledText(_) | Value::Time(_) | Value::Window(_) => {
            Datum::Text(value.to_string())
        }
    })
}

fn sample_datum(sample: &Sample) -> Datum {
    match &sample.digits {
        Some(digits) => Datum::ExactNumber(digits.clone()),
        None => quantity_datum(sample.value),
    }
}

/// A number as it leaves the run, which is never rounded: in the unit that its metric declares, else in seconds, bytes or
/// one.
fn quantity_datum(quantity: Quantity) -> Datum {
    let declared = quantity.unit.filter(|_| quantity.form == Form::Measured);
    let number = declared.map_or(quantity.base, |unit| quantity.number_in(unit));
    match (quantity.dimension, declared) {
        (Dimension { time: 0, data: 0, .. }, None) => Datum::Number(Quantity::tidy(quantity.base)),
        (Dimension { time: 0, data: 0, .. }, Some(_)) => Datum::Number(Quantity::tidy(number)),
        (Dimension { time: 1, data: 0, .. }, Some(unit)) if unit.symbol != UnitSymbol::Second => {
            Datum::Reading { number, seconds: quantity.base }
        }
        (Dimension { time: 1, data: 0, .. }, _) => Datum::Duration(quantity.base),
        (Dimension { time: 0, data: 1, .. }, Some(unit)) if unit.symbol != UnitSymbol::Byte => {
            Datum::Number(number)
        }
        (Dimension { time: 0, data: 1, .. }, _) => Datum::Data(quantity.base),
        (_, Some(_)) => Datum::Number(number),
        (_, None) => Datum::Text(quantity.exact()),
    }
}
