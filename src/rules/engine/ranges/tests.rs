use super::*;
use FieldType::{Dob, Number, PostalCode, Range as RangeOf, String as Text, Time};

#[track_caller]
fn reads(field_type: FieldType, cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        let range = named_range(text, field_type).map(|range| range.to_string());
        assert_eq!(range.as_deref(), Some(*expected), "{text:?}");
    }
}

#[track_caller]
fn refuses(field_type: FieldType, texts: &[&str]) {
    for text in texts {
        assert_eq!(named_range(text, field_type), None, "{text:?}");
    }
}

#[test]
fn ranges_of_numbers_are_read_as_people_write_them() {
    for field_type in [Number, RangeOf, Text] {
        reads(
            field_type,
            &[
                ("10-20", "10-20"),
                ("10 - 20", "10-20"),
                ("10 – 20", "10-20"),
                ("10 — 20", "10-20"),
                ("10..20", "10-20"),
                ("10...20", "10-20"),
                ("10 to 20", "10-20"),
                ("10 TO 20", "10-20"),
                ("between 10 and 20", "10-20"),
                ("Between 10 and 20", "10-20"),
                ("from 10 through 20", "10-20"),
                ("10, 20", "10-20"),
                ("1.5..2.5", "1.5-2.5"),
                ("-5--1", "-5--1"),
                ("-5 - 1", "-5-1"),
                ("$10,000 - $20,000", "10000-20000"),
                ("10,000-20,000 USD", "10000-20000"),
                ("€5 – €6", "5-6"),
                ("10% - 12.5%", "10-12.5"),
                ("10-12 %", "10-12"),
                ("18 to 65 years", "18-65"),
                ("$10k - $20k", "10000-20000"),
                ("1.5k to 2.25k", "1500-2250"),
                ("0-10k", "0-10000"),
                ("1 million - 2 million", "1000000-2000000"),
                ("18+", "18+"),
                ("18 or more", "18+"),
                ("18 and over", "18+"),
                ("$75,000+", "75000+"),
                ("up to 20", "0-20"),
                ("20 or less", "0-20"),
            ],
        );
        refuses(
            field_type,
            &[
                "",
                "10",
                "-10",
                "10-",
                "-",
                "20-10",
                "a-b",
                "1-2-3",
                "10 or 20",
                "10-20k",
                "+",
                "to",
                "10 to",
                "young to old",
            ],
        );
    }
}

#[test]
fn ranges_with_one_end_are_read_as_people_write_them() {
    for field_type in [Number, RangeOf, Text] {
        reads(
            field_type,
            &[
                ("18 or older", "18+"),
                ("18 years and older", "18+"),
                ("At least 18", "18+"),
                ("700 or higher", "700+"),
                ("700 or greater", "700+"),
                ("65 or younger", "0-65"),
                ("65 or lower", "0-65"),
            ],
        );
    }
}

#[test]
fn ranges_of_dates_are_read_as_people_write_them() {
    reads(
        Dob,
        &[
            ("1980-01-01 - 1989-12-31", "19800101-19891231"),
            ("1980-01-01 to 1989-12-31", "19800101-19891231"),
            ("1980-01-01–1989-12-31", "19800101-19891231"),
            ("1980-01-01-1989-12-31", "19800101-19891231"),
            ("1980-01-01..1989-12-31", "19800101-19891231"),
            ("1/1/1980 - 12/31/1989", "19800101-19891231"),
            ("1/1/1980-12/31/1989", "19800101-19891231"),
            ("between 1/1/1980 and 12/31/1989", "19800101-19891231"),
            ("Jan 1, 1980 through Dec 31, 1989", "19800101-19891231"),
            ("19800101-19891231", "19800101-19891231"),
            ("1980 to 1989", "19800101-19891231"),
            ("1980-1989", "19800101-19891231"),
            ("1980 – 1989", "19800101-19891231"),
            ("1980-01 to 1980-06", "19800101-19800631"),
            ("7/1980 - 8/1980", "19800701-19800831"),
            ("July 1980 - Aug 1980", "19800701-19800831"),
            ("1980 to 6/30/1985", "19800101-19850630"),
            ("1980-01-01+", "19800101+"),
            ("1980 or more", "19800101+"),
        ],
    );
    refuses(
        Dob,
        &[
            "1989-12-31 - 1980-01-01",
            "1989 to 1980",
            "10-20",
            "1980",
            "1980-13-01 to 1981-01-01",
            "soon to later",
            "1980 to",
            "1980 or older",
            "1980 or younger",
        ],
    );
}

#[test]
fn a_day_at_the_end_of_a_range_of_times_is_a_whole_day() {
    reads(
        Time,
        &[
            ("2026-03-01 - 2026-03-31", "20260301000000-20260331235959"),
            ("3/1/2026 to 3/31/2026", "20260301000000-20260331235959"),
            ("March 2026 to April 2026", "20260301000000-20260431235959"),
            ("2025-2026", "20250101000000-20261231235959"),
            ("2026-03-01 10:00 - 2026-03-01 18:30", "20260301100000-20260301183000"),
            ("2026-03-01T00:00:00Z to 2026-03-02T00:00:00Z", "20260301000000-20260302000000"),
            ("2026-03-01T00:00:00+02:00 to 2026-03-01", "20260228220000-20260301235959"),
        ],
    );
    refuses(Time, &["9:00 - 17:00", "2026-03-31 - 2026-03-01", "2026-03-01 18:00 - 2026-03-01 10:00"]);
}

#[test]
fn ranges_of_zip_codes_compare_five_digits() {
    reads(
        PostalCode,
        &[("02100 - 02199", "2100-2199"), ("02134-1021 to 02139", "2134-2139"), ("10000-19999", "10000-19999")],
    );
    refuses(PostalCode, &["19999-10000", "K1A 0B1 - K1B 0B1", "1012 ABCDE - 1017 ABCDE", "12 A - 19 Z"]);
}

#[test]
fn a_number_can_have_signs_units_and_thousands() {
    for (text, expected) in [
        ("50%", "50"),
        ("12.5 percent", "12.5"),
        ("$1,234.50", "1234.5"),
        ("-$3", "-3"),
        ("1,000 dollars", "1000"),
        ("€ 20", "20"),
        ("20 €", "20"),
        ("US$5", "5"),
        ("18 Years", "18"),
        ("18 years old", "18"),
        ("1 week", "1"),
        ("10K", "10000"),
        ("$1.2345k", "1234.5"),
        ("2 million", "2000000"),
        ("007", "7"),
    ] {
        assert_eq!(number(text).map(|number| number.to_string()).as_deref(), Some(expected), "{text}");
    }
    for text in ["", "abc", "k", "%", "$", "1e5", "--5", "5 apples", "$-5", "1,2k", &"9".repeat(100)] {
        assert_eq!(number(text), None, "{text}");
    }
}

#[test]
fn a_long_text_of_hyphens_is_no_range() {
    for text in ["-".repeat(200), "1-".repeat(100), "…".repeat(60), "1980-01-01 ".repeat(18)] {
        for field_type in FieldType::ALL {
            assert_eq!(named_range(&text, *field_type), None, "{text}");
        }
    }
}
