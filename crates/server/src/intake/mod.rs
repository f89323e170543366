//! From a delivery that came in to the runs that it starts: [`writer`] makes it durable, [`router`] decides what becomes of
//! it.

mod fresh;
mod router;
mod writer;

pub(crate) use fresh::FreshDeliveries;
pub(crate) use router::AlertRouter;
pub(crate) use writer::{IntakeRefusal, IntakeSender, IntakeWriter};
