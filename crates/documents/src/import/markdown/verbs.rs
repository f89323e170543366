//! Verbs that begin an instruction.

/// Verbs that begin an instruction.
#[rustfmt::skip]
const VERBS: &[&str] = &[
    "access", "acknowledge", "activate", "add", "adjust", "allocate", "allow", "analyse", "analyze",
    "announce", "apply", "approve", "ask", "assemble", "assess", "assign", "attach", "attempt", "avoid",
    "back", "backup", "blacklist", "block", "bring", "browse", "build", "bump", "cancel", "capture",
    "change", "check", "choose", "clean", "clear", "click", "clone", "close", "collect", "commit",
    "communicate", "compare", "complete", "configure", "confirm", "connect", "consider", "consult",
    "contact", "continue", "convert", "copy", "cordon", "correct", "correlate", "create", "cross-check",
    "cut", "debug", "decide", "decommission", "decrease", "define", "defragment", "delegate", "delete",
    "deploy", "describe", "destroy", "detach", "detect", "determine", "diagnose", "disable", "disconnect",
    "discuss", "do", "document", "double-check", "download", "drain", "drop", "dump", "edit", "elect",
    "enable", "ensure", "enter", "escalate", "establish", "evaluate", "evict", "examine", "execute", "exit",
    "expand", "explore", "export", "expose", "extend", "extract", "fail", "fetch", "file", "fill", "filter",
    "find", "fix", "flush", "follow", "force", "gather", "generate", "get", "give", "go", "grab", "grant",
    "hand", "hit", "hold", "identify", "ignore", "import", "include", "increase", "inform", "initiate",
    "inject", "insert", "inspect", "install", "invalidate", "investigate", "invite", "invoke", "involve",
    "isolate", "issue", "join", "keep", "kill", "label", "launch", "leave", "let", "list", "locate", "lock",
    "log", "login", "look", "lower", "make", "mark", "mention", "merge", "migrate", "modify", "monitor",
    "mount", "move", "mute", "name", "navigate", "notify", "observe", "obtain", "offer", "open", "optimize",
    "organise", "organize", "page", "partition", "paste", "patch", "pause", "pay", "perform", "pick",
    "ping", "place", "populate", "post", "practice", "prefer", "prefix", "prepare", "present", "preserve",
    "press", "prevent", "prioritise", "prioritize", "proceed", "promote", "provide", "prune", "publish",
    "pull", "purge", "push", "put", "quarantine", "query", "raise", "rate-limit", "re-create", "re-deploy",
    "re-enable", "re-run", "reach", "read", "reassign", "reboot", "rebuild", "recheck", "reconfigure",
    "record", "recover", "recreate", "redeploy", "reduce", "refer", "regenerate", "reimport", "reindex",
    "reinstall", "reinstate", "relabel", "reload", "remove", "rename", "repair", "repeat", "replace",
    "replay", "replicate", "report", "republish", "request", "rerun", "reschedule", "reset", "resize",
    "resolve", "respond", "restart", "restore", "resume", "retrieve", "retry", "return", "revert", "review",
    "revoke", "rewrite", "roll", "rollback", "rotate", "route", "run", "save", "scale", "schedule",
    "search", "see", "seek", "select", "send", "set", "setup", "share", "shift", "shut", "shutdown", "sign",
    "silence", "skip", "sort", "specify", "spin", "split", "squash", "ssh", "stage", "start", "stop",
    "store", "submit", "suspend", "swap", "switch", "sync", "tag", "tail", "taint", "take", "talk", "tear",
    "tell", "temporarily", "terminate", "test", "throttle", "tighten", "toggle", "trace", "track",
    "transfer", "transition", "trigger", "troubleshoot", "try", "tune", "turn", "tweak", "type", "unblock",
    "uncomment", "uncordon", "understand", "undo", "uninstall", "unlock", "unmount", "unpause", "unset",
    "unsubscribe", "untaint", "update", "upgrade", "upload", "use", "validate", "verify", "view", "visit",
    "wait", "watch", "whitelist", "wipe", "withdraw", "work", "write",
];

/// Whether a word is a verb that begins an instruction.
pub(crate) fn is_verb(word: &str) -> bool {
    VERBS.binary_search(&word).is_ok() || ["scp", "curl"].contains(&word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_verbs_are_sorted() {
        assert!(VERBS.is_sorted(), "{:?}", VERBS.windows(2).find(|it| it[0] > it[1]));
    }
}
