//! A kept connection to a server, as a sender's system has one.

use super::Response;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use std::{
    fmt::Write as _,
    io::{Error, ErrorKind, Result},
    net::SocketAddr,
};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
};

#[derive(Debug)]
pub struct Wire(BufReader<TcpStream>);

impl Wire {
    pub async fn open(to: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(to).await?;
        stream.set_nodelay(true)?;
        Ok(Self(BufReader::new(stream)))
    }

    /// Sends a request and reads its response. An error means that nobody knows whether the request was handled.
    pub async fn send(
        &mut self,
        method: &Method,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Result<Response> {
        self.write(method, path, headers, body).await?;
        self.read().await
    }

    /// Sends a request without waiting for its response.
    pub async fn write(&mut self, method: &Method, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Result<()> {
        let mut head = format!("{method} {path} HTTP/1.1\r\n");
        if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
            head.push_str("host: accord.example\r\n");
        }
        for (name, value) in headers {
            let _never_fails = write!(head, "{name}: {value}\r\n");
        }
        let _never_fails = write!(head, "content-length: {}\r\n\r\n", body.len());
        let stream = self.0.get_mut();
        stream.write_all(head.as_bytes()).await?;
        stream.write_all(body).await
    }

    async fn read(&mut self) -> Result<Response> {
        let line = self.line().await?;
        let status = line.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or(ErrorKind::InvalidData)?;
        let status = StatusCode::from_u16(status).map_err(Error::other)?;
        let mut headers = HeaderMap::new();
        loop {
            let line = self.line().await?;
            let Some((name, value)) = line.split_once(':') else { break };
            let name = HeaderName::from_bytes(name.as_bytes()).map_err(Error::other)?;
            headers.append(name, HeaderValue::from_str(value.trim()).map_err(Error::other)?);
        }
        let body = if headers.get("transfer-encoding").is_some_and(|coding| coding == "chunked") {
            self.chunks().await?
        } else {
            let length = headers.get("content-length").and_then(|length| length.to_str().ok()?.parse().ok());
            self.bytes(length.unwrap_or(0)).await?
        };
        Ok(Response { status, headers, body: String::from_utf8_lossy(&body).into_owned() })
    }

    async fn chunks(&mut self) -> Result<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let length = usize::from_str_radix(&self.line().await?, 16).map_err(Error::other)?;
            body.extend(self.bytes(length).await?);
            self.line().await?;
            if length == 0 {
                return Ok(body);
            }
        }
    }

    async fn bytes(&mut self, length: usize) -> Result<Vec<u8>> {
        let mut bytes = vec![0; length];
        self.0.read_exact(&mut bytes).await?;
        Ok(bytes)
    }

    /// A line without its end. The connection must not end before it.
    async fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        self.0.read_line(&mut line).await?;
        match line.strip_suffix("\r\n") {
            Some(line) => Ok(line.to_owned()),
            None => Err(ErrorKind::UnexpectedEof.into()),
        }
    }
}
