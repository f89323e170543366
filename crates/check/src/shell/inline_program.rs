//! Programs of other languages that are written in a command, and whether they run commands themselves.

/// What in the text of a program runs a command, or a text as code.
const RUNS: &[(&str, &[&str])] = &[
    ("awk", &["system(", "system (", "| getline", "|getline", "|&", "| \"", "|\"", "| cmd", "| sh"]),
    (
        "python",
        &[
            "os.system",
            "os.popen",
            "shell=True",
            "getoutput(",
            "getstatusoutput(",
            "eval(",
            "exec(",
            "import system",
            "import popen",
            "__import__",
            "pty.spawn",
            "create_subprocess_shell",
            "pickle.load",
            "yaml.load(",
        ],
    ),
    ("perl", &["system", "exec", "qx", "`", "eval", "open", "/e;", "/ee"]),
    ("ruby", &["system", "exec", "spawn", "`", "%x", "eval", "popen", "open("]),
    ("node", &["child_process", "exec(", "execSync", "eval(", "Function(", "vm."]),
    ("php", &["system(", "exec(", "passthru(", "popen(", "proc_open(", "eval(", "`", "assert("]),
    ("lua", &["os.execute", "io.popen", "load(", "loadstring(", "dofile("]),
    ("expect", &["spawn", "system", "exec", "eval"]),
    ("sed", &["/e", "/ge", "/pe", ";e", "}e"]),
];

/// Whether a program in this language runs commands.
pub(super) fn runs_commands(name: &str, program: &str) -> bool {
    let name = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    let language = match name {
        "gawk" | "mawk" | "nawk" => "awk",
        "gsed" => "sed",
        "nodejs" | "bun" => "node",
        "luajit" => "lua",
        other => other,
    };
    let row = RUNS.iter().find(|row| row.0 == language);
    row.is_some_and(|row| row.1.iter().any(|word| program.contains(word)))
}

/// Whether a program names this environment variable where it reads the environment.
pub(super) fn reads_variable(program: &str, name: &str) -> bool {
    ["ENV", "environ", "getenv", ".env"].iter().any(|word| program.contains(word))
        && program.split(|c: char| c != '_' && !c.is_ascii_alphanumeric()).any(|word| word == name)
}
