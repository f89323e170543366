//! Whether a block of code is a command, against twenty documents that a person has marked.

#[cfg(test)]
mod tests {
    #![allow(clippy::disallowed_methods)] // reads the documents

    use super::super::block::{BlockKind, MarkdownBlock};
    use super::super::code::{CodeClass, classify};
    use super::super::reader::read;

    fn blocks(all: &[MarkdownBlock], visit: &mut dyn FnMut(usize, &str, &str)) {
        for block in all {
            match &block.kind {
                BlockKind::Code { language, text } => visit(block.lines.first, language, text),
                BlockKind::List { items, .. } => items.iter().for_each(|it| blocks(&it.blocks, visit)),
                BlockKind::Quote(inner) => blocks(inner, visit),
                _ => {}
            }
        }
    }

    #[test]
    fn what_is_a_command_is_known_in_19_of_20_blocks() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/documents");
        let marks = std::fs::read_to_string(root.join("not_commands.txt")).unwrap();
        let (mut right, mut wrong) = (0, Vec::new());
        for line in marks.lines().filter(|it| !it.starts_with('#')) {
            let mut words = line.split_whitespace();
            let name = words.next().unwrap();
            let marked: Vec<usize> = words.map(|it| it.parse().unwrap()).collect();
            let text = std::fs::read_to_string(root.join(format!("markdown/{name}.md"))).unwrap();
            blocks(&read(&text).blocks, &mut |at, language, code| {
                let is_command =
                    matches!(classify(language, code), CodeClass::Commands(_) | CodeClass::Script(_));
                // A block that is only indented is not in the list.
                if !text.lines().nth(at - 1).unwrap().trim_start().starts_with("```") {
                    return;
                }
                if is_command == marked.contains(&at) {
                    wrong.push(format!(
                        "{name}:{at} is taken as {}",
                        if is_command { "a command" } else { "a sample" }
                    ));
                } else {
                    right += 1;
                }
            });
        }
        let all = right + wrong.len();
        assert!(all > 120, "{all}");
        assert!(right * 100 >= all * 95, "{right} of {all}\n{}", wrong.join("\n"));
        // What is wrong is wrong on the safe side: no sample is a command.
        let unsafe_ones: Vec<&String> = wrong.iter().filter(|it| it.ends_with("a command")).collect();
        assert!(unsafe_ones.is_empty(), "{unsafe_ones:?}");
    }
}
