//! The metrics of the provider `host`: one table for the provider, the check, did-you-mean and the reference.

use rbl_syntax::diagnostic::did_you_mean;

/// One metric of this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HostMetric {
    /// Its name, the first word of the query.
    pub name: &'static str,
    /// The unit of its bare number, as `in UNIT` spells it; empty for a plain number.
    pub unit: &'static str,
    /// The labels of its series; none for a metric of one value.
    pub labels: &'static [&'static str],
    /// Whether a parameter follows the name.
    pub parameter: QueryParameter,
    /// What it is.
    pub meaning: &'static str,
}

/// The parameter after a metric's name in the query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueryParameter {
    /// Nothing.
    None,
    /// Optional; it picks one of the series.
    Optional(&'static str),
    /// Required.
    Required(&'static str),
}

/// Why a query is not one of `host`, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotAHostQuery {
    /// The headline.
    pub message: String,
    /// What to write instead, if something is similar.
    pub help: Option<String>,
}

const MOUNT: QueryParameter = QueryParameter::Optional("MOUNT");
const INTERFACE: QueryParameter = QueryParameter::Optional("INTERFACE");
const NAME: QueryParameter = QueryParameter::Required("NAME");
const DISK: &[&str] = &["device", "fs", "mount"];

const fn plain(name: &'static str, unit: &'static str, meaning: &'static str) -> HostMetric {
    HostMetric { name, unit, labels: &[], parameter: QueryParameter::None, meaning }
}

const fn disk(name: &'static str, unit: &'static str, meaning: &'static str) -> HostMetric {
    HostMetric { name, unit, labels: DISK, parameter: MOUNT, meaning }
}

const fn network(name: &'static str, unit: &'static str, meaning: &'static str) -> HostMetric {
    HostMetric { name, unit, labels: &["interface"], parameter: INTERFACE, meaning }
}

const fn process(name: &'static str, unit: &'static str, meaning: &'static str) -> HostMetric {
    HostMetric { name, unit, labels: &[], parameter: NAME, meaning }
}

/// Every metric of this machine.
#[rustfmt::skip]
pub const HOST_METRICS: &[HostMetric] = &[
    plain("cpu.used", "%", "share of all processors in use, measured over 0.2 s"),
    plain("cpu.count", "", "processors this machine shows"),
    plain("load.1", "", "load average over 1 minute"),
    plain("load.5", "", "load average over 5 minutes"),
    plain("load.15", "", "load average over 15 minutes"),
    plain("memory.used", "%", "memory that could not be given to a new program: total less available"),
    plain("memory.used_bytes", "B", "the same, as an amount"),
    plain("memory.available", "%", "memory that a new program could get"),
    plain("memory.available_bytes", "B", "the same, as an amount"),
    plain("memory.free_bytes", "B", "memory that nothing uses, not even as a cache"),
    plain("memory.total_bytes", "B", "memory of this machine"),
    plain("swap.used", "%", "swap in use; 0 where there is no swap"),
    plain("swap.used_bytes", "B", "the same, as an amount"),
    plain("swap.free_bytes", "B", "swap that is left"),
    plain("swap.total_bytes", "B", "swap of this machine"),
    disk("disk.used", "%", "space in use on each mounted disk, as `df` counts it"),
    disk("disk.used_bytes", "B", "the same, as an amount"),
    disk("disk.free", "%", "space that is left to programs without special rights"),
    disk("disk.free_bytes", "B", "the same, as an amount"),
    disk("disk.total_bytes", "B", "size of each mounted disk"),
    disk("inodes.used", "%", "inodes in use on each mounted disk that counts them"),
    disk("inodes.free", "", "inodes that are left"),
    network("network.received_bytes", "B", "received since the machine started; only grows"),
    network("network.sent_bytes", "B", "sent since the machine started; only grows"),
    network("network.receive_errors", "", "broken packets received since the machine started"),
    network("network.send_errors", "", "packets that could not be sent since the machine started"),
    plain("processes", "", "programs that are running"),
    process("process.count", "", "programs of that name that are running; 0 when there is none"),
    process("process.memory_bytes", "B", "memory held by the programs of that name together"),
    process("process.uptime", "s", "time since the oldest program of that name was started"),
    plain("uptime", "s", "time since this machine was started"),
];

/// Returns the metric with that name.
pub fn host_metric(name: &str) -> Option<&'static HostMetric> {
    HOST_METRICS.iter().find(|metric| metric.name == name)
}

/// Parses a query, given the first word of the text and whether anything follows it; returns the metric.
///
/// Errors: a name that is not in the table, a missing parameter, or one that the metric does not take.
pub fn read_host_query(name: &str, has_parameter: bool) -> Result<&'static HostMetric, NotAHostQuery> {
    let Some(metric) = host_metric(name) else {
        let names = HOST_METRICS.iter().map(|metric| metric.name);
        let help = did_you_mean(name, names).map(|near| format!("write `{near}`"));
        let message = if name.is_empty() {
            "the query for `host` is empty".to_owned()
        } else {
            format!("`host` has no metric `{name}`")
        };
        return Err(NotAHostQuery { message, help: help.or_else(|| family_of(name)) });
    };
    match (metric.parameter, has_parameter) {
        (QueryParameter::None, true) => Err(NotAHostQuery {
            message: format!("nothing can follow `{name}`"),
            help: Some(format!("write `{name}` alone")),
        }),
        (QueryParameter::Required(what), false) => Err(NotAHostQuery {
            message: format!("`{name}` of what?"),
            help: Some(format!("write `{name} {what}`")),
        }),
        _ => Ok(metric),
    }
}

/// Lists the metrics of the same family, if the first word before the dot is one.
fn family_of(name: &str) -> Option<String> {
    let family = name.split('.').next().unwrap_or(name);
    let members: Vec<String> = HOST_METRICS
        .iter()
        .filter(|metric| metric.name.split('.').next() == Some(family))
        .map(|metric| format!("`{}`", metric.name))
        .collect();
    if members.is_empty() { None } else { Some(format!("there are {}", members.join(", "))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_near_name_is_offered() {
        let error = read_host_query("disk.usd", false).unwrap_err();
        assert_eq!(error.message, "`host` has no metric `disk.usd`");
        assert_eq!(error.help.as_deref(), Some("write `disk.used`"));
        assert_eq!(read_host_query("temperature", false).unwrap_err().help, None);
        assert!(read_host_query("memory.cache", false).unwrap_err().help.unwrap().contains("`memory.used`"));
    }

    #[test]
    fn parameters_are_where_they_belong() {
        assert_eq!(
            read_host_query("process.count", false).unwrap_err().help.unwrap(),
            "write `process.count NAME`"
        );
        assert!(read_host_query("load.1", true).is_err());
        assert_eq!(read_host_query("disk.used", true).unwrap().name, "disk.used");
    }

    #[test]
    fn every_unit_is_one_of_the_language() {
        for metric in HOST_METRICS {
            assert!(
                metric.unit.is_empty() || rbl_syntax::value::Unit::parse(metric.unit).is_ok(),
                "{}",
                metric.name
            );
        }
    }
}
