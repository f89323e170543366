//! `rbl repl [FILE]`: the language a statement at a time.

use super::arguments::Repl;
use super::{Context, Done};
use crate::front::live::{self, People};
use crate::front::repl::{self, Asked};

/// Begins a session.
pub(super) fn repl(asked: &Repl, context: &mut Context) -> Done {
    let surroundings = context.surroundings;
    let people =
        People { name: asked.person.clone().unwrap_or_else(live::user), present: surroundings.person };
    repl::session(&Asked { file: asked.file.clone(), people, surroundings })
}
