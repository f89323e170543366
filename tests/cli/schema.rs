//! The printed JSON matches the schemas in `docs/json`.

use serde_json::Value;

use super::shell::Shell;

fn page(name: &str) -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("docs/json/{name}.schema.json"))
}

/// `RBL_BLESS=1` rewrites the schemas.
#[test]
fn the_schemas_in_the_documentation_are_those_of_the_program() {
    for (name, schema) in rbl::json_schemas() {
        let text = serde_json::to_string_pretty(&schema).unwrap() + "\n";
        if std::env::var_os("RBL_BLESS").is_some() {
            std::fs::write(page(name), &text).unwrap();
        }
        let written = std::fs::read_to_string(page(name)).unwrap_or_default();
        assert!(
            written == text,
            "docs/json/{name}.schema.json is not up to date: run the tests with RBL_BLESS=1"
        );
    }
}

/// Returns why a value does not fit a schema: the part of JSON Schema that the program's own schemas use.
fn misfit(schema: &Value, root: &Value, value: &Value, at: &str) -> Option<String> {
    let Some(schema) = schema.as_object() else {
        return (schema == &Value::Bool(false)).then(|| format!("{at}: nothing may stand here"));
    };
    if let Some(target) = schema.get("$ref").and_then(Value::as_str) {
        let target = root.pointer(target.strip_prefix('#').unwrap()).unwrap_or_else(|| panic!("{target}"));
        if let Some(why) = misfit(target, root, value, at) {
            return Some(why);
        }
    }
    if let Some(wanted) = schema.get("const")
        && wanted != value
    {
        return Some(format!("{at}: {value} is not {wanted}"));
    }
    if let Some(wanted) = schema.get("enum").and_then(Value::as_array)
        && !wanted.contains(value)
    {
        return Some(format!("{at}: {value} is none of {wanted:?}"));
    }
    if let Some(wanted) = schema.get("type") {
        let fits = |wanted: &Value| match wanted.as_str().unwrap() {
            "object" => value.is_object(),
            "array" => value.is_array(),
            "string" => value.is_string(),
            "number" => value.is_number(),
            "integer" => value.is_u64() || value.is_i64(),
            "boolean" => value.is_boolean(),
            "null" => value.is_null(),
            other => panic!("{other}"),
        };
        if !wanted.as_array().map_or_else(|| fits(wanted), |all| all.iter().any(fits)) {
            return Some(format!("{at}: {value} is not {wanted}"));
        }
    }
    for key in ["oneOf", "anyOf"] {
        if let Some(any) = schema.get(key).and_then(Value::as_array) {
            let whys: Vec<String> = any.iter().filter_map(|one| misfit(one, root, value, at)).collect();
            if whys.len() == any.len() {
                return Some(format!("{at}: fits none of {key}: {}", whys.join(" | ")));
            }
        }
    }
    for all in schema.get("allOf").and_then(Value::as_array).into_iter().flatten() {
        if let Some(why) = misfit(all, root, value, at) {
            return Some(why);
        }
    }
    if let Some(object) = value.as_object() {
        for name in schema.get("required").and_then(Value::as_array).into_iter().flatten() {
            if !object.contains_key(name.as_str().unwrap()) {
                return Some(format!("{at}: there is no {name}"));
            }
        }
        for (name, one) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
            if let Some(why) = object.get(name).and_then(|it| misfit(one, root, it, &format!("{at}.{name}")))
            {
                return Some(why);
            }
        }
    }
    if let (Some(items), Some(array)) = (schema.get("items"), value.as_array()) {
        return array
            .iter()
            .enumerate()
            .find_map(|(index, it)| misfit(items, root, it, &format!("{at}[{index}]")));
    }
    None
}

#[track_caller]
pub fn fits(name: &str, values: &[Value]) {
    let schema: Value = serde_json::from_str(&std::fs::read_to_string(page(name)).unwrap()).unwrap();
    for value in values {
        if let Some(why) = misfit(&schema, &schema, value, "$") {
            panic!("{name}: {why}\n{value}");
        }
    }
}

#[test]
fn the_validator_sees_what_does_not_fit() {
    let schema: Value = serde_json::from_str(&std::fs::read_to_string(page("summary")).unwrap()).unwrap();
    let value = serde_json::json!({"type": "summary", "errors": 0, "warnings": 0, "advice": 0});
    assert!(misfit(&schema, &schema, &value, "$").unwrap().contains("there is no \"files\""));
    let value = serde_json::json!({"type": "summary", "errors": "0", "warnings": 0, "advice": 0, "files": 0});
    assert!(misfit(&schema, &schema, &value, "$").unwrap().contains("$.errors"));
}

#[test]
fn findings_fit_their_schema() {
    let shell = Shell::new();
    shell.write(
        "a.rb",
        "runbook \"a\"\nchekc p99 < 500\nmetric p99 in sx from nothing \"q\"\nwait 5 minutes\n",
    );
    let objects = shell.rbl("check --format json").code(1).json();
    let (summary, findings) = objects.split_last().unwrap();
    assert!(findings.len() > 2, "{findings:?}");
    fits("diagnostic", findings);
    fits("summary", std::slice::from_ref(summary));
}

#[test]
fn trees_fit_their_schema() {
    let shell = Shell::new();
    let examples = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let mut seen = 0;
    for entry in std::fs::read_dir(examples).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|it| it == "rb") {
            fits("ast", &shell.rbl(&format!("ast {}", path.display())).code(0).json());
            seen += 1;
        }
    }
    assert!(seen > 0);
}

#[test]
fn events_fit_their_schema() {
    let shell = Shell::new();
    shell.write(
        "a.rb",
        "runbook \"a\"\nowner \"a\"\nlink \"n\" \"http://x\"\nmetric load from host \"load.1\"\n\
         metric disk by mount in % from host \"disk.used\"\nstep \"one\" {\n  \"told\"\n  check load >= 0\n  if load < 0 { \
         stop } else { \"no\" }\n  let x = `echo 5`\n  action `exit 3` retry 1 every 1ms else { \"failed\" }\n  action \
         `true` finally `true` undo `false`\n  for each d in disk up to 50 { \"#{d.mount}\" }\n  wait until `true` within \
         1s every 10ms else { stop }\n  repeat up to 2 times { \"again\" }\n  record \"r\" to \"c\"\n}\nescalate to \
         \"team\" because \"look\"\nstop \"over\"\n",
    );
    let events = shell.rbl("run a.rb --format json").code(4).json();
    let kinds: std::collections::BTreeSet<&str> =
        events.iter().map(|it| it["type"].as_str().unwrap()).collect();
    for kind in [
        "started",
        "decided",
        "action_retried",
        "polled",
        "pass",
        "recorded",
        "escalated",
        "cleanup_ended",
        "ended",
    ] {
        assert!(kinds.contains(kind), "{kind}: {kinds:?}");
    }
    fits("event", &events);
    shell.write(
        "b.rb",
        "runbook \"b\"\nowner \"a\"\nlet x = ask \"Q\" among [\"a\", \"b\"]\ncheck x == \"a\"\n",
    );
    fits("event", &shell.rbl("run b.rb --format json").code(5).json());
}

#[test]
fn what_comes_of_tests_fits_its_schema() {
    let shell = Shell::new();
    let cases = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/testing");
    for case in ["fails_alike_in_a_table.rb", "fails_in_a_runbook_that_is_run.rb", "fails_in_every_way.rb"] {
        let lines = shell.rbl(&format!("test --format json {}", cases.join(case).display())).code(1).json();
        assert!(lines.len() > 1);
        fits("test", &lines);
    }
}

#[test]
fn paths_and_differences_fit_their_schemas() {
    let shell = Shell::new();
    let head = "runbook \"a\"\nowner \"o\"\nmetric load from host \"load.1\"\n";
    shell.write("a.rb", format!("{head}check load < 5 else {{ action `true` }}\nwait 5s\n"));
    shell.write("b.rb", format!("{head}check load < 5 else {{ escalate to \"db\" }}\nwait 6s\n"));
    let many = "if load > 1 { \"x\" }\n".repeat(20);
    shell.write("many.rb", format!("{head}{many}"));
    let listed = shell.rbl("paths a.rb --format json").code(0).json();
    assert_eq!(listed[0]["paths"], serde_json::json!(listed.len() - 1));
    fits("paths", &listed);
    fits("paths", &shell.rbl("paths a.rb 1 --format json").code(0).json());
    let merged = shell.rbl("paths many.rb --format json").code(0).json();
    assert_eq!(merged[0]["merged"], serde_json::json!(true));
    fits("paths", &merged);
    let differences = shell.rbl("diff a.rb b.rb --format json").code(1).json();
    assert!(differences.len() > 2, "{differences:?}");
    fits("diff", &differences);
}
