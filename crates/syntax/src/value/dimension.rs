//! The dimension of a quantity: powers of time and of data, and whether it is a proportion.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Whether a quantity is on the scale of plain numbers or of ratios.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Scale {
    /// A plain number, or a number of seconds or bytes.
    #[default]
    Plain,
    /// A proportion of a whole; prints as `%`.
    Ratio,
    /// A quotient of two quantities of one kind (`used / size`, `p99 / (p99 1h ago)`); may be read as either.
    Either,
}

/// Powers of time and of data, and the scale. `20MiB/s` is data¹·time⁻¹.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
pub struct Dimension {
    /// The power of seconds.
    pub time: i8,
    /// The power of bytes.
    pub data: i8,
    /// Plain or proportion.
    pub scale: Scale,
}

impl Dimension {
    /// A plain number.
    pub const NUMBER: Self = Self { time: 0, data: 0, scale: Scale::Plain };
    /// A length of time.
    pub const DURATION: Self = Self { time: 1, data: 0, scale: Scale::Plain };
    /// An amount of data.
    pub const DATA: Self = Self { time: 0, data: 1, scale: Scale::Plain };
    /// A proportion of a whole.
    pub const RATIO: Self = Self { time: 0, data: 0, scale: Scale::Ratio };

    /// Whether it has neither time nor data in it.
    pub const fn is_pure(self) -> bool {
        self.time == 0 && self.data == 0
    }

    /// Whether two quantities of these dimensions can be added and compared.
    pub fn agrees_with(self, other: Self) -> bool {
        self.time == other.time
            && self.data == other.data
            && (self.scale == other.scale || self.scale == Scale::Either || other.scale == Scale::Either)
    }

    /// The dimension of a sum of two quantities that agree: the more specific of the two.
    #[must_use]
    pub fn sum(self, other: Self) -> Self {
        if self.scale == Scale::Either { other } else { self }
    }

    /// The dimension of a product. A pure ratio scales the other operand and keeps its dimension; a ratio times a plain
    /// number may be read as either (`150% * requests`, `2 * error_ratio`). `None` if a power overflows.
    pub fn product(self, other: Self) -> Option<Self> {
        let scale = match (self.is_pure(), other.is_pure()) {
            (true, true) if self.scale == other.scale => self.scale,
            (true, true) => Scale::Either,
            (true, false) => other.scale,
            (false, true) => self.scale,
            (false, false) => self.scale.mixed(other.scale),
        };
        let (time, data) = (self.time.checked_add(other.time)?, self.data.checked_add(other.data)?);
        Some(Self { time, data, scale }.settled())
    }

    /// The dimension of a quotient. Dividing two of one kind gives a proportion that may be read as number or ratio.
    pub fn quotient(self, other: Self) -> Option<Self> {
        let time = self.time.checked_sub(other.time)?;
        let data = self.data.checked_sub(other.data)?;
        let scale = if time == 0 && data == 0 && self.scale == other.scale {
            Scale::Either
        } else if other.is_pure() && other.scale != Scale::Plain {
            if self.scale == Scale::Ratio { Scale::Either } else { self.scale }
        } else {
            self.scale
        };
        Some(Self { time, data, scale }.settled())
    }

    /// Drops the ratio mark if powers of time or data remain, since it means nothing there.
    fn settled(self) -> Self {
        let scale = if !self.is_pure() && self.scale == Scale::Either { Scale::Plain } else { self.scale };
        Self { scale, ..self }
    }

    /// Names the dimension with its article, for messages: "a duration", "data", "a ratio", "data per second".
    pub fn in_words(self) -> String {
        match (self.time, self.data, self.scale) {
            (0, 0, Scale::Plain) => "a number".into(),
            (0, 0, Scale::Ratio) => "a ratio".into(),
            (0, 0, Scale::Either) => "a proportion".into(),
            (1, 0, _) => "a duration".into(),
            (0, 1, _) => "data".into(),
            (-1, 0, Scale::Ratio) => "a ratio per time".into(),
            (-1, 0, _) => "a rate".into(),
            (-1, 1, _) => "data per time".into(),
            (time, data, _) => {
                let mut words = Vec::new();
                for (power, name) in [(data, "data"), (time, "time")] {
                    match power {
                        0 => {}
                        1 => words.push(name.to_owned()),
                        power => words.push(format!("{name}^{power}")),
                    }
                }
                format!("a quantity of {}", words.join(" × "))
            }
        }
    }
}

impl Scale {
    /// The scale of a product of two quantities that both have powers.
    fn mixed(self, other: Self) -> Self {
        match (self, other) {
            (Self::Ratio, _) | (_, Self::Ratio) => Self::Ratio,
            (Self::Either, _) | (_, Self::Either) => Self::Either,
            (Self::Plain, Self::Plain) => Self::Plain,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Dimension, Scale};

    const RATIO_PER_TIME: Dimension = Dimension { time: -1, data: 0, scale: Scale::Ratio };

    #[test]
    fn a_ratio_scales_anything() {
        for kind in [Dimension::DURATION, Dimension::DATA, Dimension::RATIO, RATIO_PER_TIME] {
            assert_eq!(Dimension::RATIO.product(kind), Some(kind));
            assert_eq!(kind.product(Dimension::RATIO), Some(kind));
        }
        let scaled = Dimension::RATIO.product(Dimension::NUMBER).unwrap();
        assert!(scaled.agrees_with(Dimension::NUMBER) && scaled.agrees_with(Dimension::RATIO));
    }

    #[test]
    fn powers_combine() {
        let data_rate = Dimension::DATA.quotient(Dimension::DURATION).unwrap();
        assert_eq!(data_rate.product(Dimension::DURATION), Some(Dimension::DATA));
        assert_eq!(RATIO_PER_TIME.product(Dimension::DURATION), Some(Dimension::RATIO));
        assert_eq!(Dimension::RATIO.quotient(Dimension::DURATION), Some(RATIO_PER_TIME));
        assert_eq!(Dimension::RATIO.quotient(Dimension::NUMBER), Some(Dimension::RATIO));
    }

    #[test]
    fn a_quotient_of_one_kind_reads_as_number_and_as_ratio() {
        let proportion = Dimension::DATA.quotient(Dimension::DATA).unwrap();
        assert!(proportion.agrees_with(Dimension::NUMBER));
        assert!(proportion.agrees_with(Dimension::RATIO));
        assert!(!proportion.agrees_with(Dimension::DATA));
        assert!(!Dimension::RATIO.agrees_with(Dimension::NUMBER));
    }
}
