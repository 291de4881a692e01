//! States and postal codes.

use super::*;

#[test]
fn a_state_becomes_its_letters() {
    for (text, normal) in [
        ("California", "CA"),
        ("calif.", "CA"),
        ("tx", "TX"),
        ("T.X.", "TX"),
        (" Texas ", "TX"),
        ("TEXAS", "TX"),
        ("Tex.", "TX"),
        ("NY ", "NY"),
        ("New   York", "NY"),
        ("N.Y.", "NY"),
        ("N. Carolina", "NC"),
        ("US-TX", "TX"),
        ("ＴＸ", "TX"),
        ("T\u{200b}X", "TX"),
        ("New\u{a0}Jersey", "NJ"),
        ("D.C.", "DC"),
        ("Washington, D.C.", "DC"),
        ("Washington", "WA"),
        ("Guam", "GU"),
        ("Puerto Rico", "PR"),
        ("American Samoa", "AS"),
        ("U.S. Virgin Islands", "VI"),
        ("Virgin Islands, U.S.", "VI"),
        ("Northern Mariana Islands", "MP"),
        ("Hawai’i", "HI"),
        ("AE", "AE"),
        ("Armed Forces Europe", "AE"),
        ("Armed Forces – Pacific", "AP"),
        ("ontario", "ON"),
        ("Québec", "QC"),
        ("Quebec", "QC"),
        ("P.E.I.", "PE"),
        ("Newfoundland & Labrador", "NL"),
        ("Yukon Territory", "YT"),
    ] {
        good(FieldType::State, &[(text, normal)]);
    }
    good_in("US", FieldType::State, &[("Guam", "GU"), ("wa", "WA")]);
    good_in("Canada", FieldType::State, &[("B.C.", "BC"), ("CA-ON", "ON"), ("Nfld.", "NL")]);
    good_in("Puerto Rico", FieldType::State, &[("pr", "PR")]);
    bad(FieldType::State, &["Bavaria", " ZZ ", "Texa", "TX, US", "Queensland", "Jalisco", "N", "1", "CA-TX"]);
}

#[test]
fn a_state_of_australia_or_mexico_needs_its_country() {
    for (country, text, normal) in [
        ("AU", "New South Wales", "NSW"),
        ("Australia", "nsw", "NSW"),
        ("AUS", "N.S.W.", "NSW"),
        ("AU", "Victoria", "VIC"),
        ("AU", "Vic.", "VIC"),
        ("AU", "WA", "WA"),
        ("AU", "Western Australia", "WA"),
        ("AU", "AU-QLD", "QLD"),
        ("AU", "northern territory", "NT"),
        ("MX", "Jalisco", "JAL"),
        ("Mexico", "Jal.", "JAL"),
        ("México", "Nuevo León", "NLE"),
        ("MX", "N.L.", "NLE"),
        ("MX", "CDMX", "CMX"),
        ("MX", "Distrito Federal", "CMX"),
        ("MX", "D.F.", "CMX"),
        ("MX", "Michoacán", "MIC"),
        ("MX", "Estado de México", "MEX"),
        ("MX", "MX-ROO", "ROO"),
    ] {
        good_in(country, FieldType::State, &[(text, normal)]);
    }
    bad_in("AU", FieldType::State, &["Texas", "TX", "Jalisco", "Ontario"]);
    bad_in("MX", FieldType::State, &["Texas", "Victoria", "ON"]);
    bad_in("DE", FieldType::State, &["Bavaria", "TX"]);
}

#[test]
fn postal_codes_of_three_countries_are_known_by_their_form() {
    for (text, normal) in [
        ("78704", "78704"),
        (" 01234 ", "01234"),
        ("787041234", "78704-1234"),
        ("01234-5678", "01234-5678"),
        ("01234 5678", "01234-5678"),
        ("78704–1234", "78704-1234"),
        ("７８７０４", "78704"),
        ("7870\u{200b}4", "78704"),
        ("M1L2S9", "M1L 2S9"),
        ("m1l 2s9", "M1L 2S9"),
        ("k1a-0b1", "K1A 0B1"),
        ("Ｋ１Ａ　０Ｂ１", "K1A 0B1"),
        ("sw1a 1aa", "SW1A 1AA"),
        ("SW1A1AA", "SW1A 1AA"),
        ("m11ae", "M1 1AE"),
        ("B33 8TH", "B33 8TH"),
        ("CR2 6XH", "CR2 6XH"),
        ("dn551pt", "DN55 1PT"),
        ("W1A0AX", "W1A 0AX"),
        ("gir 0aa", "GIR 0AA"),
    ] {
        for country in ["", "US", "Canada", "UK", "Guam"] {
            good_in(country, FieldType::PostalCode, &[(text, normal)]);
        }
    }
    bad(
        FieldType::PostalCode,
        &["7870", "787045", "ABCDE", "78704-12", "D1L 2S9", "M1L 2O9", "M1 1AC", "1012 AB", "100-0001", "٧", "-"],
    );
}

#[test]
fn another_country_has_codes_of_its_own() {
    for (country, text, normal) in [
        ("DE", "10115", "10115"),
        ("Germany", "D-10115", "10115"),
        ("DE", "DE-10115", "10115"),
        ("NL", "1012ab", "1012 AB"),
        ("Netherlands", "1012 AB", "1012 AB"),
        ("AU", "2000", "2000"),
        ("AT", "A-1010", "1010"),
        ("CH", "CH-8001", "8001"),
        ("FR", "75 001", "75001"),
        ("SE", "11122", "111 22"),
        ("CZ", "110 00", "110 00"),
        ("PL", "00950", "00-950"),
        ("PT", "1000001", "1000-001"),
        ("BR", "01310100", "01310-100"),
        ("BR", "01310-100", "01310-100"),
        ("JP", "1000001", "100-0001"),
        ("JP", "100–0001", "100-0001"),
        ("IE", "d02x285", "D02 X285"),
        ("IN", "110 001", "110001"),
        ("LV", "LV1010", "LV-1010"),
        ("MX", "06000", "06000"),
        ("MX", "０６０００", "06000"),
    ] {
        good_in(country, FieldType::PostalCode, &[(text, normal)]);
    }
    bad_in("DE", FieldType::PostalCode, &["1011", "M1L 2S9", "10115-1234", "X-10115"]);
    bad_in("AU", FieldType::PostalCode, &["78704", "200", "SW1A 1AA"]);
    bad_in("Hong Kong", FieldType::PostalCode, &["00000"]);
}
