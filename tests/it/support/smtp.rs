//! A mail server on a loopback port that keeps every message and fails on demand. It runs on its own threads, so it
//! responds whatever the test's runtime does.

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex, PoisonError},
    thread,
};

/// How the server treats the next message.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Mode {
    #[default]
    Accept,
    /// Replies 451 to the recipient: try again later.
    Temporary,
    /// Replies 550 to the recipient: never retry.
    Permanent,
    /// Takes the whole message, keeps it, and hangs up instead of replying 250.
    DropAfterData,
    /// Replies to EHLO with a line of spaces, which makes lettre 0.11.23 panic.
    MalformedHello,
    /// Never sends anything.
    Silent,
}

#[derive(Debug, Default)]
struct SinkState {
    mode: Mode,
    mails: Vec<String>,
    connections: usize,
}

#[derive(Debug, Clone)]
pub struct SmtpSink {
    port: u16,
    state: Arc<Mutex<SinkState>>,
}

impl SmtpSink {
    pub fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let sink = Self { port: listener.local_addr().unwrap().port(), state: Arc::default() };
        let server = sink.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let server = server.clone();
                // A client that hangs up is not an error of the server.
                thread::spawn(move || server.serve(stream).ok());
            }
        });
        sink
    }

    /// The value for `SMTP_URL`.
    pub fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }

    pub fn set(&self, mode: Mode) {
        self.with(|state| state.mode = mode);
    }

    /// The messages as received, header and body, dots unstuffed, including those the server hung up on.
    pub fn mails(&self) -> Vec<String> {
        self.with(|state| state.mails.clone())
    }

    /// The number of connections so far.
    pub fn connections(&self) -> usize {
        self.with(|state| state.connections)
    }

    fn with<T>(&self, look: impl FnOnce(&mut SinkState) -> T) -> T {
        look(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn serve(&self, stream: TcpStream) -> io::Result<()> {
        self.with(|state| state.connections += 1);
        let mut out = stream.try_clone()?;
        let mut lines = BufReader::new(stream);
        if self.with(|state| state.mode) == Mode::Silent {
            return lines.read_to_string(&mut String::new()).map(drop);
        }
        out.write_all(b"220 sink.test ESMTP\r\n")?;
        let mut line = String::new();
        loop {
            line.clear();
            if lines.read_line(&mut line)? == 0 {
                return Ok(());
            }
            let mode = self.with(|state| state.mode);
            let verb = line.split([' ', '\r', '\n']).next().unwrap_or_default().to_uppercase();
            let response: &[u8] = match (verb.as_str(), mode) {
                ("EHLO", Mode::MalformedHello) => b"250-sink.test\r\n250-  \r\n250 8BITMIME\r\n",
                ("EHLO", _) => b"250-sink.test\r\n250 8BITMIME\r\n",
                ("RCPT", Mode::Temporary) => b"451 4.7.1 Greylisted <script>\r\n",
                ("RCPT", Mode::Permanent) => b"550 5.1.1 No such user <script>\r\n",
                ("DATA", _) => {
                    out.write_all(b"354 Go ahead\r\n")?;
                    let mail = read_message(&mut lines)?;
                    self.with(|state| state.mails.push(mail));
                    if mode == Mode::DropAfterData {
                        return Ok(());
                    }
                    b"250 Kept\r\n"
                }
                ("QUIT", _) => {
                    out.write_all(b"221 Bye\r\n")?;
                    return Ok(());
                }
                _ => b"250 OK\r\n",
            };
            out.write_all(response)?;
        }
    }
}

fn read_message(lines: &mut impl BufRead) -> io::Result<String> {
    let mut message = String::new();
    loop {
        let mut line = String::new();
        if lines.read_line(&mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if line == ".\r\n" {
            return Ok(message);
        }
        message.push_str(line.strip_prefix('.').unwrap_or(&line));
    }
}
