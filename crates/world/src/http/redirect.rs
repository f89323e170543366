//! Which addresses belong to one server: the rule for redirects and for every request.

use ureq::http::Uri;
use url::Url;

/// The target of a redirect, if scheme, host and port stay the same.
pub(super) fn target(from: &Uri, to: &str) -> Option<Uri> {
    let from = Url::parse(&from.to_string()).ok()?;
    let mut to = from.join(to).ok()?;
    if to.origin() != from.origin() {
        return None;
    }
    to.set_fragment(None);
    // The user of the configured address is kept, and nobody else's is taken.
    to.set_username(from.username()).ok()?;
    to.set_password(from.password()).ok()?;
    to.as_str().parse().ok()
}

/// Whether scheme, host and port are the same.
pub(super) fn same_server(one: &Uri, other: &Uri) -> bool {
    let origin = |uri: &Uri| Url::parse(&uri.to_string()).ok().map(|url| url.origin());
    origin(one).is_some_and(|origin_of_one| Some(origin_of_one) == origin(other))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_stays_with_its_server() {
        let from: Uri = "http://a.example:8080/x/y".parse().unwrap();
        let to = |to: &str| target(&from, to).map(|uri| uri.to_string());
        assert_eq!(to("/z").unwrap(), "http://a.example:8080/z");
        assert_eq!(to("z?a=1#part").unwrap(), "http://a.example:8080/x/z?a=1");
        assert_eq!(to("http://A.example:8080/z").unwrap(), "http://a.example:8080/z");
        assert_eq!(to("http://somebody:else@a.example:8080/z").unwrap(), "http://a.example:8080/z");
        for elsewhere in [
            "http://a.example/z",
            "https://a.example:8080/z",
            "//b.example/z",
            "http://b.example:8080/",
            "http://a.example:8080@b.example/",
            "\\\\b.example/z",
            "ftp:x",
        ] {
            assert_eq!(to(elsewhere), None, "{elsewhere}");
        }
        let with_user: Uri = "http://me:pw@a.example/x".parse().unwrap();
        assert_eq!(target(&with_user, "http://a.example/z").unwrap().to_string(), "http://me:pw@a.example/z");
    }

    #[test]
    fn a_port_that_is_left_out_is_the_usual_one() {
        let same = |one: &str, other: &str| same_server(&one.parse().unwrap(), &other.parse().unwrap());
        assert!(same("https://a.example/x", "https://A.example:443/y"));
        assert!(!same("http://a.example/x", "https://a.example/x"));
        assert!(!same("http://a.example", "http://a.example.b.example"));
        assert!(!same("/x", "/x"));
    }
}
