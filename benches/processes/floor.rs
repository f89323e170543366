//! The run of six steps in two forms: as a runbook, and as the plainest program that does the same.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};

/// A reading, a branch, a command, a wait that ends at the first poll, a record and a page.
pub(crate) const RUNBOOK: &str = r#"runbook "Six steps"
owner "on-call"
metric p99 in s from prometheus "histogram_quantile(0.99, sum by (le) (rate(http_request_duration_seconds_bucket[5m])))"
metric answering from prometheus "sum(up)"
step "1" { check p99 < 10s else { stop } }
step "2" { if p99 < 1ms { resolve "nothing to do" } }
step "3" { action `/bin/true` within 5s }
step "4" { wait until answering == 1 within 1m every 5s }
step "5" { record "p99 is #{p99}" to "incidents" }
step "6" { escalate to owner because "p99 is #{p99}" }
"#;

/// Configures where the runbook's metrics come from.
pub(crate) fn configuration(address: &str) -> String {
    format!(
        "[providers.prometheus]\ntype = \"prometheus\"\nurl = \"http://{address}\"\n[teams.on-call]\ntype = \
         \"terminal\"\n[channels.incidents]\ntype = \"terminal\"\n"
    )
}

/// The same steps, written by hand in Rust.
pub(crate) fn six_steps(address: &str) {
    let p99 = query(
        address,
        "histogram_quantile%280.99%2C%20sum%20by%20%28le%29%20%28rate%28http_request_duration_seconds_bucket%5B5m%5D%29%29%29",
    );
    println!("1 p99 is {p99}");
    if p99 >= 10.0 {
        return;
    }
    println!("2 p99 is not below 1 ms");
    let status = Command::new("/bin/true").stdin(Stdio::null()).status().unwrap();
    println!("3 {status}");
    let answering = query(address, "sum%28up%29");
    println!("4 answering is {answering}");
    let p99 = query(
        address,
        "histogram_quantile%280.99%2C%20sum%20by%20%28le%29%20%28rate%28http_request_duration_seconds_bucket%5B5m%5D%29%29%29",
    );
    println!("5 p99 is {p99}");
    eprintln!("6 to on-call: p99 is {p99}");
}

fn query(address: &str, query: &str) -> f64 {
    let body = format!("query={query}");
    let mut stream = TcpStream::connect(address).unwrap();
    write!(
        stream,
        "POST /api/v1/query HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Type: \
         application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let value = answer.split("\"value\":[").nth(1).unwrap_or_default();
    value.split('"').nth(1).unwrap_or_default().parse().unwrap()
}
