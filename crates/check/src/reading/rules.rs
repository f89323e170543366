//! The arguments of programs whose options alone do not say whether they only look.

use super::database::is_query;
use super::program::{command, options};

pub(super) fn awk(words: &[&str]) -> bool {
    let Some(read) = options("", "F", &[], &[]).read(words) else { return false };
    let Some(program) = read.plain.first() else { return false };
    let Some(inner) = program.trim().strip_prefix('{').and_then(|it| it.strip_suffix('}')) else {
        return false;
    };
    let Some(fields) = inner.trim().strip_prefix("print") else { return false };
    let is_field = |field: &str| {
        let number = field.trim().strip_prefix('$');
        number.is_some_and(|it| it == "NF" || !it.is_empty() && it.chars().all(|c| c.is_ascii_digit()))
    };
    // A file of the form `x=1` would be an assignment.
    fields.split(',').all(is_field) && !read.plain.iter().skip(1).any(|file| file.contains('='))
}

pub(super) fn curl(words: &[&str]) -> bool {
    let known = options(
        "fgiIkLsSv46",
        "Hmuow",
        &[
            "compressed",
            "fail",
            "fail-with-body",
            "head",
            "include",
            "insecure",
            "ipv4",
            "ipv6",
            "location",
            "show-error",
            "silent",
        ],
        &[
            "cacert",
            "connect-timeout",
            "header",
            "max-time",
            "output",
            "retry",
            "user",
            "user-agent",
            "write-out",
        ],
    );
    let Some(read) = known.read(words) else { return false };
    let is_web = |url: &&str| url.starts_with("http://") || url.starts_with("https://");
    !read.plain.is_empty()
        && read.plain.iter().all(is_web)
        && read.values(&["o", "output"]).all(|file| file == "/dev/null")
        && read.values(&["w", "write-out"]).all(is_plain_format)
        && read.values(&["H", "header"]).all(is_plain_header)
}

/// Whether `-w` of curl only names what it measured: `%output{FILE}` writes a file, and `@FILE` reads its format from one.
fn is_plain_format(format: &str) -> bool {
    let parts: Vec<&str> = format.split('%').collect();
    !format.starts_with('@') && parts.iter().skip(1).all(|part| part.starts_with('{'))
}

/// Whether a header only says who asks and in which form the answer is wanted: others may change what is done.
fn is_plain_header(header: &str) -> bool {
    const PLAIN: [&str; 7] = [
        "accept",
        "accept-language",
        "authorization",
        "cache-control",
        "host",
        "user-agent",
        "x-scope-orgid",
    ];
    let name = header.split_once(':').map(|(name, _)| name.trim().to_ascii_lowercase());
    name.is_some_and(|name| PLAIN.contains(&name.as_str()))
}

pub(super) fn date(words: &[&str]) -> bool {
    let Some(read) = options("u", "d", &["utc"], &["date"]).read(words) else { return false };
    read.plain.iter().all(|it| it.starts_with('+'))
}

pub(super) fn find(words: &[&str]) -> bool {
    const TESTS: &[&str] = &[
        "-H",
        "-L",
        "-P",
        "-a",
        "-amin",
        "-and",
        "-anewer",
        "-atime",
        "-cmin",
        "-cnewer",
        "-ctime",
        "-daystart",
        "-depth",
        "-empty",
        "-executable",
        "-false",
        "-fstype",
        "-gid",
        "-group",
        "-iname",
        "-inum",
        "-ipath",
        "-iregex",
        "-links",
        "-ls",
        "-maxdepth",
        "-mindepth",
        "-mmin",
        "-mount",
        "-mtime",
        "-name",
        "-newer",
        "-nogroup",
        "-not",
        "-nouser",
        "-o",
        "-or",
        "-path",
        "-perm",
        "-print",
        "-print0",
        "-printf",
        "-prune",
        "-quit",
        "-readable",
        "-regex",
        "-size",
        "-true",
        "-type",
        "-uid",
        "-user",
        "-writable",
        "-xdev",
    ];
    let is_number = |word: &str| word.get(1..2).is_some_and(|it| it.chars().all(|c| c.is_ascii_digit()));
    words.iter().all(|word| !word.starts_with('-') || TESTS.contains(word) || is_number(word))
}

pub(super) fn ip(words: &[&str]) -> bool {
    let mut words = words
        .iter()
        .copied()
        .skip_while(|it| matches!(*it, "-4" | "-6" | "-br" | "-brief" | "-d" | "-j" | "-o" | "-s"));
    let object = matches!(words.next(), Some("addr" | "address" | "link" | "neigh" | "route" | "rule"));
    object && words.next().is_none_or(|verb| matches!(verb, "show" | "list" | "get"))
}

pub(super) fn mysql(words: &[&str]) -> bool {
    let known = options(
        "BNstv",
        "DPSehu",
        &["batch", "skip-column-names", "table", "vertical"],
        &["database", "execute", "host", "port", "user"],
    );
    let Some(read) = known.read(words) else { return false };
    (read.has("e") || read.has("execute")) && read.values(&["e", "execute"]).all(is_query)
}

pub(super) fn nc(words: &[&str]) -> bool {
    options("46nvzu", "w", &[], &[]).read(words).is_some_and(|read| read.has("z"))
}

pub(super) fn openssl(words: &[&str]) -> bool {
    const FLAGS: &[&str] = &[
        "-dates",
        "-enddate",
        "-fingerprint",
        "-issuer",
        "-noout",
        "-serial",
        "-startdate",
        "-subject",
        "-text",
    ];
    let Some((&"x509", rest)) = words.split_first() else { return matches!(words, ["version"]) };
    let mut rest = rest.iter();
    while let Some(word) = rest.next() {
        match *word {
            "-in" | "-checkend" | "-nameopt" | "-ext" => {
                if rest.next().is_none_or(|value| value.starts_with('-')) {
                    return false;
                }
            }
            flag if FLAGS.contains(&flag) => {}
            _ => return false,
        }
    }
    true
}

pub(super) fn ping(words: &[&str]) -> bool {
    options("46nqOD", "cWw", &[], &[]).read(words).is_some_and(|read| read.has("c"))
}

pub(super) fn psql(words: &[&str]) -> bool {
    let known = options(
        "AXqtxw",
        "FUcdhp",
        &["csv", "expanded", "no-align", "no-password", "no-psqlrc", "quiet", "tuples-only"],
        &["command", "dbname", "host", "port", "username"],
    );
    let Some(read) = known.read(words) else { return false };
    (read.has("c") || read.has("command")) && read.values(&["c", "command"]).all(is_query)
}

pub(super) fn redis(words: &[&str]) -> bool {
    const READING: &[&str] = &[
        "client list",
        "cluster info",
        "cluster nodes",
        "config get",
        "dbsize",
        "exists",
        "get",
        "hget",
        "hlen",
        "info",
        "lastsave",
        "latency latest",
        "llen",
        "lrange",
        "memory stats",
        "memory usage",
        "mget",
        "ping",
        "pttl",
        "role",
        "scard",
        "slowlog get",
        "slowlog len",
        "strlen",
        "time",
        "ttl",
        "type",
        "xlen",
        "zcard",
    ];
    let Some(read) = options("", "hpna", &["no-auth-warning", "raw", "tls"], &["user"]).read(words) else {
        return false;
    };
    let small: Vec<String> = read.plain.iter().map(|word| word.to_ascii_lowercase()).collect();
    let small: Vec<&str> = small.iter().map(String::as_str).collect();
    READING.iter().any(|known| {
        let known: Vec<&str> = known.split(' ').collect();
        small.starts_with(&known)
    })
}

pub(super) fn sed(words: &[&str]) -> bool {
    let ["-n", script, files @ ..] = words else { return false };
    let Some(lines) = script.strip_suffix('p') else { return false };
    let is_line = |it: &str| it == "$" || !it.is_empty() && it.chars().all(|c| c.is_ascii_digit());
    let mut lines = lines.split(',');
    lines.clone().count() <= 2 && lines.all(is_line) && !files.iter().any(|file| file.starts_with('-'))
}

pub(super) fn sysctl(words: &[&str]) -> bool {
    let read = options("aen", "", &["all", "values"], &[]).read(words);
    read.is_some_and(|read| read.plain.iter().all(|it| !it.contains('=')))
}

pub(super) fn timeout(words: &[&str]) -> bool {
    let Some((length, rest)) = words.split_first() else { return false };
    let is_length = length.trim_end_matches(['s', 'm', 'h']).chars().all(|c| c.is_ascii_digit() || c == '.');
    is_length && command(rest)
}

pub(super) fn uniq(words: &[&str]) -> bool {
    options("cdiuz", "fsw", &["count", "repeated", "unique", "ignore-case"], &[])
        .read(words)
        .is_some_and(|read| read.plain.len() <= 1)
}
