//! Executors, teams and channels: whole runs against real programs and a server on loopback.

mod aws_keys;
mod aws_roles;
mod azure;
mod command;
mod contracts;
mod exec;
pub mod failures;
mod following;
mod http;
mod incident;
mod kubernetes;
mod long_texts;
mod mail;
pub mod matrix;
mod no_secret;
mod questions;
mod recipes;
mod reference_clients;
mod repeated_keys;
mod services;
mod webhook;

use crate::cli::shell::{Ended, Shell};

/// Runs this runbook with this configuration; `more` is added after the team that owns it.
fn run(shell: &Shell, configuration: &str, body: &str) -> Ended {
    shell.write("rbl.toml", format!("[teams.owners]\ntype = \"terminal\"\n{configuration}"));
    shell.write("it.rb", format!("runbook \"It\"\nowner \"owners\"\n\n{body}\n"));
    shell.rbl("run it.rb --no-input")
}

/// The story on one line, so that wrapped lines do not matter.
fn flat(ended: &Ended) -> String {
    ended.out.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Everything that a run left behind and printed: where a secret must not be.
fn everything(shell: &Shell, ended: &Ended) -> String {
    let mut all = format!("{}{}", ended.out, ended.err);
    let mut folders = vec![shell.state().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                all.push_str(&String::from_utf8_lossy(&std::fs::read(path).unwrap()));
            }
        }
    }
    all
}
