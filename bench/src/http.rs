//! Minimal HTTP/1.1 over a keep-alive connection to one server.

use crate::{Outcome, server::ADDRESS};
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    time::Duration,
};

/// A request, complete except for the host.
#[derive(Debug)]
pub struct Request {
    head: String,
    form: Option<String>,
}

impl Request {
    pub fn get(path: String) -> Self {
        Self { head: format!("GET {path} HTTP/1.1\r\nAccept: text/html\r\n"), form: None }
    }

    /// A plain form, as a browser without script posts it.
    pub fn post(path: String, form: String) -> Self {
        let head = format!(
            "POST {path} HTTP/1.1\r\nAccept: text/html\r\nContent-Type: application/x-www-form-urlencoded\r\n\
             Content-Length: {}\r\n",
            form.len()
        );
        Self { head, form: Some(form) }
    }

    pub fn signed_in(mut self, cookie: String) -> Self {
        self.head.push_str(&format!("Cookie: {cookie}\r\n"));
        self
    }

    /// Each request gets its own address, so that rate limits per address do not affect the measurement.
    pub fn from(mut self, number: u64) -> Self {
        let [.., a, b, c] = number.to_be_bytes();
        self.head.push_str(&format!("X-Forwarded-For: 10.{a}.{b}.{c}\r\n"));
        self
    }
}

/// A keep-alive connection.
pub struct Connection(BufReader<TcpStream>);

pub struct Response {
    pub status: u16,
    head: String,
    body: Vec<u8>,
}

impl Response {
    /// True if this text is in the head or the body.
    pub fn contains(&self, text: &str) -> bool {
        let in_head = self.head.to_lowercase().contains(&text.to_lowercase());
        in_head || self.body.windows(text.len()).any(|window| window == text.as_bytes())
    }

    pub fn describe(&self) -> String {
        format!("{}\n{}", self.head.trim(), String::from_utf8_lossy(&self.body))
    }
}

impl Connection {
    pub fn open() -> Outcome<Self> {
        let stream = TcpStream::connect(ADDRESS).map_err(|error| format!("cannot connect to {ADDRESS}: {error}"))?;
        let settings = stream.set_nodelay(true).and_then(|()| stream.set_read_timeout(Some(Duration::from_secs(60))));
        settings.map_err(|error| error.to_string())?;
        Ok(Self(BufReader::with_capacity(1 << 16, stream)))
    }

    pub fn send(&mut self, request: &Request) -> Outcome<Response> {
        let text = format!(
            "{}Host: {ADDRESS}\r\nUser-Agent: accord-bench\r\nSec-Fetch-Site: same-origin\r\n\r\n{}",
            request.head,
            request.form.as_deref().unwrap_or("")
        );
        self.0.get_mut().write_all(text.as_bytes()).map_err(|error| format!("a request could not be sent: {error}"))?;
        self.read().map_err(|error| format!("a response could not be read: {error}"))
    }

    fn read(&mut self) -> std::io::Result<Response> {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if self.0.read_line(&mut head)? == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
        }
        let header = |wanted: &str| {
            let mut lines = head.lines().filter_map(|line| line.split_once(':'));
            lines.find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value.trim().to_owned())
        };
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        let mut body = Vec::new();
        if header("transfer-encoding").is_some_and(|coding| coding.eq_ignore_ascii_case("chunked")) {
            self.read_chunks(&mut body)?;
        } else {
            let length = header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
            body.resize(length, 0);
            self.0.read_exact(&mut body)?;
        }
        Ok(Response { status, head, body })
    }

    fn read_chunks(&mut self, body: &mut Vec<u8>) -> std::io::Result<()> {
        loop {
            let mut line = String::new();
            self.0.read_line(&mut line)?;
            let length = usize::from_str_radix(line.trim(), 16).map_err(|_| std::io::ErrorKind::InvalidData)?;
            let start = body.len();
            body.resize(start + length + 2, 0);
            self.0.read_exact(&mut body[start..])?;
            body.truncate(start + length);
            if length == 0 {
                return Ok(());
            }
        }
    }
}
