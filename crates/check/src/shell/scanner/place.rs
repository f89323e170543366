//! Where a value stands in a command, and why it must not stand there.

use super::command::is_name;
use super::{QuoteContext, Quoting, ShellItem, ShellRefusal, ShellScanner};
use crate::shell::code_reader::CodeKind;

impl ShellScanner {
    /// Whether the `$` before the value is a lone one. The `$` of `$$` and an escaped `\$` are consumed together with
    /// the character before them, so the word then ends in `$$`, or the text in `\$`.
    pub(super) fn dollar_is_alone(&self) -> bool {
        let mut run = 0;
        let mut at = self.at.checked_sub(2);
        while let Some(index) = at {
            match self.items.get(index) {
                Some((ShellItem::Char('$'), _)) => run += 1,
                Some((ShellItem::Char('\\'), _)) => {
                    run += 1;
                    break;
                }
                _ => break,
            }
            at = index.checked_sub(1);
        }
        run % 2 == 1
    }

    pub(super) fn place(&self) -> Quoting {
        match self.stack.last() {
            Some((QuoteContext::Single, _)) => Quoting::SingleQuoted,
            Some((QuoteContext::Double, _)) => Quoting::DoubleQuoted,
            Some((QuoteContext::HereBody(_), _)) => Quoting::HereDocument,
            Some((QuoteContext::Command(command), _)) if command.comment => Quoting::Comment,
            _ => Quoting::Bare,
        }
    }

    pub(super) fn refusal(&mut self, list: bool, plain: bool) -> Option<ShellRefusal> {
        if self.place() == Quoting::Comment {
            return None;
        }
        if self.lost {
            return Some(ShellRefusal::DollarQuote);
        }
        if self.stack.iter().any(|(context, _)| matches!(context, QuoteContext::Arithmetic { .. })) {
            return Some(ShellRefusal::Arithmetic);
        }
        for (context, _) in self.stack.iter().rev() {
            match context {
                QuoteContext::Command(_) => break,
                QuoteContext::Backquotes => return Some(ShellRefusal::Backquotes),
                QuoteContext::DollarQuote => return Some(ShellRefusal::DollarQuote),
                QuoteContext::Braces { .. } => return Some(ShellRefusal::Braces),
                _ => {}
            }
        }
        let place = self.place();
        if place != Quoting::SingleQuoted && self.backslash_before() {
            return Some(ShellRefusal::Backslash);
        }
        if place == Quoting::HereDocument {
            return None;
        }
        let command = self.command()?;
        let begun = command.word.as_ref().map_or("", |word| word.text.as_str());
        if command.double_bracket {
            return Some(ShellRefusal::DoubleBracket);
        }
        let name = begun.len() - begun.trim_start_matches(is_name).len();
        let behind_name = begun.get(name..).unwrap_or_default();
        if name > 0 && behind_name.starts_with('[') && !behind_name.contains(']') {
            return Some(ShellRefusal::Subscript);
        }
        if list && name > 0 && (behind_name.starts_with('=') || behind_name.starts_with("+=")) {
            return Some(ShellRefusal::ListInAssignment);
        }
        if list && command.redirection {
            return Some(ShellRefusal::ListInRedirection);
        }
        if command.redirection || plain {
            return None;
        }
        let reader = command
            .words
            .reading_again(begun)
            .filter(|reader| matches!(reader.kind, CodeKind::Shell | CodeKind::Program))?;
        Some(ShellRefusal::ReadAgain(reader.name))
    }

    /// Whether an odd number of backslashes precedes: the last one would escape the inserted value.
    pub(super) fn backslash_before(&self) -> bool {
        let before = self.items.get(..self.at.saturating_sub(1)).unwrap_or_default();
        let run = before.iter().rev().take_while(|(item, _)| matches!(item, ShellItem::Char('\\'))).count();
        run % 2 == 1
    }
}
