//! Selects the proxy of a request: `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, and `NO_PROXY` with its subdomains.

use rbl_syntax::value::{Reason, ReasonKind};

/// The proxy for this scheme and host, from the environment.
pub(super) fn choose(scheme: &str, host: &str) -> Result<Option<ureq::Proxy>, Reason> {
    choose_from(&|name| std::env::var(name).ok(), scheme, host)
}

fn choose_from(
    environment: &dyn Fn(&str) -> Option<String>,
    scheme: &str,
    host: &str,
) -> Result<Option<ureq::Proxy>, Reason> {
    let variable = |name: &str| {
        [name.to_lowercase(), name.to_owned()].into_iter().find_map(|name| {
            environment(&name).filter(|value| !value.trim().is_empty()).map(|value| (name, value))
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
    use super::{choose_from, is_exempt};

    #[test]
    fn each_scheme_has_its_proxy() {
        let environment = |name: &str| match name {
            "http_proxy" => Some("http://one:3128".to_owned()),
            "HTTPS_PROXY" => Some("two:3129".to_owned()),
            "NO_PROXY" => Some("example.com".to_owned()),
            _ => None,
        };
        let proxy = |scheme: &str, host: &str| {
            let proxy = choose_from(&environment, scheme, host).unwrap();
            proxy.map(|proxy| format!("{}:{}", proxy.host(), proxy.port()))
        };
        assert_eq!(proxy("http", "a.b").as_deref(), Some("one:3128"));
        assert_eq!(proxy("https", "a.b").as_deref(), Some("two:3129"));
        assert_eq!(proxy("https", "api.example.com"), None);
        assert!(choose_from(&|_| None, "http", "a.b").unwrap().is_none());
        let broken = |name: &str| (name == "HTTP_PROXY").then(|| "http://".to_owned());
        assert!(choose_from(&broken, "http", "a.b").unwrap_err().text.contains("HTTP_PROXY"));
    }

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
