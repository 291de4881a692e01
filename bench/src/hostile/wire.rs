//! Sends raw bytes over new connections, as callers do who follow no rules.

use crate::server::ADDRESS;
use std::{
    io::{ErrorKind, Read, Write},
    net::TcpStream,
    time::Duration,
};

/// Longer than any time limit of the server.
const PATIENCE: Duration = Duration::from_secs(100);

/// A complete request.
#[derive(Debug, Clone)]
pub struct Raw {
    pub head: String,
    pub body: Vec<u8>,
}

impl Raw {
    pub fn new(method: &str, path: &str) -> Self {
        let head =
            format!("{method} {path} HTTP/1.1\r\nHost: {}\r\nUser-Agent: hostile\r\nConnection: close\r\n", *ADDRESS);
        Self { head, body: Vec::new() }
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.head.push_str(&format!("{name}: {value}\r\n"));
        self
    }

    /// A body with its length and content type.
    pub fn body(mut self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        let length = self.body.len().to_string();
        self.header("Content-Type", content_type).header("Content-Length", &length)
    }

    /// As a browser posts it.
    pub fn form(self, body: impl Into<Vec<u8>>) -> Self {
        self.header("Sec-Fetch-Site", "same-origin").body("application/x-www-form-urlencoded", body)
    }

    /// As this caller. The server trusts one proxy, which is this program.
    pub fn from(self, address: u32) -> Self {
        let [_, a, b, c] = address.to_be_bytes();
        self.header("X-Forwarded-For", &format!("10.{a}.{b}.{c}"))
    }
}

/// What came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome {
    /// 0 if the connection ended without a response.
    pub status: u16,
    pub bytes: usize,
}

/// Sends the request and reads the response to its end, without keeping it.
pub fn exchange(raw: &Raw) -> Outcome {
    let none = Outcome { status: 0, bytes: 0 };
    let Some(mut stream) = open() else { return none };
    // The server may respond, and close, before it has read everything.
    let _refused_early = send(&mut stream, raw);
    read(&mut stream)
}

/// The status of a connection that the server holds open although it should have closed it.
pub const STILL_OPEN: u16 = 1;
/// How long a connection on which nothing arrives may stay open: a little longer than the server's time limit.
const HELD: Duration = Duration::from_secs(14);

/// Sends the first bytes of a request and waits for the server to close the connection.
pub fn send_partly(raw: &Raw, length: usize) -> Outcome {
    let Some(mut stream) = open() else { return Outcome { status: 0, bytes: 0 } };
    let whole = [raw.head.as_bytes(), b"\r\n", &raw.body].concat();
    let _refused_early = stream.write_all(whole.get(..length).unwrap_or(&whole));
    let _keeps_patience = stream.set_read_timeout(Some(HELD));
    let (mut start, mut buffer) = (Vec::new(), [0; 1024]);
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => return Outcome { status: status(&start), bytes: start.len() },
            Ok(count) => start.extend_from_slice(buffer.get(..count).unwrap_or_default()),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                return Outcome { status: STILL_OPEN, bytes: start.len() };
            }
            Err(_) => return Outcome { status: status(&start), bytes: start.len() },
        }
    }
}

/// The status of a response; 0 if there is none.
fn status(start: &[u8]) -> u16 {
    String::from_utf8_lossy(start).split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0)
}

pub fn open() -> Option<TcpStream> {
    let stream = TcpStream::connect(ADDRESS.as_str()).ok()?;
    stream.set_nodelay(true).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    stream.set_write_timeout(Some(PATIENCE)).ok()?;
    Some(stream)
}

pub fn send(stream: &mut TcpStream, raw: &Raw) -> std::io::Result<()> {
    stream.write_all(raw.head.as_bytes())?;
    stream.write_all(b"\r\n")?;
    stream.write_all(&raw.body)
}

pub fn read(stream: &mut TcpStream) -> Outcome {
    let (mut start, mut bytes, mut buffer) = (Vec::new(), 0, vec![0; 1 << 16]);
    while let Ok(count @ 1..) = stream.read(&mut buffer) {
        if start.len() < 64 {
            start.extend_from_slice(buffer.get(..count.min(64)).unwrap_or_default());
        }
        bytes += count;
    }
    Outcome { status: status(&start), bytes }
}
