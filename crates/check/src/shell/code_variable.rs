//! The environment variables, and the settings of git, whose value a program runs as a command or as options that run one.

/// Sorted by the program that reads them. `ENV` is not here: only an interactive shell reads it, and many programs use the name for
/// something else.
const CODE_VARIABLES: &[&str] = &[
    "BASH_ENV",
    "PROMPT_COMMAND",
    "PS4",
    "SHELLOPTS",
    "BASHOPTS",
    "LD_PRELOAD",
    "LD_AUDIT",
    "DYLD_INSERT_LIBRARIES",
    "PAGER",
    "MANPAGER",
    "LESSOPEN",
    "LESSCLOSE",
    "EDITOR",
    "VISUAL",
    "BROWSER",
    "SUDO_EDITOR",
    "SUDO_ASKPASS",
    "SSH_ASKPASS",
    "KUBE_EDITOR",
    "KUBECTL_EXTERNAL_DIFF",
    "SYSTEMD_EDITOR",
    "SYSTEMD_PAGER",
    "PSQL_EDITOR",
    "PSQL_PAGER",
    "GIT_SSH",
    "GIT_SSH_COMMAND",
    "GIT_PROXY_COMMAND",
    "GIT_EXTERNAL_DIFF",
    "GIT_EDITOR",
    "GIT_SEQUENCE_EDITOR",
    "GIT_PAGER",
    "GIT_ASKPASS",
    "GIT_CONFIG_PARAMETERS",
    "GIT_ALLOW_PROTOCOL",
    "HGEDITOR",
    "HGMERGE",
    "SVN_SSH",
    "SVN_EDITOR",
    "CVS_RSH",
    "RSYNC_RSH",
    "TAR_OPTIONS",
    "FZF_DEFAULT_COMMAND",
    "FZF_DEFAULT_OPTS",
    "MAKEFLAGS",
    "GNUMAKEFLAGS",
    "PERL5OPT",
    "PERL5DB",
    "PYTHONSTARTUP",
    "RUBYOPT",
    "NODE_OPTIONS",
    "LUA_INIT",
    "JAVA_TOOL_OPTIONS",
    "JDK_JAVA_OPTIONS",
    "_JAVA_OPTIONS",
    "RUSTC_WRAPPER",
];

/// Whether the value of this environment variable is code for a program.
pub(super) fn is_code(name: &str) -> bool {
    CODE_VARIABLES.contains(&name)
        || ["GIT_CONFIG_VALUE_", "GIT_CONFIG_KEY_", "BASH_FUNC_", "LUA_INIT_"]
            .iter()
            .any(|prefix| name.starts_with(prefix))
}

/// Whether git runs the value of this setting: `core.sshCommand`, `alias.NAME`.
pub(super) fn is_git_code(setting: &str) -> bool {
    let setting = setting.to_ascii_lowercase();
    let (section, rest) = setting.split_once('.').unwrap_or((&setting, ""));
    let name = rest.rsplit('.').next().unwrap_or(rest);
    match section {
        "alias" | "pager" | "include" | "includeif" => true,
        "protocol" => name == "allow",
        "filter" => matches!(name, "clean" | "smudge" | "process"),
        "core" => matches!(
            name,
            "sshcommand"
                | "editor"
                | "pager"
                | "fsmonitor"
                | "hookspath"
                | "askpass"
                | "gitproxy"
                | "alternaterefscommand"
        ),
        "credential" => name == "helper",
        "sequence" => name == "editor",
        _ => matches!(
            name,
            "external"
                | "textconv"
                | "command"
                | "cmd"
                | "driver"
                | "program"
                | "uploadpack"
                | "receivepack"
                | "vcs"
        ),
    }
}
