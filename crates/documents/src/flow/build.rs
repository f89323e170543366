//! Builds a picture from the tree of a runbook.
//!
//! Statements in a row are one box. A *no* that nobody handles leads to one end in its step, where the owner is called.

use rbl_check::RunbookFacts;
use rbl_syntax::tree::{
    Action, Arm, Block, Escalate, Expr, ExprKind, File, ForEach, If, Item, Match, PatternKind, Repeat,
    Statement, StatementKind, Wait,
};

use super::words::SpokenWords;
use super::{FlowEdge, FlowNode, FlowPicture, FlowShape};

/// Where something goes on: from which node, and when.
#[derive(Debug, Clone)]
struct OpenEnd {
    from: usize,
    label: String,
}

/// The most statements in one box.
const IN_ONE_BOX: usize = 6;

pub(super) fn build(file: &File, text: &str) -> FlowPicture {
    let mut builder = FlowBuilder {
        words: SpokenWords { text },
        picture: FlowPicture::default(),
        step: None,
        owner: None,
        unhandled: None,
        joins: false,
        depth: 0,
    };
    let facts = RunbookFacts::of(file);
    builder.picture.title = facts.title.map(|it| builder.words.template(it)).unwrap_or_default();
    builder.owner = facts.owner.map(|it| builder.words.template(it));
    let title = builder.picture.title.clone();
    let start = builder.node(FlowShape::Start, title, Vec::new());
    let mut open = vec![OpenEnd { from: start, label: String::new() }];
    for item in &file.items {
        match item {
            Item::Step(step) => {
                builder.picture.steps.push(builder.words.template(&step.title));
                builder.step = Some(builder.picture.steps.len() - 1);
                builder.unhandled = None;
                builder.joins = false;
                for statement in &step.body.statements {
                    open = builder.statement(statement, open);
                }
                builder.step = None;
                builder.unhandled = None;
                builder.joins = false;
            }
            Item::Statement(statement) => open = builder.statement(statement, open),
            Item::Declaration(_) | Item::Test(_) | Item::Background(_) => {}
        }
    }
    if !open.is_empty() {
        builder.node(FlowShape::Resolved, "resolved".into(), open);
    }
    builder.picture
}

struct FlowBuilder<'a> {
    words: SpokenWords<'a>,
    picture: FlowPicture,
    step: Option<usize>,
    owner: Option<String>,
    /// The end of what nobody handles in this step.
    unhandled: Option<usize>,
    /// Whether the next statement may join the box before it.
    joins: bool,
    /// How many blocks are open.
    depth: usize,
}

impl FlowBuilder<'_> {
    fn node(&mut self, shape: FlowShape, line: String, open: Vec<OpenEnd>) -> usize {
        let at = self.picture.nodes.len();
        self.picture.nodes.push(FlowNode { step: self.step, shape, depth: self.depth, lines: vec![line] });
        self.connect(open, at);
        self.joins = shape == FlowShape::Work;
        at
    }

    fn connect(&mut self, open: Vec<OpenEnd>, to: usize) {
        self.picture.edges.extend(open.into_iter().map(|it| FlowEdge { from: it.from, to, label: it.label }));
    }

    fn block(&mut self, block: &Block, mut open: Vec<OpenEnd>) -> Vec<OpenEnd> {
        self.depth += 1;
        for statement in &block.statements {
            open = self.statement(statement, open);
        }
        self.depth -= 1;
        open
    }

    /// Something that is done, as part of the box before it if that leads only here.
    fn work(&mut self, line: String, open: Vec<OpenEnd>) -> Vec<OpenEnd> {
        if let [OpenEnd { from, label }] = open.as_slice()
            && label.is_empty()
            && self.joins
            && let Some(node) = self.picture.nodes.get_mut(*from)
            && node.shape == FlowShape::Work
            && node.lines.len() < IN_ONE_BOX
            && node.step == self.step
        {
            node.lines.push(line);
            return open;
        }
        let at = self.node(FlowShape::Work, line, open);
        vec![OpenEnd { from: at, label: String::new() }]
    }

    /// What happens when nobody says what to do: the run stops, and the owner is called.
    fn stops(&mut self, from: usize, label: &str) {
        let open = vec![OpenEnd { from, label: label.to_owned() }];
        if let Some(end) = self.unhandled {
            self.connect(open, end);
            return;
        }
        let owner = self.owner.as_deref().unwrap_or("the owner");
        let at = self.node(FlowShape::Stopped, format!("stopped: {owner} is paged"), open);
        self.unhandled = Some(at);
    }

    /// The arms `else` and `unknown` of a decision; what continues behind them. `required`: a no without `else` stops.
    fn arms(
        &mut self,
        from: usize,
        no: &str,
        otherwise: Option<&Arm>,
        unknown: Option<&Arm>,
        required: bool,
    ) -> Vec<OpenEnd> {
        let mut open = Vec::new();
        match otherwise {
            Some(arm) => {
                let label = if arm.both { format!("{no} or unknown") } else { no.to_owned() };
                self.joins = false;
                open.extend(self.block(&arm.block, vec![OpenEnd { from, label }]));
            }
            None if required => self.stops(from, no),
            None => open.push(OpenEnd { from, label: no.to_owned() }),
        }
        if let Some(arm) = unknown {
            self.joins = false;
            open.extend(self.block(&arm.block, vec![OpenEnd { from, label: "unknown".into() }]));
        }
        self.joins = false;
        open
    }

    fn statement(&mut self, statement: &Statement, open: Vec<OpenEnd>) -> Vec<OpenEnd> {
        let words = self.words;
        match &statement.kind {
            StatementKind::Prose { text } => self.work(words.template(text), open),
            StatementKind::Check(it) => {
                let at = self.node(FlowShape::Decision, words.condition(&it.condition), open);
                let mut open = self.arms(at, "no", it.otherwise.as_ref(), it.unknown.as_ref(), true);
                open.insert(0, OpenEnd { from: at, label: "yes".into() });
                open
            }
            StatementKind::If(it) => self.decision(it, open),
            StatementKind::Match(it) => self.choice(it, open),
            StatementKind::Action(it) => self.action(it, open),
            StatementKind::Escalate(it) => self.page(it, open),
            StatementKind::Wait(it) => self.wait(it, open),
            StatementKind::Let(it) => {
                self.work(format!("{} = {}", it.name.text, words.value(&it.value)), open)
            }
            StatementKind::Record(it) => self.work(format!("record: {}", words.value(&it.text)), open),
            StatementKind::ForEach(it) => self.each(it, open),
            StatementKind::Repeat(it) => self.repeat(it, open),
            StatementKind::Run(it) => {
                let at = self.node(FlowShape::Part, format!("run {}", words.template(&it.file)), open);
                self.joins = false;
                let mut open = self.arms(at, "not resolved", it.otherwise.as_ref(), None, true);
                open.insert(0, OpenEnd { from: at, label: "resolved".into() });
                open
            }
            StatementKind::Lock(it) => {
                let at = self.node(FlowShape::Work, format!("take the lock {}", words.value(&it.name)), open);
                self.joins = false;
                let mut open = self.arms(at, "not obtained", it.otherwise.as_ref(), None, true);
                open.insert(0, OpenEnd { from: at, label: String::new() });
                open
            }
            StatementKind::Resolve { text } => self.end(FlowShape::Resolved, "resolved", text.as_ref(), open),
            StatementKind::Stop { text } => self.end(FlowShape::Stopped, "stopped", text.as_ref(), open),
            StatementKind::Broken { .. } => open,
        }
    }

    fn end(&mut self, shape: FlowShape, word: &str, text: Option<&Expr>, open: Vec<OpenEnd>) -> Vec<OpenEnd> {
        let line = text.map_or_else(|| word.to_owned(), |it| format!("{word}: {}", self.words.value(it)));
        self.node(shape, line, open);
        Vec::new()
    }

    fn decision(&mut self, it: &If, open: Vec<OpenEnd>) -> Vec<OpenEnd> {
        let mut entry = open;
        let mut exits = Vec::new();
        let last = it.branches.len().saturating_sub(1);
        for (n, branch) in it.branches.iter().enumerate() {
            let at = self.node(FlowShape::Decision, self.words.condition(&branch.condition), entry);
            self.joins = false;
            exits.extend(self.block(&branch.block, vec![OpenEnd { from: at, label: "yes".into() }]));
            if n == last {
                exits.extend(self.arms(at, "no", it.otherwise.as_ref(), it.unknown.as_ref(), false));
                return exits;
            }
            entry = vec![OpenEnd { from: at, label: "no".into() }];
        }
        exits.extend(entry);
        exits
    }

    fn choice(&mut self, it: &Match, open: Vec<OpenEnd>) -> Vec<OpenEnd> {
        let words = self.words;
        let at = self.node(FlowShape::Decision, words.condition(&it.subject), open);
        let mut exits = Vec::new();
        for arm in &it.arms {
            let label = match &arm.pattern.kind {
                PatternKind::Value { value } => words.value(value),
                PatternKind::Contains { .. } | PatternKind::Matches { .. } | PatternKind::Compare { .. } => {
                    words.source(arm.pattern.span)
                }
            };
            self.joins = false;
            exits.extend(self.block(&arm.block, vec![OpenEnd { from: at, label }]));
        }
        let is_menu = matches!(it.subject.kind, ExprKind::Question(_) | ExprKind::Text(_));
        if it.otherwise.is_some() || it.unknown.is_some() || !is_menu {
            exits.extend(self.arms(at, "else", it.otherwise.as_ref(), it.unknown.as_ref(), true));
        }
        self.joins = false;
        exits
    }

    fn action(&mut self, it: &Action, open: Vec<OpenEnd>) -> Vec<OpenEnd> {
        let words = self.words;
        let mut line = words.target(&it.target);
        if let Some(by) = &it.by {
            line = format!("{line} (by {})", words.team(by, self.owner.as_deref()));
        }
        let mut open = self.work(line, open);
        if let Some(block) = &it.block {
            open = self.block(block, open);
        }
        for target in &it.finally {
            open = self.work(format!("finally: {}", words.target(target)), open);
        }
        let Some(arm) = &it.otherwise else { return open };
        let Some(from) = open.first().map(|it| it.from) else { return open };
        self.joins = false;
        open.extend(self.block(&arm.block, vec![OpenEnd { from, label: "fails".into() }]));
        self.joins = false;
        open
    }

    fn page(&mut self, it: &Escalate, open: Vec<OpenEnd>) -> Vec<OpenEnd> {
        let words = self.words;
        let team = words.team(&it.team, self.owner.as_deref());
        let because = it.because.as_ref().map_or_else(String::new, |it| format!(": {}", words.value(it)));
        let at = self.node(FlowShape::Page, format!("page {team}{because}"), open);
        let mut exits = vec![OpenEnd { from: at, label: String::new() }];
        let no = it.acknowledged.as_ref().map(|it| format!("nobody within {}", words.source(it.span)));
        if let Some(arm) = &it.otherwise {
            let label = no.unwrap_or_else(|| "not delivered".into());
            exits.extend(self.block(&arm.block, vec![OpenEnd { from: at, label }]));
        } else if let Some(no) = no {
            self.stops(at, &no);
        }
        self.joins = false;
        exits
    }

    fn wait(&mut self, it: &Wait, open: Vec<OpenEnd>) -> Vec<OpenEnd> {
        let words = self.words;
        match it {
            Wait::Duration { duration } => self.work(format!("wait {}", words.source(duration.span)), open),
            Wait::Until { condition, held, within, otherwise, unknown, .. } => {
                let held =
                    held.as_ref().map_or_else(String::new, |it| format!(" for {}", words.source(it.span)));
                let line = format!("wait until {}{held}", words.condition(condition));
                let at = self.node(FlowShape::Decision, line, open);
                let no = within
                    .as_ref()
                    .map_or_else(|| "no".into(), |it| format!("not within {}", words.source(it.span)));
                let mut open = self.arms(at, &no, otherwise.as_ref(), unknown.as_ref(), true);
                open.insert(0, OpenEnd { from: at, label: "yes".into() });
                open
            }
        }
    }

    fn each(&mut self, it: &ForEach, open: Vec<OpenEnd>) -> Vec<OpenEnd> {
        let words = self.words;
        let filter =
            it.filter.as_ref().map_or_else(String::new, |it| format!(" where {}", words.condition(it)));
        let line = format!("for each {} in {}{filter}", it.name.text, words.source(it.over.span));
        let at = self.node(FlowShape::Part, line, open);
        self.joins = false;
        let back = self.block(&it.body, vec![OpenEnd { from: at, label: "next".into() }]);
        self.connect(back, at);
        let mut exits = vec![OpenEnd { from: at, label: "done".into() }];
        for (label, arm) in [("nothing", &it.none), ("unknown", &it.unknown)] {
            if let Some(arm) = arm {
                self.joins = false;
                exits.extend(self.block(&arm.block, vec![OpenEnd { from: at, label: label.into() }]));
            }
        }
        self.joins = false;
        exits
    }

    fn repeat(&mut self, it: &Repeat, open: Vec<OpenEnd>) -> Vec<OpenEnd> {
        let words = self.words;
        let until =
            it.until.as_ref().map_or_else(String::new, |it| format!(" until {}", words.condition(it)));
        let line = format!("repeat up to {} times{until}", words.source(it.times.span));
        let at = self.node(FlowShape::Part, line, open);
        self.joins = false;
        let back = self.block(&it.body, vec![OpenEnd { from: at, label: "again".into() }]);
        self.connect(back, at);
        let required = it.until.is_some();
        let mut exits = if required {
            self.arms(at, "not reached", it.otherwise.as_ref(), it.unknown.as_ref(), true)
        } else {
            Vec::new()
        };
        exits.insert(0, OpenEnd { from: at, label: "done".into() });
        self.joins = false;
        exits
    }
}
