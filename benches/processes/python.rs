//! Python programs for ruff: as many as there are runbooks, each as long as its runbook, no two alike.

use std::fmt::Write as _;
use std::path::Path;

/// Writes a program for each length, in bytes.
pub(crate) fn write(folder: &Path, lengths: &[usize]) {
    std::fs::create_dir_all(folder).unwrap();
    for (number, length) in lengths.iter().enumerate() {
        std::fs::write(folder.join(format!("m{number}.py")), program(number, *length)).unwrap();
    }
}

/// A step of a runbook as it would be written in Python: a reading, a comparison, a command, a page.
fn program(number: usize, length: usize) -> String {
    let mut text = format!(
        "\"\"\"Steps of incident {number}.\"\"\"\n\nimport json\nimport subprocess\nimport urllib.request\n\n"
    );
    for step in 0.. {
        let mut function = String::new();
        let name = format!("{number}_{step}");
        let _ = write!(
            function,
            "\ndef look_{name}(service, limit={step}.5):\n    # What the last five minutes say of it.\n    url = \
             f\"http://127.0.0.1:9090/api/v1/query?query=latency_{name}&service={{service}}\"\n    with \
             urllib.request.urlopen(url, timeout=10) as reply:\n        value = \
             float(json.load(reply)[\"data\"][\"result\"][0][\"value\"][1])\n    if value > limit:\n        done = \
             subprocess.run([\"kubectl\", \"rollout\", \"undo\", service], timeout=600)\n        if done.returncode != \
             0:\n            return page_{name}(service, value)\n    return value\n\n\ndef page_{name}(service, \
             value):\n    print(f\"{{service}} answers in {{value}} s\")\n    return None\n\n"
        );
        if text.len() + function.len() > length {
            break;
        }
        text.push_str(&function);
    }
    // Fill the rest with comments, as in a runbook, to the exact length.
    while text.len() + 2 < length {
        let rest = (length - text.len() - 2).min(70);
        let _ = writeln!(text, "#{}", "-".repeat(rest));
    }
    if text.contains("json.load") {
        text
    } else {
        text.replace("import json\nimport subprocess\nimport urllib.request\n", "")
    }
}
