//! Places in which a shell computes with a text, so that `a[$(…)]` in a variable runs a command: `$((…))`, `${a[…]}`,
//! `${x:…}`, `[[ … -eq … ]]`, variables declared as integers.

use super::command::{CommandList, Word, is_name};
use super::flow::{Flow, PipelineFlows};
use super::known::flows;
use super::{QuoteContext, ShellFault, ShellItem, ShellRefusal, ShellScanner};
use crate::shell::code_reader::{CodeKind, reader};

impl ShellScanner {
    /// Why a variable that carries a value must not stand here.
    pub(super) fn evaluated(&self) -> Option<ShellRefusal> {
        for (context, _) in self.stack.iter().rev() {
            match context {
                QuoteContext::Arithmetic { .. } => return Some(ShellRefusal::Arithmetic),
                QuoteContext::Braces { from } if self.braces_compute(*from) => {
                    return Some(ShellRefusal::Subscript);
                }
                QuoteContext::Command(command) => {
                    return self.in_index(command).then_some(ShellRefusal::Subscript);
                }
                QuoteContext::HereBody(_) => return None,
                _ => {}
            }
        }
        None
    }

    /// Whether the word of an assignment has begun an index: `a[`.
    fn in_index(&self, command: &CommandList) -> bool {
        let Some(word) = command.word.as_ref().filter(|_| command.words.is_empty()) else { return false };
        let behind = word.text.trim_start_matches(is_name);
        let name = word.text.strip_suffix(behind).unwrap_or_default();
        !name.is_empty()
            && behind.starts_with('[')
            && !behind.contains(']')
            && !self.known.maps.contains(name)
    }

    /// Whether the shell computes with what follows in the `${…}` that began at this item.
    fn braces_compute(&self, from: usize) -> bool {
        let read = self.items.get(from..self.at.saturating_sub(1)).unwrap_or_default();
        let text: String =
            read.iter().map(|(item, _)| if let ShellItem::Char(c) = item { *c } else { ' ' }).collect();
        let text = text.trim_start_matches(['!', '#']);
        let rest = text.trim_start_matches(is_name);
        let name = text.strip_suffix(rest).unwrap_or_default();
        let mut rest = if name.is_empty() { rest.trim_start_matches(['@', '*']) } else { rest };
        if let Some(index) = rest.strip_prefix('[') {
            let Some((_, behind)) = index.split_once(']') else { return !self.known.maps.contains(name) };
            rest = behind;
        }
        rest.strip_prefix(':').is_some_and(|length| !length.starts_with(['-', '=', '+', '?']))
    }

    /// A name that stands without `$` where the shell computes.
    pub(super) fn computed_name(&mut self, c: char, offset: usize) {
        let in_place = matches!(
            self.stack.last(),
            Some((QuoteContext::Arithmetic { .. } | QuoteContext::Braces { .. }, _))
        );
        if !in_place || !is_name(c) || c.is_ascii_digit() || self.known.variables.is_empty() {
            return;
        }
        let before = self.at.checked_sub(2).and_then(|before| self.items.get(before));
        if matches!(before, Some((ShellItem::Char(before), _)) if is_name(*before) || *before == '$') {
            return;
        }
        let Some(refusal) = self.evaluated() else { return };
        let mut name = String::from(c);
        while let Some(next) = self.peek(name.len() - 1).filter(|next| is_name(*next)) {
            name.push(next);
        }
        for flow in flows(self.known.variables.get(&name), offset) {
            self.computes(flow, refusal.clone());
        }
    }

    /// Refuses a value with which the shell computes.
    pub(super) fn computes(&mut self, flow: Flow, refusal: ShellRefusal) {
        if flow.sure && !self.faults.iter().any(|fault| fault.value == Some(flow.value)) {
            self.faults.push(ShellFault { value: Some(flow.value), offset: flow.offset, refusal });
        }
    }
}

impl PipelineFlows {
    /// A word inside `[[ … ]]`, or the end of that.
    pub(super) fn bracket(&mut self, word: &Word, ends: bool) {
        if !ends {
            let mut carries = word.carries.clone();
            if !word.text.is_empty() && word.text.chars().all(is_name) {
                carries.extend(
                    flows(self.known.variables.get(&word.text), 0)
                        .iter()
                        .map(|flow| Flow { begins: false, ..*flow }),
                );
            }
            // A name alone is only a variable where the shell computes.
            self.bracket.push((word.text.clone(), carries));
            return;
        }
        let words = std::mem::take(&mut self.bracket);
        let mut computed = Vec::new();
        for (at, (text, _)) in words.iter().enumerate() {
            let mut operand = |at: Option<usize>| {
                computed.extend(at.and_then(|at| words.get(at)).map(|it| it.1.clone()).unwrap_or_default());
            };
            match text.as_str() {
                "-eq" | "-ne" | "-lt" | "-le" | "-gt" | "-ge" => {
                    operand(at.checked_sub(1));
                    operand(Some(at + 1));
                }
                "-v" | "-R" => operand(Some(at + 1)),
                _ => {}
            }
        }
        self.read.extend(computed.into_iter().map(|flow| (flow, reader("[[", CodeKind::Arithmetic))));
    }

    /// `declare -i NAME`, `declare -A NAME`.
    pub(super) fn declaration(&mut self, options: &[String], word: &Word) {
        let name: String = word.text.chars().take_while(|c| is_name(*c)).collect();
        let has =
            |letter: char| options.iter().any(|option| option.starts_with('-') && option.contains(letter));
        if name.is_empty() {
            return;
        }
        if has('i') {
            self.found.integers.insert(name.clone());
        }
        if has('A') {
            self.found.maps.insert(name);
        }
    }
}
