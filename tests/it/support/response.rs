//! A response as its reader sees it.

use axum::http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;

#[derive(Debug, Clone)]
pub struct Response {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Response {
    /// Asserts the status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.digest());
        self
    }

    /// The redirect target of an accepted form.
    #[track_caller]
    pub fn location(&self) -> &str {
        assert_eq!(self.status, StatusCode::SEE_OTHER, "{}", self.digest());
        self.header("location")
    }

    /// The value of a header, or an empty string.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    #[track_caller]
    pub fn json<T: DeserializeOwned>(&self) -> T {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.digest()))
    }

    /// The visible text: the body without tags and with single spaces.
    pub fn text(&self) -> String {
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

    /// The text of the first table row that contains this text, with cells separated.
    #[track_caller]
    pub fn row_with(&self, text: &str) -> String {
        let found = self.body.split("<tr>").skip(1).find(|row| row.contains(text));
        let row = found.unwrap_or_else(|| panic!("no row with {text}: {}", self.digest()));
        let body = row.split("</tr>").next().unwrap_or_default().replace('<', " <");
        Self { body, ..self.clone() }.text()
    }

    /// Asserts that the page shows this text.
    #[track_caller]
    pub fn shows(self, sentence: &str) -> Self {
        assert!(self.text().contains(sentence), "{sentence:?} is not in {}", self.digest());
        self
    }

    /// The markup of the first tag with this name, id or other attribute.
    #[track_caller]
    pub fn tag_with(&self, attribute: &str) -> &str {
        let tags = self.body.split('<').map(|tag| tag.split('>').next().unwrap_or_default());
        let mut found = tags.filter(|tag| tag.contains(attribute));
        found.next().unwrap_or_else(|| panic!("no tag with {attribute}: {}", self.digest()))
    }

    /// True if any element has this attribute.
    pub fn has(&self, attribute: &str) -> bool {
        self.body.contains(attribute)
    }

    fn digest(&self) -> String {
        format!("{} {:?} {}", self.status, self.headers, self.text())
    }
}
