//! Checks questions to people, and types their answers.

use super::super::checker::Checker;
use super::super::types::Type;
use super::Slot;
use rbl_syntax::diagnostic::Code;
use rbl_syntax::tree::{Expr, Question};

impl<'t> Checker<'t> {
    /// Checks a question with its modifiers.
    pub(crate) fn question(&mut self, it: &'t Question) {
        self.template(&it.prompt, Slot::Text("a question"));
        if let Some(team) = &it.by {
            self.team(team, "`by`");
        }
        if let Some(within) = &it.within {
            self.duration(within, "within");
        }
        for shown in &it.showing {
            self.shown_to_people(shown);
        }
    }

    /// Checks `ask "Q" [among LIST]`: its answer is text, or a secret.
    pub(super) fn ask(&mut self, secret: bool, question: &'t Question, among: Option<&'t Expr>) -> Type {
        self.question(question);
        if let Some(among) = among {
            let ty = self.value(among);
            if ty.holds_secret() {
                self.secret_shown(among.span, &ty, "a list of answers");
            } else if !matches!(ty, Type::List(_) | Type::Any | Type::Samples(..) | Type::Texts(_)) {
                let finding = self.finding(
                    Code::TYPE_SINGLE,
                    "`among` needs a list of answers",
                    among.span,
                    ty.in_words(),
                );
                self.report(finding.help("write them as a list: `among [\"a\", \"b\"]`"));
            }
        }
        if secret { Type::Secret } else { Type::Text }
    }
}
