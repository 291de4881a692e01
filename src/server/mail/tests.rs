//! Names of every odd kind in whole emails: none becomes a link, a header or a decoded word.

use super::{
    Letter, Link, MailSecret, Rendered, render,
    smtp::{ReadyMail, compose},
};
use crate::{
    base::{Id, MailId},
    server::config::{BaseUrl, Config},
};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use regex_automata::meta::Regex;
use time::OffsetDateTime;

const PIECES: &[&str] = &[
    "Acme",
    "evil.com",
    "https://evil.com/x?y",
    "HTTP://evil",
    "www.evil",
    "WWW.1und1.de",
    "bob@evil.co.uk",
    "mailto:bob@evil.com",
    "javascript:alert(1)",
    "tel:+15550100",
    "10.0.0.1",
    "http://[::1]/",
    "evil\u{3002}com",
    "münchen.example",
    "=?utf-8?q?x?=",
    "=?utf-8?b?ZXZpbC5jb20=?=",
    "=?",
    "\r\nBcc: all@evil.com",
    "\n\n<script>",
    "\0",
    "\u{202e}moc.live",
    "\"quoted\" <x@evil.com>",
    "ü",
    " ",
    "(",
    ".",
    ",",
    ":",
    "/",
];

/// Every pair of pieces, and pseudo-random rows of several.
fn odd_names() -> Vec<String> {
    let pairs = PIECES.iter().flat_map(|one| PIECES.iter().map(move |other| format!("{one}{other}")));
    let mut seed = 20_261_128_u64;
    let mut next = move || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        PIECES[usize::try_from(seed >> 33).unwrap() % PIECES.len()]
    };
    let rows = (0..200).map(|length| (0..=length % 6).map(|_| next()).collect::<String>());
    pairs.chain(rows.collect::<Vec<_>>()).collect()
}

fn letter(name: &str) -> Letter {
    Letter::new(&format!("{name} invites you"), &format!("{name} invites you"))
        .preheader(name)
        .text(&format!("{name} buys leads. {name}"))
        .facts([("Company", name), ("Invited", "ann@buyer.example")])
        .note(name, name)
        .button("Open the invitation", Link::secret("/i/"))
        .plain_link("Or open this link:", Link::secret("/i/"))
        .list([name])
        .small_print(name)
        .why(&format!("{name} invited you."))
        .stop(Link::stop("/stop/"))
        .mentioning("ann@buyer.example")
}

fn rendered(name: &str) -> Rendered {
    let secret = MailSecret { link: "5ec3e7".to_owned(), stop: Some("57009".to_owned()) };
    render(&letter(name), &BaseUrl::parse("https://accord.test").unwrap(), Some(&secret)).unwrap()
}

/// What mail programs turn into links.
fn link() -> Regex {
    let shapes = [
        r"[a-z]+://",
        r"www\.\S",
        r"[\p{L}\d-][.\x{3002}\x{ff0e}\x{ff61}]\p{L}{2}",
        r"\d+\.\d+\.\d+\.\d+",
        r"\b(mailto|tel|javascript):\S",
    ];
    Regex::new(&format!("(?i)({})", shapes.join("|"))).unwrap()
}

fn without_ours(text: &str) -> String {
    let ours = ["https://accord.test/i/5ec3e7", "https://accord.test/stop/57009", "https://accord.test"];
    ours.iter().chain(&["ann@buyer.example"]).fold(text.to_owned(), |text, url| text.replace(url, ""))
}

fn message(name: &str, content: Rendered) -> String {
    let config = Config::read(|_| None).unwrap();
    let (id, to) = (MailId::from_bytes([7; 12]), "bo@seller.example".to_owned());
    let to_name = super::clean_line(name);
    let mail = ReadyMail { id, to, to_name, reply_to: Some("ann@buyer.example".to_owned()), content };
    String::from_utf8(compose(&mail, &config, OffsetDateTime::UNIX_EPOCH).unwrap().formatted()).unwrap()
}

/// The unfolded headers.
fn headers(source: &str) -> Vec<String> {
    let (head, _) = source.split_once("\r\n\r\n").unwrap();
    head.replace("\r\n ", " ").replace("\r\n\t", "\t").split("\r\n").map(ToOwned::to_owned).collect()
}

/// A header's text as mail programs show it.
fn decoded(header: &str) -> String {
    let mut parts = header.split("=?utf-8?b?");
    let mut whole = parts.next().unwrap().to_owned();
    for part in parts {
        let (word, rest) = part.split_once("?=").unwrap();
        whole.push_str(&String::from_utf8(BASE64_STANDARD.decode(word).unwrap()).unwrap());
        // White space between two words is no text.
        whole.push_str(if rest == " " { "" } else { rest });
    }
    whole
}

#[test]
fn no_odd_name_becomes_a_link_in_subject_text_or_html() {
    let link = link();
    for name in odd_names() {
        let mail = rendered(&name);
        let text = without_ours(&mail.text);
        assert!(!link.is_match(&text), "{name:?} in {text}");
        assert!(!link.is_match(&mail.subject), "{name:?} in {}", mail.subject);
        let (_, body) = mail.html.split_once("<body").unwrap();
        let body = without_ours(body);
        assert!(!link.is_match(&body), "{name:?} in {body}");
        assert_eq!(mail.links, ["https://accord.test/i/5ec3e7", "https://accord.test/stop/57009"]);
    }
}

#[test]
fn no_odd_name_adds_a_header_or_reads_differently_in_one() {
    let words = Regex::new(r"=\?[^ ]*\?=").unwrap();
    let usual = headers(&message("Acme", rendered("Acme"))).len();
    for name in odd_names() {
        let mail = rendered(&name);
        let subject = mail.subject.clone();
        let source = message(&name, mail);
        let headers = headers(&source);
        assert_eq!(headers.len(), usual, "{name:?}: {headers:?}");
        assert!(source.is_ascii());
        let shown: Vec<_> = headers.iter().filter(|header| header.starts_with("Subject: ")).collect();
        if subject.contains("=?") {
            assert_eq!(shown.iter().map(|header| decoded(header)).collect::<Vec<_>>(), [format!("Subject: {subject}")]);
        }
        let to = headers.iter().find(|header| header.starts_with("To: ")).unwrap();
        assert!(to.ends_with("bo@seller.example") || to.ends_with("<bo@seller.example>"), "{to}");
        for word in headers.iter().flat_map(|header| words.find_iter(header).map(|found| &header[found.range()])) {
            assert!(word.starts_with("=?utf-8?b?") && !PIECES.contains(&word), "{name:?}: {headers:?}");
        }
    }
}
