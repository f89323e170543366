//! Verbs that begin an instruction.

/// Verbs that begin an instruction.
#[rustfmt::skip]
const VERBS: &[&str] = &[
    "access", "ack", "acknowledge", "activate", "add", "adjust", "allocate", "allow", "analyse", "analyze",
    "announce", "append", "apply", "appoint", "approve", "archive", "ask", "assemble", "assess", "assign",
    "assure", "attach", "attempt", "authenticate", "authorise", "authorize", "avoid", "back", "backup",
    "balance", "bind", "bisect", "blacklist", "block", "brief", "bring", "browse", "build", "bump", "bypass",
    "calculate", "cancel", "capture", "change", "check", "chmod", "choose", "chown", "clean", "clear",
    "click", "clone", "close", "collect", "commit", "communicate", "compare", "compile", "complete",
    "compress", "compute", "configure", "confirm", "connect", "consider", "consolidate", "consult", "contact",
    "continue", "convert", "copy", "cordon", "correct", "correlate", "create", "cross-check", "cut", "debug",
    "decide", "decommission", "decompress", "decrease", "decrypt", "define", "defragment", "delegate",
    "delete", "demote", "deploy", "deprovision", "describe", "destroy", "detach", "detect", "determine",
    "diagnose", "disable", "disconnect", "discuss", "divert", "divide", "do", "document", "double-check",
    "download", "downscale", "drag", "drain", "drop", "dump", "edit", "eject", "elect", "emit", "enable",
    "encode", "encrypt", "engage", "enlarge", "ensure", "enter", "enumerate", "escalate", "establish",
    "estimate", "evacuate", "evaluate", "evict", "examine", "execute", "exit", "expand", "expire", "explore",
    "export", "expose", "extend", "extract", "eyeball", "fail", "failover", "fetch", "file", "fill", "filter",
    "find", "finish", "fix", "flush", "follow", "force", "freeze", "gather", "generate", "get", "give", "go",
    "grab", "grant", "halt", "hand", "hibernate", "hit", "hold", "hunt", "identify", "ignore", "import",
    "include", "increase", "inform", "initiate", "inject", "insert", "inspect", "install", "invalidate",
    "investigate", "invite", "invoke", "involve", "isolate", "issue", "join", "jump", "keep", "kick", "kill",
    "label", "launch", "learn", "leave", "let", "liaise", "list", "locate", "lock", "log", "login", "look",
    "lower", "maintain", "make", "manage", "mark", "measure", "mention", "merge", "migrate", "minimise",
    "minimize", "modify", "monitor", "mount", "move", "mute", "name", "navigate", "nominate", "notify",
    "nudge", "observe", "obtain", "offer", "offload", "omit", "open", "optimize", "organise", "organize",
    "override", "page", "partition", "paste", "patch", "pause", "pay", "peek", "perform", "pick", "pin",
    "ping", "place", "populate", "post", "practice", "pre-check", "prefer", "prefix", "preload", "prepare",
    "present", "preserve", "press", "prevent", "print", "prioritise", "prioritize", "probe", "proceed",
    "promote", "propose", "protect", "provide", "provision", "prune", "publish", "pull", "purge", "push",
    "put", "quarantine", "query", "quiesce", "quit", "raise", "rate-limit", "re-apply", "re-check",
    "re-create", "re-deploy", "re-enable", "re-run", "re-sign", "re-sync", "reach", "read", "reapply",
    "reassign", "reassure", "reattach", "rebalance", "reboot", "rebuild", "recheck", "recompute", "reconcile",
    "reconfigure", "record", "recover", "recreate", "recycle", "redeploy", "redirect", "redrive", "reduce",
    "reenable", "refer", "refresh", "regenerate", "register", "rehearse", "reimport", "reindex",
    "reinitialize", "reinstall", "reinstate", "reissue", "rejoin", "relabel", "relaunch", "release", "reload",
    "relocate", "remediate", "remember", "remove", "rename", "renew", "renumber", "reopen", "repair",
    "repeat", "replace", "replay", "replicate", "replug", "report", "reprocess", "reprovision", "republish",
    "request", "reroute", "rerun", "rescan", "reschedule", "resend", "reserve", "reset", "resize", "resolve",
    "respond", "restart", "restore", "resubmit", "resume", "resync", "retag", "retain", "retire", "retrieve",
    "retrigger", "retry", "return", "reuse", "revalidate", "reverse", "revert", "review", "revoke", "rewind",
    "rewrite", "roll", "rollback", "rotate", "route", "run", "sanitise", "sanitize", "save", "scale", "scan",
    "schedule", "scroll", "scrub", "search", "secure", "see", "seek", "select", "send", "set", "setup",
    "sever", "share", "shift", "shrink", "shut", "shutdown", "sign", "silence", "simulate", "skip", "solicit",
    "sort", "specify", "spin", "split", "squash", "ssh", "stabilise", "stabilize", "stage", "start", "stash",
    "stop", "store", "submit", "subscribe", "substitute", "summarise", "summarize", "summon", "suspend",
    "swap", "switch", "sync", "tackle", "tag", "tail", "taint", "take", "talk", "tear", "teardown", "tell",
    "temporarily", "terminate", "test", "thank", "throttle", "tidy", "tighten", "toggle", "trace", "track",
    "transfer", "transition", "triage", "trigger", "trim", "troubleshoot", "truncate", "try", "tune", "turn",
    "tweak", "type", "unassign", "unban", "unblock", "uncheck", "uncomment", "uncordon", "understand", "undo",
    "unfollow", "unfreeze", "uninstall", "unlabel", "unlink", "unlist", "unlock", "unmount", "unpack",
    "unpause", "unplug", "unregister", "unseal", "unset", "unsubscribe", "untag", "untaint", "unwind",
    "unwrap", "update", "upgrade", "upload", "uproot", "upscale", "use", "vacuum", "validate", "verify",
    "view", "visit", "wait", "warn", "watch", "whitelist", "wipe", "withdraw", "work", "write",
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
