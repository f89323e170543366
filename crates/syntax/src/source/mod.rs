//! Source texts: files ([`Source`], [`Sources`]), byte ranges ([`Span`], [`Place`]) and the index from bytes to lines.

mod line_index;
mod sources;
mod span;

use line_index::offset;

pub use line_index::{LineColumn, LineIndex};
pub use sources::{Source, SourceId, Sources};
pub use span::{Place, Span};
