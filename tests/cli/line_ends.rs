//! A runbook means the same whatever line ends its file has.

use super::shell::Shell;

const BOOK: &str = "runbook \"it\"\nowner \"o\"\nparam name = \"x\"\n\ncheck `test -d .\n`\naction `cat > out <<EOF\nfirst #{name}\nsecond\nEOF\nprintf '%s,' a \\\n  b >> out`\nlet text = \"\"\"\n  one\n  two #{name}\n\"\"\"\naction `printf %s #{text} > text`\ncheck `test -f text`\n";

#[test]
fn a_file_with_carriage_returns_runs_the_same_commands() {
    let ran = |text: &str| {
        let shell = Shell::new();
        shell.write("it.rb", text);
        shell.rbl("run it.rb --no-input").code(0);
        ["out", "text"].map(|name| std::fs::read(shell.path().join(name)).unwrap())
    };
    let plain = ran(BOOK);
    assert_eq!(String::from_utf8_lossy(&plain[0]), "first x\nsecond\na,b,");
    assert_eq!(String::from_utf8_lossy(&plain[1]), "one\ntwo x");
    assert_eq!(ran(&BOOK.replace('\n', "\r\n")), plain);
}

#[test]
fn the_formatter_changes_no_meaning() {
    let shell = Shell::new();
    shell.write("it.rb", BOOK.replace('\n', "\r\n")).write("plain.rb", BOOK);
    shell.rbl("fmt it.rb plain.rb").code(0);
    let read = |name: &str| std::fs::read_to_string(shell.path().join(name)).unwrap();
    assert_eq!(read("it.rb"), read("plain.rb"));
    assert!(!read("it.rb").contains('\r'));
    shell.rbl("run it.rb --no-input").code(0);
    assert_eq!(std::fs::read_to_string(shell.path().join("out")).unwrap(), "first x\nsecond\na,b,");
}
