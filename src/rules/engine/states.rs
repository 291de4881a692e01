//! The US states with the federal district and territories, and the provinces of Canada.

/// The two letters of a state, from the letters or the name, ignoring case and dots.
pub fn abbreviation(text: &str) -> Option<&'static str> {
    let plain: String = text.chars().filter(|c| *c != '.').collect();
    let words: Vec<_> = plain.split_whitespace().collect();
    let name = words.join(" ").to_lowercase();
    STATES.iter().find(|(short, full)| name.eq_ignore_ascii_case(short) || name == *full).map(|(short, _)| *short)
}

const STATES: &[(&str, &str)] = &[
    ("AL", "alabama"),
    ("AK", "alaska"),
    ("AZ", "arizona"),
    ("AR", "arkansas"),
    ("CA", "california"),
    ("CO", "colorado"),
    ("CT", "connecticut"),
    ("DE", "delaware"),
    ("DC", "district of columbia"),
    ("DC", "washington dc"),
    ("FL", "florida"),
    ("GA", "georgia"),
    ("HI", "hawaii"),
    ("ID", "idaho"),
    ("IL", "illinois"),
    ("IN", "indiana"),
    ("IA", "iowa"),
    ("KS", "kansas"),
    ("KY", "kentucky"),
    ("LA", "louisiana"),
    ("ME", "maine"),
    ("MD", "maryland"),
    ("MA", "massachusetts"),
    ("MI", "michigan"),
    ("MN", "minnesota"),
    ("MS", "mississippi"),
    ("MO", "missouri"),
    ("MT", "montana"),
    ("NE", "nebraska"),
    ("NV", "nevada"),
    ("NH", "new hampshire"),
    ("NJ", "new jersey"),
    ("NM", "new mexico"),
    ("NY", "new york"),
    ("NC", "north carolina"),
    ("ND", "north dakota"),
    ("OH", "ohio"),
    ("OK", "oklahoma"),
    ("OR", "oregon"),
    ("PA", "pennsylvania"),
    ("RI", "rhode island"),
    ("SC", "south carolina"),
    ("SD", "south dakota"),
    ("TN", "tennessee"),
    ("TX", "texas"),
    ("UT", "utah"),
    ("VT", "vermont"),
    ("VA", "virginia"),
    ("WA", "washington"),
    ("WV", "west virginia"),
    ("WI", "wisconsin"),
    ("WY", "wyoming"),
    ("AS", "american samoa"),
    ("GU", "guam"),
    ("MP", "northern mariana islands"),
    ("PR", "puerto rico"),
    ("VI", "us virgin islands"),
    ("VI", "virgin islands"),
    ("AA", "armed forces americas"),
    ("AE", "armed forces europe"),
    ("AP", "armed forces pacific"),
    ("AB", "alberta"),
    ("BC", "british columbia"),
    ("MB", "manitoba"),
    ("NB", "new brunswick"),
    ("NL", "newfoundland and labrador"),
    ("NL", "newfoundland"),
    ("NS", "nova scotia"),
    ("NT", "northwest territories"),
    ("NU", "nunavut"),
    ("ON", "ontario"),
    ("PE", "prince edward island"),
    ("QC", "quebec"),
    ("QC", "québec"),
    ("SK", "saskatchewan"),
    ("YT", "yukon"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_recognised_by_its_letters_and_its_name() {
        for text in ["TX", "tx", " Texas ", "T.X.", "TEXAS"] {
            assert_eq!(abbreviation(text), Some("TX"), "{text}");
        }
        assert_eq!(abbreviation("New   York"), Some("NY"));
        assert_eq!(abbreviation("Québec"), Some("QC"));
        assert_eq!(abbreviation("D.C."), Some("DC"));
        for text in ["", "ZZ", "Texa", "TX, US"] {
            assert_eq!(abbreviation(text), None, "{text}");
        }
    }
}
