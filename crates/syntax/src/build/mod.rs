//! Builds the tree from pest's pairs, by hand: one function per rule.
//!
//! *Invariant:* a pair of the wrong shape is a bug in the grammar or here, never the author's mistake.

mod declaration;
mod expression;
mod file;
mod hidden_character;
mod modifiers;
mod number;
mod precedence;
mod statement;
mod stray;
mod test;
mod text;
mod wait;

use pest::Parser;
use pest::iterators::Pair as PestPair;

use super::grammar::{Grammar, Rule};
use super::layout::{LaidOut, is_reserved};
use super::recovery;
use super::tree::{File, Name};
use crate::diagnostic::{Code, Diagnostic, bug};
use crate::source::{Place, SourceId, Span};

pub(crate) type GrammarPair<'i> = PestPair<'i, Rule>;

/// Builds the tree of a laid out text.
pub(super) fn build(source: SourceId, laid_out: &LaidOut) -> (File, Vec<Diagnostic>) {
    let mut builder = TreeBuilder { source, laid_out, diagnostics: Vec::new(), depth: 0, in_test: false };
    let file = match Grammar::parse(Rule::file, &laid_out.text) {
        Ok(pairs) => builder.file(pairs),
        Err(error) => {
            builder.diagnostics.push(recovery::whole_file(source, laid_out, &error));
            File::default()
        }
    };
    (file, builder.diagnostics)
}

/// The maximum depth of an expression: a chain of operators is as deep as it is long.
const MAX_EXPRESSION_DEPTH: usize = 256;

pub(super) struct TreeBuilder<'a> {
    source: SourceId,
    laid_out: &'a LaidOut,
    diagnostics: Vec<Diagnostic>,
    /// The depth of the expression being built.
    depth: usize,
    /// Whether a test is being built: in a test `unknown` is a value, the answer of a probe.
    in_test: bool,
}

impl TreeBuilder<'_> {
    /// Returns the source span of a pair.
    fn span(&self, pair: &GrammarPair<'_>) -> Span {
        let span = pair.as_span();
        self.laid_out.span(span.start(), span.end())
    }

    fn place(&self, span: Span) -> Place {
        span.in_source(self.source)
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// Builds a name at its use.
    fn name(&self, pair: &GrammarPair<'_>) -> Name {
        Name { text: pair.as_str().into(), span: self.span(pair) }
    }

    /// Builds a name at its declaration; a word of the language cannot be one.
    fn new_name(&mut self, pair: &GrammarPair<'_>) -> Name {
        let name = self.name(pair);
        if is_reserved(&name.text) {
            self.report(
                Diagnostic::new(
                    Code::SYNTAX_RESERVED,
                    format!("`{}` is a word of the language and can name nothing", name.text),
                    self.place(name.span),
                    "used as a name here",
                )
                .help(format!("call it something else, for example `{}_`", name.text)),
            );
        }
        name
    }

    /// Whether the pair begins with an inserted character, which has already been reported.
    fn is_put_in(&self, pair: &GrammarPair<'_>) -> bool {
        self.laid_out.is_put_in(pair.as_span().start())
    }

    /// Reports a statement, declaration or line that could not be read.
    fn unreadable(&mut self, pair: &GrammarPair<'_>, lone: Rule) {
        if self.is_put_in(pair) {
            return;
        }
        let diagnostic = recovery::unreadable(self.source, self.laid_out, pair, lone);
        self.report(diagnostic);
    }

    /// Reports the text after a readable statement, or an unreadable condition. At most one such report per statement.
    fn unreadable_tail(&mut self, pair: &GrammarPair<'_>, statement: &GrammarPair<'_>) {
        let (start, end) = (self.span(statement).start, self.span(pair).start);
        let same_line = |from: u32| {
            let between = self.laid_out.text.get(Span::new(from, end.max(from)).range());
            !between.unwrap_or_default().contains('\n')
        };
        let already = |diagnostic: &Diagnostic| {
            diagnostic.place().is_some_and(|place| place.span.start >= start && same_line(place.span.start))
        };
        // An earlier finding about this statement caused this one.
        if !self.diagnostics.iter().rev().take(8).any(already) {
            let diagnostic = recovery::tail(self.source, self.laid_out, pair, statement);
            self.report(diagnostic);
        }
    }
}

/// Reports, as a bug, a pair that the grammar does not allow here.
#[track_caller]
fn misplaced(pair: &GrammarPair<'_>) -> ! {
    bug(&format!("the grammar gave {:?} where it is not allowed", pair.as_rule()))
}

/// Returns the first inner pair, which the rule always has.
#[track_caller]
fn first<'i>(pairs: &mut impl Iterator<Item = GrammarPair<'i>>) -> GrammarPair<'i> {
    pairs.next().unwrap_or_else(|| bug("the grammar gave nothing where a part must stand"))
}

/// Iterates over the inner pairs that are neither keyword nor bracket.
fn parts(pair: GrammarPair<'_>) -> impl Iterator<Item = GrammarPair<'_>> {
    pair.into_inner().filter(|pair| !is_word(pair.as_rule()))
}

/// Keywords, brackets and separators: they are rules so that messages can name them, and have no meaning in the tree.
fn is_word(rule: Rule) -> bool {
    matches!(
        rule,
        Rule::kw_alert
            | Rule::kw_firing
            | Rule::kw_schedule
            | Rule::kw_secret
            | Rule::kw_step
            | Rule::kw_for
            | Rule::kw_each
            | Rule::kw_else
            | Rule::kw_unknown
            | Rule::kw_none
            | Rule::kw_where
            | Rule::kw_or
            | Rule::kw_acknowledged
            | Rule::kw_in
            | Rule::kw_by
            | Rule::kw_from
            | Rule::kw_as
            | Rule::kw_on
            | Rule::kw_times
            | Rule::kw_to
            | Rule::kw_at
            | Rule::kw_most
            | Rule::kw_once
            | Rule::kw_runs
            | Rule::kw_lock
            | Rule::kw_limit
            | Rule::kw_reached
            | Rule::kw_until
            | Rule::kw_up
            | Rule::kw_with
            | Rule::kw_among
            | Rule::kw_ask
            | Rule::kw_any
            | Rule::kw_not
            | Rule::kw_ago
            | Rule::kw_over
            | Rule::kw_contains
            | Rule::kw_matches
            | Rule::kw_given
            | Rule::kw_provider
            | Rule::kw_team
            | Rule::kw_channel
            | Rule::kw_probe
            | Rule::kw_x
            | Rule::kw_is
            | Rule::kw_has
            | Rule::kw_after
            | Rule::kw_answer
            | Rule::kw_background
            | Rule::kw_before
            | Rule::kw_expect
            | Rule::kw_escalation
            | Rule::kw_matching
            | Rule::brace_open
            | Rule::brace_close
            | Rule::paren_open
            | Rule::paren_close
            | Rule::bracket_open
            | Rule::bracket_close
            | Rule::comma
            | Rule::colon
            | Rule::equals
            | Rule::triple_quote
            | Rule::EOI
    )
}
