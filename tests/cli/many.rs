//! `rbl check` of many files at once: the same as each alone, in one order.

use std::collections::BTreeSet;

use super::shell::Shell;

const LIBRARY: &str = "metric p99(service) in s from host \"load.1\"\nmetric odd in sx from host \"load.5\"\n\
                       let limit = 5\ndefine restart(service) as `systemctl restart #{service}`\n";

/// A library that all use by several paths, a runbook that all run, and a mistake in every other file.
fn folder() -> Shell {
    let shell = Shell::new();
    shell.write("lib/common.rb", LIBRARY).write("lib/more.rb", "use \"common.rb\"\nlet twice = limit * 2\n");
    shell.write(
        "sub/end.rb",
        "runbook \"end\"\nowner \"a\"\nuse \"../lib/common.rb\"\ncheck p99(\"x\") < 5\n",
    );
    for number in 0..40 {
        let folder = ["", "sub/", "sub/deep/"][number % 3];
        let up = ["", "../", "../../"][number % 3];
        let wrong = ["", "check p99(\"x\") < 500\n"][number % 2];
        shell.write(
            &format!("{folder}{number:02}.rb"),
            format!(
                "runbook \"a\"\nowner \"a\"\nuse \"{up}lib/more.rb\"\ncheck twice > 5\naction restart(\"x\")\n{wrong}run \
                 \"{up}sub/end.rb\"\n"
            ),
        );
    }
    shell
}

#[test]
fn together_they_have_the_findings_that_each_has_alone() {
    let shell = folder();
    let together = shell.rbl("check --format short").code(1);
    let lines: Vec<&str> = together.out.lines().collect();
    let told: BTreeSet<&str> = lines.iter().copied().collect();
    assert_eq!(told.len(), lines.len(), "each once");
    let mut alone = BTreeSet::new();
    let runbooks = (0..40).map(|number| format!("{}{number:02}.rb", ["", "sub/", "sub/deep/"][number % 3]));
    for path in runbooks.chain(["lib/common.rb".into(), "lib/more.rb".into(), "sub/end.rb".into()]) {
        alone.extend(shell.rbl(&format!("check --format short {path}")).out.lines().map(str::to_owned));
    }
    assert_eq!(told, alone.iter().map(String::as_str).collect());
    assert!(told.len() > 20 && told.iter().any(|line| line.starts_with("lib/common.rb:2:")), "{told:?}");
    for _ in 0..5 {
        assert_eq!(shell.rbl("check --format short").code(1).out, together.out);
    }
}
