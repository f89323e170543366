//! Which proxy a request goes through: `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, and `NO_PROXY` with its subdomains.

use crate::value::{Reason, ReasonKind};

/// The proxy for this scheme and host, as the environment says.
pub(super) fn choose(scheme: &str, host: &str) -> Result<Option<ureq::Proxy>, Reason> {
    let variable = |name: &str| {
        [name.to_lowercase(), name.to_owned()].into_iter().find_map(|name| {
            std::env::var(&name).ok().filter(|value| !value.trim().is_empty()).map(|value| (name, value))
        })
    };
    let specific = if scheme == "https" { "HTTPS_PROXY" } else { "HTTP_PROXY" };
    let Some((name, address)) = variable(specific).or_else(|| variable("ALL_PROXY")) else { return Ok(None) };
    if variable("NO_PROXY").is_some_and(|(_, list)| is_exempt(&list, host)) {
        return Ok(None);
    }
    ureq::Proxy::new(address.trim())
        .map(Some)
        .map_err(|_| Reason::new(ReasonKind::Unreachable, format!("{name} is not the address of a proxy")))
}

/// Whether a host is on the list: itself, or as a subdomain of an entry; `*` is every host.
fn is_exempt(list: &str, host: &str) -> bool {
    let host = host.trim_matches(['[', ']']).to_lowercase();
    list.split(',').map(|entry| entry.trim().to_lowercase()).any(|entry| {
        let entry = entry.trim_start_matches("*.").trim_start_matches('.').trim_matches(['[', ']']);
        entry == "*" || !entry.is_empty() && (host == entry || host.ends_with(&format!(".{entry}")))
    })
}

#[cfg(test)]
mod tests {
    use super::is_exempt;

    #[test]
    fn an_entry_covers_its_subdomains() {
        for (list, host) in [
            ("example.com", "example.com"),
            ("example.com", "api.example.com"),
            (".example.com", "api.example.com"),
            ("*.example.com", "api.example.com"),
            ("a, B.Example", "x.b.example"),
            ("*", "anything"),
            ("::1", "[::1]"),
        ] {
            assert!(is_exempt(list, host), "{list} {host}");
        }
        for (list, host) in [("", "a"), ("example.com", "badexample.com"), ("a.b", "b"), (",", "a")] {
            assert!(!is_exempt(list, host), "{list} {host}");
        }
    }
}
