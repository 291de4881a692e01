//! Phone numbers, email addresses and addresses of the internet.

use super::*;

#[test]
fn a_phone_number_of_north_america_becomes_ten_digits() {
    for text in [
        "(512) 555-0142",
        "512.555.0142",
        "512 555 0142",
        "512-555-0142",
        "512/555/0142",
        "+1 512 555 0142",
        "15125550142",
        "1-512-555-0142",
        "1 (512) 555-0142",
        "[512] 555 0142",
        "(+1) 512 555 0142",
        "001 512 555 0142",
        "011 1 512 555 0142",
        "p:+15125550142",
        "tel:512-555-0142",
        "tel:+1-512-555-0142",
        "TEL: 512.555.0142",
        "Phone: 512-555-0142",
        "Cell 512-555-0142",
        "mobile: (512) 555-0142",
        "c:512-555-0142",
        "512–555–0142",
        "512‑555‑0142",
        "512\u{a0}555\u{a0}0142",
        "\u{202a}+1 512\u{2011}555\u{2011}0142\u{202c}",
        "５１２－５５５－０１４２",
        "٥١٢٥٥٥٠١٤٢",
        "۵۱۲۵۵۵۰۱۴۲",
        "512\u{200b}5550142",
    ] {
        good(FieldType::Phone, &[(text, "5125550142")]);
        good_in("Canada", FieldType::Phone, &[(text, "5125550142")]);
    }
    good(FieldType::Phone, &[("+1 416 555 0142", "4165550142"), ("+1 876 555 0142", "8765550142")]);
}

#[test]
fn an_extension_follows_an_x() {
    for (text, normal) in [
        ("512-555-0142 ext. 12", "5125550142x12"),
        ("512-555-0142 ext 12", "5125550142x12"),
        ("512-555-0142 EXT: 12", "5125550142x12"),
        ("512-555-0142 extension 12", "5125550142x12"),
        ("512-555-0142, ext 12", "5125550142x12"),
        ("(512) 555-0142 (ext. 12)", "5125550142x12"),
        ("512-555-0142 extn 12", "5125550142x12"),
        ("5125550142x7", "5125550142x7"),
        ("5125550142 X 007", "5125550142x007"),
        ("512-555-0142 #12", "5125550142x12"),
        ("512-555-0142#12", "5125550142x12"),
        ("tel:+1-512-555-0142;ext=12", "5125550142x12"),
        ("512-555-0142,12", "5125550142x12"),
        ("512-555-0142 x", "5125550142"),
        ("512-555-0142 ext.", "5125550142"),
        ("+44 20 7946 0958 ext 3", "+442079460958x3"),
        ("５１２５５５０１４２ｘ１２", "5125550142x12"),
    ] {
        good(FieldType::Phone, &[(text, normal)]);
    }
    bad(FieldType::Phone, &["5125550142xyz", "512-555-0142 x12345678", "x12", "ext. 12", "512-555-0142 x 1 x 2"]);
}

#[test]
fn a_number_from_abroad_keeps_its_country_code() {
    for (text, normal) in [
        ("+44 20 7946 0958", "+442079460958"),
        ("+44 (0)20 7946 0958", "+442079460958"),
        ("(+44) 20 7946 0958", "+442079460958"),
        ("0044 20 7946 0958", "+442079460958"),
        ("011 44 20 7946 0958", "+442079460958"),
        ("442079460958", "+442079460958"),
        ("＋４４ ２０ ７９４６ ０９５８", "+442079460958"),
        ("+49 30 123456-78", "+493012345678"),
        ("+49 (0) 30 / 12345678", "+493012345678"),
        ("+33 6 12 34 56 78", "+33612345678"),
        ("+39 06 1234 5678", "+390612345678"),
        ("+39 (0)6 1234 5678", "+390612345678"),
        ("+52 55 1234 5678", "+525512345678"),
        ("+52 1 55 1234 5678", "+525512345678"),
        ("+61 2 9374 4000", "+61293744000"),
        ("p:+919876543210", "+919876543210"),
        ("+353 1 679 1234", "+35316791234"),
    ] {
        good(FieldType::Phone, &[(text, normal)]);
        good_in("US", FieldType::Phone, &[(text, normal)]);
    }
}

#[test]
fn the_country_of_the_lead_tells_how_a_number_is_dialled() {
    for (country, text, normal) in [
        ("GB", "020 7946 0958", "+442079460958"),
        ("United Kingdom", "(020) 7946 0958", "+442079460958"),
        ("uk", "+1 512 555 0142", "5125550142"),
        ("UK", "442079460958", "+442079460958"),
        ("Germany", "030 / 123456-78", "+493012345678"),
        ("DE", "0049 30 12345678", "+493012345678"),
        ("FR", "06 12 34 56 78", "+33612345678"),
        ("ITA", "06 1234 5678", "+390612345678"),
        ("Australia", "(02) 9374 4000", "+61293744000"),
        ("AUS", "0412 345 678", "+61412345678"),
        ("MX", "55 1234 5678", "+525512345678"),
        ("India", "98765 43210", "+919876543210"),
        ("IE", "01 679 1234 x5", "+35316791234x5"),
        ("PR", "787-555-0142", "7875550142"),
        ("Atlantis", "512-555-0142", "5125550142"),
        ("GB", "512-555-0142", "5125550142"),
    ] {
        good_in(country, FieldType::Phone, &[(text, normal)]);
    }
    bad_in("GB", FieldType::Phone, &["020 7946", "99999", "call me"]);
    bad_in("US", FieldType::Phone, &["020 7946 0958", "06 12 34 56 78"]);
}

#[test]
fn letters_are_digits_in_toll_free_numbers_only() {
    for (text, normal) in [
        ("1-800-FLOWERS", "8003569377"),
        ("800-GOT-JUNK", "8004685865"),
        ("(888) 555-MOVE", "8885556683"),
        ("1 800 TAXI GUY", "8008294489"),
    ] {
        good(FieldType::Phone, &[(text, normal)]);
    }
    bad(FieldType::Phone, &["512-FLOWERS", "Bob 5551234", "1-800-FLOWERSHOP", "FLOWERS"]);
}

#[test]
fn what_the_numbering_plans_do_not_have_is_no_phone_number() {
    bad(
        FieldType::Phone,
        &[
            "9999999999",
            "0000000000",
            "1111111111",
            "5555555555",
            "1234567890",
            "0125550142",
            "5120550142",
            "555-0142",
            "call me",
            "+1 512 555",
            "1+5125550142",
            "++15125550142",
            "5125550142 5125550199",
            "5125550142/5125550199",
            "512-555-0142 or 512-555-0199",
            "+999 123456789",
            "+",
            "-",
            "n/a",
            "ann@example.com",
            "512,555,0142",
            "51255501422",
            &"5".repeat(81),
        ],
    );
}

#[test]
fn an_email_address_is_lower_case_and_complete() {
    for (text, normal) in [
        (" Maria@Example.COM ", "maria@example.com"),
        ("maria.garcia+solar@example.com", "maria.garcia+solar@example.com"),
        ("M.A.R.I.A@gmail.com", "m.a.r.i.a@gmail.com"),
        ("o'neill@example.co.uk", "o'neill@example.co.uk"),
        ("maria@münchen.example", "maria@xn--mnchen-3ya.example"),
        ("maria@XN--MNCHEN-3YA.example", "maria@xn--mnchen-3ya.example"),
        ("mailto:maria@example.com", "maria@example.com"),
        ("MAILTO:maria@example.com?subject=Hi", "maria@example.com"),
        ("Maria Garcia <maria@example.com>", "maria@example.com"),
        ("\"Garcia, Maria\" <Maria@example.com>", "maria@example.com"),
        ("<maria@example.com>", "maria@example.com"),
        ("maria@example.com <maria@example.com>", "maria@example.com"),
        ("\u{feff}maria@example.com\u{200b}", "maria@example.com"),
        ("maria\u{200b}@example.com", "maria@example.com"),
        ("maria＠example．com", "maria@example.com"),
        ("maria@example.com\u{a0}", "maria@example.com"),
    ] {
        good(FieldType::Email, &[(text, normal)]);
    }
    bad(
        FieldType::Email,
        &[
            "maria",
            "maria@",
            "@example.com",
            "maria@example",
            "a@b.co, c@d.co",
            "a@b.co <c@d.co>",
            "maria@@example.com",
            "maria example.com",
            "maria@exa mple.com",
            "maria..g@example.com",
            "maria@example.com>",
            "mailto:",
            "n/a",
        ],
    );
}

#[test]
fn an_ip_address_loses_its_port() {
    for (text, normal) in [
        ("203.0.113.7", "203.0.113.7"),
        ("203.0.113.7:8080", "203.0.113.7"),
        (" 203.0.113.7\n", "203.0.113.7"),
        ("２０３．０．１１３．７", "203.0.113.7"),
        ("2001:DB8:0:0::1", "2001:db8::1"),
        ("2001:0db8:0000:0000:0000:0000:0000:0001", "2001:db8::1"),
        ("[2001:db8::1]:443", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("::ffff:1.2.3.4", "1.2.3.4"),
        ("[::ffff:1.2.3.4]:80", "1.2.3.4"),
        ("::1", "::1"),
        ("0.0.0.0", "0.0.0.0"),
        ("255.255.255.255:65535", "255.255.255.255"),
        ("203.0.113.7, 10.0.0.1", "203.0.113.7"),
        ("203.0.113.7,198.51.100.2:80,2001:db8::1", "203.0.113.7"),
    ] {
        good(FieldType::Ip, &[(text, normal)]);
    }
    bad(
        FieldType::Ip,
        &[
            "256.1.1.1",
            "1.2.3",
            "::g",
            "1.2.3.4:99999",
            "1.2.3.4:",
            "[1.2.3.4",
            "1.2.3.4/24",
            "localhost",
            "1.2.3.4, x",
            "1.2.3.4,",
            "1.2.3.4.5",
            "unknown",
        ],
    );
}

#[test]
fn a_url_needs_no_scheme_but_a_host() {
    for (text, normal) in [
        ("www.example.com", "http://www.example.com"),
        ("example.com", "http://example.com"),
        ("Example.COM/Path?q=A", "http://example.com/Path?q=A"),
        ("example.com:8080/x", "http://example.com:8080/x"),
        ("//example.com/x", "http://example.com/x"),
        ("example.co.uk?utm=1", "http://example.co.uk?utm=1"),
        ("münchen.example", "http://münchen.example"),
        ("HTTPS://Example.com/A?b=C", "https://example.com/A?b=C"),
        ("http://a.co:80", "http://a.co:80"),
        ("http://203.0.113.7/x", "http://203.0.113.7/x"),
        ("https://example.com/a–b", "https://example.com/a–b"),
        ("\u{feff}https://example.com\u{200b}", "https://example.com"),
        ("https://user@example.com/x", "https://user@example.com/x"),
        ("https://example.com/?next=http://x.y/", "https://example.com/?next=http://x.y/"),
        ("http://my_shop.example.com", "http://my_shop.example.com"),
    ] {
        good(FieldType::Url, &[(text, normal)]);
    }
    bad(
        FieldType::Url,
        &[
            concat!("java", "script:alert(1)"),
            concat!("java", "script://a.b/%0aalert(1)"),
            "JavaScript:alert.com",
            "data:text/html,x.com",
            "mailto:a@example.com",
            "ann@example.com",
            "ftp://example.com",
            "file:///etc/passwd",
            "http:///a",
            "http://a..b",
            "http://a.b/<x>",
            "http://localhost",
            "localhost:3000",
            "1.5",
            "203.0.113.7",
            "e.g",
            "none",
            "see example.com",
            "example .com",
            "http:/example.com",
        ],
    );
}

#[test]
fn a_certificate_url_must_be_on_the_certificate_host() {
    let id = "2605ec3a321e1b3a41addf0bba1213505ef57985";
    let url = format!("https://cert.trustedform.com/{id}");
    for text in [
        url.clone(),
        format!(" {url}\n"),
        format!("HTTPS://CERT.TrustedForm.com/{id}"),
        format!("cert.trustedform.com/{id}"),
        format!("//cert.trustedform.com/{id}"),
        format!("\u{200b}{url}"),
    ] {
        good(FieldType::TrustedformUrl, &[(&text, &url)]);
    }
    bad(
        FieldType::TrustedformUrl,
        &[
            "https://cert.trustedform.com/1",
            &format!("https://cert.trustedform.com.example.com/{id}"),
            &format!("http://cert.trustedform.com/{id}"),
            &format!("https://example.com/{id}"),
            &format!("{url}/"),
            id,
        ],
    );
}
