//! Judges where the values of a command arrive: refused where a program reads them as code, a warning where that is not sure.

use super::super::code_reader::{CodeKind, CodeReader};
use super::command::{CommandList, is_name};
use super::flow::Flow;
use super::known::{carry, flows};
use super::splitting::ValueArrival;
use super::{QuoteContext, Quoting, ShellCaution, ShellFault, ShellItem, ShellRefusal, ShellScanner};
use crate::shell::CautionKind;
use std::rc::Rc;

impl ShellScanner {
    /// A complete `$(…)` or `<(…)`: what it prints arrives where it stands.
    pub(super) fn substituted(&mut self, mut command: CommandList) {
        let process = command.process;
        let printed = command.flows.printed();
        self.judge_flows(command);
        for flow in printed {
            let expanded = ValueArrival::Expanded { by: "$(…)", first: flow.begins };
            self.arrives(flow, if process { ValueArrival::File } else { expanded });
        }
    }

    /// Follows a value that arrives here: into the command, or into its here-document.
    pub(super) fn arrives(&mut self, mut flow: Flow, arrival: ValueArrival<'_>) {
        let (direct, as_file) = (arrival == ValueArrival::Direct, arrival == ValueArrival::File);
        if let Some(reader) = self.split(arrival) {
            self.judge(flow, reader);
        }
        if !direct && let Some(refusal) = self.evaluated() {
            self.computes(flow, refusal);
        }
        let mut read: Option<CodeReader> = None;
        for (context, _) in self.stack.iter_mut().rev() {
            match context {
                QuoteContext::HereBody(here) => {
                    read.clone_from(&here.reader);
                    carry(self.found.inputs.entry(here.position).or_default(), flow);
                    break;
                }
                QuoteContext::Command(command) => {
                    if command.redirection {
                        if command.here_string || as_file {
                            command.flows.string(flow);
                        }
                        read = command.words.reading_file().filter(|_| as_file);
                        break;
                    }
                    if as_file {
                        read = command.words.reading_file();
                        break;
                    }
                    let word = command.word.get_or_insert_default();
                    let first = word.carries.is_empty();
                    let begins = flow.begins && first && word.text.is_empty();
                    if !direct && begins {
                        let option = command.words.taking_option("");
                        self.options.extend(option.map(|program| (flow.value, program)));
                    }
                    let name = word.text.strip_suffix('=').unwrap_or_default();
                    let assigned = first && !name.is_empty() && name.chars().all(is_name);
                    flow.begins = begins || flow.begins && assigned;
                    word.carries.push(flow);
                    read = command.words.reading_again(&word.text);
                    command.flows.value(flow);
                    break;
                }
                QuoteContext::Single
                | QuoteContext::Double
                | QuoteContext::Backquotes
                | QuoteContext::DollarQuote
                | QuoteContext::Braces { .. }
                | QuoteContext::Arithmetic { .. } => {}
            }
        }
        if let Some(reader) = read {
            self.judge(flow, reader);
        }
    }

    /// Follows the values that the variable at this place carries, if it carries some.
    pub(super) fn variable(&mut self, ahead: usize, offset: usize) {
        if self.known.variables.is_empty() {
            return;
        }
        let rest = self.items.get(self.at + ahead..).unwrap_or_default().iter();
        let mut characters = rest
            .map_while(|(item, _)| if let ShellItem::Char(c) = item { Some(*c) } else { None })
            .peekable();
        let mut name = String::new();
        let indirect = ahead == 1 && characters.next_if_eq(&'!').is_some();
        if let Some(all) = characters.next_if(|c| matches!(c, '@' | '*')) {
            name.push(all);
        }
        while let Some(c) = characters.next_if(|c| name.len() < 64 && is_name(*c)) {
            name.push(c);
        }
        let indirect = indirect && matches!(characters.peek(), Some('}' | ':'));
        let operator: String = characters.take(64).take_while(|c| ahead == 1 && *c != '}').collect();
        let known = Rc::clone(&self.known);
        let shown = if ahead == 1 { format!("${{{name}}}") } else { format!("${name}") };
        // The first of all arguments is that of `$1`.
        let all_but_first = matches!(name.as_str(), "@" | "*").then(|| known.variables.get("1"));
        for flow in flows(known.variables.get(&name), offset) {
            if indirect {
                self.computes(flow, ShellRefusal::Subscript);
            }
            if operator.ends_with("@P") {
                self.computes(flow, ShellRefusal::Prompt);
            }
            let first = all_but_first
                .is_none_or(|first| first.is_some_and(|values| values.contains_key(&flow.value)));
            self.arrives(flow, ValueArrival::Expanded { by: &shown, first: flow.begins && first });
        }
    }

    /// Judges where the values of a complete list of commands arrived.
    pub(super) fn judge_flows(&mut self, mut command: CommandList) {
        self.read_scripts(&mut command);
        self.found.merge(command.flows.found);
        command.flows.read.into_iter().for_each(|(flow, reader)| self.judge(flow, reader));
    }

    /// The program that would read a value here as an option, if the value began with `-`.
    pub(super) fn option_of(&mut self, place: Quoting) -> Option<&'static str> {
        if matches!(place, Quoting::Comment | Quoting::HereDocument) {
            return None;
        }
        let command = self.command()?;
        if command.redirection || command.word.as_ref().is_some_and(|word| !word.carries.is_empty()) {
            return None;
        }
        let begun = command.word.as_ref().map_or("", |word| word.text.as_str());
        command.words.taking_option(begun)
    }

    fn judge(&mut self, flow: Flow, reader: CodeReader) {
        let Flow { value, sure, offset, .. } = flow;
        let kind = match (reader.kind, sure) {
            (CodeKind::Shell | CodeKind::Program, true) => {
                // Each value once: the first place says enough.
                if !self.faults.iter().any(|fault| fault.value == Some(value)) {
                    let refusal = ShellRefusal::ReadAgain(reader.name);
                    self.faults.push(ShellFault { value: Some(value), offset, refusal });
                }
                return;
            }
            (CodeKind::Unquoted, true) => return self.computes(flow, ShellRefusal::Unquoted(reader.name)),
            (CodeKind::Words, true) => CautionKind::Words(reader.name),
            (CodeKind::Arithmetic, _) => {
                let refusal =
                    if reader.name == "[[" { ShellRefusal::DoubleBracket } else { ShellRefusal::Arithmetic };
                return self.computes(flow, refusal);
            }
            (CodeKind::Query, true) => CautionKind::Query(reader.name),
            (CodeKind::Shell | CodeKind::Unquoted, false) | (CodeKind::Argument, true) => {
                CautionKind::Perhaps(reader.name)
            }
            // Data that another program selected is what these are for.
            (CodeKind::Program | CodeKind::Query | CodeKind::Argument | CodeKind::Words, false) => return,
        };
        if !self.cautions.iter().any(|caution| caution.value == value && caution.kind == kind) {
            self.cautions.push(ShellCaution { value, offset, kind });
        }
    }
}
