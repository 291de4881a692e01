//! Obscene words that people enter who do not want a call. Only whole words match, so Scunthorpe passes.

use super::fold::fold;

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

/// True if a text contains an obscene word.
pub fn is_obscene(text: &str) -> bool {
    let same = fold(text);
    same.split(|c: char| !c.is_alphanumeric()).any(|word| WORDS.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_words_match_in_any_case() {
        assert!(is_obscene("no, F: Fuck-you"));
        assert!(!is_obscene("Scunthorpe, Essex"));
        assert!(!is_obscene(""));
    }
}
