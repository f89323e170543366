//! Whether two values are the same one, however they are spelled: `60s` and `1m`, `1000` and `1e3`, a reading and the number
//! that it is.

use super::{Dimension, ExactNumber, Quantity, Value};

/// Floats that differ behind this many digits differ by how they were computed (`0.1h` and `6m`).
const DIGITS: usize = 15;

impl Value {
    /// A text that is the same for two values exactly if they are the same argument: where calls are counted and locks are
    /// told apart, the spelling of a number, its unit and the labels of a reading make no difference, nor does the
    /// order of a record.
    pub fn identity(&self) -> String {
        match self {
            Self::Quantity(quantity) => of_quantity(quantity),
            Self::ExactNumber(number) => number.identity(),
            Self::Sample(sample) => match &sample.digits {
                Some(digits) if sample.value.dimension == Dimension::NUMBER => digits.identity(),
                _ => of_quantity(&sample.value),
            },
            Self::Text(text) => format!("{text:?}"),
            Self::LabelledText(labelled) => format!("{:?}", labelled.text),
            Self::Output(output) => output.text().identity(),
            Self::List(items) => in_brackets(&items.iter().map(Self::identity).collect::<Vec<_>>()),
            Self::Samples(samples) => {
                in_brackets(&samples.iter().map(|sample| of_quantity(&sample.value)).collect::<Vec<_>>())
            }
            Self::Record(record) => {
                let mut fields: Vec<String> =
                    record.0.iter().map(|(name, value)| format!("{name:?}: {}", value.identity())).collect();
                fields.sort();
                in_brackets(&fields)
            }
            Self::Bool(_)
            | Self::Time(_)
            | Self::Window(_)
            | Self::PartialText(_)
            | Self::PartialList(_)
            | Self::Secret(_)
            | Self::Unknown(_) => self.to_string(),
        }
    }
}

fn in_brackets(parts: &[String]) -> String {
    format!("[{}]", parts.join(", "))
}

/// `6e1 time 1` of a minute.
fn of_quantity(quantity: &Quantity) -> String {
    let Dimension { time, data, scale: _ } = quantity.dimension;
    if (time, data) == (0, 0) {
        return ExactNumber::identity_of(&format!("{:e}", quantity.base));
    }
    let rounded = format!("{:.*e}", DIGITS - 1, quantity.base);
    format!("{} time {time} data {data}", ExactNumber::identity_of(&rounded))
}

#[cfg(test)]
mod tests {
    use crate::value::{Quantity, Value};

    fn number(text: &str) -> Value {
        Value::parse_quantity(text).unwrap()
    }

    #[test]
    fn the_spelling_makes_no_difference() {
        for same in [
            ["1000", "1e3", "1000.0", "1_000", "+1000"].as_slice(),
            &["60s", "1m", "60000ms"],
            &["90s", "1m30s", "1.5m", "0.025h"],
            &["0", "-0", "0.0"],
            &["1.50", "1.5", "15e-1"],
            &["9007199254740993", "9007199254740993.0"],
            &["1GB", "1000MB"],
        ] {
            let all: Vec<String> = same.iter().map(|text| number(text).identity()).collect();
            assert!(all.iter().all(|it| it == &all[0]), "{same:?}: {all:?}");
        }
    }

    #[test]
    fn other_values_are_others() {
        let texts = [
            "1",
            "1s",
            "1B",
            "1.0000000001",
            "9007199254740993",
            "9007199254740992",
            "-1",
            "10",
            "1GB",
            "1GiB",
        ];
        let mut all: Vec<String> = texts.iter().map(|text| number(text).identity()).collect();
        all.extend(
            [Value::text("1"), Value::text("1s"), Value::Bool(true), Value::text("true")]
                .map(|it| it.identity()),
        );
        all.push(Value::List(vec![number("1")].into()).identity());
        let count = all.len();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), count, "{all:?}");
    }

    #[test]
    fn what_was_computed_is_what_was_written() {
        let computed = Value::Quantity(Quantity::seconds(0.1 + 0.2));
        assert_eq!(computed.identity(), number("300ms").identity());
    }
}
