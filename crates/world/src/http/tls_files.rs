//! [`TlsFiles`]: certificates that are trusted besides those of the machine, and the one that rbl shows.

use std::path::Path;
use std::sync::Arc;

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

/// The certificates in a file; at least one.
fn certificates(path: &Path, key: &str) -> Result<Vec<Certificate<'static>>, Reason> {
    let text = std::fs::read(path).map_err(|error| {
        let why = rbl_syntax::io_error::reading(&error);
        Reason::new(ReasonKind::Unreadable, format!("{}: {why}", path.display()))
    })?;
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
