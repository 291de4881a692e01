//! An answer as its reader sees it.

use axum::http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;

#[derive(Debug, Clone)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    /// The same answer, if it has this status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.digest());
        self
    }

    /// Where it leads; the answer to a form that was taken.
    #[track_caller]
    pub fn leads_to(&self) -> &str {
        assert_eq!(self.status, StatusCode::SEE_OTHER, "{}", self.digest());
        self.header("location")
    }

    /// The value of a header; empty when it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    #[track_caller]
    pub fn json<T: DeserializeOwned>(&self) -> T {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.digest()))
    }

    /// What a person reads: the body without tags, with single spaces.
    pub fn words(&self) -> String {
        let body = self.body.split_once("<body").map_or(self.body.as_str(), |(_, body)| body);
        let mut words = String::new();
        let mut inside = false;
        for c in body.chars() {
            match c {
                '<' => inside = true,
                '>' => inside = false,
                _ if !inside => words.push(c),
                _ => {}
            }
        }
        let words = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#x27;", "'"), ("&#39;", "'"), ("&amp;", "&")]
            .iter()
            .fold(words, |words, (escaped, plain)| words.replace(escaped, plain));
        words.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// What the first row of a table with this text says, its cells apart.
    #[track_caller]
    pub fn row_with(&self, text: &str) -> String {
        let found = self.body.split("<tr>").skip(1).find(|row| row.contains(text));
        let row = found.unwrap_or_else(|| panic!("no row with {text}: {}", self.digest()));
        let body = row.split("</tr>").next().unwrap_or_default().replace('<', " <");
        Self { body, ..self.clone() }.words()
    }

    /// The same answer, if its reader is told this.
    #[track_caller]
    pub fn saying(self, sentence: &str) -> Self {
        assert!(self.words().contains(sentence), "{sentence:?} is not in {}", self.digest());
        self
    }

    /// The markup of the element that has this name, id or other attribute.
    #[track_caller]
    pub fn tag_with(&self, attribute: &str) -> &str {
        let tags = self.body.split('<').map(|tag| tag.split('>').next().unwrap_or_default());
        let mut found = tags.filter(|tag| tag.contains(attribute));
        found.next().unwrap_or_else(|| panic!("no tag with {attribute}: {}", self.digest()))
    }

    /// Whether some element has this attribute.
    pub fn has(&self, attribute: &str) -> bool {
        self.body.contains(attribute)
    }

    fn digest(&self) -> String {
        format!("{} {:?} {}", self.status, self.headers, self.words())
    }
}
