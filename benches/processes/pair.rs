//! Runs programs and measures what each run costs.
#![allow(dead_code)] // each benchmark uses some of it

use std::process::{Command, Stdio};
use std::time::Instant;

use wait4::Wait4;

/// A program and its arguments.
#[derive(Debug, Clone)]
pub(crate) struct Program {
    path: String,
    arguments: Vec<String>,
    environment: Vec<(String, String)>,
}

impl Program {
    pub(crate) fn new(path: &str) -> Self {
        Self { path: path.to_owned(), arguments: Vec::new(), environment: Vec::new() }
    }

    pub(crate) fn with(&self, arguments: &[&str]) -> Self {
        let arguments = arguments.iter().map(|it| (*it).to_owned()).collect();
        Self { arguments, ..self.clone() }
    }

    /// The same program with a variable in its environment.
    pub(crate) fn env(&self, name: &str, value: &str) -> Self {
        let mut with = self.clone();
        with.environment.push((name.to_owned(), value.to_owned()));
        with
    }

    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(&self.path);
        command.args(&self.arguments).envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }

    fn run(&self) -> Cost {
        let mut command = self.command();
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let begun = Instant::now();
        let mut child = command.spawn().unwrap();
        let ended = child.wait4().unwrap();
        let wall = begun.elapsed().as_secs_f64();
        let cpu = (ended.rusage.utime + ended.rusage.stime).as_secs_f64();
        Cost { cpu: cpu * 1e3, wall: wall * 1e3, memory: ended.rusage.maxrss as f64 / f64::from(1 << 20) }
    }
}

/// The cost of one run: milliseconds and MiB.
#[derive(Debug, Clone, Copy)]
struct Cost {
    cpu: f64,
    wall: f64,
    memory: f64,
}

type Figure = (&'static str, fn(&Cost) -> f64);
const FIGURES: [Figure; 3] =
    [("cpu ms", |cost| cost.cpu), ("wall ms", |cost| cost.wall), ("peak MiB", |cost| cost.memory)];

/// Runs two programs in turn and prints the cost of each, and their ratio and difference for each pair.
pub(crate) fn paired(a: &Program, b: &Program, runs: usize) {
    let _warm = (a.run(), b.run());
    let pairs: Vec<(Cost, Cost)> = (0..runs).map(|_| (a.run(), b.run())).collect();
    let header = ["", "A", "B", "A / B", "A - B"];
    println!("{:<9} {:>18} {:>18} {:>18} {:>18}", header[0], header[1], header[2], header[3], header[4]);
    for (name, of) in FIGURES {
        let row = |figure: &dyn Fn(&(Cost, Cost)) -> f64| spread(pairs.iter().map(figure).collect());
        println!(
            "{name:<9} {:>18} {:>18} {:>18} {:>18}",
            row(&|pair| of(&pair.0)),
            row(&|pair| of(&pair.1)),
            row(&|pair| of(&pair.0) / of(&pair.1)),
            row(&|pair| of(&pair.0) - of(&pair.1)),
        );
    }
}

/// Runs a program several times and prints its cost.
pub(crate) fn alone(program: &Program, runs: usize) {
    let _warm = program.run();
    let costs: Vec<Cost> = (0..runs).map(|_| program.run()).collect();
    for (name, of) in FIGURES {
        println!("{name:<9} {:>24}", spread(costs.iter().map(of).collect()));
    }
}

/// The median, the least and the greatest.
fn spread(mut figures: Vec<f64>) -> String {
    figures.sort_by(f64::total_cmp);
    let at = |index: usize| figures.get(index).copied().unwrap_or_default();
    format!("{:.2} ({:.2}–{:.2})", at(figures.len() / 2), at(0), at(figures.len().saturating_sub(1)))
}
