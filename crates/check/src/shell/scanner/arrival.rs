//! What a complete simple command does with the values in its words and its input.

use super::flow::{Flow, PipelineFlows};
use super::known::{carry, file_key, flows};
use super::nested::NestedScript;
use crate::shell::code_reader::{CodeKind, reader, takes_code};
use crate::shell::code_table::{is_language, is_shell};
use crate::shell::inline_program::{reads_variable, runs_commands};
use crate::shell::program::{CommandWords, ProgramWords, base_name};
use crate::shell::run_file::files_run;
use crate::shell::script::embedded_script;

/// They print what they read.
const PASSING: &[&str] = &[
    "cat", "tee", "head", "tail", "tac", "rev", "tr", "sed", "grep", "cut", "sort", "uniq", "awk", "base64",
    "xxd", "envsubst", "fold", "fmt", "nl", "column", "sponge", "pv", "jq", "dd",
];
/// What they print is computed from what they read or are given, and is no code.
pub(super) const COMPUTING: &[&str] = &[
    "wc",
    "cksum",
    "sum",
    "md5sum",
    "sha1sum",
    "sha256sum",
    "sha512sum",
    "b2sum",
    "expr",
    "date",
    "seq",
    "stat",
    "du",
    "df",
    "test",
    "[",
    "true",
    "false",
    "sleep",
];

/// The values of a complete command.
pub(super) struct ArrivedValues<'a> {
    /// Those in each word.
    pub(super) carried: &'a [Vec<Flow>],
    /// Those in its input.
    pub(super) input: &'a [Flow],
    /// The files into which its output goes.
    pub(super) outputs: &'a mut Vec<String>,
}

impl PipelineFlows {
    /// Follows the values into what the command runs. Returns what it prints of its input and of files.
    pub(super) fn arrive(&mut self, words: &CommandWords, values: ArrivedValues<'_>) -> Vec<Flow> {
        let ArrivedValues { carried, input, outputs } = values;
        if let Some(script) = embedded_script(words.all()) {
            let written = carried.get(script.words.clone()).unwrap_or_default();
            // Where a value stands in the script itself, it was judged there.
            if !written.iter().flatten().any(|flow| flow.sure) {
                self.scripts.push(NestedScript::new(script, carried, input));
            }
        }
        let Some(program) = words.program() else { return Vec::new() };
        let offset = words.all().len() - program.arguments.len();
        self.run_files(&program, words, offset);
        self.words_by_xargs(words, &program, input);
        self.inline_program(&program, carried.get(offset..).unwrap_or_default(), input);
        if is_shell(program.name) && program.arguments.iter().any(|word| takes_code(word, "i").is_some()) {
            let read = flows(self.known.variables.get("ENV"), 0);
            self.read.extend(read.into_iter().map(|flow| (flow, reader("ENV", CodeKind::Shell))));
        }
        self.prints_of(&program, input, outputs)
    }

    /// Files that hold a value and are run: `sh FILE`, `. FILE`, `./FILE`.
    fn run_files(&mut self, program: &ProgramWords<'_>, words: &CommandWords, offset: usize) {
        if self.known.files.is_empty() {
            return;
        }
        for (file, reader) in files_run(program) {
            let read = flows(self.known.files.get(&file_key(&file)), 0);
            self.read.extend(read.into_iter().map(|flow| (flow, reader.clone())));
        }
        let command = offset.checked_sub(1).and_then(|at| words.get(at)).map(file_key).unwrap_or_default();
        let read = flows(self.known.files.get(&command), 0);
        self.read.extend(read.into_iter().map(|flow| (flow, reader(&command, CodeKind::Shell))));
    }

    /// A program in the command that runs commands, and gets a value.
    fn inline_program(&mut self, program: &ProgramWords<'_>, carried: &[Vec<Flow>], input: &[Flow]) {
        if is_language(program.name) {
            let given: Vec<Flow> = carried.iter().flatten().chain(input).copied().collect();
            for text in program.arguments {
                self.program_text(program.name, text, &given);
            }
        }
    }

    /// A program in another language, which gets these values, and those of the environment variables that it names.
    pub(super) fn program_text(&mut self, language: &str, text: &str, given: &[Flow]) {
        if !runs_commands(language, text) {
            return;
        }
        let environment = self.known.variables.iter().filter(|(name, _)| reads_variable(text, name));
        let named = environment.flat_map(|(_, values)| flows(Some(values), 0));
        let sure: Vec<Flow> = named.chain(given.iter().copied()).filter(|flow| flow.sure).collect();
        self.read.extend(sure.into_iter().map(|flow| (flow, reader(language, CodeKind::Argument))));
    }

    /// What `xargs` makes words of, unless an option of it says where each ends.
    fn words_by_xargs(&mut self, words: &CommandWords, program: &ProgramWords<'_>, input: &[Flow]) {
        let ends = |word: &String| {
            takes_code(word, "0dIi").is_some()
                || ["--null", "--delimiter", "--replace"].iter().any(|option| word.starts_with(option))
        };
        let own = words.all().iter().skip_while(|word| base_name(word) != "xargs").skip(1);
        let own = own.take_while(|word| base_name(word) != program.name);
        if !program.by_xargs
            || matches!(program.name, "xargs" | "echo" | "printf")
            || own.into_iter().any(ends)
        {
            return;
        }
        self.read.extend(input.iter().map(|flow| (*flow, reader("xargs", CodeKind::Words))));
    }

    /// What it prints of its input and of files; a copied file holds what the other holds.
    fn prints_of(&self, program: &ProgramWords<'_>, input: &[Flow], outputs: &mut Vec<String>) -> Vec<Flow> {
        let operands = program.arguments.iter().filter(|word| !word.starts_with('-'));
        let mut printed = Vec::new();
        match program.name {
            "tee" | "sponge" => outputs.extend(operands.map(|word| file_key(word))),
            "dd" => {
                outputs.extend(
                    program.arguments.iter().filter_map(|word| word.strip_prefix("of=")).map(file_key),
                );
            }
            "cp" | "mv" | "install" | "ln" => {
                outputs.extend(program.arguments.last().map(|word| file_key(word)));
                if program.arguments.iter().any(|word| word == "/dev/stdin") {
                    printed.extend(input);
                }
                for file in program.arguments.iter().filter(|_| !self.known.files.is_empty()) {
                    printed.extend(flows(self.known.files.get(&file_key(file)), 0));
                }
                return printed;
            }
            _ => {}
        }
        if PASSING.contains(&program.name) {
            printed.extend(input);
            for file in program.arguments.iter().filter(|_| !self.known.files.is_empty()) {
                printed.extend(flows(self.known.files.get(&file_key(file)), 0));
            }
        }
        printed
    }

    /// Files into which these values are written.
    pub(super) fn written(&mut self, outputs: &[String], values: &[Flow]) {
        for file in outputs {
            let carried = self.found.files.entry(file.clone()).or_default();
            for flow in values {
                carry(carried, *flow);
            }
        }
        self.found.files.retain(|_, carried| !carried.is_empty());
    }
}
