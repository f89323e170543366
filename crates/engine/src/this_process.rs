//! This process as a worker.

use rbl_runtime::journal::Worker;

/// This process, by its id and the name of its machine: `pid 4711 on db-1`.
pub fn this_process() -> Worker {
    Worker { name: format!("pid {} on {}", std::process::id(), host()).into() }
}

/// The name of this machine, as the kernel has it.
fn host() -> String {
    let system = rustix::system::uname();
    let name = system.nodename().to_string_lossy();
    if name.trim().is_empty() { "this machine".into() } else { name.trim().to_owned() }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_worker_is_a_process_on_a_machine() {
        let name = super::this_process().name;
        let (process, host) = name.split_once(" on ").unwrap();
        assert_eq!(process, format!("pid {}", std::process::id()));
        let kernel = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap();
        assert_eq!(host, kernel.trim());
    }
}
