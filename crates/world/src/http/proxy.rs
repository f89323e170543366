//! Selects the proxy of a server: `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, and `NO_PROXY` with names and their subdomains,
//! addresses, networks (`10.0.0.0/8`) and ports.

use std::net::{IpAddr, Ipv4Addr};

use ipnet::IpNet;
use rbl_runtime::{Secrets, base64_padded};
use rbl_syntax::value::{Reason, ReasonKind};
use ureq::http::Uri;

/// A proxy and the variable that it comes from.
#[derive(Debug, Clone)]
pub(super) struct ChosenProxy {
    pub(super) proxy: ureq::Proxy,
    variable: String,
}

impl ChosenProxy {
    /// Hides its password in messages.
    pub(super) fn hide(&self, secrets: &Secrets) {
        if let Some(password) = self.proxy.password() {
            secrets.hide(password);
            let user = self.proxy.username().unwrap_or_default();
            secrets.hide(&base64_padded(format!("{user}:{password}").as_bytes()));
        }
    }
}

/// As messages name it: `the proxy proxy.example:3128 (HTTPS_PROXY)`.
impl std::fmt::Display for ChosenProxy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the proxy {}:{} ({})", self.proxy.host(), self.proxy.port(), self.variable)
    }
}

/// The proxy for this server, from the environment.
pub(super) fn choose(server: &Uri) -> Result<Option<ChosenProxy>, Reason> {
    choose_from(&|name| std::env::var(name).ok(), server)
}

fn choose_from(
    environment: &dyn Fn(&str) -> Option<String>,
    server: &Uri,
) -> Result<Option<ChosenProxy>, Reason> {
    let variable = |name: &str| {
        [name.to_lowercase(), name.to_owned()].into_iter().find_map(|name| {
            environment(&name).filter(|value| !value.trim().is_empty()).map(|value| (name, value))
        })
    };
    let secure = server.scheme_str() == Some("https");
    let specific = if secure { "HTTPS_PROXY" } else { "HTTP_PROXY" };
    // Addresses of the own link (169.254.…: the identity of a machine in a cloud) are behind no proxy.
    if server.host().and_then(|host| host.parse::<Ipv4Addr>().ok()).is_some_and(|host| host.is_link_local()) {
        return Ok(None);
    }
    let Some((name, address)) = variable(specific).or_else(|| variable("ALL_PROXY")) else { return Ok(None) };
    let port = server.port_u16().unwrap_or(if secure { 443 } else { 80 });
    if variable("NO_PROXY").is_some_and(|(_, list)| is_exempt(&list, server.host().unwrap_or(""), port)) {
        return Ok(None);
    }
    match ureq::Proxy::new(address.trim()) {
        Ok(proxy) => Ok(Some(ChosenProxy { proxy, variable: name })),
        Err(_) => Err(Reason::new(ReasonKind::Unreachable, format!("{name} is not the address of a proxy"))),
    }
}

/// Whether a host and its port are on the list.
fn is_exempt(list: &str, host: &str, port: u16) -> bool {
    let host = host.trim_matches(['[', ']']).to_lowercase();
    list.split(',').map(|entry| entry.trim().to_lowercase()).any(|entry| covers(&entry, &host, port))
}

/// Whether an entry of the list covers a host: `*` every one, a network its addresses, a name itself and its subdomains; with a
/// port, only on that port.
fn covers(entry: &str, host: &str, port: u16) -> bool {
    if let Ok(network) = entry.parse::<IpNet>() {
        return host.parse::<IpAddr>().is_ok_and(|address| network.contains(&address));
    }
    // The last colon of an IPv6 address without brackets begins no port.
    let (name, only) = match entry.rsplit_once(':') {
        Some((name, port)) if !name.contains(':') || name.ends_with(']') => (name, port.parse::<u16>().ok()),
        _ => (entry, None),
    };
    if only.is_some_and(|only| only != port) {
        return false;
    }
    let name = name.trim_start_matches("*.").trim_start_matches('.').trim_matches(['[', ']']);
    if name == "*" {
        return true;
    }
    // An address has no subdomains.
    host.parse::<IpAddr>().map_or_else(
        |_| !name.is_empty() && (host == name || host.ends_with(&format!(".{name}"))),
        |address| name.parse::<IpAddr>().is_ok_and(|listed| listed == address),
    )
}

#[cfg(test)]
mod tests {
    use super::{Secrets, choose_from, is_exempt};

    #[test]
    fn each_scheme_has_its_proxy() {
        let environment = |name: &str| match name {
            "http_proxy" => Some("http://one:3128".to_owned()),
            "HTTPS_PROXY" => Some("two:3129".to_owned()),
            "NO_PROXY" => Some("example.com".to_owned()),
            _ => None,
        };
        let proxy = |server: &str| {
            let proxy = choose_from(&environment, &server.parse().unwrap()).unwrap();
            proxy.map(|proxy| proxy.to_string())
        };
        assert_eq!(proxy("http://a.b").as_deref(), Some("the proxy one:3128 (http_proxy)"));
        assert_eq!(proxy("https://a.b").as_deref(), Some("the proxy two:3129 (HTTPS_PROXY)"));
        assert_eq!(proxy("https://api.example.com"), None);
        assert!(choose_from(&|_| None, &"http://a.b".parse().unwrap()).unwrap().is_none());
        let broken = |name: &str| (name == "HTTP_PROXY").then(|| "http://".to_owned());
        let reason = choose_from(&broken, &"http://a.b".parse().unwrap()).unwrap_err();
        assert!(reason.text.contains("HTTP_PROXY"), "{reason}");
    }

    #[test]
    fn a_proxy_is_named_without_its_password() {
        let environment = |name: &str| (name == "ALL_PROXY").then(|| "http://me:h%40rd@one:3128".to_owned());
        let proxy = choose_from(&environment, &"http://a.b".parse().unwrap()).unwrap().unwrap();
        assert_eq!(proxy.to_string(), "the proxy one:3128 (ALL_PROXY)");
        let secrets = Secrets::of_connection();
        proxy.hide(&secrets);
        assert_eq!(secrets.redact("h@rd h%40rd bWU6aEByZA=="), "••• ••• •••");
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
            assert!(is_exempt(list, host, 80), "{list} {host}");
        }
        for (list, host) in [("", "a"), ("example.com", "badexample.com"), ("a.b", "b"), (",", "a")] {
            assert!(!is_exempt(list, host, 80), "{list} {host}");
        }
    }

    #[test]
    fn an_entry_may_be_a_network_or_have_a_port() {
        for (list, host, port) in [
            ("10.0.0.0/8", "10.1.2.3", 9090),
            ("fd00::/8", "[fd12::1]", 443),
            ("0:0:0:0:0:0:0:1", "[::1]", 80),
            ("127.0.0.1:9090", "127.0.0.1", 9090),
            ("[::1]:9090", "[::1]", 9090),
            ("example.com:8443", "api.example.com", 8443),
            ("*:9090", "anything", 9090),
        ] {
            assert!(is_exempt(list, host, port), "{list} {host} {port}");
        }
        for (list, host, port) in [
            ("10.0.0.0/8", "11.1.2.3", 80),
            ("10.0.0.0/8", "10.example", 80),
            ("127.0.0.1:9090", "127.0.0.1", 9091),
            ("[::1]:9090", "[::1]", 80),
            ("example.com:8443", "example.com", 443),
            ("0.1", "10.0.0.1", 80),
        ] {
            assert!(!is_exempt(list, host, port), "{list} {host} {port}");
        }
    }
}
