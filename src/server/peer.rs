//! The network address of a caller, and the network it counts as for rate limits.

use axum::{
    extract::{ConnectInfo, Request},
    http::{HeaderMap, HeaderName},
};
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The peer of the connection or, behind our own proxies, the address that the outermost of them saw. Entries further
/// left in `X-Forwarded-For` come from the caller and are never read.
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

/// What counts as one caller: an IPv4 address, or the /64 that an IPv6 subscriber has. `None` for loopback, which is a
/// proxy missing from the configuration: everyone behind it would count as one caller.
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
}
