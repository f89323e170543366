//! Resolves host names to addresses.

use std::iter::once;
use std::net::SocketAddr;

use ureq::Error;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::http::uri::Scheme;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

/// Uses an address as it is, and asks the system for a name. *Why:* the client resolves on a thread, even what is an
/// address already; that would be a thread for every reading.
#[derive(Debug, Default)]
pub(super) struct Resolve(DefaultResolver);

impl Resolver for Resolve {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, Error> {
        let Some(address) = address(uri) else { return self.0.resolve(uri, config, timeout) };
        let mut addresses = self.empty();
        config.ip_family().keep_wanted(once(address)).for_each(|address| addresses.push(address));
        if addresses.is_empty() { Err(Error::HostNotFound) } else { Ok(addresses) }
    }
}

/// The address in a URI, if it is one: `http://127.0.0.1:9090/x`, `https://[::1]`.
fn address(uri: &Uri) -> Option<SocketAddr> {
    let scheme = uri.scheme().filter(|scheme| **scheme == Scheme::HTTP || **scheme == Scheme::HTTPS)?;
    DefaultResolver::host_and_port(scheme, uri.authority()?)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_address_is_one() {
        let address = |uri: &str| address(&uri.parse().unwrap()).map(|address| address.to_string());
        assert_eq!(address("http://127.0.0.1:9090/x?y").as_deref(), Some("127.0.0.1:9090"));
        assert_eq!(address("https://10.0.0.1").as_deref(), Some("10.0.0.1:443"));
        assert_eq!(address("http://[::1]/x").as_deref(), Some("[::1]:80"));
        for name in
            ["http://localhost:9090", "http://10.0.0", "http://127.1:80", "http://a.example/127.0.0.1", "/x"]
        {
            assert_eq!(address(name), None, "{name}");
        }
    }
}
