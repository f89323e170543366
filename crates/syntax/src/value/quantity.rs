//! A number with its dimension, and the unit it is shown in.

use std::cmp::Ordering;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Dimension, Reason, ReasonKind, Unit, format};

/// A number in base units (seconds, bytes, one) with its dimension and the unit its author wrote.
///
/// *Invariant:* the number is finite: what has no value is unknown, not `NaN`.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
pub struct Quantity {
    /// In base units.
    pub base: f64,
    /// What it measures.
    pub dimension: Dimension,
    /// The unit it was written or declared in; `None` for one that was computed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schemars(with = "Option<String>")]
    pub unit: Option<Unit>,
}

impl Quantity {
    /// A plain number.
    pub const fn number(value: f64) -> Self {
        Self { base: value, dimension: Dimension::NUMBER, unit: Some(Unit::ONE) }
    }

    /// A computed duration.
    pub const fn seconds(value: f64) -> Self {
        Self { base: value, dimension: Dimension::DURATION, unit: None }
    }

    /// A number of a unit, as written or as a provider returned it. A number that is not finite is unknown, with its
    /// own reason.
    pub fn of(value: f64, unit: Unit) -> Result<Self, Reason> {
        Self { base: value * unit.factor(), dimension: unit.dimension(), unit: Some(unit) }.finite()
    }

    /// Converts to a unit.
    pub fn in_unit(self, unit: Unit) -> f64 {
        self.base / unit.factor()
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

    /// The same value, shown as a computed one.
    fn computed(base: f64, dimension: Dimension, like: Self) -> Result<Self, Reason> {
        let quantity = Self { base, dimension, unit: None }.finite()?;
        // An amount of data stays in the family (1000 or 1024) of its operand.
        let binary = like.unit.is_some_and(Unit::is_binary);
        Ok(Self { unit: if binary { format::fitting_binary(base, dimension) } else { None }, ..quantity })
    }

    /// Adds; the dimensions agree (checked before the run).
    #[allow(clippy::should_implement_trait)] // a sum may be unknown
    pub fn add(self, other: Self) -> Result<Self, Reason> {
        Self::computed(self.base + other.base, self.agreed(other)?, self)
    }

    /// Subtracts; the dimensions agree (checked before the run).
    pub fn subtract(self, other: Self) -> Result<Self, Reason> {
        Self::computed(self.base - other.base, self.agreed(other)?, self)
    }

    /// Multiplies.
    pub fn multiply(self, other: Self) -> Result<Self, Reason> {
        let dimension = self.dimension.product(other.dimension).ok_or_else(too_many_powers)?;
        let like = if self.dimension.data == 0 { other } else { self };
        Self::computed(self.base * other.base, dimension, like)
    }

    /// Divides; a division by zero is unknown.
    pub fn divide(self, other: Self) -> Result<Self, Reason> {
        if other.base == 0.0 {
            return Err(Reason::new(ReasonKind::NoValue, "division by zero"));
        }
        let dimension = self.dimension.quotient(other.dimension).ok_or_else(too_many_powers)?;
        Self::computed(self.base / other.base, dimension, self)
    }

    /// Negates.
    #[must_use]
    pub fn negate(self) -> Self {
        Self { base: -self.base, ..self }
    }

    /// Compares with another quantity of the same dimension. Equal within one part in 10¹², so that `100ms * 3 ==
    /// 300ms`; unknown if the dimensions differ, which `check` rejects and only data from outside can cause.
    pub fn compare(self, other: Self) -> Result<Ordering, Reason> {
        self.agreed(other)?;
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
}
