use super::{EmailProblem::*, *};

fn address(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

#[track_caller]
fn rejected(text: &str, problem: EmailProblem) {
    assert_eq!(EmailAddress::parse(text).err(), Some(problem), "{text:?}");
}

#[test]
fn an_address_is_shown_as_typed_and_compared_in_lower_case() {
    let maria = address("  Maria.Garcia+Leads@Example.COM\t");
    assert_eq!(maria.shown(), "Maria.Garcia+Leads@Example.COM");
    assert_eq!(maria.key(), "maria.garcia+leads@example.com");
    assert_eq!(maria.deliverable(), "Maria.Garcia+Leads@example.com");
    assert_eq!(maria, address("maria.garcia+leads@example.com"));
    assert_ne!(maria, address("maria.garcia@example.com"));
}

#[test]
fn plain_addresses_are_accepted() {
    for text in [
        "a@b.co",
        "o'neill@example.com",
        "x_y-z=1@sub.example.co.uk",
        "!#$&*+/?^{|}~@example.com",
        "a@3m.com",
        "a@xn--bcher-kva.example",
    ] {
        assert_eq!(address(text).key(), text.to_lowercase());
    }
}

#[test]
fn all_spellings_of_a_domain_have_the_same_key() {
    let composed = address("a@bücher.example");
    assert_eq!(composed.key(), "a@xn--bcher-kva.example");
    assert_eq!(composed.deliverable(), "a@xn--bcher-kva.example");
    assert_eq!(composed, address("A@BÜCHER.example"));
    assert_eq!(composed, address("a@bu\u{308}cher.example"));
    assert_eq!(composed, address("a@xn--bcher-kva.example"));
}

#[test]
fn look_alikes_are_never_equal() {
    // A Cyrillic а or a dotless ı in the domain.
    assert_ne!(address("a@\u{430}pple.com"), address("a@apple.com"));
    assert_ne!(address("a@m\u{131}ke.com"), address("a@mike.com"));
    // Likewise before the `@`. The Kelvin sign and the long s become ASCII in lower or upper case.
    for local in ["m\u{131}ke", "\u{430}da", "mi\u{212a}e", "\u{17f}am", "\u{ff4d}ike", "i\u{307}"] {
        rejected(&format!("{local}@example.com"), NotAnAddress);
    }
}

#[test]
fn addresses_that_other_programs_would_send_elsewhere_are_rejected() {
    for text in [
        "a\u{ff20}example.com",
        "a@evil.com\u{ff20}example.com",
        "a\u{fe6b}example.com",
        "a@\u{ff45}xample.com",
        "a@example\u{3002}com",
        "a@example\u{ff0e}com",
        "a@exam\u{ad}ple.com",
        "a@exam\u{200b}ple.com",
        "a@exam\u{2060}ple.com",
        "a@\u{212a}elvin.com",
        "a%b@example.com",
        "a@b.com%0a@example.com",
        "a%0d%0abcc:x@example.com",
        "@relay.com:a@example.com",
        "relay.com!a@example.com@x",
        "<a@example.com>",
        "A <a@example.com>",
        "mailto:a@example.com",
    ] {
        rejected(text, NotAnAddress);
    }
}

#[test]
fn a_pasted_address_is_read_without_what_is_around_it() {
    for text in [
        "maria@example.com",
        "\u{200b}maria@example.com\u{feff}",
        "\u{a0}\u{2068}maria@example.com\u{2069}\u{202f}",
        "\u{202a} maria@example.com \u{202c}\u{200e}",
        "<maria@example.com>",
        "Maria Garcia <maria@example.com>",
        "\"Garcia, Maria\" <maria@example.com>\u{200b}",
        "Maria\u{a0}<\u{200b}maria@example.com\u{200b}>",
        "Maria@Example.com <maria@example.com>",
    ] {
        assert_eq!(
            EmailAddress::parse_typed(text).map(|address| address.key().to_owned()),
            Ok("maria@example.com".to_owned()),
            "{text:?}"
        );
    }
    for (text, problem) in [
        ("\u{200b}\u{a0}", Empty),
        ("Maria <>", Empty),
        ("Maria", NotAnAddress),
        ("Maria <maria>", NotAnAddress),
        ("maria@exam\u{200b}ple.com", NotAnAddress),
        ("maria\u{202e}@example.com", NotAnAddress),
        ("maria@example.com>", NotAnAddress),
        ("Maria <maria@example.com> Garcia", NotAnAddress),
        ("other@example.com <maria@example.com>", SeveralAddresses),
        ("Ann <ann@example.com>, Maria <maria@example.com>", SeveralAddresses),
        ("<ann@example.com> <maria@example.com>", SeveralAddresses),
    ] {
        assert_eq!(EmailAddress::parse_typed(text).err(), Some(problem), "{text:?}");
    }
}

#[test]
fn text_that_is_not_a_plain_address_is_rejected() {
    for text in [
        "a",
        "@",
        "a@",
        "@example.com",
        "a@b@c",
        "a@b@example.com",
        "\"a b\"@example.com",
        "\"a\"@example.com",
        "a(note)@example.com",
        "a@(note)example.com",
        "a b@example.com",
        "a@exam ple.com",
        ".a@example.com",
        "a.@example.com",
        "a..b@example.com",
        "a@localhost",
        "a@example.com.",
        "a@.example.com",
        "a@example..com",
        "a@-example.com",
        "a@example-.com",
        "a@[127.0.0.1]",
        "a@127.0.0.1",
        "a@example.123",
        "a@exa_mple.com",
        "a\0@example.com",
        "a\u{7f}@example.com",
        "a@example.com\u{0}",
        "a\\b@example.com",
        "a`b@example.com",
        "é@example.com",
        "a@example.com/x",
        "a@example.com:25",
        "a@xn--a.com",
        "a@☃\u{fe0f}.x-",
        "a:b@example.com",
    ] {
        rejected(text, NotAnAddress);
    }
    for text in ["", "  ", "\r\n"] {
        rejected(text, Empty);
    }
}

#[test]
fn several_addresses_are_rejected() {
    for text in [
        "a@example.com,b@example.com",
        "a@example.com;b@example.com",
        "a@example.com, b@example.com",
        "a@example.com b@example.com",
        "a@example.com\r\nBcc: b@example.com",
        "a@example.com\nb@example.com",
        "a@example.com,",
    ] {
        rejected(text, SeveralAddresses);
    }
}

#[test]
fn addresses_that_are_too_long_are_rejected() {
    let label = "d".repeat(60);
    let domain = format!("{label}.{label}.{label}.com");
    assert!(EmailAddress::parse(&format!("{}@{domain}", "l".repeat(64))).is_ok());
    rejected(&format!("{}@example.com", "l".repeat(65)), TooLong);
    rejected(&format!("{}@{domain}.{}", "l".repeat(64), "e".repeat(10)), TooLong);
    rejected(&format!("a@{}.com", "d".repeat(64)), NotAnAddress);
    rejected(&"a".repeat(100_000), TooLong);
    // Short as typed, but too long in punycode.
    let long = vec!["ü".repeat(40); 5].join(".");
    assert!(EmailAddress::parse(&format!("{}@{long}.example", "l".repeat(30))).is_err());
}

#[test]
fn debug_output_masks_the_address() {
    let maria = address("Maria@Bücher.example");
    assert_eq!(maria.masked(), "M•••@xn--bcher-kva.example");
    assert_eq!(format!("{maria:?}"), "EmailAddress(M•••@xn--bcher-kva.example)");
}
