//! Which addresses may be told. Whoever configures a project could otherwise have the server speak to what only it can reach: the
//! databases beside it, the metadata service of its cloud.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::http::Uri;
use hyper_util::client::legacy::connect::dns::{GaiResolver, Name};
use tower_service::Service;

/// Longest URL, in bytes.
const URL_BYTES: usize = 2048;

/// Checks what somebody wrote as an address.
pub fn check_url(text: &str, private: bool) -> Result<String, String> {
    let text = text.trim();
    let uri: Uri = text.parse().map_err(|_| "url: is no URL such as https://example.com/hook".to_owned())?;
    if text.len() > URL_BYTES {
        return Err(format!("url: has {} bytes; at most {URL_BYTES} are kept", text.len()));
    }
    if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
        return Err("url: holds a name or a password; what is sent is signed instead".to_owned());
    }
    match (uri.scheme_str(), uri.host()) {
        (Some("https"), Some(_)) => {}
        (Some("http"), Some(_)) if private => {}
        (Some("http"), Some(_)) => {
            return Err("url: starts with http; what reviewers say goes by https only".to_owned());
        }
        _ => return Err("url: is no URL such as https://example.com/hook".to_owned()),
    }
    if !private && literal(&uri).is_some_and(|ip| !is_public(ip)) {
        return Err(format!("url: {PRIVATE}"));
    }
    Ok(text.to_owned())
}

/// What is wrong with a private address.
pub(super) const PRIVATE: &str =
    "leads into a private network; the server's operator can allow that with CONCORD_WEBHOOK_PRIVATE=1";

/// The host of a URL, where it is written as numbers.
pub(super) fn literal(uri: &Uri) -> Option<IpAddr> {
    let host = uri.host()?;
    host.trim_start_matches('[').trim_end_matches(']').parse().ok()
}

/// Whether an address is one of the public internet.
pub fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let special = ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_broadcast()
        || ip.is_documentation()
        || ip.is_multicast();
    // This network, carriers, protocol assignments, benchmarks, reserved.
    let kept =
        a == 0 || (a == 100 && b & 0xc0 == 64) || (a, b, c) == (192, 0, 0) || (a == 198 && b & 0xfe == 18) || a >= 240;
    !special && !kept
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    if let Some(inner) = ip.to_ipv4_mapped() {
        return is_public_v4(inner);
    }
    match ip.segments() {
        // Translated to IPv4 on the way.
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => {
            let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
            is_public_v4(Ipv4Addr::new(a, b, c, d))
        }
        [0x2001, 0xdb8, ..] => false,
        // What is given out of the whole is 2000::/3.
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

/// Looks names up and leaves out what may not be told. The connection goes to what this answers, so a name that answers one thing when
/// it is checked and another when it is used gains nothing.
#[derive(Debug, Clone)]
pub(super) struct Resolver {
    inner: GaiResolver,
    private: bool,
}

impl Resolver {
    pub(super) fn new(private: bool) -> Self {
        Self { inner: GaiResolver::new(), private }
    }
}

type Addresses = std::vec::IntoIter<SocketAddr>;

impl Service<Name> for Resolver {
    type Response = Addresses;
    type Error = std::io::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Addresses, std::io::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let (found, private) = (self.inner.call(name), self.private);
        Box::pin(async move {
            let all: Vec<SocketAddr> = found.await?.collect();
            let any = !all.is_empty();
            let allowed: Vec<_> = all.into_iter().filter(|found| private || is_public(found.ip())).collect();
            match allowed.is_empty() && any {
                true => Err(std::io::Error::new(std::io::ErrorKind::PermissionDenied, PRIVATE)),
                false => Ok(allowed.into_iter()),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_addresses_are_told_from_public_ones() {
        for public in ["1.1.1.1", "93.184.216.34", "2606:4700::1111", "64:ff9b::101:101", "::ffff:8.8.8.8"] {
            assert!(is_public(public.parse().expect("an address")), "{public}");
        }
        let private = [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "192.0.0.8",
            "198.18.0.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::1",
            "::",
            "fe80::1",
            "fc00::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "2001:db8::1",
        ];
        for private in private {
            assert!(!is_public(private.parse().expect("an address")), "{private}");
        }
    }

    #[test]
    fn urls_are_checked_as_they_are_written() {
        assert_eq!(check_url(" https://example.com/hook?a=1 ", false).as_deref(), Ok("https://example.com/hook?a=1"));
        assert_eq!(check_url("http://127.0.0.1:9/", true).as_deref(), Ok("http://127.0.0.1:9/"));
        for (wrong, hint) in [
            ("example.com/hook", "is no URL"),
            ("ftp://example.com", "is no URL"),
            ("http://example.com", "by https only"),
            ("https://me:secret@example.com", "a password"),
            ("https://169.254.169.254/latest", "private network"),
            ("https://[::1]/", "private network"),
        ] {
            assert!(check_url(wrong, false).is_err_and(|why| why.contains(hint)), "{wrong}");
        }
    }

    #[tokio::test]
    async fn a_name_of_a_private_address_is_not_resolved() {
        let mut resolver = Resolver::new(false);
        let refused = resolver.call("localhost".parse().expect("a name")).await;
        assert!(refused.is_err_and(|error| error.to_string().contains("private network")));
        let mut resolver = Resolver::new(true);
        assert!(resolver.call("localhost".parse().expect("a name")).await.is_ok_and(|found| found.count() > 0));
    }
}
