//! An email as its form previews it: the same words as the email, in the style of the page.

use super::{Block, Letter};

/// The lines of an email before and after the personal note, which the form adds as it is typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailPreview {
    pub subject: String,
    pub before_note: Vec<PreviewLine>,
    pub after_note: Vec<PreviewLine>,
}

/// A paragraph, and its class on the page.
pub type PreviewLine = (&'static str, String);

const TEXT: &str = "mail-text";
const SMALL: &str = "muted small";

/// Links are left out, because they exist only once the email is sent.
pub fn preview(letter: &Letter) -> MailPreview {
    let is_note = |block: &Block| matches!(block, Block::Note { .. });
    let note = letter.blocks.iter().position(is_note).unwrap_or(letter.blocks.len());
    let (before, after) = letter.blocks.split_at(note);
    let lines = |blocks: &[Block]| blocks.iter().flat_map(lines_of).collect::<Vec<_>>();
    let mut before_note = vec![("mail-headline", letter.headline.clone())];
    before_note.extend(lines(before));
    let mut after_note = lines(after);
    after_note.push((SMALL, letter.why.clone()));
    MailPreview { subject: letter.subject.clone(), before_note, after_note }
}

fn lines_of(block: &Block) -> Vec<PreviewLine> {
    match block {
        Block::Text(text) => vec![(TEXT, text.clone())],
        Block::Small(text) => vec![(SMALL, text.clone())],
        Block::Facts(facts) => facts.iter().map(|(label, value)| (TEXT, format!("{label}: {value}"))).collect(),
        Block::Button { label, .. } => vec![("mail-button", label.clone())],
        Block::List(points) => points.iter().map(|point| ("mail-point", point.clone())).collect(),
        Block::Note { .. } | Block::PlainLink { .. } => Vec::new(),
    }
}
