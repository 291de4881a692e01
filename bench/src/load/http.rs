//! Minimal HTTP/1.1 over a keep-alive connection to one server.

use crate::{Outcome, server::ADDRESS};
use std::borrow::Cow;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// What a response of the server has at most.
const MAX_HEADERS: usize = 64;

/// A request, complete except for the host.
#[derive(Debug, Clone)]
pub struct Request {
    head: String,
    body: String,
}

impl Request {
    pub fn get(path: String) -> Self {
        Self { head: format!("GET {path} HTTP/1.1\r\nAccept: text/html\r\n"), body: String::new() }
    }

    /// A plain form, as a browser without script posts it.
    pub fn post(path: &str, form: String) -> Self {
        let head = format!(
            "POST {path} HTTP/1.1\r\nAccept: text/html\r\nContent-Type: application/x-www-form-urlencoded\r\n\
             Content-Length: {}\r\n",
            form.len()
        );
        Self { head, body: form }
    }

    /// A lead, as a seller's system posts it.
    pub fn lead(path: &str, content_type: &str, body: String) -> Self {
        let head = format!(
            "POST {path} HTTP/1.1\r\nAccept: application/json\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\n",
            body.len()
        );
        Self { head, body }
    }

    pub fn signed_in(mut self, cookie: &str) -> Self {
        self.head.push_str("Cookie: ");
        self.head.push_str(cookie);
        self.head.push_str("\r\n");
        self
    }

    /// Each request gets its own address, so that rate limits per address do not affect the measurement.
    pub fn from(mut self, number: u64) -> Self {
        let [.., a, b, c] = number.to_be_bytes();
        self.head.push_str(&format!("X-Forwarded-For: 10.{a}.{b}.{c}\r\n"));
        self
    }

    fn bytes(&self) -> Vec<u8> {
        let rest = format!("Host: {}\r\nUser-Agent: accord-bench\r\nSec-Fetch-Site: same-origin\r\n\r\n", *ADDRESS);
        [self.head.as_bytes(), rest.as_bytes(), self.body.as_bytes()].concat()
    }
}

/// A keep-alive connection. A response that is not complete yet stays in the buffer.
pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

#[derive(Debug, PartialEq, Eq)]
pub struct Response {
    pub status: u16,
    head: String,
    body: Vec<u8>,
}

impl Response {
    /// True if this text is in the head, where names of headers are in lower case, or in the body.
    pub fn contains(&self, text: &str) -> bool {
        self.head.contains(text) || memchr::memmem::find(&self.body, text.as_bytes()).is_some()
    }

    pub fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }

    pub fn describe(&self) -> String {
        format!("{}\n{}", self.head.trim(), self.text())
    }

    /// The response at the beginning of the buffer and its length. None if it is not complete.
    fn parse(buffer: &[u8]) -> Result<Option<(Self, usize)>, String> {
        let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
        let mut response = httparse::Response::new(&mut headers);
        let parsed = response.parse(buffer).map_err(|error| format!("a response could not be read: {error}"))?;
        let httparse::Status::Complete(start) = parsed else { return Ok(None) };
        let find = |name: &str| {
            response.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name)).map(|header| header.value)
        };
        let rest = buffer.get(start..).unwrap_or_default();
        let body = if find("transfer-encoding").is_some_and(|coding| coding.eq_ignore_ascii_case(b"chunked")) {
            unchunked(rest)?
        } else {
            let length = find("content-length").and_then(|length| std::str::from_utf8(length).ok()?.parse().ok());
            rest.get(..length.unwrap_or(0)).map(|body| (body.to_vec(), body.len()))
        };
        let Some((body, length)) = body else { return Ok(None) };
        let head = String::from_utf8_lossy(buffer.get(..start).unwrap_or_default()).into_owned();
        Ok(Some((Self { status: response.code.unwrap_or(0), head, body }, start + length)))
    }
}

/// The content of a chunked body and the length of its coding. None if it is not complete.
fn unchunked(coded: &[u8]) -> Result<Option<(Vec<u8>, usize)>, String> {
    let (mut body, mut place) = (Vec::new(), 0);
    loop {
        let rest = coded.get(place..).unwrap_or_default();
        let size = httparse::parse_chunk_size(rest).map_err(|_| "a response has a wrong chunk".to_owned())?;
        let httparse::Status::Complete((start, size)) = size else { return Ok(None) };
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        let end = start.saturating_add(size);
        let (Some(chunk), Some(b"\r\n")) = (rest.get(start..end), rest.get(end..end.saturating_add(2))) else {
            return Ok(None);
        };
        body.extend_from_slice(chunk);
        place += end + 2;
        if size == 0 {
            return Ok(Some((body, place)));
        }
    }
}

impl Connection {
    pub async fn open() -> Outcome<Self> {
        let stream = TcpStream::connect(ADDRESS.as_str()).await;
        let stream = stream.map_err(|error| format!("cannot connect to {}: {error}", *ADDRESS))?;
        stream.set_nodelay(true).map_err(|error| error.to_string())?;
        Ok(Self { stream, buffer: Vec::with_capacity(1 << 12) })
    }

    pub async fn send(&mut self, request: &Request) -> Outcome<Response> {
        let sent = self.stream.write_all(&request.bytes()).await;
        sent.map_err(|error| format!("a request could not be sent: {error}"))?;
        loop {
            if let Some((response, length)) = Response::parse(&self.buffer)? {
                self.buffer.drain(..length);
                return Ok(response);
            }
            self.buffer.reserve(1 << 12);
            match self.stream.read_buf(&mut self.buffer).await {
                Ok(0) => return Err("the server closed the connection without a response".to_owned()),
                Ok(_) => {}
                Err(error) => return Err(format!("a response could not be read: {error}")),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Option<(Response, usize)> {
        Response::parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn a_response_is_read_when_all_of_it_is_there() {
        for (whole, body) in [
            ("HTTP/1.1 201 Created\r\ncontent-length: 5\r\n\r\nhello", "hello"),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n", "hello"),
            ("HTTP/1.1 303 See Other\r\nlocation: /\r\nset-cookie: accord=1\r\ncontent-length: 0\r\n\r\n", ""),
        ] {
            for end in 0..whole.len() {
                assert_eq!(parse(&whole[..end]), None, "{end} of {whole}");
            }
            let (response, length) = parse(&format!("{whole}HTTP/1.1 200")).unwrap();
            assert_eq!((String::from_utf8(response.body).unwrap().as_str(), length), (body, whole.len()));
        }
        assert!(Response::parse(b"SSH-2.0\r\n\r\n").is_err());
    }

    #[test]
    fn a_text_is_found_in_head_and_body() {
        let text =
            "HTTP/1.1 201 Created\r\nset-cookie: accord=1\r\ncontent-length: 21\r\n\r\n{\"outcome\":\"success\"}";
        let (response, _) = parse(text).unwrap();
        assert!(response.contains("set-cookie: accord=") && response.contains("\"outcome\":\"success\""));
        assert!(!response.contains("failure"));
    }
}
