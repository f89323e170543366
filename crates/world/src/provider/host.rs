//! The provider `host`: processors, memory, disks, network, processes, uptime of this machine. Its metrics are
//! listed in
//! [`HOST_METRICS`](rbl_check::host_metrics::HOST_METRICS).

use crate::registry::ConnectionKind;
use rbl_check::{Contract, Family, KindDescription};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use smol_str::SmolStr;
use sysinfo::{Disks, Networks, ProcessRefreshKind, ProcessesToUpdate, System, UpdateKind};

use super::{Provider, without_secrets};
use crate::secrets;
use rbl_check::host_metrics::{HOST_METRICS, read_host_query};
use rbl_runtime::{CommandLine, Piece, RawSample, Read, ReadTime, Reading, Secrets};
use rbl_syntax::one_line;
use rbl_syntax::tree::MetricType;
use rbl_syntax::value::{Labels, Reason, ReasonKind, Time};

/// Its entry in the registry.
pub(super) const KIND: ConnectionKind<dyn Provider> = ConnectionKind {
    description: KindDescription {
        family: Family::Provider,
        kind: "host",
        summary: "this machine: cpu, memory, disks, load, network, processes, uptime",
        metrics: &[MetricType::Number],
        contract: Contract::Own,
        keys: &[],
    },
    configure: |_, _| Ok(Arc::new(HostProvider)),
};

/// This machine.
#[derive(Debug)]
pub(super) struct HostProvider;

type Numbers = Vec<(Labels, f64)>;

fn trouble(error: impl std::fmt::Display) -> Reason {
    Reason::new(
        ReasonKind::ProviderError,
        format!("this machine does not report it: {}", one_line(&error.to_string())),
    )
}

impl Provider for HostProvider {
    fn read(&self, read: &Read, now: Time) -> Result<Reading, Reason> {
        super::reported::only_numbers(read)?;
        if read.time != ReadTime::Now {
            return Err(Reason::new(ReasonKind::NoHistory, "`host` keeps no history"));
        }
        let secrets = Secrets::of_connection();
        let result =
            words(&read.query, &secrets).and_then(|(name, parameter)| measure(&name, parameter.as_deref()));
        let samples = result.map(|numbers| {
            numbers.into_iter().map(|(labels, value)| RawSample::new(labels, value, Some(now))).collect()
        });
        without_secrets(samples.map(|samples| Reading { samples, ..Reading::default() }), &secrets)
    }

    fn names(&self) -> Result<Vec<String>, Reason> {
        Ok(HOST_METRICS.iter().map(|metric| metric.name.to_owned()).collect())
    }

    fn test(&self) -> Result<String, Reason> {
        let cpus = measure("cpu.count", None)?.first().map_or(0.0, |(_, count)| *count);
        let system = System::long_os_version().unwrap_or_else(|_| std::env::consts::OS.to_owned());
        Ok(format!("this machine: {system}, {cpus} cpus"))
    }
}

/// The metric's name, and what follows it. The author's first word is the name; all the rest, values included, is one
/// parameter.
fn words(line: &CommandLine, secrets: &Secrets) -> Result<(String, Option<String>), Reason> {
    let mut all = String::new();
    let mut has_value = false;
    for (index, piece) in line.0.iter().enumerate() {
        match piece {
            Piece::Text(text) if index == 0 => all.push_str(text.trim_start()),
            Piece::Text(text) => all.push_str(text),
            Piece::Value(datum) => {
                if !all.contains(char::is_whitespace) {
                    let text = "a value cannot be part of a metric's name; write it behind, like `process.count #{name}`";
                    return Err(Reason::new(ReasonKind::Unreadable, text));
                }
                has_value = true;
                all.push_str(&secrets::reveal(secrets, datum, Path::new(""))?.shown());
            }
        }
    }
    let (name, rest) = all.split_once(char::is_whitespace).unwrap_or((&all, ""));
    // An empty value is a parameter too: it names nothing, and not everything.
    let rest = rest.trim();
    Ok((name.to_owned(), (has_value || !rest.is_empty()).then(|| rest.to_owned())))
}

fn measure(name: &str, parameter: Option<&str>) -> Result<Numbers, Reason> {
    let metric = read_host_query(name, parameter.is_some()).map_err(|error| {
        let help = error.help.map(|help| format!(": {help}")).unwrap_or_default();
        Reason::new(ReasonKind::ProviderError, format!("{}{help}", error.message))
    })?;
    let one = |value: f64| Ok(vec![(Labels::new(), value)]);
    let family = metric.name.split('.').next().unwrap_or_default();
    match (family, metric.name) {
        (_, "cpu.used") => one(cpu_used()?),
        (_, "cpu.count") => {
            let mut system = System::new().map_err(trouble)?;
            system.refresh_cpu_list(sysinfo::CpuRefreshKind::nothing());
            one(system.cpus().len() as f64)
        }
        ("load", name) => {
            let load = System::load_average().map_err(trouble)?;
            one(match name {
                "load.1" => load.one,
                "load.5" => load.five,
                _ => load.fifteen,
            })
        }
        ("memory" | "swap", name) => one(memory(name)?),
        ("disk" | "inodes", name) => pick(disks(name)?, "mount", parameter),
        ("network", name) => pick(network(name)?, "interface", parameter),
        ("processes" | "process", name) => processes(name, parameter.unwrap_or_default()),
        _ => one(System::uptime().map_err(trouble)? as f64),
    }
}

fn cpu_used() -> Result<f64, Reason> {
    let mut system = System::new().map_err(trouble)?;
    system.refresh_cpu_usage();
    std::thread::sleep(sysinfo::MINIMUM_CPU_UPDATE_INTERVAL);
    system.refresh_cpu_usage();
    Ok(f64::from(system.global_cpu_usage()))
}

fn percent(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { 100.0 * part / whole } else { 0.0 }
}

fn memory(name: &str) -> Result<f64, Reason> {
    let mut system = System::new().map_err(trouble)?;
    system.refresh_memory();
    let (total, available) = (system.total_memory() as f64, system.available_memory() as f64);
    let (swap, swap_free) = (system.total_swap() as f64, system.free_swap() as f64);
    if total <= 0.0 {
        return Err(trouble("it shows no memory"));
    }
    Ok(match name {
        "memory.used" => percent(total - available, total),
        "memory.used_bytes" => total - available,
        "memory.available" => percent(available, total),
        "memory.available_bytes" => available,
        "memory.free_bytes" => system.free_memory() as f64,
        "memory.total_bytes" => total,
        "swap.used" => percent(swap - swap_free, swap),
        "swap.used_bytes" => swap - swap_free,
        "swap.free_bytes" => swap_free,
        _ => swap,
    })
}

fn disks(name: &str) -> Result<Numbers, Reason> {
    let disks =
        Disks::new_with_refreshed_list_specifics(sysinfo::DiskRefreshKind::nothing()).map_err(trouble)?;
    let mut numbers: Numbers = Vec::new();
    let mut seen = BTreeSet::new();
    let mut list: Vec<_> = disks.iter().collect();
    // A file system mounted twice counts once, under its shortest name.
    list.sort_by_key(|disk| (disk.mount_point().as_os_str().len(), disk.mount_point().to_owned()));
    for disk in list {
        let mount = disk.mount_point();
        // Containers mount single files (`/etc/hosts`), which are no disks.
        let Ok(about) = rustix::fs::stat(mount) else { continue };
        if rustix::fs::FileType::from_raw_mode(about.st_mode) != rustix::fs::FileType::Directory
            || !seen.insert(about.st_dev)
        {
            continue;
        }
        let Ok(space) = rustix::fs::statvfs(mount) else { continue };
        let size = space.f_frsize.max(1) as f64;
        let (total, free, left) =
            (space.f_blocks as f64 * size, space.f_bfree as f64 * size, space.f_bavail as f64 * size);
        let (inodes, inodes_left) = (space.f_files as f64, space.f_ffree as f64);
        if total <= 0.0 || name.starts_with("inodes") && inodes <= 0.0 {
            continue;
        }
        let used = total - free;
        let value = match name {
            // Like `df`: space that only root may use counts neither as used nor as left.
            "disk.used" => percent(used, used + left),
            "disk.free" => percent(left, used + left),
            "disk.used_bytes" => used,
            "disk.free_bytes" => left,
            "disk.total_bytes" => total,
            "inodes.used" => percent(inodes - inodes_left, inodes),
            _ => inodes_left,
        };
        let text = |text: &std::ffi::OsStr| SmolStr::from(text.to_string_lossy());
        let labels = [
            (SmolStr::new_static("mount"), text(mount.as_os_str())),
            (SmolStr::new_static("device"), text(disk.name())),
            (SmolStr::new_static("fs"), text(disk.file_system())),
        ];
        numbers.push((labels.into_iter().collect(), value));
    }
    Ok(numbers)
}

fn network(name: &str) -> Result<Numbers, Reason> {
    let networks = Networks::new_with_refreshed_list().map_err(trouble)?;
    let mut numbers: Numbers = networks
        .iter()
        .map(|(interface, counters)| {
            let value = match name {
                "network.received_bytes" => counters.total_received(),
                "network.sent_bytes" => counters.total_transmitted(),
                "network.receive_errors" => counters.total_errors_on_received(),
                _ => counters.total_errors_on_transmitted(),
            };
            let labels = [(SmolStr::new_static("interface"), SmolStr::from(interface.to_string_lossy()))];
            (labels.into_iter().collect(), value as f64)
        })
        .collect();
    numbers.sort_by(|(a, _), (b, _)| a.cmp(b));
    Ok(numbers)
}

fn processes(name: &str, wanted: &str) -> Result<Numbers, Reason> {
    let mut system = System::new().map_err(trouble)?;
    let what = ProcessRefreshKind::nothing()
        .without_tasks()
        .with_memory()
        .with_cmd(UpdateKind::Always)
        .with_exe(UpdateKind::Always);
    system.refresh_processes_specifics(ProcessesToUpdate::All, true, what);
    let is_wanted = |process: &&sysinfo::Process| {
        // The kernel cuts a name to 15 bytes; the program's file and its first argument have the full name.
        let file = |path: Option<&Path>| path.and_then(Path::file_name).is_some_and(|name| name == wanted);
        process.name() == wanted || file(process.exe()) || file(process.cmd().first().map(Path::new))
    };
    let of_that_name = || system.processes().values().filter(is_wanted);
    let value = match name {
        "processes" => system.processes().len() as f64,
        "process.count" => of_that_name().count() as f64,
        "process.memory_bytes" => of_that_name().map(|process| process.memory() as f64).sum(),
        _ => {
            if let Some(seconds) = of_that_name().map(sysinfo::Process::run_time).max() {
                seconds as f64
            } else {
                let text = format!("no data: no program named `{}` is running", one_line(wanted));
                return Err(Reason::new(ReasonKind::NoData, text));
            }
        }
    };
    Ok(vec![(Labels::new(), value)])
}

/// The one series that the query names, or all.
fn pick(numbers: Numbers, label: &str, wanted: Option<&str>) -> Result<Numbers, Reason> {
    let Some(wanted) = wanted else { return Ok(numbers) };
    let there: Vec<String> = numbers
        .iter()
        .filter_map(|(labels, _)| labels.get(label))
        .map(|name| format!("`{name}`"))
        .take(8)
        .collect();
    let found: Numbers = numbers
        .into_iter()
        .filter(|(labels, _)| labels.get(label).is_some_and(|name| name == wanted))
        .collect();
    if found.is_empty() {
        let there = if there.is_empty() {
            "there is none".to_owned()
        } else {
            format!("there are {}", there.join(", "))
        };
        return Err(Reason::new(
            ReasonKind::NoData,
            format!("no data: no {label} `{}`, {there}", one_line(wanted)),
        ));
    }
    Ok(found)
}

#[cfg(test)]
#[allow(clippy::float_cmp)] // exact numbers go in, and have to come out
mod tests {
    use super::*;
    use rbl_check::host_metrics::QueryParameter;

    #[test]
    fn every_metric_of_the_table_can_be_read() {
        for metric in HOST_METRICS {
            let own_name =
                std::env::current_exe().unwrap().file_name().unwrap().to_string_lossy().into_owned();
            let parameter =
                matches!(metric.parameter, QueryParameter::Required(_)).then_some(own_name.as_str());
            let numbers =
                measure(metric.name, parameter).unwrap_or_else(|reason| panic!("{}: {reason}", metric.name));
            for (labels, value) in &numbers {
                assert!(value.is_finite() && *value >= 0.0, "{} {value}", metric.name);
                assert!(metric.unit != "%" || *value <= 100.5, "{} {value}", metric.name);
                let names: Vec<&str> = labels.keys().map(SmolStr::as_str).collect();
                assert_eq!(names, metric.labels, "{}", metric.name);
            }
            assert!(
                metric.labels.is_empty() == (numbers.len() == 1 && numbers[0].0.is_empty()),
                "{}",
                metric.name
            );
        }
    }

    #[test]
    fn the_root_of_a_container_is_a_disk() {
        let used = measure("disk.used", Some("/")).unwrap();
        assert_eq!(used.len(), 1);
        let reason = measure("disk.used", Some("/nowhere")).unwrap_err();
        assert!(reason.kind == ReasonKind::NoData && reason.text.contains("`/`"), "{reason}");
    }

    #[test]
    fn a_name_nobody_has_is_zero_programs() {
        assert_eq!(measure("process.count", Some("no such \"; rm -rf / program")).unwrap()[0].1, 0.0);
        assert_eq!(measure("process.uptime", Some("")).unwrap_err().kind, ReasonKind::NoData);
    }
}
