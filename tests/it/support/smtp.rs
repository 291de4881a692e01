//! A mail server on a loopback port that keeps what it gets and fails as told. It runs in threads of its own, so that it
//! answers whatever the test's runtime does.

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex, PoisonError},
    thread,
};

/// How the server meets the next mail.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Mode {
    #[default]
    Accept,
    /// 451 to the recipient: try again later.
    Temporary,
    /// 550 to the recipient: never.
    Permanent,
    /// Takes the whole message, keeps it, and hangs up instead of saying 250.
    DropAfterData,
    /// A line of spaces in the answer to EHLO, which makes lettre 0.11.23 panic.
    MalformedHello,
    /// Never says a word.
    Silent,
}

#[derive(Debug, Default)]
struct Kept {
    mode: Mode,
    mails: Vec<String>,
    connections: usize,
}

#[derive(Debug, Clone)]
pub struct SmtpSink {
    port: u16,
    kept: Arc<Mutex<Kept>>,
}

impl SmtpSink {
    pub fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let sink = Self { port: listener.local_addr().unwrap().port(), kept: Arc::default() };
        let server = sink.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let server = server.clone();
                // A client that hangs up is no fault of the server.
                thread::spawn(move || server.converse(stream).ok());
            }
        });
        sink
    }

    /// For `SMTP_URL`.
    pub fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }

    pub fn set(&self, mode: Mode) {
        self.with(|kept| kept.mode = mode);
    }

    /// The messages as they came, header and body, dots unstuffed; also those it hung up on.
    pub fn mails(&self) -> Vec<String> {
        self.with(|kept| kept.mails.clone())
    }

    /// How often somebody came.
    pub fn connections(&self) -> usize {
        self.with(|kept| kept.connections)
    }

    fn with<T>(&self, look: impl FnOnce(&mut Kept) -> T) -> T {
        look(&mut self.kept.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn converse(&self, stream: TcpStream) -> io::Result<()> {
        self.with(|kept| kept.connections += 1);
        let mut out = stream.try_clone()?;
        let mut lines = BufReader::new(stream);
        if self.with(|kept| kept.mode) == Mode::Silent {
            return lines.read_to_string(&mut String::new()).map(drop);
        }
        out.write_all(b"220 sink.test ESMTP\r\n")?;
        let mut line = String::new();
        loop {
            line.clear();
            if lines.read_line(&mut line)? == 0 {
                return Ok(());
            }
            let mode = self.with(|kept| kept.mode);
            let verb = line.split([' ', '\r', '\n']).next().unwrap_or_default().to_uppercase();
            let answer: &[u8] = match (verb.as_str(), mode) {
                ("EHLO", Mode::MalformedHello) => b"250-sink.test\r\n250-  \r\n250 8BITMIME\r\n",
                ("EHLO", _) => b"250-sink.test\r\n250 8BITMIME\r\n",
                ("RCPT", Mode::Temporary) => b"451 4.7.1 Greylisted <script>\r\n",
                ("RCPT", Mode::Permanent) => b"550 5.1.1 No such user <script>\r\n",
                ("DATA", _) => {
                    out.write_all(b"354 Go ahead\r\n")?;
                    let mail = read_message(&mut lines)?;
                    self.with(|kept| kept.mails.push(mail));
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
            out.write_all(answer)?;
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
