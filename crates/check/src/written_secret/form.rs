//! The forms of tokens that are recognisable by themselves.

/// The prefix of a kind of token, how many characters follow, and its name.
pub(super) struct TokenForm {
    pub(super) start: &'static str,
    pub(super) least: usize,
    pub(super) most: usize,
    pub(super) kind: fn(char) -> bool,
    pub(super) what: &'static str,
}

const fn form(
    start: &'static str,
    least: usize,
    most: usize,
    kind: fn(char) -> bool,
    what: &'static str,
) -> TokenForm {
    TokenForm { start, least, most, kind, what }
}

const ANY: usize = 4096;

/// Tokens that are recognisable by their form alone.
pub(super) const FORMS: &[TokenForm] = &[
    form("AKIA", 16, 16, upper_or_digit, "an access key of AWS"),
    form("ASIA", 16, 16, upper_or_digit, "an access key of AWS"),
    form("ghp_", 36, 36, alphanumeric, "a token of GitHub"),
    form("gho_", 36, 36, alphanumeric, "a token of GitHub"),
    form("ghu_", 36, 36, alphanumeric, "a token of GitHub"),
    form("ghs_", 36, ANY, wordlike, "a token of GitHub"),
    form("ghr_", 36, 76, alphanumeric, "a token of GitHub"),
    form("github_pat_", 40, 100, wordlike, "a token of GitHub"),
    form("glpat-", 20, 64, url_safe, "a token of GitLab"),
    form("xoxb-", 20, ANY, dashed, "a token of Slack"),
    form("xoxp-", 20, ANY, dashed, "a token of Slack"),
    form("xoxa-", 20, ANY, dashed, "a token of Slack"),
    form("xoxr-", 20, ANY, dashed, "a token of Slack"),
    form("xoxs-", 20, ANY, dashed, "a token of Slack"),
    form("xapp-", 20, ANY, dashed, "a token of Slack"),
    form("hooks.slack.com/services/", 30, ANY, path, "the address of a webhook of Slack"),
    form("sk_live_", 16, ANY, alphanumeric, "a key of Stripe"),
    form("rk_live_", 16, ANY, alphanumeric, "a key of Stripe"),
    form("AIza", 35, 35, url_safe, "a key of Google"),
    form("SG.", 40, 80, url_safe_dotted, "a key of SendGrid"),
    form("npm_", 36, 36, alphanumeric, "a token of npm"),
    form("dop_v1_", 64, 64, alphanumeric, "a token of DigitalOcean"),
    form("hvs.", 24, ANY, url_safe, "a token of Vault"),
    form("NRAK-", 27, 27, upper_or_digit, "a key of New Relic"),
];

fn upper_or_digit(c: char) -> bool {
    c.is_ascii_uppercase() || c.is_ascii_digit()
}

fn alphanumeric(c: char) -> bool {
    c.is_ascii_alphanumeric()
}

fn wordlike(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

fn dashed(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '-'
}

pub(super) fn url_safe(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '-' || c == '_'
}

pub(super) fn url_safe_dotted(c: char) -> bool {
    url_safe(c) || c == '.'
}

fn path(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '/'
}
