//! Words a form is filled with by those who do not want to be called. Whole words only: nobody in Scunthorpe is
//! refused.

const WORDS: &[&str] = &[
    "arsehole",
    "asshole",
    "bastard",
    "bitch",
    "bullshit",
    "cocksucker",
    "cunt",
    "dickhead",
    "fuck",
    "fucked",
    "fucker",
    "fucking",
    "fuckoff",
    "fucks",
    "motherfucker",
    "piss",
    "shit",
    "shitty",
    "slut",
    "twat",
    "wanker",
    "whore",
];

/// Whether a text has an obscene word in it.
pub fn is_obscene(text: &str) -> bool {
    let lower = text.to_lowercase();
    lower.split(|c: char| !c.is_alphanumeric()).any(|word| WORDS.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_words_count_in_any_case() {
        assert!(is_obscene("no, F: Fuck-you"));
        assert!(!is_obscene("Scunthorpe, Essex"));
        assert!(!is_obscene(""));
    }
}
