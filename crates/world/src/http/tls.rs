//! Why there is no secure connection, in words: decided by the types of `rustls`, not by its texts.

use rbl_syntax::one_line;
use rustls::{CertificateError, Error};

/// What is wrong with the other side, as the end of a sentence.
pub(crate) fn cause(error: &Error) -> String {
    match error {
        Error::InvalidCertificate(why) => certificate(why).to_owned(),
        Error::InvalidMessage(_) => "it does not speak TLS".to_owned(),
        other => one_line(&other.to_string()),
    }
}

/// The error of `rustls` in an error of input or output, however deep.
pub(crate) fn inside(error: &std::io::Error) -> Option<&Error> {
    let mut next: Option<&(dyn std::error::Error + 'static)> = error.get_ref().map(|inner| inner as _);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<Error>() {
            return Some(found);
        }
        // The source of a wrapped error leaves out that error itself.
        next = match error.downcast_ref::<std::io::Error>() {
            Some(io) => io.get_ref().map(|inner| inner as _),
            None => error.source(),
        };
    }
    None
}

/// Whether nobody that is trusted vouches for the certificate.
pub(crate) fn is_untrusted(why: &CertificateError) -> bool {
    match why {
        CertificateError::UnknownIssuer => true,
        // A certificate that signed itself, as `openssl req -x509` makes them.
        CertificateError::Other(other) => {
            matches!(other.0.downcast_ref(), Some(webpki::Error::CaUsedAsEndEntity))
        }
        _ => false,
    }
}

fn certificate(why: &CertificateError) -> &'static str {
    match why {
        other if is_untrusted(other) => "nobody that this machine trusts vouches for its certificate",
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => "its certificate has expired",
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "its certificate is for another name"
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "its certificate is not valid yet"
        }
        _ => "its certificate is not accepted",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustls::{InvalidMessage, OtherError};
    use std::io;
    use std::sync::Arc;

    #[test]
    fn the_usual_causes_have_words() {
        let of = |why| cause(&Error::InvalidCertificate(why));
        let other = |why: webpki::Error| CertificateError::Other(OtherError(Arc::new(why)));
        assert_eq!(of(CertificateError::Expired), "its certificate has expired");
        assert_eq!(of(CertificateError::NotValidForName), "its certificate is for another name");
        assert!(of(CertificateError::UnknownIssuer).starts_with("nobody that this machine trusts"));
        assert!(of(other(webpki::Error::CaUsedAsEndEntity)).starts_with("nobody that this machine trusts"));
        assert_eq!(of(other(webpki::Error::BadDer)), "its certificate is not accepted");
        assert_eq!(of(CertificateError::Revoked), "its certificate is not accepted");
        assert_eq!(
            cause(&Error::InvalidMessage(InvalidMessage::InvalidContentType)),
            "it does not speak TLS"
        );
        assert_eq!(cause(&Error::HandshakeNotComplete), "handshake not complete");
    }

    #[test]
    fn the_cause_is_found_however_deep() {
        let bare = || io::Error::new(io::ErrorKind::InvalidData, Error::HandshakeNotComplete);
        assert_eq!(inside(&bare()), Some(&Error::HandshakeNotComplete));
        assert_eq!(inside(&io::Error::other(bare())), Some(&Error::HandshakeNotComplete));
        assert_eq!(inside(&io::Error::other("handshake not complete")), None);
        assert_eq!(inside(&io::Error::from_raw_os_error(13)), None);
    }
}
