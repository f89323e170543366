//! Prints modifiers in written order, broken before each or nowhere.

use super::document::Doc;
use super::printer::{Docs, Printer};
use crate::source::Span;
use crate::tree::{Arg, ExitCode, Expr, LabelMatcher, Retry, Target, Team, Template};

/// The part after the word of a modifier.
#[derive(Clone, Copy)]
pub(super) enum Modifier<'t> {
    Value(&'t Expr),
    Team(&'t Team),
    Target(&'t Target),
    Text(&'t Template),
    Name(Span),
    Retry(&'t Retry),
    Args(&'t [Arg], Span),
    Label(&'t LabelMatcher),
    /// The codes of `no on`, at least one.
    Codes(&'t [ExitCode]),
}

impl Modifier<'_> {
    pub(super) fn start(self) -> u32 {
        match self {
            Self::Value(expr) => expr.span.start,
            Self::Team(team) => team.span().start,
            Self::Target(target) => target.span().start,
            Self::Text(text) => text.span.start,
            Self::Name(span) | Self::Args(_, span) => span.start,
            Self::Retry(retry) => retry.times.span.start,
            Self::Label(label) => label.name.span.start,
            Self::Codes(codes) => codes.first().map_or(0, |code| code.span.start),
        }
    }
}

impl<'a> Printer<'a> {
    /// Prints modifiers of a part of a line: they break together, independent of their surroundings.
    pub(super) fn group_of_modifiers(&mut self, modifiers: Vec<Modifier<'_>>, into: &mut Docs<'a>) {
        let mut docs = Vec::new();
        self.modifiers(modifiers, &mut docs);
        if !docs.is_empty() {
            into.push(Doc::Group(docs));
        }
    }

    /// Prints a break before each modifier, and its parts.
    pub(super) fn modifiers(&mut self, modifiers: Vec<Modifier<'_>>, into: &mut Docs<'a>) {
        self.each_modifier(modifiers, true, into);
    }

    /// Prints modifiers on one line.
    pub(super) fn modifiers_on_the_line(&mut self, modifiers: Vec<Modifier<'_>>, into: &mut Docs<'a>) {
        self.each_modifier(modifiers, false, into);
    }

    fn each_modifier(&mut self, mut modifiers: Vec<Modifier<'_>>, breaks: bool, into: &mut Docs<'a>) {
        modifiers.sort_by_key(|modifier| modifier.start());
        for modifier in modifiers {
            // One that was nested deeper (`wait until "Q" within 5m by "T"`) has already been printed.
            if modifier.start() < self.at() {
                continue;
            }
            if breaks && self.peek() != "," {
                self.break_here(" ", into);
            }
            self.up_to(modifier.start(), into);
            match modifier {
                Modifier::Value(expr) => self.expr(expr, into),
                Modifier::Team(team) => self.team(team, into),
                Modifier::Target(target) => self.target(target, into),
                Modifier::Text(text) => self.text(text, into),
                Modifier::Name(span) => self.word(span, into),
                Modifier::Retry(retry) => {
                    self.expr(&retry.times, into);
                    if let Some(every) = &retry.every {
                        self.up_to(every.span.start, into);
                        self.expr(every, into);
                    }
                    self.up_to(retry.span.end, into);
                }
                Modifier::Args(args, _) => self.args_behind_a_word(args, into),
                Modifier::Codes(codes) => {
                    let end = codes.last().map_or(0, |code| code.span.end);
                    self.up_to(end, into);
                }
                Modifier::Label(label) => {
                    self.up_to(label.value.span.start, into);
                    self.text(&label.value, into);
                }
            }
        }
    }

    pub(super) fn team(&mut self, team: &Team, into: &mut Docs<'a>) {
        match team {
            Team::Owner { span } => self.word(*span, into),
            Team::Named(expr) => self.expr(expr, into),
        }
    }

    pub(super) fn target(&mut self, target: &Target, into: &mut Docs<'a>) {
        match target {
            Target::Prose(text) => self.text(text, into),
            Target::Command(command) => self.command(command, into),
            Target::Call { name, args, .. } => {
                self.word(name.span, into);
                self.args(args, into);
            }
        }
    }

    /// Prints `with (name: x)`: the bracket is separated from the word.
    fn args_behind_a_word(&mut self, args: &[Arg], into: &mut Docs<'a>) {
        self.bracketed(args, true, into, |printer, arg, docs| {
            printer.up_to(arg.value.span.start, docs);
            printer.expr(&arg.value, docs);
        });
    }
}
