//! A number with its dimension, and the unit it is shown in.

use std::cmp::Ordering;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Dimension, Reason, ReasonKind, Scale, Unit, format};

/// A number in base units (seconds, bytes, one) with its dimension and the unit its author wrote.
///
/// *Invariant:* the number is finite: what has no value is unknown, not `NaN`.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
pub struct Quantity {
    /// In base units.
    pub base: f64,
    /// What it measures.
    pub dimension: Dimension,
    /// The unit it was written in, or that the metric it was computed from declares; `None` where there is none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schemars(with = "Option<String>")]
    pub unit: Option<Unit>,
    /// Where it comes from.
    #[serde(skip_serializing_if = "Form::is_measured", default)]
    pub form: Form,
}

/// Where a quantity comes from, which decides how it prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// It was measured or computed: prints in the largest unit that keeps it at 1 or more.
    #[default]
    Measured,
    /// It was computed from literals only: prints as one that was measured, and its unit only says which family of units
    /// (1000 or 1024) it prints in.
    Computed,
    /// It was written with one unit: prints in that unit.
    Written,
    /// It was written with several units (`1h30m`).
    Compound,
}

impl Form {
    #[allow(clippy::trivially_copy_pass_by_ref)] // serde's signature
    fn is_measured(&self) -> bool {
        *self == Self::Measured
    }
}

/// The longest time that anything waits or looks back, in seconds: a hundred years.
pub const LONGEST_DURATION: f64 = 3_153_600_000.0;

/// The largest whole number up to which every whole number can be computed with exactly: 2⁵³.
pub const LARGEST_EXACT: f64 = 9_007_199_254_740_992.0;

impl Quantity {
    /// A plain number.
    pub const fn number(value: f64) -> Self {
        Self { base: value, dimension: Dimension::NUMBER, unit: Some(Unit::ONE), form: Form::Measured }
    }

    /// A computed duration.
    pub const fn seconds(value: f64) -> Self {
        Self { base: value, dimension: Dimension::DURATION, unit: None, form: Form::Measured }
    }

    /// A number of a unit, as a provider returned it. A number that is not finite is unknown, with its own reason.
    pub fn of(value: f64, unit: Unit) -> Result<Self, Reason> {
        let (base, dimension) = (value * unit.factor(), unit.dimension());
        Self { base, dimension, unit: Some(unit), form: Form::Measured }.finite()
    }

    /// A number of a unit, as an author wrote it.
    pub fn written(value: f64, unit: Unit) -> Result<Self, Reason> {
        Ok(Self { form: Form::Written, ..Self::of(value, unit)? })
    }

    /// A duration that was written in several units; the number is in the largest.
    pub fn compound(value: f64, unit: Unit) -> Result<Self, Reason> {
        Ok(Self { form: Form::Compound, ..Self::of(value, unit)? })
    }

    /// Converts to a unit.
    pub fn in_unit(self, unit: Unit) -> f64 {
        self.base / unit.factor()
    }

    /// Converts to a unit without a digit that only the conversion adds: the shortest number that is the same amount.
    pub fn number_in(self, unit: Unit) -> f64 {
        let near = self.in_unit(unit);
        let factor = unit.factor();
        (0..17)
            .filter_map(|digits| format!("{near:.digits$e}").parse::<f64>().ok())
            .find(|value| (value * factor).to_bits() == self.base.to_bits())
            .unwrap_or(near)
    }

    /// Formats it without rounding, in its unit.
    pub fn exact(&self) -> String {
        format::exact(self)
    }

    /// The number without what binary fractions added to it in a computation, as it prints: `0.1 + 0.2` is 0.3.
    pub fn tidy(value: f64) -> f64 {
        format::tidy(value)
    }

    /// The unit in which it is shown; of a duration in two parts, the smaller one.
    pub fn shown_unit(&self) -> Option<Unit> {
        format::shown_unit(self)
    }

    /// Returns why it cannot be computed with, if it is a plain number in whose place others are not told apart.
    fn exactly(self) -> Result<Self, Reason> {
        let plain = self.dimension.is_pure() && self.dimension.scale != Scale::Ratio;
        if plain && self.base.abs() >= LARGEST_EXACT { Err(Reason::too_large()) } else { Ok(self) }
    }

    fn finite(self) -> Result<Self, Reason> {
        if self.base.is_nan() {
            Err(Reason::new(ReasonKind::NotANumber, "not a number (NaN)"))
        } else if self.base.is_infinite() {
            Err(Reason::new(ReasonKind::Infinite, "infinite"))
        } else {
            Ok(self)
        }
    }

    /// A computed value. It keeps the unit that its operand declares, where that unit still fits.
    fn computed(base: f64, dimension: Dimension, like: Self, other: Self) -> Result<Self, Reason> {
        let declared = |operand: Self| {
            let unit = operand.unit.filter(|unit| unit.dimension().agrees_with(dimension));
            unit.filter(|_| operand.form == Form::Measured)
        };
        let unit = declared(like).or_else(|| declared(other));
        // An amount of data stays in the family (1000 or 1024) of its operand, also where a literal brought it.
        let binary = [like, other].iter().any(|it| it.unit.is_some_and(Unit::is_binary));
        let family = if binary { format::binary_base(dimension) } else { None };
        let form = if unit.is_some() { Form::Measured } else { Form::Computed };
        Self { base, dimension, unit: unit.or(family), form }.finite()?.exactly()
    }

    /// Adds; the dimensions agree (checked before the run).
    #[allow(clippy::should_implement_trait)] // a sum may be unknown
    pub fn add(self, other: Self) -> Result<Self, Reason> {
        Self::computed(self.base + other.base, self.agreed(other)?, self, other)
    }

    /// Subtracts; the dimensions agree (checked before the run).
    pub fn subtract(self, other: Self) -> Result<Self, Reason> {
        Self::computed(self.base - other.base, self.agreed(other)?, self, other)
    }

    /// Multiplies.
    pub fn multiply(self, other: Self) -> Result<Self, Reason> {
        let dimension = self.dimension.product(other.dimension).ok_or_else(too_many_powers)?;
        Self::computed(self.base * other.base, dimension, self, other)
    }

    /// Divides; a division by zero is unknown.
    pub fn divide(self, other: Self) -> Result<Self, Reason> {
        if other.base == 0.0 {
            return Err(Reason::new(ReasonKind::NoValue, "division by zero"));
        }
        let dimension = self.dimension.quotient(other.dimension).ok_or_else(too_many_powers)?;
        Self::computed(self.base / other.base, dimension, self, other)
    }

    /// Negates.
    #[must_use]
    pub fn negate(self) -> Self {
        Self { base: -self.base, ..self }
    }

    /// Compares with another quantity of the same dimension. Equal within one part in 10¹², so that `100ms * 3 ==
    /// 300ms`; unknown if the dimensions differ, which `check` rejects and only data from outside can cause.
    pub fn compare(self, other: Self) -> Result<Ordering, Reason> {
        // A number 0 needs no unit.
        let bare_zero = |it: Self| it.base == 0.0 && it.dimension == Dimension::NUMBER;
        if !bare_zero(self) && !bare_zero(other) {
            self.agreed(other)?;
        }
        let (a, b) = (self.base, other.base);
        if (a - b).abs() <= 1e-12 * a.abs().max(b.abs()) {
            return Ok(Ordering::Equal);
        }
        Ok(if a < b { Ordering::Less } else { Ordering::Greater })
    }

    fn agreed(self, other: Self) -> Result<Dimension, Reason> {
        if self.dimension.agrees_with(other.dimension) {
            Ok(self.dimension.sum(other.dimension))
        } else {
            let text = format!("{} against {}", self.dimension.in_words(), other.dimension.in_words());
            Err(Reason::new(ReasonKind::NoValue, text))
        }
    }
}

/// Equal amount and dimension; the unit it is shown in does not matter.
impl PartialEq for Quantity {
    fn eq(&self, other: &Self) -> bool {
        self.compare(*other) == Ok(Ordering::Equal)
    }
}

impl std::fmt::Display for Quantity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&format::quantity(self))
    }
}

fn too_many_powers() -> Reason {
    Reason::new(ReasonKind::NoValue, "a unit of too many powers")
}

#[cfg(test)]
#[allow(clippy::float_cmp)] // exact numbers go in, and have to come out
mod tests {
    use super::*;

    fn q(value: f64, unit: &str) -> Quantity {
        let unit = if unit.is_empty() { Unit::ONE } else { Unit::parse(unit).unwrap() };
        Quantity::of(value, unit).unwrap()
    }

    #[test]
    fn three_hundred_milliseconds_are_three_times_a_hundred() {
        assert_eq!(q(100.0, "ms").multiply(q(3.0, "")).unwrap(), q(300.0, "ms"));
        assert_eq!(q(0.1, "s").add(q(0.2, "s")).unwrap(), q(300.0, "ms"));
    }

    #[test]
    fn no_value_is_unknown_by_its_own_name() {
        assert_eq!(Quantity::of(f64::NAN, Unit::ONE).unwrap_err().kind, ReasonKind::NotANumber);
        assert_eq!(Quantity::of(f64::INFINITY, Unit::ONE).unwrap_err().kind, ReasonKind::Infinite);
        assert_eq!(q(1.0, "").divide(q(0.0, "")).unwrap_err().kind, ReasonKind::NoValue);
    }

    #[test]
    fn dimensions_combine() {
        assert_eq!(q(1.0, "MiB").divide(q(1.0, "s")).unwrap(), q(1.0, "MiB/s"));
        assert_eq!(q(500.0, "ms").multiply(q(110.0, "%")).unwrap(), q(550.0, "ms"));
        assert_eq!(q(3.0, "%/h").multiply(q(2.0, "h")).unwrap(), q(6.0, "%"));
        assert_eq!(q(5.0, "GiB").divide(q(10.0, "GiB")).unwrap(), q(50.0, "%"));
        assert_eq!(q(20.0, "MiB/s").multiply(q(1.0, "m")).unwrap().to_string(), "1.17GiB");
        assert_eq!(q(10.0, "GiB").divide(q(5.0, "s")).unwrap().to_string(), "2GiB/s");
        assert_eq!(q(10.0, "GiB").divide(q(20.0, "GiB/s")).unwrap().to_string(), "500ms");
    }

    #[test]
    fn a_sum_keeps_the_unit_that_a_metric_declares() {
        let reading = q(812.0, "ms");
        let doubled = reading.multiply(Quantity::number(2.0)).unwrap();
        assert_eq!((doubled.to_string(), doubled.exact()), ("1.62s".into(), "1624ms".into()));
        let sum = Quantity::written(1.0, Unit::parse("s").unwrap()).unwrap().add(reading).unwrap();
        assert_eq!(sum.exact(), "1812ms");
    }

    #[test]
    fn a_whole_number_that_has_neighbours_is_unknown_where_it_is_computed() {
        let largest = q(LARGEST_EXACT, "");
        assert_eq!(largest.subtract(q(1.0, "")).unwrap().base, LARGEST_EXACT - 1.0);
        assert_eq!(largest.add(q(2.0, "")).unwrap_err(), Reason::too_large());
        assert_eq!(q(1e10, "").multiply(q(-1e10, "")).unwrap_err(), Reason::too_large());
        assert!(q(1e10, "B").multiply(q(1e10, "")).is_ok());
    }
}
