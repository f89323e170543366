//! [`Mention`]: one thing of a runbook that a test can name.

use super::super::walk;
use super::subject::{Approver, TestSubject};
use rbl_syntax::tree::{Expr, ExprKind, Item, Part, Statement};

/// One thing of a runbook that a test can name: a question, an action, a page, a name that is used.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Mention {
    kind: MentionKind,
    /// The text; a value in it is a NUL, which no text of a runbook contains.
    text: String,
}

/// What a test names by its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum MentionKind {
    Question,
    Instruction,
    Command,
    Probe,
    Call,
    Lock,
    Run,
    Name,
    Team,
    Approver,
    Channel,
    Record,
    Step,
    /// That something acts, asks whether the alert fires, or names an owner.
    Fact,
}

/// A value, or a text that is known only during the run.
const OPEN: char = '\0';

impl Mention {
    /// The mentions of a file's item, each as often as it occurs.
    pub fn of_item(item: &Item) -> Vec<Self> {
        let mut subject = TestSubject::default();
        subject.item(item);
        all(&subject)
    }

    /// The mentions of statements and the blocks inside them, each as often as it occurs.
    pub fn of_statements(statements: &[Statement]) -> Vec<Self> {
        let mut subject = TestSubject::default();
        for statement in statements {
            walk::statement(statement, &mut |it| subject.statement(it));
        }
        all(&subject)
    }

    /// Whether a test with this text may name it; `true` where that cannot be seen from the text alone.
    pub fn may_be_named_in(&self, test: &str) -> bool {
        let plain = !self.text.contains(|it: char| it.is_control() || matches!(it, '\\' | '"' | '`'));
        self.kind == MentionKind::Fact || !plain || test.contains(&self.text)
    }
}

/// Everything that a test can ask a subject for.
fn all(subject: &TestSubject<'_>) -> Vec<Mention> {
    let TestSubject {
        complete: _,
        others: _,
        questions,
        open_questions,
        instructions,
        commands,
        probes,
        called,
        locks,
        runs,
        used,
        teams,
        approvers,
        channels,
        records,
        steps,
        firing,
        has_owner,
        acts,
    } = subject;
    let mut all = Vec::new();
    let mut add = |kind, text: String| all.push(Mention { kind, text });
    let parts_of = [
        (MentionKind::Question, questions),
        (MentionKind::Instruction, instructions),
        (MentionKind::Command, commands),
        (MentionKind::Probe, probes),
    ];
    for (kind, parts) in parts_of {
        for it in parts {
            add(kind, text_of(it));
        }
    }
    // Whether any text is an answer to it.
    for it in open_questions {
        add(MentionKind::Question, format!("{}{OPEN}", text_of(it)));
    }
    for it in called {
        add(MentionKind::Call, (*it).to_owned());
    }
    for it in locks {
        add(MentionKind::Lock, text_of_expression(it));
    }
    for (name, limited) in runs {
        add(MentionKind::Run, format!("{name}{OPEN}{limited}"));
    }
    for it in used {
        add(MentionKind::Name, (*it).to_owned());
    }
    let texts_of = [
        (MentionKind::Team, teams),
        (MentionKind::Channel, channels),
        (MentionKind::Record, records),
        (MentionKind::Step, steps),
    ];
    for (kind, texts) in texts_of {
        for it in texts {
            add(kind, it.map_or(OPEN.to_string(), str::to_owned));
        }
    }
    for it in approvers {
        add(
            MentionKind::Approver,
            match it {
                Approver::Owner => format!("{OPEN}owner"),
                Approver::Named(name) => (*name).to_owned(),
                Approver::Open => OPEN.to_string(),
            },
        );
    }
    for (holds, what) in [(firing, "firing"), (has_owner, "owner"), (acts, "acts")] {
        if *holds {
            add(MentionKind::Fact, what.to_owned());
        }
    }
    all
}

fn text_of(parts: &[Part]) -> String {
    let mut text = String::new();
    for part in parts {
        match part {
            Part::Literal { text: literal, .. } => text.push_str(literal),
            Part::Value(_) => text.push(OPEN),
        }
    }
    text
}

fn text_of_expression(it: &Expr) -> String {
    if let ExprKind::Text(text) = &it.bare().kind { text_of(&text.parts) } else { OPEN.to_string() }
}
