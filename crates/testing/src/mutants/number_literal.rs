//! A [`NumberLiteral`] as written, and the numbers next to it in the same unit.

use rbl_syntax::source::Source;
use rbl_syntax::tree::{Expr, ExprKind};
use rbl_syntax::value::Unit;

/// A number in the text of the runbook.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct NumberLiteral<'t> {
    value: f64,
    /// The text after the digits.
    unit: std::borrow::Cow<'t, str>,
    plain: bool,
    /// Whether digits are grouped in threes, as in `1_000`.
    grouped: bool,
    written: &'t str,
}

impl<'t> NumberLiteral<'t> {
    /// Returns the number that an expression is; `None` if it is something else.
    pub(super) fn of(expr: &Expr, source: &'t Source) -> Option<Self> {
        let ExprKind::Number { value, unit, compound, .. } = &expr.kind else { return None };
        let written = source.slice(expr.span);
        let behind = written.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | '_'));
        // Write `1h30m` in its largest unit.
        let behind = if *compound { unit.to_string().into() } else { behind.into() };
        Some(Self {
            value: *value,
            unit: behind,
            plain: *unit == Unit::ONE,
            grouped: written.contains('_'),
            written,
        })
    }

    /// The number as written.
    pub(super) fn text(&self) -> String {
        self.written.to_owned()
    }

    /// A tenth lower; one less for a small count. `None` below zero.
    pub(super) fn lower(&self) -> Option<String> {
        (self.value > 0.0).then(|| self.like((self.value * 0.9).min(self.value - self.least())))
    }

    /// A tenth higher; one more for a small count or zero.
    pub(super) fn higher(&self) -> String {
        if self.value == 0.0 {
            return self.like(1.0);
        }
        self.like((self.value * 1.1).max(self.value + self.least()))
    }

    /// Half of it; half of one hour is 30 minutes.
    pub(super) fn half(&self) -> String {
        let smaller = match self.unit.as_ref() {
            "d" => Some((24.0, "h")),
            "h" => Some((60.0, "m")),
            "m" => Some((60.0, "s")),
            "s" => Some((1e3, "ms")),
            _ => None,
        };
        match smaller {
            Some((times, unit)) if self.value < 2.0 => {
                let unit = std::borrow::Cow::Borrowed(unit);
                Self { unit, ..self.clone() }.like(self.value * times / 2.0)
            }
            _ => self.like(self.value / 2.0),
        }
    }

    /// Twice as much.
    pub(super) fn twice(&self) -> String {
        self.like(self.value * 2.0)
    }

    /// Another number in the same unit and format.
    fn like(&self, value: f64) -> String {
        let value = if self.is_count() { value.round() } else { (value * 1e6).round() / 1e6 };
        let digits = value.to_string();
        format!("{}{}", if self.grouped { in_threes(&digits) } else { digits }, self.unit)
    }

    /// Whether it is a count, which has to be a whole number.
    fn is_count(&self) -> bool {
        self.plain && self.value.fract() == 0.0
    }

    fn least(&self) -> f64 {
        if self.is_count() { 1.0 } else { 0.0 }
    }
}

/// Formats `12345` as `12_345`.
fn in_threes(digits: &str) -> String {
    let (whole, rest) = digits.split_once('.').map_or((digits, None), |(whole, rest)| (whole, Some(rest)));
    let mut grouped = String::new();
    for (at, c) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at) % 3 == 0 {
            grouped.push('_');
        }
        grouped.push(c);
    }
    rest.map_or(grouped.clone(), |rest| format!("{grouped}.{rest}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rbl_syntax::parse;
    use rbl_syntax::source::SourceId;
    use rbl_syntax::tree::{Item, StatementKind};

    /// Lower, higher, half and twice of a number.
    fn around(written: &str) -> [String; 4] {
        let source = Source::new("a.rb", format!("runbook \"a\"\nlet x = {written}\n"));
        let file = parse(SourceId::default(), source.text()).file;
        let expr = file.items.iter().find_map(|item| match item {
            Item::Statement(it) => match &it.kind {
                StatementKind::Let(it) => Some(it.value.clone()),
                _ => None,
            },
            _ => None,
        });
        let number = NumberLiteral::of(&expr.unwrap(), &source).unwrap();
        [number.lower().unwrap_or_default(), number.higher(), number.half(), number.twice()]
    }

    #[test]
    fn the_unit_stays_and_a_count_stays_a_count() {
        assert_eq!(around("500ms"), ["450ms", "550ms", "250ms", "1000ms"]);
        assert_eq!(around("95%"), ["85.5%", "104.5%", "47.5%", "190%"]);
        assert_eq!(around("3"), ["2", "4", "2", "6"]);
        assert_eq!(around("25"), ["23", "28", "13", "50"]);
        assert_eq!(around("0"), ["", "1", "0", "0"]);
        assert_eq!(around("0%"), ["", "1%", "0%", "0%"]);
        assert_eq!(around("1_000"), ["900", "1_100", "500", "2_000"]);
        assert_eq!(around("0.3"), ["0.27", "0.33", "0.15", "0.6"]);
        assert_eq!(around("1h30m"), ["1.35h", "1.65h", "45m", "3h"]);
        assert_eq!(around("1h")[2..], ["30m", "2h"]);
        assert_eq!(around("5m")[2..], ["2.5m", "10m"]);
        assert_eq!(around("20MiB/s"), ["18MiB/s", "22MiB/s", "10MiB/s", "40MiB/s"]);
    }
}
