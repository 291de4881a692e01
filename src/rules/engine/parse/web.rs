//! Addresses of the internet: email, IP, pages.

use crate::base::EmailAddress;
use std::net::{IpAddr, SocketAddr};

/// One address in lower case, also from `mailto:` and `Name <address>`.
pub fn email(text: &str) -> Option<String> {
    let text = match text.split_at_checked(7) {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("mailto:") => rest.split('?').next()?,
        _ => text,
    };
    let address = match text.strip_suffix('>').and_then(|text| text.rsplit_once('<')) {
        // A name that is itself an address must be the same one, or two people are meant.
        Some((name, address)) if !name.contains('@') || name.trim().eq_ignore_ascii_case(address) => address,
        Some(_) => return None,
        None => text,
    };
    EmailAddress::parse(address).ok().map(|address| address.key().to_owned())
}

/// The address of a computer, without its port. Of a chain that proxies wrote, the first is the sender.
pub fn ip(text: &str) -> Option<String> {
    let mut chain = text.split(',').map(one_ip);
    let first = chain.next()??;
    chain.all(|other| other.is_some()).then(|| first.to_canonical().to_string())
}

fn one_ip(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let with_port = || text.parse::<SocketAddr>().ok().map(|socket| socket.ip());
    let in_brackets = || text.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    text.parse().ok().or_else(with_port).or_else(in_brackets)
}

/// A web URL, with its scheme and host in lower case. Without a scheme it is `http`.
pub fn url(text: &str) -> Option<String> {
    match text.split_once("://") {
        Some((scheme, rest)) => with_scheme(&scheme.to_ascii_lowercase(), rest),
        None => with_scheme("http", without_scheme(text)?),
    }
}

/// A text that begins with the name of a host. `javascript:…`, an email address and `1.5` do not.
fn without_scheme(text: &str) -> Option<&str> {
    let text = text.strip_prefix("//").unwrap_or(text);
    let host = text.split(['/', '?', '#', ':']).next()?;
    let (_, top) = host.rsplit_once('.')?;
    let is_top = top.chars().count() >= 2 && top.starts_with(char::is_alphabetic);
    (is_top && !text.split(['/', '?', '#']).next()?.contains('@')).then_some(text)
}

fn with_scheme(scheme: &str, rest: &str) -> Option<String> {
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let authority = authority.to_lowercase();
    let host = authority.rsplit_once('@').map_or(authority.as_str(), |(_, host)| host);
    let (name, port) = host.split_once(':').unwrap_or((host, ""));
    let named = |label: &str| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_'));
    let good = matches!(scheme, "http" | "https")
        && name.contains('.')
        && name.split('.').all(named)
        && port.bytes().all(|byte| byte.is_ascii_digit())
        && !path.contains(|c: char| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '"'));
    good.then(|| format!("{scheme}://{authority}{path}"))
}

/// The certificate is named by 40 hexadecimal digits on its one host. Without a scheme it is `https`.
pub fn trustedform_url(text: &str) -> Option<String> {
    let url = if text.contains("://") { url(text)? } else { with_scheme("https", without_scheme(text)?)? };
    let id = url.strip_prefix("https://cert.trustedform.com/")?;
    (id.len() == 40 && id.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(url)
}
