//! What a session reaches: the configuration, the world that it describes, and the names of its metrics.

use std::path::Path;

use super::metrics::{Listed, MetricNames};
use rbl_check::Catalogue;
use rbl_project::Refusal;
use rbl_runtime::{Interrupt, World};
use rbl_world::Configured;
use rbl_world::Connections;

/// Waits for the names of metrics; `None` if they did not come in time.
pub(super) type Listing = Box<dyn FnMut(&MetricNames) -> Result<Option<Listed>, Interrupt>>;

/// Applies a configuration to the world.
pub(super) type Reach = Box<dyn FnMut(&Connections) -> Result<(), Refusal>>;

/// The configuration and the world of a session.
pub(super) struct SessionWorld {
    configured: Configured,
    /// Performs the effects of statements.
    pub(super) effects: Box<dyn World>,
    /// Makes the world use another configuration.
    reach: Reach,
    /// Clears the flag of an interrupted wait.
    again: Box<dyn FnMut()>,
    /// Waits for the names of metrics, until interrupted.
    listed: Listing,
    metrics: MetricNames,
}

impl SessionWorld {
    /// Returns the world of a session that begins with this configuration.
    pub(super) fn new(
        configured: Configured,
        effects: Box<dyn World>,
        reach: Reach,
        again: Box<dyn FnMut()>,
        listed: Listing,
    ) -> Self {
        let metrics = MetricNames::of(configured.connections.as_ref());
        Self { configured, effects, reach, again, listed, metrics }
    }

    /// The names that the configuration defines.
    pub(super) fn catalogue(&self) -> Catalogue {
        self.configured.catalogue()
    }

    /// The names of metrics, as far as they have been fetched.
    pub(super) fn metrics(&self) -> &MetricNames {
        &self.metrics
    }

    /// Fetches the names of metrics, and waits for them.
    pub(super) fn list_metrics(&mut self) -> Result<Option<Listed>, Interrupt> {
        self.metrics.fetch();
        (self.listed)(&self.metrics)
    }

    /// Switches to another configuration; returns whether it comes from another file. A configuration with mistakes
    /// changes nothing.
    pub(super) fn switch(&mut self, configured: Configured) -> Result<bool, Refusal> {
        let Some(connections) = &configured.connections else { return Ok(false) };
        (self.reach)(connections)?;
        let is_other = configured.file != self.configured.file;
        self.metrics = MetricNames::of(Some(connections));
        self.configured = configured;
        Ok(is_other)
    }

    /// The file of the configuration, if there is one.
    pub(super) fn configuration_file(&self) -> Option<&str> {
        self.configured.file.as_deref()
    }

    /// Makes the world usable again after an interrupted wait.
    pub(super) fn after_interrupt(&mut self) {
        (self.again)();
    }
}

/// The configuration for a session without a file.
pub(super) fn here() -> Result<Configured, Refusal> {
    Configured::find(Path::new("."))
}
