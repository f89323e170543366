//! The list: each program with the arguments that keep it from changing anything.

use super::options::ProgramOptions;
use super::program::{Allowed, Row, options, row};
use super::rules;

const KUBECTL: ProgramOptions = options(
    "Apwf",
    "nolc",
    &[
        "all-containers",
        "all-namespaces",
        "containers",
        "follow",
        "ignore-not-found",
        "no-headers",
        "previous",
        "show-kind",
        "show-labels",
        "timestamps",
        "watch",
    ],
    &[
        "cluster",
        "container",
        "context",
        "field-selector",
        "limit-bytes",
        "namespace",
        "output",
        "request-timeout",
        "revision",
        "selector",
        "since",
        "since-time",
        "sort-by",
        "tail",
        "timeout",
    ],
);

const CONTAINERS: ProgramOptions = options(
    "aqstl",
    "fn",
    &["all", "no-stream", "no-trunc", "quiet", "size", "timestamps"],
    &["filter", "format", "since", "tail", "until"],
);

const SYSTEMCTL: ProgramOptions = options(
    "alq",
    "npto",
    &["all", "failed", "full", "no-legend", "no-pager", "plain", "quiet", "system", "user", "value"],
    &["lines", "output", "property", "state", "type"],
);

const JOURNALCTL: ProgramOptions = options(
    "abefkqrx",
    "gnoptuSU",
    &[
        "all",
        "boot",
        "catalog",
        "disk-usage",
        "dmesg",
        "follow",
        "list-boots",
        "no-hostname",
        "no-pager",
        "pager-end",
        "quiet",
        "reverse",
        "system",
        "user",
        "utc",
    ],
    &["grep", "identifier", "lines", "output", "priority", "since", "unit", "until"],
);

/// The programs, in the order of the alphabet.
pub(super) const LIST: &[Row] = &[
    row(
        &["arch", "basename", "cat", "cksum", "cmp", "comm", "cut", "df", "diff", "dirname", "du", "echo"],
        Allowed::Anything,
    ),
    row(
        &["egrep", "false", "fgrep", "findmnt", "free", "getent", "grep", "groups", "head", "id", "iostat"],
        Allowed::Anything,
    ),
    row(
        &["jq", "ls", "lsblk", "lscpu", "lsmem", "lspci", "lsusb", "md5sum", "mpstat", "netstat", "nl"],
        Allowed::Anything,
    ),
    row(
        &["nproc", "od", "paste", "pg_isready", "pgrep", "pidof", "pmap", "printenv", "printf", "ps"],
        Allowed::Anything,
    ),
    row(
        &["readlink", "realpath", "seq", "sha1sum", "sha256sum", "sha512sum", "sleep", "stat"],
        Allowed::Anything,
    ),
    row(
        &["tac", "tail", "test", "tr", "true", "uname", "uptime", "vmstat", "wc", "which", "who", "[", ":"],
        Allowed::Anything,
    ),
    row(&["mount", "pwd", "whoami"], Allowed::Nothing),
    row(&["awk"], Allowed::Rule(rules::awk, "`{print $1, $2}`, with `-F`")),
    row(&["cd"], Allowed::Rule(|words| words.len() == 1 && !words.concat().starts_with('-'), "a folder")),
    row(
        &["chronyc"],
        Allowed::Subcommands(
            &["activity", "sources", "sourcestats", "tracking"],
            options("nv", "", &[], &[]),
        ),
    ),
    row(&["command"], Allowed::Rule(|words| words.first() == Some(&"-v"), "`-v`")),
    row(
        &["crictl"],
        Allowed::Subcommands(&["images", "info", "inspect", "logs", "pods", "ps", "stats"], CONTAINERS),
    ),
    row(
        &["curl"],
        Allowed::Rule(
            rules::curl,
            "GET and HEAD of `http://` and `https://`, what comes to standard output or `/dev/null`",
        ),
    ),
    row(&["date"], Allowed::Rule(rules::date, "`-u`, `-d TIME`, `+FORMAT`")),
    row(
        &["dig"],
        Allowed::Rule(
            |words| !words.iter().any(|it| it.starts_with("-k") || it.starts_with("-f")),
            "all but `-f` and `-k`",
        ),
    ),
    row(
        &["dmesg"],
        Allowed::Options(options(
            "HTkux",
            "fl",
            &["human", "ctime", "kernel", "decode"],
            &["facility", "level"],
        )),
    ),
    row(
        &["docker", "nerdctl", "podman"],
        Allowed::Subcommands(&["images", "inspect", "logs", "port", "ps", "stats", "version"], CONTAINERS),
    ),
    row(
        &["exit"],
        Allowed::Rule(|words| words.iter().all(|it| it.chars().all(|c| c.is_ascii_digit())), "a number"),
    ),
    row(&["file"], Allowed::Options(options("biLz", "", &["brief", "mime", "mime-type"], &[]))),
    row(
        &["find"],
        Allowed::Rule(rules::find, "tests, `-print`, `-print0`, `-printf`, `-ls`, `-prune`, `-quit`"),
    ),
    row(
        &["helm"],
        Allowed::Subcommands(
            &[
                "get all",
                "get manifest",
                "get notes",
                "get values",
                "history",
                "list",
                "ls",
                "status",
                "version",
            ],
            options(
                "aAq",
                "no",
                &["all", "all-namespaces", "short"],
                &["kube-context", "max", "namespace", "output", "revision"],
            ),
        ),
    ),
    row(
        &["host", "nslookup"],
        Allowed::Rule(
            |words| !words.is_empty() && !words.iter().any(|it| it.starts_with('-')),
            "names, without options",
        ),
    ),
    row(
        &["hostname"],
        Allowed::Rule(
            |words| {
                words.iter().all(|it| {
                    it.len() == 2 && it.starts_with('-') && it.ends_with(['f', 's', 'i', 'I', 'A', 'd'])
                })
            },
            "`-f`, `-s`, `-i`, `-I`, `-A`, `-d`",
        ),
    ),
    row(
        &["ip"],
        Allowed::Rule(
            rules::ip,
            "`addr`, `link`, `neigh`, `route`, `rule` with `show`, `list`, `get` or nothing",
        ),
    ),
    row(&["journalctl"], Allowed::Options(JOURNALCTL)),
    row(
        &["kubectl", "oc"],
        Allowed::Subcommands(
            &[
                "api-resources",
                "api-versions",
                "auth can-i",
                "config current-context",
                "config get-contexts",
                "describe",
                "events",
                "explain",
                "get",
                "logs",
                "rollout history",
                "rollout status",
                "top",
                "version",
            ],
            KUBECTL,
        ),
    ),
    row(&["last"], Allowed::Options(options("adFwx", "n", &[], &["since", "until"]))),
    row(&["lsof"], Allowed::Options(options("nPtlUi", "pu", &[], &[]))),
    row(
        &["lvs", "pvs", "vgs"],
        Allowed::Options(options("av", "o", &["noheadings"], &["separator", "units"])),
    ),
    row(&["mysql"], Allowed::Rule(rules::mysql, "`-e` with one `select` or `show` of known functions")),
    row(&["nc"], Allowed::Rule(rules::nc, "`-z`")),
    row(&["ntpq"], Allowed::Rule(|words| matches!(words, ["-p" | "-pn" | "-np"]), "`-p`")),
    row(&["openssl"], Allowed::Rule(rules::openssl, "`x509` and `version`, what comes to standard output")),
    row(&["ping"], Allowed::Rule(rules::ping, "with `-c`")),
    row(&["psql"], Allowed::Rule(rules::psql, "`-c` with one `select` or `show` of known functions")),
    row(
        &["rabbitmqctl"],
        Allowed::Subcommands(
            &[
                "cluster_status",
                "list_channels",
                "list_connections",
                "list_consumers",
                "list_queues",
                "list_vhosts",
                "status",
            ],
            options("q", "np", &["no-table-headers", "quiet", "silent"], &["formatter"]),
        ),
    ),
    row(
        &["redis-cli"],
        Allowed::Rule(rules::redis, "`ping`, `info`, `get`, `ttl`, `llen` and others that read"),
    ),
    row(&["sed"], Allowed::Rule(rules::sed, "`-n 'N,Mp'`")),
    row(
        &["set"],
        Allowed::Rule(
            |words| matches!(words, ["-e" | "-u" | "-eu"] | ["-o" | "-eo" | "-euo", "pipefail"]),
            "`-e`, `-u`, `-o pipefail`",
        ),
    ),
    row(
        &["sort"],
        Allowed::Options(options(
            "bcdfghinrRMsuVz",
            "kt",
            &["human-numeric-sort", "ignore-case", "numeric-sort", "reverse", "unique", "version-sort"],
            &["field-separator", "key"],
        )),
    ),
    row(
        &["ss"],
        Allowed::Options(options(
            "0467aeHilmnopstuwxz",
            "",
            &["all", "listening", "memory", "numeric", "processes", "summary", "tcp", "udp", "unix"],
            &[],
        )),
    ),
    row(&["swapon"], Allowed::Rule(|words| matches!(words, ["-s" | "--show" | "--summary"]), "`--show`")),
    row(&["sysctl"], Allowed::Rule(rules::sysctl, "`-n`, `-a`, names of settings")),
    row(
        &["systemctl"],
        Allowed::Subcommands(
            &[
                "cat",
                "get-default",
                "is-active",
                "is-enabled",
                "is-failed",
                "is-system-running",
                "list-dependencies",
                "list-sockets",
                "list-timers",
                "list-unit-files",
                "list-units",
                "show",
                "status",
            ],
            SYSTEMCTL,
        ),
    ),
    row(
        &["timedatectl"],
        Allowed::Rule(|words| matches!(words, [] | ["show" | "status"]), "`status`, `show`"),
    ),
    row(&["timeout"], Allowed::Rule(rules::timeout, "a time, and a command of this list")),
    row(
        &["top"],
        Allowed::Rule(
            |words| options("bcHiS", "nouwd", &[], &[]).read(words).is_some_and(|it| it.has("b")),
            "with `-b`",
        ),
    ),
    row(&["uniq"], Allowed::Rule(rules::uniq, "at most one file")),
    row(&["zfs"], Allowed::Subcommands(&["get", "list"], options("Hpr", "dost", &[], &[]))),
    row(&["zpool"], Allowed::Subcommands(&["iostat", "list", "status"], options("HLPpvx", "oT", &[], &[]))),
];
