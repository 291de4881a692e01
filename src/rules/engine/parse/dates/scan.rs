//! Reads a date from left to right.

/// What is left of a text in lower-case ASCII.
pub struct Scan<'t> {
    rest: &'t str,
}

impl<'t> Scan<'t> {
    pub fn new(text: &'t str) -> Self {
        Self { rest: text }
    }

    pub fn rest(&self) -> &'t str {
        self.rest
    }

    pub fn at_letter(&self) -> bool {
        self.rest.starts_with(|c: char| c.is_ascii_alphabetic())
    }

    fn take(&mut self, length: usize) -> &'t str {
        let (taken, rest) = self.rest.split_at(length);
        self.rest = rest;
        taken
    }

    fn run(&self, part: impl Fn(char) -> bool) -> usize {
        self.rest.find(|c: char| !part(c)).unwrap_or(self.rest.len())
    }

    pub fn digits(&mut self) -> Option<&'t str> {
        match self.run(|c| c.is_ascii_digit()) {
            0 => None,
            length => Some(self.take(length)),
        }
    }

    /// Digits that can have the apostrophe of a shortened year.
    pub fn year(&mut self) -> Option<&'t str> {
        self.rest = self.rest.strip_prefix('\'').unwrap_or(self.rest);
        self.digits()
    }

    /// What separates the parts of a date, with `the` and `of`.
    pub fn separators(&mut self) -> &'t str {
        let before = self.rest;
        loop {
            let marks = self.run(|c| matches!(c, ' ' | '-' | '/' | '.' | ','));
            self.take(marks);
            let word = self.run(|c| c.is_ascii_alphabetic());
            if !matches!(&self.rest[..word], "the" | "of" | "day") {
                break;
            }
            self.take(word);
        }
        &before[..before.len() - self.rest.len()]
    }

    /// The ending of `1st`, `2nd`, `3rd` and `4th`.
    pub fn ordinal(&mut self) {
        let word = self.run(|c| c.is_ascii_alphabetic());
        if matches!(&self.rest[..word], "st" | "nd" | "rd" | "th") {
            self.take(word);
        }
    }

    /// The position of the next word in a list, by its first letters, at least `least` of them.
    pub fn word_of(&mut self, words: &[&str], least: usize) -> Option<usize> {
        let length = self.run(|c| c.is_ascii_alphabetic());
        let word = &self.rest[..length];
        let word = if word == "sept" { "sep" } else { word };
        let at = words.iter().position(|full| word.len() >= least && full.starts_with(word))?;
        self.take(length);
        Some(at)
    }

    pub fn takes_word_of(&mut self, words: &[&str], least: usize) -> bool {
        self.word_of(words, least).is_some()
    }
}
