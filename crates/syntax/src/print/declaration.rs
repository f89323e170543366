//! Prints declarations.

use super::document::{Doc, Sentence};
use super::modifiers::Modifier;
use super::printer::{Docs, Printer};
use crate::tree::{AlertNames, Declaration, Define, DefineTarget, LabelMatcher, Name, Trigger, TriggerKind};

impl<'a> Printer<'a> {
    /// Prints a declaration, its first word padded to `column`.
    pub(super) fn declaration(&mut self, declaration: &Declaration, column: usize) -> Sentence<'a> {
        let mut head = Vec::new();
        let word = self.peek();
        self.take(&mut head);
        if column > word.len() {
            head.push(Doc::Text(" ".repeat(column - word.len()).into()));
        }
        let into = &mut head;
        match declaration {
            Declaration::Runbook(it) => self.text(&it.title, into),
            Declaration::About(it) => self.text(&it.text, into),
            Declaration::Tests(it) => {
                self.up_to(it.file.span.start, into);
                self.text(&it.file, into);
            }
            Declaration::Trigger(it) => self.trigger(it, into),
            Declaration::Owner(it) => self.text(&it.team, into),
            Declaration::Severity(it) => self.text(&it.text, into),
            Declaration::Timezone(it) => self.text(&it.name, into),
            Declaration::Link(it) => {
                self.text(&it.name, into);
                self.text(&it.url, into);
            }
            Declaration::Param(it) => {
                self.word(it.name.span, into);
                if let Some(among) = &it.among {
                    while self.at() < among.span.start && self.peek() != "among" {
                        self.take(into);
                    }
                    self.break_here(" ", into);
                    self.up_to(among.span.start, into);
                    self.expr(among, into);
                }
                if let Some(default) = &it.default {
                    self.up_to(default.span.start, into);
                    self.expr(default, into);
                }
            }
            Declaration::Secret(it) => {
                let text = it.source.text();
                self.up_to(text.span.start, into);
                self.text(text, into);
            }
            Declaration::Metric(it) => {
                self.word(it.name.span, into);
                self.params(&it.params, into);
                if !it.of.is_number() {
                    // `: text`
                    self.take(into);
                    self.take(into);
                }
                // The unit is one word, whatever characters are in it.
                if let Some(unit) = &it.unit {
                    self.up_to(unit.span.start, into);
                    self.word(unit.span, into);
                }
                // `by a, b` may follow the unit.
                if let Some(label) = it.by.last() {
                    self.up_to(label.span.end, into);
                }
                self.break_here(" ", into);
                self.up_to(it.query.span.start, into);
                self.query(it, into);
            }
            Declaration::Define(it) => self.define(it, into),
            Declaration::Probe(it) => {
                self.word(it.name.span, into);
                self.params(&it.params, into);
                self.break_here(" ", into);
                self.up_to(it.look.span.start, into);
                self.expr(&it.look, into);
            }
            Declaration::Let(it) => {
                self.word(it.name.span, into);
                self.params(&it.params, into);
                self.up_to(it.value.span.start, into);
                self.expr(&it.value, into);
            }
            Declaration::Use(it) => self.text(&it.file, into),
            Declaration::Limit(it) => {
                self.expr(&it.count, into);
                if let Some(window) = &it.window {
                    self.up_to(window.span.start, into);
                    self.expr(window, into);
                }
            }
        }
        self.up_to(declaration.span().end, into);
        Sentence { head: whole(head), ..Sentence::default() }
    }

    fn trigger(&mut self, trigger: &Trigger, into: &mut Docs<'a>) {
        match &trigger.kind {
            TriggerKind::Alert { name, labels, by } => {
                match name {
                    AlertNames::Listed(names) => {
                        for (at, name) in names.iter().enumerate() {
                            if at == 0 {
                                self.up_to(name.span.start, into);
                                self.text(name, into);
                            } else {
                                self.one_more(into, |printer, docs| printer.text(name, docs));
                            }
                        }
                    }
                    AlertNames::Matching(regex) => {
                        self.up_to(regex.span.start, into);
                        self.text(regex, into);
                    }
                }
                let by_first = by.first().map_or(u32::MAX, |label| label.span.start);
                if labels.first().is_some_and(|label| by_first < label.name.span.start) {
                    self.trigger_by(by, into);
                    self.trigger_where(labels, into);
                } else {
                    self.trigger_where(labels, into);
                    self.trigger_by(by, into);
                }
            }
            TriggerKind::Schedule { cron, timezone, window } => {
                self.up_to(cron.span.start, into);
                self.text(cron, into);
                let zone = timezone.as_ref().map(Modifier::Text);
                let window = window.as_ref().map(Modifier::Value);
                self.modifiers(zone.into_iter().chain(window).collect(), into);
            }
            TriggerKind::Manual => {}
        }
    }

    /// Prints `where LABEL OP "V", …`.
    fn trigger_where(&mut self, labels: &[LabelMatcher], into: &mut Docs<'a>) {
        for (at, label) in labels.iter().enumerate() {
            if at == 0 {
                self.modifiers(vec![Modifier::Label(label)], into);
            } else {
                self.one_more(into, |printer, docs| {
                    printer.up_to(label.value.span.start, docs);
                    printer.text(&label.value, docs);
                });
            }
        }
    }

    /// Prints `by LABEL, …`.
    fn trigger_by(&mut self, by: &[Name], into: &mut Docs<'a>) {
        for (at, label) in by.iter().enumerate() {
            if at == 0 {
                self.modifiers(vec![Modifier::Name(label.span)], into);
            } else {
                self.one_more(into, |printer, docs| printer.word(label.span, docs));
            }
        }
    }

    /// Prints a comma and, after a place where the line may break, the next element.
    fn one_more(&mut self, into: &mut Docs<'a>, element: impl FnOnce(&mut Self, &mut Docs<'a>)) {
        let mut next = Vec::new();
        self.take(into);
        self.break_here(" ", &mut next);
        element(self, &mut next);
        into.push(Doc::Nested(next));
    }

    fn define(&mut self, define: &Define, into: &mut Docs<'a>) {
        self.word(define.name.span, into);
        self.params(&define.params, into);
        self.break_here(" ", into);
        match &define.target {
            DefineTarget::Prose(text) => {
                self.up_to(text.span.start, into);
                self.text(text, into);
            }
            DefineTarget::Command(command) => {
                self.up_to(command.span.start, into);
                self.command(command, into);
            }
            DefineTarget::Executor { reference, .. } => {
                self.up_to(reference.span.start, into);
                self.text(reference, into);
            }
        }
        if let Some(at_most) = &define.at_most {
            let mut next = Vec::new();
            self.break_here(" ", &mut next);
            self.up_to(at_most.times.span.start, &mut next);
            self.expr(&at_most.times, &mut next);
            self.up_to(at_most.window.span.start, &mut next);
            self.expr(&at_most.window, &mut next);
            into.push(Doc::Nested(next));
        }
    }

    /// Prints `(a, b)`, directly after the name.
    fn params(&mut self, params: &[Name], into: &mut Docs<'a>) {
        if self.peek() == "(" {
            self.tight();
            self.bracketed(params, false, into, |printer, name, docs| printer.word(name.span, docs));
        }
    }
}

/// A head whose continuation lines are indented further if it is broken.
pub(super) fn whole(head: Docs<'_>) -> Docs<'_> {
    vec![Doc::Group(vec![Doc::Further(head)])]
}
