//! Measures what an answer with many series costs: a check over an instant vector of 20,000 series of a plain selector, for
//! which the age of each sample is asked too.
//!
//! `cargo bench --bench series`. The figures are what the system measures for the process of `rbl run`, without its journal;
//! the server is part of this program, and in no figure.
#![allow(clippy::unwrap_used)] // a measurement that cannot be made is of no use
#![allow(clippy::disallowed_methods)] // it starts programs and reads the clock, which is its purpose

#[path = "processes/metrics.rs"]
mod metrics;
#[path = "processes/pair.rs"]
mod pair;

use std::fmt::Write as _;

use pair::{Program, alone};

const SERIES: [usize; 3] = [200, 2_000, 20_000];

fn main() {
    let folder = tempfile::tempdir().unwrap();
    for count in SERIES {
        let address = metrics::serve_answers(move |query| answer(count, query));
        let place = folder.path().join(count.to_string());
        std::fs::create_dir_all(&place).unwrap();
        let path = |name: &str| place.join(name).to_str().unwrap().to_owned();
        let configuration =
            format!("[providers.prometheus]\ntype = \"prometheus\"\nurl = \"http://{address}\"\n");
        std::fs::write(path("rbl.toml"), configuration).unwrap();
        let runbook = "runbook \"Series\"\nowner \"me\"\nmetric busy by pod from prometheus \"busy_ratio\"\n\
                       check every busy < 1 else { stop \"too busy\" }\n";
        std::fs::write(path("series.rb"), runbook).unwrap();
        let run = Program::new(env!("CARGO_BIN_EXE_rbl")).with(&[
            "run",
            &path("series.rb"),
            "--no-input",
            "--no-journal",
        ]);
        let ended = run.command().output().unwrap();
        assert_eq!(ended.status.code(), Some(0), "{ended:?}");
        println!("a check over {count} series of a plain selector");
        alone(&run, 7);
    }
}

/// The series as Prometheus answers: with its name for the selector, without it for the ages.
fn answer(count: usize, query: &str) -> String {
    let ages = query.contains("timestamp");
    let name = if ages { "" } else { "\"__name__\":\"busy_ratio\"," };
    let value = if ages { "1789999995.5" } else { "0.25" };
    let mut all = String::new();
    for number in 0..count {
        let comma = if number == 0 { "" } else { "," };
        let _ = write!(
            all,
            "{comma}{{\"metric\":{{{name}\"cluster\":\"eu-{}\",\"instance\":\"10.0.{}.{}:9100\",\"job\":\"node\",\"pod\":\"web-{number}\"}},\
             \"value\":[1790000000,\"{value}\"]}}",
            number % 7,
            number / 250,
            number % 250,
        );
    }
    format!("{{\"status\":\"success\",\"data\":{{\"resultType\":\"vector\",\"result\":[{all}]}}}}")
}
