//! Where deliveries may connect to: public addresses, and the networks that `DELIVERY_ALLOW` lists (leads.md, section 5).
//! A name is resolved once, and the connection goes to the addresses that were checked, so a name that changes its
//! address between two lookups gains nothing.

use crate::{base::Problem, server::config::Config};
use ipnet::IpNet;
use reqwest::{
    Url,
    dns::{Addrs, Name, Resolve, Resolving},
};
use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

/// Maximum characters of a URL.
const MAX_URL: usize = 2_000;

/// Networks that are not public: the special-purpose registries of IANA, and IPv6 networks that contain IPv4 addresses.
const NOT_PUBLIC: [&str; 26] = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.31.196.0/24",
    "192.52.193.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "192.175.48.0/24",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
    // Only 2000::/3 is public.
    "::/3",
    "4000::/2",
    "8000::/1",
    "2001::/23",
    "2001:db8::/32",
    "2002::/16",
    "2620:4f:8000::/48",
    "3fff::/20",
];

/// The addresses that deliveries may connect to.
#[derive(Debug, Clone)]
pub struct Allowed {
    not_public: Arc<[IpNet]>,
    exceptions: Arc<[IpNet]>,
    plain_http: bool,
}

impl Allowed {
    pub fn of(config: &Config) -> Self {
        let not_public = NOT_PUBLIC.iter().filter_map(|network| network.parse().ok()).collect();
        Self { not_public, exceptions: config.delivery_allow.clone().into(), plain_http: !config.is_production() }
    }

    pub fn allows(&self, address: IpAddr) -> bool {
        let within = |networks: &[IpNet], address: IpAddr| networks.iter().any(|network| network.contains(&address));
        // The IPv4 address in `::ffff:127.0.0.1` is the one that is reached.
        let reached = address.to_canonical();
        within(&self.exceptions, reached) || !within(&self.not_public, reached)
    }

    /// Reads a URL as somebody has typed it. Names are resolved when a lead is sent.
    pub fn check(&self, text: &str) -> Result<Url, Problem> {
        let text = text.trim();
        if text.is_empty() {
            return Err(Problem::DeliveryUrlMissing);
        }
        let url = Url::parse(text).ok().filter(|_| text.len() <= MAX_URL).ok_or(Problem::DeliveryUrlUnreadable)?;
        match url.scheme() {
            "https" => {}
            "http" if self.plain_http => {}
            "http" => return Err(Problem::DeliveryUrlInsecure),
            _ => return Err(Problem::DeliveryUrlUnreadable),
        }
        if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
            return Err(Problem::DeliveryUrlHasUser);
        }
        if literal(&url).is_some_and(|address| !self.allows(address)) {
            return Err(Problem::DeliveryAddressPrivate);
        }
        Ok(url)
    }
}

/// The address in the URL itself, however its digits are written: the parser of URLs reads `127.1`, `0x7f000001` and
/// `2130706433` alike. The names of this machine count as its address.
fn literal(url: &Url) -> Option<IpAddr> {
    let host = url.host_str()?;
    let is_local = host == "localhost" || host.ends_with(".localhost") || host.ends_with(".localhost.");
    if is_local {
        return Some(IpAddr::from([127, 0, 0, 1]));
    }
    host.trim_start_matches('[').trim_end_matches(']').parse().ok()
}

/// A name leads to an address that deliveries may not connect to.
#[derive(Debug)]
pub struct NotAllowed;

impl fmt::Display for NotAllowed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name leads to an address that is not public")
    }
}

impl std::error::Error for NotAllowed {}

/// Resolves names to allowed addresses only. If one of them is not allowed, the name is refused as a whole.
pub struct Names(pub Allowed);

impl Resolve for Names {
    fn resolve(&self, name: Name) -> Resolving {
        let allowed = self.0.clone();
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            if found.iter().any(|address| !allowed.allows(address.ip())) {
                return Err(NotAllowed.into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(exceptions: &[&str], production: bool) -> Allowed {
        let mut config = Config::read(|_| None).unwrap();
        config.delivery_allow = exceptions.iter().map(|network| network.parse().unwrap()).collect();
        Allowed { plain_http: !production, ..Allowed::of(&config) }
    }

    #[test]
    fn only_public_addresses_are_allowed() {
        let usual = allowed(&[], true);
        assert_eq!(usual.not_public.len(), NOT_PUBLIC.len());
        for public in
            ["1.1.1.1", "8.8.8.8", "193.0.6.139", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "::ffff:8.8.8.8"]
        {
            assert!(usual.allows(public.parse().unwrap()), "{public}");
        }
        for private in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "127.255.255.255",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "198.18.0.1",
            "203.0.113.5",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "2001:db8::1",
            "2001::1",
            "2002:7f00:1::",
            "3fff::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "ff02::1",
        ] {
            assert!(!usual.allows(private.parse().unwrap()), "{private}");
        }
        let inside = allowed(&["10.0.0.0/8", "fd00::/8"], true);
        assert!(inside.allows("10.1.2.3".parse().unwrap()) && inside.allows("fd12::1".parse().unwrap()));
        assert!(inside.allows("::ffff:10.1.2.3".parse().unwrap()) && !inside.allows("127.0.0.1".parse().unwrap()));
    }

    #[test]
    fn a_url_says_what_is_wrong_with_it() {
        let check = |text: &str| allowed(&[], true).check(text).map(|url| url.to_string());
        assert_eq!(check(" https://leads.example/in?a=1 "), Ok("https://leads.example/in?a=1".to_owned()));
        assert!(check("https://leads.example:8443/in").is_ok());
        for (text, problem) in [
            ("", Problem::DeliveryUrlMissing),
            ("leads.example", Problem::DeliveryUrlUnreadable),
            ("ftp://leads.example", Problem::DeliveryUrlUnreadable),
            ("javascript:alert(1)", Problem::DeliveryUrlUnreadable),
            ("https://", Problem::DeliveryUrlUnreadable),
            ("http://leads.example/in", Problem::DeliveryUrlInsecure),
            ("https://ann:secret@leads.example/", Problem::DeliveryUrlHasUser),
            ("https://leads.example/#here", Problem::DeliveryUrlHasUser),
            ("https://127.0.0.1/", Problem::DeliveryAddressPrivate),
            ("https://127.1/", Problem::DeliveryAddressPrivate),
            ("https://2130706433/", Problem::DeliveryAddressPrivate),
            ("https://0x7f000001/", Problem::DeliveryAddressPrivate),
            ("https://0177.0.0.1/", Problem::DeliveryAddressPrivate),
            ("https://１２７.0.0.1/", Problem::DeliveryAddressPrivate),
            ("https://0/", Problem::DeliveryAddressPrivate),
            ("https://[::1]/", Problem::DeliveryAddressPrivate),
            ("https://[::ffff:7f00:1]/", Problem::DeliveryAddressPrivate),
            ("https://localhost/", Problem::DeliveryAddressPrivate),
            ("https://LOCALHOST:5432/", Problem::DeliveryAddressPrivate),
            ("https://a.localhost/", Problem::DeliveryAddressPrivate),
            ("https://169.254.169.254/latest/meta-data", Problem::DeliveryAddressPrivate),
        ] {
            assert_eq!(check(text), Err(problem), "{text}");
        }
        assert!(allowed(&["127.0.0.0/8"], false).check("http://localhost:8080/in").is_ok(), "in development");
    }
}
