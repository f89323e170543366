//! [`TlsFiles`]: certificates that are trusted besides those of the machine, and the one that rbl shows.

use std::path::Path;
use std::sync::Arc;

use rbl_project::files::read_regular;
use rbl_project::setting::Setting;
use rbl_runtime::Secrets;
use rbl_syntax::value::{Reason, ReasonKind};
use serde::Deserialize;
use ureq::tls::{Certificate, ClientCert, PemItem, PrivateKey, RootCerts, TlsConfig, parse_pem};

use crate::secrets;

/// The keys of a section that name them. Files are relative to the directory of `rbl.toml`.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct TlsFiles {
    ca: Option<String>,
    client_certificate: Option<String>,
    client_key: Option<Setting>,
}

impl TlsFiles {
    /// Only certificates that are trusted besides those of the machine.
    pub(crate) fn trusting(ca: Option<String>) -> Self {
        Self { ca, ..Self::default() }
    }

    /// Whether a file says whom we trust.
    pub(crate) const fn names_whom_to_trust(&self) -> bool {
        self.ca.is_some()
    }

    /// Whom we trust: the machine's certificates and those of the file.
    ///
    /// Errors: the file cannot be read or holds no certificate.
    pub(crate) fn roots(&self, base: &Path) -> Result<rustls::RootCertStore, Reason> {
        let mut roots = rustls::RootCertStore::empty();
        // One that cannot be read vouches for nobody.
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if let Some(file) = &self.ca {
            for one in certificates(&base.join(file), "ca")? {
                roots.add(one.der().to_vec().into()).map_err(|_| {
                    refused(format!(
                        "`ca`: {} holds a certificate that cannot be read",
                        base.join(file).display()
                    ))
                })?;
            }
        }
        Ok(roots)
    }

    /// The settings of the library. Nothing is read where nothing is configured.
    ///
    /// Errors: a file cannot be read or holds no certificate, or of certificate and key one is missing.
    pub(super) fn config(&self, base: &Path, secrets: &Secrets) -> Result<TlsConfig, Reason> {
        let roots = match &self.ca {
            None => RootCerts::PlatformVerifier,
            Some(file) => {
                let machine = rustls_native_certs::load_native_certs().certs;
                let mut roots: Vec<Certificate<'static>> =
                    machine.iter().map(|one| Certificate::from_der(one.as_ref()).to_owned()).collect();
                roots.extend(certificates(&base.join(file), "ca")?);
                RootCerts::Specific(Arc::new(roots))
            }
        };
        let own = match (&self.client_certificate, &self.client_key) {
            (None, None) => None,
            (Some(file), Some(key)) => {
                let chain = certificates(&base.join(file), "client_certificate")?;
                let key = secrets::setting(secrets, key, base)?;
                let key = PrivateKey::from_pem(key.as_bytes())
                    .map_err(|_| refused("the `client_key` is not a private key in PEM".into()))?;
                Some(ClientCert::new_with_certs(&chain, key))
            }
            (Some(_), None) => {
                return Err(refused("there is a `client_certificate` and no `client_key`".into()));
            }
            (None, Some(_)) => {
                return Err(refused("there is a `client_key` and no `client_certificate`".into()));
            }
        };
        Ok(TlsConfig::builder().root_certs(roots).client_cert(own).build())
    }
}

impl TlsFiles {
    /// The same for what speaks TLS without that library: whom it trusts. It shows no certificate of its own.
    ///
    /// Errors: the file cannot be read or holds no certificate.
    pub(crate) fn client_config(&self, base: &Path) -> Result<rustls::ClientConfig, Reason> {
        let mut roots = rustls::RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if let Some(file) = &self.ca {
            let own = certificates(&base.join(file), "ca")?;
            roots.add_parsable_certificates(own.iter().map(|one| one.der().to_vec().into()));
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let versions =
            rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let versions = versions.map_err(|why| refused(why.to_string()))?;
        Ok(versions.with_root_certificates(roots).with_no_client_auth())
    }
}

/// The largest file of certificates that is read, in bytes.
pub(crate) const LARGEST_CERTIFICATES: u64 = 16 << 20;

/// The certificates in a file; at least one.
fn certificates(path: &Path, key: &str) -> Result<Vec<Certificate<'static>>, Reason> {
    let text = read_regular(path, LARGEST_CERTIFICATES, "certificate");
    let text = text.map_err(|why| refused(format!("{}: {why}", path.display())))?;
    let found: Vec<Certificate<'static>> = parse_pem(&text)
        .filter_map(|item| match item {
            Ok(PemItem::Certificate(one)) => Some(one),
            Ok(_) | Err(_) => None,
        })
        .collect();
    if found.is_empty() {
        return Err(refused(format!("`{key}`: {} holds no certificate in PEM", path.display())));
    }
    Ok(found)
}

fn refused(text: String) -> Reason {
    Reason::new(ReasonKind::Unreadable, text)
}
