//! The grammar, split by topic; the files are read in this order as one.

use pest_derive::Parser;

/// The parser that pest makes of `grammar/`.
#[derive(Parser)]
#[grammar = "../../grammar/lexical.pest"]
#[grammar = "../../grammar/text.pest"]
#[grammar = "../../grammar/expression.pest"]
#[grammar = "../../grammar/statement.pest"]
#[grammar = "../../grammar/file.pest"]
#[grammar = "../../grammar/test.pest"]
#[grammar = "../../grammar/recovery.pest"]
#[grammar = "../../grammar/colour.pest"]
pub(super) struct Grammar;
