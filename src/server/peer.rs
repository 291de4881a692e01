//! The network address of a caller, and the network it counts as for rate limits.

use super::config::Config;
use axum::{
    extract::{ConnectInfo, Request},
    http::{HeaderMap, HeaderName},
};
use std::{
    net::{IpAddr, Ipv6Addr, SocketAddr},
    sync::Once,
};

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The peer of the connection or, behind our own proxies, the address that the outermost of them saw. Entries further
/// left in `X-Forwarded-For` come from the caller and are never read. A request with fewer entries than proxies did not
/// pass all of them; it counts as its peer, which nobody can forge, so leaving entries out gains no further buckets.
pub fn address(request: &Request, trusted_proxies: usize) -> Option<IpAddr> {
    let forwarded = (trusted_proxies > 0).then(|| forwarded(request.headers(), trusted_proxies)).flatten();
    let peer = || request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    forwarded.or_else(peer).map(|address| address.to_canonical())
}

fn forwarded(headers: &HeaderMap, from_the_right: usize) -> Option<IpAddr> {
    let lines: Vec<_> = headers.get_all(FORWARDED_FOR).iter().filter_map(|line| line.to_str().ok()).collect();
    lines.iter().rev().flat_map(|line| line.rsplit(',')).nth(from_the_right - 1).and_then(parse)
}

/// Accepts an address with a port, because some proxies add it.
fn parse(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    text.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|socket| socket.ip()))
}

/// What counts as one caller for rate limits. In production loopback counts too: it is a program on this machine, or a
/// proxy missing from the configuration, and not counting it would switch off all limits by address.
pub fn counted(address: IpAddr, config: &Config) -> Option<IpAddr> {
    static WARNED: Once = Once::new();
    let network = network(address);
    if network.is_some() || !config.is_production() {
        return network;
    }
    if config.trusted_proxies == 0 {
        WARNED.call_once(|| {
            tracing::warn!(
                "a request came from this machine, but TRUSTED_PROXIES is 0; all requests through a proxy here share one rate limit"
            );
        });
    }
    Some(Ipv6Addr::LOCALHOST.into())
}

/// What counts as one caller: an IPv4 address, or the /64 that an IPv6 subscriber has. `None` for loopback.
pub fn network(address: IpAddr) -> Option<IpAddr> {
    match address {
        _ if address.is_loopback() => None,
        IpAddr::V4(_) => Some(address),
        IpAddr::V6(v6) => Some(Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX)).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    fn request(lines: &[&str]) -> Request {
        let mut request = Request::new(Body::empty());
        for line in lines {
            request.headers_mut().append(FORWARDED_FOR, line.parse().unwrap());
        }
        let peer: SocketAddr = "10.0.0.1:4000".parse().unwrap();
        request.extensions_mut().insert(ConnectInfo(peer));
        request
    }

    #[test]
    fn only_entries_written_by_trusted_proxies_are_used() {
        let seen = |lines: &[&str], proxies| address(&request(lines), proxies).unwrap().to_string();
        assert_eq!(seen(&["1.1.1.1, 2.2.2.2"], 0), "10.0.0.1");
        assert_eq!(seen(&["1.1.1.1, 2.2.2.2"], 1), "2.2.2.2");
        assert_eq!(seen(&["1.1.1.1", "2.2.2.2:80, 3.3.3.3"], 2), "2.2.2.2");
        assert_eq!(seen(&["[2001:db8::7]:80"], 1), "2001:db8::7");
        assert_eq!(seen(&["::ffff:4.4.4.4"], 1), "4.4.4.4");
        for unreadable in [&[][..], &["nonsense"], &["1.1.1.1,"]] {
            assert_eq!(seen(unreadable, 1), "10.0.0.1", "{unreadable:?}");
        }
        assert_eq!(seen(&["1.1.1.1"], 2), "10.0.0.1", "bypassed a proxy");
    }

    #[test]
    fn an_ipv6_subscriber_counts_as_one_caller_and_loopback_is_ignored() {
        let of = |text: &str| network(text.parse().unwrap()).map(|network| network.to_string());
        assert_eq!(of("192.0.2.7").as_deref(), Some("192.0.2.7"));
        assert_eq!(of("2001:db8:1:2:3:4:5:6").as_deref(), Some("2001:db8:1:2::"));
        assert_eq!((of("127.0.0.1"), of("::1")), (None, None));
    }

    #[test]
    fn loopback_counts_as_one_caller_in_production_only() {
        let config = |environment: &str| {
            let value = |name: &str| match name {
                "ACCORD_ENV" => Some(environment.to_owned()),
                "DATABASE_URL" | "SMTP_URL" => Some("postgres://x".to_owned()),
                "MAIL_FROM" | "OPERATOR_EMAIL" => Some("a@b.example".to_owned()),
                "BASE_URL" => Some("https://accord.example".to_owned()),
                "SECRET_KEY" => Some("0123456789abcdef0123456789abcdef".to_owned()),
                _ => None,
            };
            Config::read(value).unwrap()
        };
        let of = |text: &str, environment| {
            counted(text.parse().unwrap(), &config(environment)).map(|network| network.to_string())
        };
        for loopback in ["127.0.0.1", "127.9.9.9", "::1"] {
            assert_eq!(of(loopback, "production").as_deref(), Some("::1"), "{loopback}");
            assert_eq!(of(loopback, "development"), None, "{loopback}");
        }
        assert_eq!(of("192.0.2.7", "production"), of("192.0.2.7", "development"));
    }
}
