//! Looks up the host of an address.

use std::net::SocketAddr;

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

/// The library's resolver, which looks a name up in a thread of its own so that the look-up can end in time. A host that is written as
/// numbers needs neither.
#[derive(Debug, Default)]
pub(super) struct HostResolver(DefaultResolver);

impl Resolver for HostResolver {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let written = uri.scheme().zip(uri.authority());
        let address =
            written.and_then(|(scheme, authority)| DefaultResolver::host_and_port(scheme, authority));
        let Some(address) = address.and_then(|address| address.parse::<SocketAddr>().ok()) else {
            return self.0.resolve(uri, config, timeout);
        };
        let mut addresses = self.empty();
        addresses.push(address);
        Ok(addresses)
    }
}
