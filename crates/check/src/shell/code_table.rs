//! The table of programs that read words, or their stdin, as code.

/// Each of their words is read again.
pub(super) const READS_ALL: &[&str] = &[
    "eval",
    "trap",
    "let",
    "unset",
    "read",
    "declare",
    "typeset",
    "alias",
    "watch",
    "parallel",
    "tmux",
    "screen",
    "hyperfine",
];
pub(super) const SHELLS: &[&str] = &[
    "sh", "bash", "dash", "ash", "ksh", "ksh93", "mksh", "lksh", "yash", "zsh", "fish", "rbash", "tcsh",
    "csh",
];
/// They take a command behind `-c`, wherever that stands.
pub(super) const SHELL_USERS: &[&str] = &["su", "runuser", "script", "flock", "sg"];
/// Shells on other hosts: their options that take a value, and whether a host is their first operand.
pub(super) const REMOTE: &[(&str, &str, bool)] = &[
    ("ssh", "BbcDEeFIiJLlmOoPpQRSWw", true),
    ("autossh", "MBbcDEeFIiJLlmOoPpQRSWw", true),
    ("rsh", "l", true),
    ("dbclient", "ilpsLRWJ", true),
    ("plink", "lPi", true),
    ("pdsh", "wxgltuf", false),
    ("clush", "wxgBfout", false),
    ("dsh", "mgf", false),
    ("pssh", "hHlptoe", false),
    ("parallel-ssh", "hHlptoe", false),
];
/// Interpreters: the letters of the options that take a program, and the long ones.
pub(super) const INTERPRETERS: &[(&str, &str, &[&str])] = &[
    ("python", "c", &[]),
    ("perl", "eE", &[]),
    ("ruby", "e", &[]),
    ("node", "ep", &["--eval", "--print"]),
    ("nodejs", "ep", &["--eval", "--print"]),
    ("bun", "e", &["--eval"]),
    ("php", "rBRE", &["--run"]),
    ("lua", "e", &[]),
    ("luajit", "e", &[]),
    ("Rscript", "e", &[]),
    ("osascript", "e", &[]),
    ("pwsh", "c", &["-Command", "-command"]),
    ("powershell", "c", &["-Command", "-command"]),
    ("expect", "c", &[]),
    ("gdb", "", &["-ex", "--ex", "-eval-command", "--eval-command"]),
    ("vim", "c", &["--cmd"]),
    ("nvim", "c", &["--cmd"]),
    ("emacs", "", &["--eval", "--execute"]),
    ("mongo", "", &["--eval"]),
    ("mongosh", "", &["--eval"]),
    ("groovy", "e", &[]),
    ("scala", "e", &[]),
    ("jshell", "", &[]),
    ("tclsh", "", &[]),
    ("dc", "e", &["--expression"]),
];
/// Clients of databases: the letters of the options that take a statement, and the long ones.
pub(super) const CLIENTS: &[(&str, &str, &[&str])] = &[
    ("psql", "c", &["--command"]),
    ("mysql", "e", &["--execute"]),
    ("mariadb", "e", &["--execute"]),
    ("mycli", "e", &["--execute"]),
    ("sqlite3", "", &["-cmd"]),
    ("duckdb", "c", &["-cmd"]),
    ("cqlsh", "e", &["--execute"]),
    ("clickhouse", "q", &["--query"]),
    ("clickhouse-client", "q", &["--query"]),
    ("sqlcmd", "Qq", &[]),
    ("influx", "", &["-execute"]),
    ("trino", "", &["--execute"]),
    ("presto", "", &["--execute"]),
    ("snowsql", "q", &["--query"]),
    ("cockroach", "e", &["--execute"]),
    ("ysqlsh", "c", &["--command"]),
];
/// Their first operand is the program, unless an option names it: the options that take a value, and the program.
pub(super) const SCRIPTED: &[(&str, &str, &str)] = &[
    ("awk", "Fvfile", "e"),
    ("gawk", "Fvfile", "e"),
    ("mawk", "Fvf", ""),
    ("nawk", "Fvf", ""),
    ("sed", "efl", "e"),
    ("gsed", "efl", "e"),
];
/// An option of theirs can run a program, or write a file.
pub(super) const OPTION_TAKERS: &[&str] = &[
    "scp",
    "sftp",
    "rsync",
    "git",
    "hg",
    "svn",
    "tar",
    "bsdtar",
    "find",
    "curl",
    "wget",
    "zip",
    "sort",
    "man",
    "less",
    "vim",
    "nvim",
    "perl",
    "python",
    "python3",
    "ruby",
    "node",
    "php",
    "awk",
    "gawk",
    "mawk",
    "sed",
    "psql",
    "mysql",
    "pg_dump",
    "mysqldump",
    "docker",
    "podman",
    "kubectl",
    "helm",
    "ansible",
    "ansible-playbook",
    "su",
    "sh",
    "bash",
    "dash",
    "ksh",
    "zsh",
    "make",
    "gmake",
    "gdb",
    "lua",
    "bun",
    "deno",
    "pwsh",
    "expect",
    "emacs",
    "ed",
    "sqlite3",
    "mariadb",
    "socat",
    "ncat",
    "nc",
    "java",
    "split",
    "tcpdump",
    "nmap",
    "rpm",
    "apt",
    "apt-get",
    "dnf",
    "yum",
    "cpio",
    "gpg",
    "lftp",
    "crontab",
    "systemd-run",
    "tmux",
    "screen",
    "source",
];
/// Options of `ssh` that run a command on this machine.
pub(super) const LOCAL_COMMANDS: &[&str] =
    &["ProxyCommand", "LocalCommand", "KnownHostsCommand", "RemoteCommand"];

/// Whether it reads code in some of its words.
pub(super) fn is_known(name: &str) -> bool {
    SHELLS.contains(&name)
        || SHELL_USERS.contains(&name)
        || remote(name).is_some()
        || named(INTERPRETERS, name).is_some()
        || named(CLIENTS, name).is_some()
}

pub(super) fn is_shell(name: &str) -> bool {
    // A shell in a variable: `$SHELL -c`, `"${SHELL:-sh}" -c`.
    SHELLS.contains(&name) || name.starts_with('$') || name.starts_with("SHELL")
}

pub(super) fn remote(name: &str) -> Option<(&'static str, bool)> {
    REMOTE.iter().find(|it| it.0 == name).map(|it| (it.1, it.2))
}

/// The row of a program; `python3.11` is `python`.
pub(super) fn named(
    table: &[(&'static str, &'static str, &'static [&'static str])],
    name: &str,
) -> Option<(&'static str, &'static [&'static str])> {
    let versionless = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    table.iter().find(|it| it.0 == name || it.0 == versionless).map(|it| (it.1, it.2))
}

/// Whether it is the interpreter of another language than that of shells.
pub(super) fn is_language(name: &str) -> bool {
    SCRIPTED.iter().any(|it| it.0 == name) || named(INTERPRETERS, name).is_some()
}
