//! [`SqlCell`]: a value of a row, whichever database it came from.

use rbl_runtime::RawSample;
use rbl_syntax::value::{ExactNumber, Labels, Reason, ReasonKind};

/// A value of a row.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum SqlCell {
    /// There is none.
    Null,
    Bool(bool),
    Whole(i64),
    Real(f64),
    /// A decimal number of any length, as its digits; never NaN and never infinite.
    Decimal(String),
    Text(String),
    Bytes(Vec<u8>),
}

impl SqlCell {
    /// It as text; `None` for NULL.
    pub(super) fn text(&self) -> Option<String> {
        match self {
            Self::Null => None,
            Self::Bool(value) => Some(value.to_string()),
            Self::Whole(number) => Some(number.to_string()),
            Self::Real(number) => Some(number.to_string()),
            Self::Decimal(text) | Self::Text(text) => Some(text.clone()),
            Self::Bytes(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
        }
    }

    /// It as a number with these labels. NaN is passed on: whoever reads it decides.
    ///
    /// Errors: it is something else.
    pub(super) fn sample(&self, labels: Labels) -> Result<RawSample, Reason> {
        let no_number = |text: String| Err(Reason::new(ReasonKind::Unreadable, text));
        match self {
            Self::Null => no_number("NULL, not a number".into()),
            Self::Bool(value) => no_number(format!("{value}, not a number")),
            Self::Whole(number) => {
                let digits = ExactNumber::parse(&number.to_string());
                #[allow(clippy::cast_precision_loss)] // what does not fit has its digits beside it
                let value = *number as f64;
                Ok(RawSample { digits, ..RawSample::new(labels, value, None) })
            }
            Self::Real(number) => Ok(RawSample::new(labels, *number, None)),
            Self::Decimal(text) => match ExactNumber::parse(text) {
                Some(digits) => {
                    let value = digits.nearest();
                    Ok(RawSample { digits: Some(digits), ..RawSample::new(labels, value, None) })
                }
                None => match text.parse::<f64>() {
                    Ok(value) => Ok(RawSample::new(labels, value, None)),
                    Err(_) => no_number(format!("`{}`, not a number", rbl_syntax::one_line(text))),
                },
            },
            Self::Text(text) => {
                no_number(format!("the text \"{}\", not a number", rbl_syntax::one_line(text)))
            }
            Self::Bytes(_) => no_number("bytes, not a number".into()),
        }
    }
}
