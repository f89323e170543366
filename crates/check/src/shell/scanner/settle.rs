//! Scans a command again and again until nothing new is found about its variables, files and inputs.

use std::rc::Rc;

use super::flow::Flow;
use super::known::ShellKnowledge;
use super::{ShellItem, ShellScanner};
use crate::shell::{ShellPart, ShellReading};

/// What a script gets from the command that runs it.
#[derive(Default)]
pub(super) struct ScanStart {
    pub(super) known: ShellKnowledge,
    /// The values in its stdin.
    pub(super) input: Vec<Flow>,
    pub(super) depth: usize,
}

/// Scans a command until it is known which of its variables carry a value.
pub(in crate::shell) fn read(parts: &[ShellPart<'_>]) -> ShellReading {
    let mut items = Vec::new();
    let mut offset = 0;
    for part in parts {
        match part {
            ShellPart::Text(text) => {
                items.extend(text.char_indices().map(|(at, c)| (ShellItem::Char(c), offset + at)));
                offset += text.len();
            }
            ShellPart::Value => items.push((ShellItem::Hole { list: false, plain: false }, offset)),
            ShellPart::Plain => items.push((ShellItem::Hole { list: false, plain: true }, offset)),
            ShellPart::List => items.push((ShellItem::Hole { list: true, plain: false }, offset)),
        }
    }
    settled(&Rc::from(items), &ScanStart::default()).reading()
}

/// Scans a text until nothing new is found, and then with each text that its variables can have.
pub(super) fn settled(items: &Rc<[(ShellItem, usize)]>, start: &ScanStart) -> ShellScanner {
    let mut known = Rc::new(start.known.clone());
    // Each scan adds a variable that is assigned from another; more than a few are not followed.
    for scan in 0..6 {
        // Most commands have nothing to find: the first scan of those is the last one too. Not within scripts, where each
        // level would double the work.
        let last = scan == 0 && start.depth == 0;
        let mut scanner = ShellScanner { last, ..ShellScanner::new(items, &known, start) }.scan();
        let mut found = start.known.clone();
        found.merge(std::mem::take(&mut scanner.found));
        if found == *known {
            if last && known.variations() <= 1 {
                return scanner;
            }
            break;
        }
        known = Rc::new(found);
    }
    let last = |variation| {
        let scanner = ShellScanner { last: true, variation, ..ShellScanner::new(items, &known, start) };
        scanner.scan()
    };
    let mut first = last(0);
    for variation in 1..known.variations() {
        let other = last(variation);
        for fault in other.faults {
            if !first.faults.iter().any(|known| known.value == fault.value) {
                first.faults.push(fault);
            }
        }
        first.cautions.extend(other.cautions);
        first.options.extend(other.options);
    }
    first
}
