//! An email as data: its content without layout. Rooms write letters; `render` turns them into text and HTML.

use serde::{Deserialize, Serialize};

/// Maximum characters of a subject, label or name.
const MAX_LINE: usize = 200;
/// Maximum characters of a paragraph or note. Personal notes have at most 500.
const MAX_TEXT: usize = 2000;

/// The content of an email. It is stored as JSON with the queued email, so old variants must stay readable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letter {
    pub(super) subject: String,
    pub(super) preheader: String,
    pub(super) headline: String,
    pub(super) blocks: Vec<Block>,
    pub(super) why: String,
    /// Where the recipient stops emails of this kind.
    #[serde(default)]
    pub(super) stop: Option<Link>,
    /// The email addresses that appear whole. Mail programs turn them into links.
    #[serde(default)]
    pub(super) mentioned: Vec<String>,
}

/// One part of a letter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Block {
    /// A paragraph; line breaks are kept.
    Text(String),
    /// Labels and values.
    Facts(Vec<(String, String)>),
    /// Text written by a person, set apart from ours.
    Note { from: String, text: String },
    /// The main action.
    Button { label: String, link: Link },
    /// A link with a visible URL, for recipients who cannot or do not want to use the button.
    PlainLink { intro: String, link: Link },
    /// A bulleted list.
    List(Vec<String>),
    /// Small print.
    Small(String),
}

/// A link in a letter. It always leads to Accord under the configured URL: user text never becomes a link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Link {
    /// A path without a secret.
    Path(String),
    /// A path that ends in the secret, which is not stored in the letter itself.
    Secret { prefix: String },
    /// A path that ends in the secret that only stops emails. In letters queued before there was one, the link to stop
    /// is a `Secret`.
    Stop { prefix: String },
}

impl Link {
    pub fn path(path: impl Into<String>) -> Self {
        Self::Path(path.into())
    }

    /// The email's secret is appended to the prefix, such as `/i/`.
    pub fn secret(prefix: impl Into<String>) -> Self {
        Self::Secret { prefix: prefix.into() }
    }

    /// The email's stop secret is appended to the prefix.
    pub fn stop(prefix: impl Into<String>) -> Self {
        Self::Stop { prefix: prefix.into() }
    }
}

impl Letter {
    pub fn new(subject: &str, headline: &str) -> Self {
        Self {
            subject: clean_line(subject),
            preheader: String::new(),
            headline: clean_line(headline),
            blocks: Vec::new(),
            why: String::new(),
            stop: None,
            mentioned: Vec::new(),
        }
    }

    /// The text that inboxes show after the subject.
    pub fn preheader(mut self, text: &str) -> Self {
        self.preheader = clean_line(text);
        self
    }

    pub fn text(self, text: &str) -> Self {
        self.with(Block::Text(clean_text(text)))
    }

    pub fn facts<'a>(self, facts: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let facts = facts.into_iter().map(|(label, value)| (clean_line(label), clean_line(value)));
        self.with(Block::Facts(facts.collect()))
    }

    /// Empty notes are omitted.
    pub fn note(self, from: &str, text: &str) -> Self {
        let text = clean_text(text);
        if text.is_empty() { self } else { self.with(Block::Note { from: clean_line(from), text }) }
    }

    pub fn button(self, label: &str, link: Link) -> Self {
        self.with(Block::Button { label: clean_line(label), link })
    }

    pub fn plain_link(self, intro: &str, link: Link) -> Self {
        self.with(Block::PlainLink { intro: clean_line(intro), link })
    }

    pub fn list<'a>(self, points: impl IntoIterator<Item = &'a str>) -> Self {
        self.with(Block::List(points.into_iter().map(clean_line).collect()))
    }

    pub fn small_print(self, text: &str) -> Self {
        self.with(Block::Small(clean_text(text)))
    }

    /// Why the recipient gets this email; shown at the end.
    pub fn why(mut self, text: &str) -> Self {
        self.why = clean_line(text);
        self
    }

    /// Adds where the recipient stops emails of this kind: a link at the end, and a header that mail programs show as a
    /// button.
    pub fn stop(mut self, link: Link) -> Self {
        self.stop = Some(link);
        self
    }

    /// Lets a real email address appear whole. All others are broken up, because people can put them into names.
    pub fn mentioning(mut self, email: &str) -> Self {
        self.mentioned.push(clean_line(email));
        self
    }

    pub fn subject(&self) -> &str {
        &self.subject
    }

    pub fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    fn with(mut self, block: Block) -> Self {
        self.blocks.push(block);
        self
    }
}

/// Reduces text to one line of at most 200 characters, without control or text-direction characters, with single
/// spaces.
pub fn clean_line(text: &str) -> String {
    let plain: String =
        text.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).filter(|c| is_plain(*c)).collect();
    truncate(&plain.split_whitespace().collect::<Vec<_>>().join(" "), MAX_LINE)
}

/// Cleans text like `clean_line`, but keeps line breaks and up to 2000 characters.
pub fn clean_text(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace(['\r', '\u{2028}', '\u{2029}', '\u{85}'], "\n");
    let plain: String =
        text.chars().map(|c| if c == '\t' { ' ' } else { c }).filter(|c| *c == '\n' || is_plain(*c)).collect();
    truncate(plain.trim(), MAX_TEXT)
}

/// False for control characters and for invisible ones that make text read differently than it is written.
fn is_plain(c: char) -> bool {
    let invisible = matches!(
        c,
        '\u{061C}'
            | '\u{200B}'
            | '\u{200E}'
            | '\u{200F}'
            | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}'
            | '\u{FEFF}'
            | '\u{FFF9}'..='\u{FFFB}'
            | '\u{E0000}'..='\u{E007F}'
    );
    !c.is_control() && !invisible
}

fn truncate(text: &str, max: usize) -> String {
    match text.char_indices().nth(max) {
        None => text.to_owned(),
        Some(_) => text.chars().take(max - 1).chain(['…']).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_contains_no_line_break_control_or_text_direction_characters() {
        assert_eq!(clean_line(" Acme\r\nBcc: all@x\0 \u{202E}moc\u{2066}  Ltd\u{7} "), "Acme Bcc: all@x moc Ltd");
        assert_eq!(clean_line("a\u{2028}b\u{85}c"), "a b c");
    }

    #[test]
    fn long_text_is_truncated_by_characters() {
        let line = clean_line(&"ü".repeat(10_000));
        assert_eq!(line.chars().count(), MAX_LINE);
        assert!(line.ends_with('…'));
        assert_eq!(clean_text(&"x".repeat(10_000)).chars().count(), MAX_TEXT);
        assert_eq!(clean_line(&"x".repeat(MAX_LINE)), "x".repeat(MAX_LINE));
    }

    #[test]
    fn text_keeps_its_line_breaks() {
        assert_eq!(clean_text("\n one\r\ntwo\rthree\t3\u{0} \n"), "one\ntwo\nthree 3");
    }

    #[test]
    fn an_empty_note_is_omitted() {
        assert_eq!(Letter::new("s", "h").note("Ann", " \n ").blocks(), []);
    }

    #[test]
    fn a_letter_survives_a_round_trip() {
        let letter = Letter::new("s", "h").facts([("a", "b")]).button("Go", Link::secret("/i/")).why("w");
        let stored = serde_json::to_string(&letter).unwrap();
        assert_eq!(serde_json::from_str::<Letter>(&stored).unwrap(), letter);
    }
}
