//! The values that runbooks compute with: dimensions, units, quantities, verdicts with their reasons, times.
//!
//! *Invariant:* a quantity is stored in base units (seconds, bytes, one) with its dimension, also at run time.

mod dimension;
mod format;
mod format_duration;
mod parse;
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

pub use dimension::{Dimension, Scale};
pub use format_duration::span;
pub use parse::QuantityRefusal;
pub use quantity::Quantity;
pub use reason::{Reason, ReasonKind};
pub use record::RecordValue;
pub use sample::{Labels, Point, Sample, Series};
pub use secret::SecretRef;
pub use time::Time;
pub use took::Took;
pub use unit::{TimeUnit, Unit, UnitRefusal, UnitSymbol};
pub use value::{CommandOutput, Value};
pub use verdict::Verdict;
