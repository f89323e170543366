//! What stands between a run and its world, the same in every turn: its questions are part of what is written down.

use crate::World;
use crate::layers::approve::Approve;
use crate::layers::confirm::Confirm;

/// The world behind approvals and, where that was asked for, behind a question before every action. A run that was written
/// down is gone on with, told again and held against another text through the same.
pub fn asking<'w>(world: impl World + 'w, confirm: bool) -> Box<dyn World + 'w> {
    let world = Approve::new(world);
    if confirm { Box::new(Confirm::new(world)) } else { Box::new(world) }
}
