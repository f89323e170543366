//! `PromQL`: inserts values into a query as values, validates a query before the run, and analyses what it measures.
//!
//! *Invariant:* a value never changes how the author's text is parsed: it becomes the content of one string, one
//! literal in a regular expression, one duration or one number, or it is rejected.

mod analysis;
mod interpolate;
mod locate;
mod measure;
mod query_class;
mod regex_context;
mod spelling;
mod style;
mod syntax_error;
mod token;
mod words;

pub use analysis::{NumberKind, QueryAnalysis, QueryRange, analyse};
pub use interpolate::place;
pub use locate::tree;
pub use measure::{Measure, Pure, unit_in_name};
pub use query_class::plain_selector;
pub use style::QueryStyle;

/// One part of a query, in order: the author's text, or a value inserted by `#{…}`.
#[derive(Debug, Clone, PartialEq)]
pub enum PromqlPart<'a> {
    /// The author's own text: code.
    Text(&'a str),
    /// A value: data.
    Value(InsertedValue),
}

use rbl_syntax::value::ExactNumber;

/// A value that is inserted into a query.
#[derive(Debug, Clone, PartialEq)]
pub enum InsertedValue {
    /// Text.
    Text(String),
    /// A plain number or a ratio (0–1).
    Number(f64),
    /// A whole number beyond 2⁵³.
    ExactNumber(ExactNumber),
    /// A duration.
    Duration {
        /// As it stands where PromQL takes a number: in seconds, or in the unit that its metric declares.
        number: f64,
        /// In seconds, for where PromQL takes a duration.
        seconds: f64,
    },
    /// An amount of data in bytes.
    Data(f64),
    /// True or false.
    Bool(bool),
    /// A list.
    List(Vec<InsertedValue>),
    /// Not known before the run; of this kind.
    Later(InsertedKind),
}

/// What is known before the run about an inserted value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InsertedKind {
    /// Nothing: it is assumed to fit.
    Any,
    /// A text.
    Text,
    /// A plain number or a ratio.
    Number,
    /// A duration.
    Duration,
    /// An amount of data.
    Data,
    /// True or false.
    Bool,
    /// A list.
    List,
}

/// What is wrong with a query, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PromqlError {
    /// The index of the part.
    pub part: usize,
    /// The byte in that part's text; 0 for a value.
    pub byte: usize,
    /// The number of bytes it covers; 0 for a value and for the end of the query.
    pub len: usize,
    /// The headline.
    pub message: String,
    /// What to write instead, if that is known.
    pub help: Option<String>,
}

impl std::fmt::Display for PromqlError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)?;
        self.help.as_ref().map_or(Ok(()), |help| write!(f, " ({help})"))
    }
}

/// Checks that the query can be parsed as `PromQL`; placeholders stand for values that are not known yet.
pub fn validate(parts: &[PromqlPart<'_>]) -> Result<(), PromqlError> {
    analyse(parts).map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> PromqlError {
        validate(&[PromqlPart::Text(text)]).unwrap_err()
    }

    /// Returns the text under the error.
    fn at(text: &str) -> &str {
        let error = error(text);
        text.get(error.byte..error.byte + error.len).unwrap()
    }

    #[test]
    fn a_fault_is_placed() {
        assert_eq!(at("sum(rate(foo[5m])"), "(");
        assert_eq!(at("foo{a=\"b\""), "{");
        assert_eq!(at("foo{a=\"b}"), "\"b}");
        assert_eq!(at("foo)"), ")");
        assert_eq!(at("sum by (a) rate(foo[5m])"), "rate");
        assert_eq!(at("foo + * bar"), "*");
        assert_eq!(at("rat(foo[5m])"), "rat");
        assert_eq!(at("foo{a=b}"), "b");
        assert_eq!(at("foo[5 minutes]"), "minutes");
        assert_eq!(at("histogram_quantile(0.99, sum by (le) (rate(foo[5m]))) bar"), "bar");
        assert_eq!(at("sum(rate(foo))"), ")");
        assert_eq!(at("foo{a=~\"(\"}"), "\"(\"");
    }

    #[test]
    fn the_end_is_a_place_too() {
        let error = error("foo +");
        assert_eq!((error.byte, error.message.as_str()), (5, "the query ends too early"));
        assert_eq!(super::tests::error("").message, "the query is empty");
    }

    #[test]
    fn too_deep_or_too_long_is_told_and_never_crashes() {
        for (open, close) in [("(", ")"), ("sum(", ")"), ("-", ""), ("x[5m:", "]"), ("{", ""), ("x + ", "")] {
            for count in [50_usize, 3_900, 200_000] {
                let text = format!("{}x{}", open.repeat(count), close.repeat(count));
                let _ = validate(&[PromqlPart::Text(&text)]);
                assert!(plain_selector(&text).is_none());
            }
        }
        let deep = format!("{}x{}", "(".repeat(100), ")".repeat(100));
        assert_eq!(
            (error(&deep).byte, error(&deep).message.as_str()),
            (64, "brackets are nested deeper than 64")
        );
    }

    #[test]
    fn words_help() {
        assert_eq!(error("rat(foo[5m])").message, "PromQL has no function `rat`");
        assert_eq!(error("rat(foo[5m])").help.as_deref(), Some("write `rate`"));
        assert!(
            error("sum(rate(foo))").message.contains("`rate` needs a range"),
            "{:?}",
            error("sum(rate(foo))")
        );
    }

    #[test]
    fn values_stand_for_themselves() {
        let value = |kind| PromqlPart::Value(InsertedValue::Later(kind));
        let text = PromqlPart::Text;
        assert!(validate(&[text("up{job=\""), value(InsertedKind::Text), text("\"}")]).is_ok());
        assert!(validate(&[text("rate(up["), value(InsertedKind::Duration), text("])")]).is_ok());
        assert!(validate(&[text("rate(up["), value(InsertedKind::Any), text("])")]).is_ok());
        assert!(validate(&[text("up > "), value(InsertedKind::Number)]).is_ok());
        let error = validate(&[text("up{job="), value(InsertedKind::Text), text("}")]).unwrap_err();
        assert_eq!(error.part, 1);
        let error = validate(&[text("up{job=\""), value(InsertedKind::Text), text("\"} +* 2")]).unwrap_err();
        assert_eq!((error.part, error.byte), (2, 4));
    }
}
