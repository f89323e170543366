//! Where the values of a command go: through pipes, here-documents and variables, to programs that read code.

use std::rc::Rc;

use super::super::code_reader::CodeReader;
use super::super::program::CommandWords;
use super::arrival::{ArrivedValues, COMPUTING};
use super::command::{Word, is_name};
use super::here_document::HereDocument;
use super::known::{ShellKnowledge, carry, flows};
use super::nested::{NestedScript, positional};
use crate::shell::code_reader::{CodeKind, last_shell, of_next_word, reader};
use crate::shell::code_table::is_known;
use crate::shell::program::base_name;
use crate::shell::script::{Inherited, arguments_of_stdin};

/// A value on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Flow {
    /// Which value.
    pub(super) value: usize,
    /// Whether it arrives as it is; otherwise a program stands in between, whose output is not known.
    pub(super) sure: bool,
    /// Whether what carries it begins with it.
    pub(super) begins: bool,
    /// Where it is seen.
    pub(super) offset: usize,
}

/// The flows of one list of commands.
#[derive(Debug, Default)]
pub(super) struct PipelineFlows {
    /// The list itself.
    base: FlowLevel,
    /// The open compound commands in it.
    levels: Vec<FlowLevel>,
    /// What the current command reads by `<<<`.
    strings: Vec<Flow>,
    /// Counts pipelines and the commands in each, to find the here-documents of a command.
    pipeline: usize,
    stage: usize,
    /// The functions that the text defines.
    functions: Vec<String>,
    /// Values that reached a program which reads code.
    pub(super) read: Vec<(Flow, CodeReader)>,
    /// Scripts in the commands, with what they get.
    pub(super) scripts: Vec<NestedScript>,
    /// What an earlier scan found.
    pub(super) known: Rc<ShellKnowledge>,
    /// What this scan finds.
    pub(super) found: ShellKnowledge,
    /// Where the scan is: it identifies compound commands.
    pub(super) position: usize,
    /// The values in each word of the current command.
    carried: Vec<Vec<Flow>>,
    /// The files into which the current command writes.
    outputs: Vec<String>,
    /// The descriptor on which the current command reads, unless it is stdin.
    pub(super) descriptor: Option<String>,
    /// The position of the compound command that was just closed.
    closed: Option<usize>,
    /// The words of the current `[[ … ]]`.
    pub(super) bracket: Vec<(String, Vec<Flow>)>,
}

/// The flows within one compound command.
#[derive(Debug, Default)]
struct FlowLevel {
    position: usize,
    /// What comes in for all of it.
    input: Vec<Flow>,
    /// What its earlier pipelines printed.
    earlier: Vec<Flow>,
    /// What the earlier commands of the current pipeline printed.
    piped: Vec<Flow>,
    /// The values of the current command.
    current: Vec<Flow>,
}

impl PipelineFlows {
    /// Those of a list of commands whose stdin holds these values.
    pub(super) fn new(known: Rc<ShellKnowledge>, input: Vec<Flow>) -> Self {
        Self { known, base: FlowLevel { input, ..FlowLevel::default() }, ..Self::default() }
    }

    /// What a command that begins here has in its stdin.
    pub(super) fn stdin(&mut self) -> Vec<Flow> {
        let level = self.level();
        if level.piped.is_empty() { level.input.clone() } else { level.piped.clone() }
    }

    /// What the commands of the complete list print.
    pub(super) fn printed(&mut self) -> Vec<Flow> {
        std::mem::take(&mut self.base.earlier)
    }

    /// `< FILE`, `> FILE`.
    pub(super) fn redirect(&mut self, file: String, output: bool) {
        if output {
            self.outputs.push(file);
        } else {
            self.strings.extend(flows(self.known.files.get(&file), 0));
        }
    }

    fn level(&mut self) -> &mut FlowLevel {
        self.levels.last_mut().unwrap_or(&mut self.base)
    }

    /// A value in a word of the current command.
    pub(super) fn value(&mut self, flow: Flow) {
        self.level().current.push(flow);
    }

    /// A value behind `<<<`.
    pub(super) fn string(&mut self, flow: Flow) {
        self.strings.push(flow);
    }

    /// Here-documents of the current command are marked with this.
    pub(super) fn place(&self) -> (usize, usize) {
        (self.pipeline, self.stage)
    }

    /// A function of this name is defined.
    pub(super) fn function(&mut self, name: &str) {
        self.functions.push(name.to_owned());
    }

    /// `NAME=…`
    pub(super) fn assign(&mut self, word: &Word) {
        let Some((name, text)) = word.text.split_once('=') else { return };
        let name = name.trim_end_matches('+');
        for flow in &word.carries {
            self.carry(name, *flow);
            if self.known.integers.contains(name) {
                self.read.push((*flow, reader("declare -i", CodeKind::Arithmetic)));
            }
        }
        if word.carries.is_empty() {
            // `${NAME:-TEXT}` without its braces may be that text.
            let fallback = text.trim_start_matches(is_name).strip_prefix(":-").filter(|_| word.computed);
            if let Some(text) = fallback.or(Some(text).filter(|_| !word.computed)) {
                self.found.text(name, text);
            }
        }
    }

    /// A word behind these.
    pub(super) fn argument(&mut self, words: &CommandWords, word: &Word) {
        self.carried.push(word.carries.clone());
        if let Some(name) = words.sets_variable(&word.text).filter(|_| !word.carries.is_empty()) {
            for flow in &word.carries {
                self.carry(name, *flow);
            }
        }
        let first = words.first().unwrap_or_default();
        if matches!(first, "export" | "local" | "readonly" | "declare" | "typeset") {
            self.declaration(words.all(), word);
            return self.assign(word);
        }
        if matches!(first, "for" | "select") && words.get(2) == Some("in") && word.carries.is_empty() {
            if let (Some(name), false) = (words.get(1), word.computed) {
                self.found.text(name, &word.text);
            }
            return;
        }
        let is_function = self.functions.iter().any(|function| function == first);
        for flow in &word.carries {
            match first {
                "for" | "select" => {
                    if let Some(name) = words.get(1) {
                        self.carry(name, *flow);
                    }
                }
                "printf" if words.get(1) == Some("-v") => {
                    if let Some(name) = words.get(2) {
                        self.carry(name, *flow);
                    }
                }
                _ if first == "set" || is_function => {
                    let options = |word: &&String| first != "set" || !word.starts_with('-');
                    let at = words.all().iter().skip(1).filter(options).count() + 1;
                    // A list moves what stands behind it, and `shift` everything.
                    let from = if self.known.shifts { 1 } else { at };
                    for name in (from..=9).map(|at| at.to_string()) {
                        self.carry(&name, *flow);
                    }
                    self.carry("@", *flow);
                    self.carry("*", *flow);
                    // A function may run its arguments: `run ssh HOST …`.
                    let carried = words
                        .all()
                        .iter()
                        .skip(1)
                        .position(|word| is_known(base_name(word)) || word == "eval");
                    let behind = carried.and_then(|at| words.all().get(at + 1..)).filter(|_| is_function);
                    if let Some(reader) =
                        behind.and_then(|behind| of_next_word(behind, last_shell(behind), ""))
                    {
                        self.read.push((*flow, reader));
                    }
                }
                _ => {}
            }
        }
    }

    fn carry(&mut self, name: &str, flow: Flow) {
        carry(self.found.variables.entry(name.to_owned()).or_default(), flow);
    }

    /// A compound command begins.
    pub(super) fn open(&mut self) {
        let position = self.position;
        let mut input = self.stdin();
        input.extend(flows(self.known.inputs.get(&position), 0));
        self.levels.push(FlowLevel { position, input, ..FlowLevel::default() });
    }

    /// It ends: a pipe behind it takes the output of all its commands.
    pub(super) fn close(&mut self) {
        let Some(FlowLevel { position, earlier, piped, current, .. }) = self.levels.pop() else { return };
        self.closed = Some(position);
        let outer = &mut self.level().current;
        outer.extend(earlier);
        outer.extend(piped);
        outer.extend(current);
    }

    /// The current command is complete.
    pub(super) fn end_command(&mut self, words: &CommandWords, piped: bool, documents: &mut [HereDocument]) {
        let mut strings = std::mem::take(&mut self.strings);
        let carried = std::mem::take(&mut self.carried);
        let mut outputs = std::mem::take(&mut self.outputs);
        let closed = self.closed.take();
        if let Some(descriptor) = self.descriptor.take() {
            self.written(&[format!("&{descriptor}")], &std::mem::take(&mut strings));
        }
        for (position, flow) in closed.iter().flat_map(|at| strings.iter().map(move |flow| (*at, *flow))) {
            carry(self.found.inputs.entry(position).or_default(), flow);
        }
        if words.all().iter().all(|word| word == "exec") && !words.is_empty() {
            self.level().input.extend(strings.iter().copied());
        }
        let from_pipe = strings.is_empty() && !self.level().piped.is_empty();
        let input = if strings.is_empty() { self.stdin() } else { strings };
        self.reads_input(words, &input, &carried, documents);
        let values = ArrivedValues { carried: &carried, input: &input, outputs: &mut outputs };
        let printed = self.arrive(words, values);
        let name = words.program().map_or("", |program| program.name).to_owned();
        let prints = closed.is_some() || words.prints();
        let level = self.level();
        let mut current = std::mem::take(&mut level.current);
        if words.is_empty() && closed.is_none() {
            current.clear(); // assignments only
        }
        for flow in current.iter_mut().filter(|_| !prints) {
            flow.sure = false;
        }
        // What came through the pipe goes on as it is; what came in another way only where it is printed.
        current.extend(printed.into_iter().filter(|flow| !from_pipe || !level.piped.contains(flow)));
        level.piped.extend(current);
        if COMPUTING.contains(&name.as_str()) {
            level.piped.clear();
        }
        let values = level.piped.clone();
        if piped {
            self.stage += 1;
        } else {
            let done = std::mem::take(&mut level.piped);
            level.earlier.extend(done);
            self.pipeline += 1;
            self.stage = 0;
        }
        self.written(&outputs, &values);
    }

    /// A command that reads its input as code, or into variables.
    fn reads_input(
        &mut self,
        words: &CommandWords,
        input: &[Flow],
        carried: &[Vec<Flow>],
        documents: &mut [HereDocument],
    ) {
        let (pipeline, stage) = self.place();
        if let Some(reader) = words.reading_input() {
            let mut scripts = documents.iter_mut().filter(|it| it.pipeline == pipeline && it.stage <= stage);
            scripts.by_ref().for_each(|document| {
                document.reader.get_or_insert_with(|| reader.clone());
                if document.literal && reader.kind == CodeKind::Shell {
                    let words_of = arguments_of_stdin(words.all()).and_then(|at| carried.get(at..));
                    let mut zeroth = vec![Vec::new()];
                    zeroth.extend(words_of.unwrap_or_default().iter().cloned());
                    document.script = Some(positional("shift", Some(&zeroth)));
                    let remote = crate::shell::code_table::remote(&reader.name).is_some();
                    document.inherited = if remote { Inherited::Nothing } else { Inherited::Environment };
                }
                if document.literal && reader.kind == CodeKind::Program {
                    document.given = carried.iter().flatten().copied().collect();
                }
            });
            self.read.extend(input.iter().map(|flow| (*flow, reader.clone())));
        }
        let Some(program) = words.program() else { return };
        self.found.shifts |= matches!(program.name, "shift" | "getopts");
        if matches!(program.name, "read" | "mapfile" | "readarray") {
            let names = program.arguments.iter().filter(|it| !it.starts_with('-'));
            for name in names {
                for flow in input {
                    carry(self.found.variables.entry(name.clone()).or_default(), *flow);
                }
            }
        }
    }
}
