//! A mail as data: what it says, not how it looks. Rooms write letters; `render` makes the parts.

use serde::{Deserialize, Serialize};

/// No subject, label or name is longer, in characters.
const LINE: usize = 200;
/// No paragraph or note is longer, in characters; a personal note has at most 500.
const TEXT: usize = 2000;

/// Everything a mail says. It is stored as JSON with the mail, so a variant once written must stay readable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letter {
    pub(super) subject: String,
    pub(super) preheader: String,
    pub(super) headline: String,
    pub(super) blocks: Vec<Block>,
    pub(super) why: String,
    /// Where its reader stops mails of this kind.
    #[serde(default)]
    pub(super) stop: Option<Link>,
}

/// One part of a letter, in its order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Block {
    /// A paragraph; line ends stay.
    Text(String),
    /// Labels and values.
    Facts(Vec<(String, String)>),
    /// The words of a person, set apart from ours.
    Note { from: String, text: String },
    /// The one thing to do.
    Button { label: String, link: Link },
    /// A link whose address can be read, for who cannot press the button or does not trust it.
    PlainLink { intro: String, link: Link },
    /// Points.
    List(Vec<String>),
    /// An aside.
    Small(String),
}

/// Where a letter leads. Always into Accord, under the configured address: no user text is ever a link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Link {
    /// A path that may be known to all.
    Path(String),
    /// A path that ends in the secret, which the letter itself does not hold.
    Secret { prefix: String },
}

impl Link {
    pub fn path(path: impl Into<String>) -> Self {
        Self::Path(path.into())
    }

    /// The secret of the mail follows the prefix, such as `/i/`.
    pub fn secret(prefix: impl Into<String>) -> Self {
        Self::Secret { prefix: prefix.into() }
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
        }
    }

    /// What lists of mails show behind the subject.
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

    /// An empty note is left out.
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

    pub fn small(self, text: &str) -> Self {
        self.with(Block::Small(clean_text(text)))
    }

    /// Why this person got this mail; stands below every mail.
    pub fn why(mut self, text: &str) -> Self {
        self.why = clean_line(text);
        self
    }

    /// Where its reader stops mails of this kind: a line below, and a header that mail programs make a button of.
    pub fn stop(mut self, link: Link) -> Self {
        self.stop = Some(link);
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

/// One line: no controls, no characters that turn the direction of reading, single spaces, at most 200 characters.
pub fn clean_line(text: &str) -> String {
    let plain: String =
        text.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).filter(|c| is_plain(*c)).collect();
    cap(&plain.split_whitespace().collect::<Vec<_>>().join(" "), LINE)
}

/// Text of several lines, cleaned like a line otherwise, at most 2000 characters.
pub fn clean_text(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace(['\r', '\u{2028}', '\u{2029}', '\u{85}'], "\n");
    let plain: String =
        text.chars().map(|c| if c == '\t' { ' ' } else { c }).filter(|c| *c == '\n' || is_plain(*c)).collect();
    cap(plain.trim(), TEXT)
}

/// Neither a control nor one of the invisible characters that make text read other than it is written.
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

fn cap(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some(_) => text.chars().take(most - 1).chain(['…']).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_holds_no_line_end_no_control_and_no_turned_direction() {
        assert_eq!(clean_line(" Acme\r\nBcc: all@x\0 \u{202E}moc\u{2066}  Ltd\u{7} "), "Acme Bcc: all@x moc Ltd");
        assert_eq!(clean_line("a\u{2028}b\u{85}c"), "a b c");
    }

    #[test]
    fn long_text_is_cut_by_characters() {
        let line = clean_line(&"ü".repeat(10_000));
        assert_eq!(line.chars().count(), LINE);
        assert!(line.ends_with('…'));
        assert_eq!(clean_text(&"x".repeat(10_000)).chars().count(), TEXT);
        assert_eq!(clean_line(&"x".repeat(LINE)), "x".repeat(LINE));
    }

    #[test]
    fn text_keeps_its_lines() {
        assert_eq!(clean_text("\n one\r\ntwo\rthree\t3\u{0} \n"), "one\ntwo\nthree 3");
    }

    #[test]
    fn an_empty_note_is_left_out() {
        assert_eq!(Letter::new("s", "h").note("Ann", " \n ").blocks(), []);
    }

    #[test]
    fn a_letter_reads_back_what_it_stores() {
        let letter = Letter::new("s", "h").facts([("a", "b")]).button("Go", Link::secret("/i/")).why("w");
        let stored = serde_json::to_string(&letter).unwrap();
        assert_eq!(serde_json::from_str::<Letter>(&stored).unwrap(), letter);
    }
}
