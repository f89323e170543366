//! Builds numbers with their units.

use super::{GrammarPair, TreeBuilder};
use crate::diagnostic::{Code, Diagnostic, Safety, did_you_mean};
use crate::source::Span;
use crate::tree::ExprKind;
use crate::value::{Dimension, ExactNumber, Unit, UnitRefusal, UnitSymbol};

impl TreeBuilder<'_> {
    /// Builds `3`, `500ms`, `1h30m`, `20MiB/s`; an unknown unit is reported here, once.
    pub(super) fn number(&mut self, pair: &GrammarPair<'_>) -> ExprKind {
        let text = pair.as_str();
        let end = number_end(text);
        let (digits, spelling) = text.split_at_checked(end).unwrap_or((text, ""));
        let written = ExactNumber::parse(&digits.replace('_', ""));
        if spelling.is_empty() {
            let value = value_of(digits);
            return match written {
                Some(digits) if digits.computable().is_none() => ExprKind::LargeNumber { digits },
                written => ExprKind::Number { value, unit: Unit::ONE, compound: false, written },
            };
        }
        if written.is_some_and(|written| !written.is_exact()) {
            let span = self.span(pair);
            self.too_many_digits(digits, span);
            return ExprKind::BadUnit;
        }
        if spelling.bytes().any(|byte| byte.is_ascii_digit()) {
            if let Some(kind) = compound(text) {
                return kind;
            }
        } else if let Ok(unit) = Unit::parse(spelling)
            && spelling != "ratio"
        {
            return ExprKind::Number { value: value_of(digits), unit, compound: false, written: None };
        }
        let span = self.span(pair);
        self.unknown_unit(digits, spelling, span);
        ExprKind::BadUnit
    }

    /// Reports a quantity of which the last digits would change as soon as it is read.
    fn too_many_digits(&mut self, digits: &str, span: Span) {
        self.report(
            Diagnostic::new(
                Code::UNIT_DIGITS,
                "too many digits to compute with exactly",
                self.place(span),
                if digits.contains('.') { "more than a number keeps" } else { "more than 9007199254740992" },
            )
            .help(format!("write it in a larger unit, or `{digits}` without a unit to pass it on as it is")),
        );
    }

    fn unknown_unit(&mut self, digits: &str, spelling: &str, span: Span) {
        let unit = Span::new(span.end - u32::try_from(spelling.len()).unwrap_or(0), span.end);
        let message = format!("`{spelling}` is no unit");
        let mut diagnostic =
            Diagnostic::new(Code::UNIT_UNKNOWN, message, self.place(unit), "not a unit of the language");
        let (symbol, per) =
            spelling.split_once('/').map_or((spelling, None), |(symbol, per)| (symbol, Some(per)));
        let symbol_is_right = symbol.is_empty() || UnitSymbol::find(symbol).is_some();
        let wrong = if symbol_is_right { per.unwrap_or(symbol) } else { symbol };
        let (meant, safety): (Vec<&str>, Safety) = match Unit::parse(wrong) {
            Err(UnitRefusal::Doubtful(right)) if right.len() == 1 => (right.to_vec(), Safety::Safe),
            Err(UnitRefusal::Doubtful(right)) => (right.to_vec(), Safety::Choice),
            // A unit that is only similar was perhaps not meant.
            _ => (nearest(wrong).into_iter().collect(), Safety::Choice),
        };
        let written: Vec<String> = meant
            .iter()
            .map(|unit| match per {
                Some(_) if symbol_is_right => format!("{digits}{symbol}/{unit}"),
                Some(per) => format!("{digits}{unit}/{per}"),
                // `3mo` is `30d`: a foreign unit without a direct counterpart is replaced together with its number.
                None if unit.starts_with(|c: char| c.is_ascii_digit()) => (*unit).to_owned(),
                None => format!("{digits}{unit}"),
            })
            .collect();
        match written.as_slice() {
            [] => diagnostic = diagnostic.help("the units are ns us ms s m h d w, B kB MB GB TB PB, KiB MiB GiB TiB PiB, % and any of them `/s`"),
            [one] => diagnostic = diagnostic.help(format!("write `{one}`")),
            [first, rest @ ..] => {
                let rest: Vec<String> = rest.iter().map(|text| format!("`{text}`")).collect();
                diagnostic = diagnostic.help(format!("write `{first}`, or {}", rest.join(" or ")));
            }
        }
        for text in written {
            let place = self.place(span);
            diagnostic = diagnostic.fix(format!("write `{text}`"), safety, place, text);
        }
        self.report(diagnostic);
    }
}

/// Returns the unit that is most similar to an unknown one.
fn nearest(spelling: &str) -> Option<&'static str> {
    did_you_mean(
        spelling,
        UnitSymbol::TABLE.iter().map(|row| row.spelling).filter(|spelling| !spelling.is_empty()),
    )
}

/// Returns where the digits end and the unit begins.
fn number_end(text: &str) -> usize {
    let bytes = text.as_bytes();
    let digits = |from: usize| {
        bytes
            .get(from..)
            .unwrap_or_default()
            .iter()
            .take_while(|byte| byte.is_ascii_digit() || **byte == b'_')
            .count()
    };
    let mut end = digits(0);
    if bytes.get(end) == Some(&b'.') {
        end += 1 + digits(end + 1);
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        let exponent = digits(end + 1 + sign);
        let after = bytes.get(end + 1 + sign + exponent);
        if exponent > 0 && !after.is_some_and(u8::is_ascii_alphabetic) {
            end += 1 + sign + exponent;
        }
    }
    end
}

fn value_of(digits: &str) -> f64 {
    if digits.contains('_') { digits.replace('_', "").parse() } else { digits.parse() }.unwrap_or(f64::NAN)
}

/// Builds `1h30m`: durations in descending order. The value is in its first unit.
fn compound(text: &str) -> Option<ExprKind> {
    let mut rest = text;
    let mut seconds = 0.0;
    let mut largest: Option<Unit> = None;
    let mut last = f64::INFINITY;
    while !rest.is_empty() {
        let (digits, behind) = rest.split_at_checked(number_end(rest))?;
        let letters = behind.find(|c: char| c.is_ascii_digit()).unwrap_or(behind.len());
        let (spelling, next) = behind.split_at_checked(letters)?;
        let unit = Unit::parse(spelling).ok().filter(|unit| unit.dimension() == Dimension::DURATION)?;
        if digits.is_empty() || unit.factor() >= last {
            return None;
        }
        last = unit.factor();
        seconds += value_of(digits) * unit.factor();
        largest = largest.or(Some(unit));
        rest = next;
    }
    let unit = largest?;
    Some(ExprKind::Number { value: seconds / unit.factor(), unit, compound: true, written: None })
}
