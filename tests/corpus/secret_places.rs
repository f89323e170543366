//! Every place of the language that people read, or that decides: a secret may be used in none of them.

use rbl_check::FileKind;
use rbl_syntax::diagnostic::Diagnostic;
use rbl_syntax::source::Source;

use super::support::{DiskLoader, catalogue, shown};

/// The text before each of the lines.
const BEFORE: &str = r#"runbook "x"
owner "api-oncall"
secret key from env "KEY"
define tell(what) as "Type #{what} in"
define job(what) as `echo #{what}`
define hand(what) as rundeck "job"
metric p99 in s from prometheus "p99{k='#{key}'}"
let f(x) = "a #{x}"

"#;

/// Each of these shows a secret, or decides by one.
const TOLD: &str = r##"
"#{key}"
check "is #{key} right?"
check "is it right?" showing key
check "is it right?" by key
escalate to key
escalate to owner because key
escalate to owner because "it is #{key}"
record key
record "x" to key
resolve key
stop "no #{key}"
for each x in [key] { "#{x}" }
for each x in ["a"] where key == x { "#{x}" }
match key { "a" { "x" } else { "y" } }
match "a" { key { "x" } else { "y" } }
match "a" { contains key { "x" } else { "y" } }
match "a" { matches key { "x" } else { "y" } }
let b = {k: key}
let c = upper(key)
let d = key + key
let g = f(key)
let h = ask "x #{key}"
let i = ask "x" among [key]
let l = join([key], ",")
let m = key[0]
let n = number(key)
let o = "Bearer #{key}"
check length(key) > 5
check key in ["a"]
check "a" in key
check any key == "a"
check key
check not key
check p99 < 1s or key == "a"
action "type #{key}"
action tell(key)
action job(key) on key
action job(key) by key
action `echo #{key}` finally "undo #{key}"
action `echo #{key}` undo tell(key)
"##;

/// Each of these passes a secret on without showing it.
const HANDED_ON: &str = r"
action `echo #{key}`
action job(key)
action hand(key)
check `login #{key}`
let a = key
let e = [key]
let j = `echo #{key}`
";

fn findings(line: &str) -> (Vec<Diagnostic>, String) {
    let done = if line.starts_with("let ") { "\"done\"\n" } else { "" };
    let text = format!("{BEFORE}{line}\n{done}");
    let mut loader = DiskLoader { root: env!("CARGO_MANIFEST_DIR").into() };
    let checked = rbl_check::check(Source::new("x.rb", text), "x.rb", &mut loader, &catalogue());
    assert_eq!(checked.kind, FileKind::Runbook);
    let shown = shown(&checked);
    (checked.diagnostics, shown)
}

#[test]
fn a_secret_is_told_nowhere() {
    for line in TOLD.trim().lines() {
        let (found, shown) = findings(line);
        let errors = found.iter().filter(|finding| finding.is_error()).count();
        assert_eq!(errors, 1, "{line}\n{shown}");
    }
}

#[test]
fn a_secret_is_handed_on_where_nobody_reads_it() {
    for line in HANDED_ON.trim().lines() {
        let (found, shown) = findings(line);
        assert!(!found.iter().any(Diagnostic::is_error), "{line}\n{shown}");
    }
}
