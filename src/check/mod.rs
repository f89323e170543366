//! Tree → checked program. What the providers' own languages need for being checked is here too.

pub mod catalogue;
pub mod host_metrics;
pub mod promql;
