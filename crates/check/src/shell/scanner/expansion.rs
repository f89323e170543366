//! Variables that the same command assigns a text: `S="ssh web1"; $S uptime` runs `ssh`.

use super::command::{Word, is_name};
use super::{QuoteContext, ShellItem, ShellScanner};

impl ShellScanner {
    /// Puts the text of the variable at this place in its place; `ahead` is 1 for `${NAME}`. Returns whether it did.
    pub(super) fn expanded(&mut self, ahead: usize) -> bool {
        let mut contexts = self.stack.iter().rev().map(|(context, _)| context);
        let quoted = match (contexts.next(), contexts.next()) {
            (Some(QuoteContext::Command(_)), _) => false,
            (Some(QuoteContext::Double), Some(QuoteContext::Command(_))) => true,
            _ => return false,
        };
        let mut name = String::new();
        while let Some(c) = self.peek(ahead + name.len()).filter(|c| is_name(*c)) {
            name.push(c);
        }
        let length = ahead + name.len() + ahead;
        if ahead == 1 && self.peek(ahead + name.len()) != Some('}') {
            return false;
        }
        let Some(texts) = self.known.texts.get(&name) else { return false };
        let Some(text) = texts.get(self.variation.min(texts.len().saturating_sub(1))).cloned() else {
            return false;
        };
        self.at += length;
        let Some(command) = self.command() else { return true };
        let begins = command.word.as_ref().is_none_or(|word| word.text.is_empty() && word.carries.is_empty());
        if quoted || !begins || command.redirection || command.double_bracket {
            let word = command.word.get_or_insert_default();
            word.text.push_str(&text);
            word.quoted = true;
            return true;
        }
        let carries = command.word.take().map(|word| word.carries).unwrap_or_default();
        let mut pieces = text.split_whitespace().peekable();
        while let Some(piece) = pieces.next() {
            command.word = Some(Word {
                text: piece.to_owned(),
                quoted: true,
                carries: carries.clone(),
                ..Word::default()
            });
            if pieces.peek().is_some() {
                command.end_word();
            }
        }
        true
    }

    /// Whether the name of a variable, or of what else `$` introduces, is next.
    pub(super) fn name_is_next(&self) -> bool {
        matches!(self.items.get(self.at), Some((ShellItem::Char(c), _)) if is_name(*c) || "@*?!-#$".contains(*c))
    }
}
