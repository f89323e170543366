//! The layers between a run and its world, the same in every turn, because their questions are part of the records.

use crate::World;
use crate::layers::approve::Approve;
use crate::layers::confirm::Confirm;

/// Wraps a world in approvals and, if `confirm` is set, in a question before every action. A run that is resumed,
/// replayed or compared with another text goes through the same layers.
pub fn asking<'w>(world: impl World + 'w, confirm: bool) -> Box<dyn World + 'w> {
    let world = Approve::new(world);
    if confirm { Box::new(Confirm::new(world)) } else { Box::new(world) }
}
