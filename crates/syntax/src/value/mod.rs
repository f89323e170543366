//! The values that runbooks compute with: dimensions, units, quantities, verdicts with their reasons, times.
//!
//! *Invariant:* a quantity is stored in base units (seconds, bytes, one) with its dimension, also at run time.

mod command_output;
mod dimension;
mod exact_number;
mod format;
mod format_duration;
mod identity;
mod output_lines;
mod parse;
mod partial;
mod quantity;
mod reason;
mod record;
mod sample;
mod secret;
mod time;
mod took;
mod unit;
#[allow(clippy::module_inception)]
mod value;
mod verdict;

pub use command_output::{CommandOutput, OutputCut};
pub use dimension::{Dimension, Scale};
pub use exact_number::ExactNumber;
pub use format_duration::span;
pub use output_lines::{reported, reported_lines};
pub use parse::QuantityRefusal;
pub use partial::{KnownPart, PartialList, PartialText, TextBuilder, TextPiece};
pub use quantity::{Form, LARGEST_EXACT, LONGEST_DURATION, Quantity};
pub use reason::{Reason, ReasonKind};
pub use record::RecordValue;
pub use sample::{LabelledText, Labels, Point, Sample, Series};
pub use secret::{MASK, SecretCommand, SecretRef};
pub use time::Time;
pub use took::Took;
pub use unit::{TimeUnit, Unit, UnitRefusal, UnitSymbol};
pub use value::Value;
pub use verdict::Verdict;
