//! Many mistakes of different kinds in one file: each is reported once, on its line, and causes no other.

use super::{Program, check, told};

/// Each line that is wrong ends in the code of its finding.
const WRONG: &str = r#"runbook "Twelve mistakes"
owner   "api-oncal"                                      #! name/team
param   window = 5minutes                                #! unit/unknown
metric  p99  in s from prometheus "job:latency:p99"
metric  load in s from prometheus "sum(rate(x[5m])"      #! provider/promql
metric  p99  in s from prometheus "job:other:p99"        #! name/duplicate
define  restart(node) as `systemctl restart #{node}`

step "One" {
  check p99 < 500                                        #! unit/missing
  check p99 && load < 3s                                 #! syntax/habit
  if p99 > 20% {                                         #! unit/different
    action restart()                                     #! name/arguments
    chekc load < 1s                                      #! syntax/statement
  }
  wait until load < 2s                                   #! time/no-limit
}

step "Two" {
  escalate to owner because "it is #{pninetynine}"       #! name/unknown
  resolve "done
}
"#;

#[test]
fn twelve_mistakes_are_twelve_findings_each_on_its_line() {
    let program =
        Program { name: "twelve.rb".into(), text: String::new(), folder: env!("CARGO_MANIFEST_DIR").into() };
    let text: String =
        WRONG.lines().map(|line| format!("{}\n", line.split("#!").next().unwrap().trim_end())).collect();
    let mut expected: Vec<(usize, &str)> = Vec::new();
    for (number, line) in WRONG.lines().enumerate() {
        if let Some((_, code)) = line.split_once("#! ") {
            expected.push((number + 1, code));
        }
        if line.ends_with("\"done") {
            expected.push((number + 1, "syntax/unclosed"));
        }
    }
    let checked = check(&program, &text);
    let found: Vec<(usize, &str)> = checked
        .diagnostics
        .iter()
        .map(|finding| {
            let place = finding.place().unwrap();
            let source = checked.sources.get(place.source).unwrap();
            (source.line_column(place.span.start).line as usize, finding.code.name())
        })
        .collect();
    assert_eq!(found, expected, "{}", told(&checked));
    assert_eq!(found.len(), 12);
}
