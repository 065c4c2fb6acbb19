//! A connection as the HTTP library sees it, with one change: a bare refusal gets its problem document.
//!
//! What is no HTTP never becomes a request, so the library answers it by itself: `400`, `414` or `431` without a body.
//! Such an answer is exactly recognised on its way out (no request is in work, nothing of ours lacks `X-Request-Id`) and
//! replaced. Everything else passes through untouched.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};

use api::problem::Code;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::problem;

/// Requests of one connection whose answers are not finished.
#[derive(Debug, Clone, Default)]
pub(super) struct Busy(Arc<AtomicUsize>);

impl Busy {
    /// One more, until the guard goes.
    pub(super) fn begin(&self) -> Working {
        self.0.fetch_add(1, Ordering::AcqRel);
        Working(self.clone())
    }

    /// Whether any is in work.
    pub(super) fn is_busy(&self) -> bool {
        self.0.load(Ordering::Acquire) > 0
    }
}

/// A request in work.
#[derive(Debug)]
pub(super) struct Working(Busy);

impl Drop for Working {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::AcqRel);
    }
}

/// The stream.
#[derive(Debug)]
pub(super) struct Wire {
    stream: TcpStream,
    busy: Busy,
    request: String,
    instead: Vec<u8>,
    sent: usize,
}

impl Wire {
    pub(super) fn new(stream: TcpStream, busy: Busy, request: String) -> Self {
        Self {
            stream,
            busy,
            request,
            instead: Vec::new(),
            sent: 0,
        }
    }

    /// The stream itself, and whether something was refused on it.
    pub(super) fn into_stream(self) -> (TcpStream, bool) {
        let refused = !self.instead.is_empty();
        (self.stream, refused)
    }

    /// Keeps the document to send instead of a bare refusal; whether it was one.
    fn replace(&mut self, bytes: &[u8]) -> bool {
        if self.busy.is_busy() || !self.instead.is_empty() {
            return false;
        }
        match refusal(bytes) {
            Some((code, status, detail)) => {
                self.instead = answer(code, status, detail, &self.request);
                true
            }
            None => false,
        }
    }

    fn poll_instead(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while let Some(rest) = self
            .instead
            .get(self.sent..)
            .filter(|rest| !rest.is_empty())
        {
            let sent = ready!(Pin::new(&mut self.stream).poll_write(cx, rest))?;
            if sent == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.sent += sent;
        }
        Poll::Ready(Ok(()))
    }
}

/// What a bare refusal of the library means; `None` for everything else.
fn refusal(bytes: &[u8]) -> Option<(Code, &'static str, &'static str)> {
    const MOST_BYTES: usize = 200;
    if bytes.len() > MOST_BYTES {
        return None;
    }
    let text = std::str::from_utf8(bytes).ok()?;
    let (status, headers) = text.strip_suffix("\r\n\r\n")?.split_once("\r\n")?;
    let bare = headers.split("\r\n").all(|line| {
        line == "connection: close" || line == "content-length: 0" || line.starts_with("date: ")
    });
    let status = status
        .strip_prefix("HTTP/1.1 ")
        .or_else(|| status.strip_prefix("HTTP/1.0 "))?;
    if !bare {
        return None;
    }
    match status.get(..3)? {
        "400" => Some((Code::BadRequest, "400 Bad Request", "this is not HTTP/1.1")),
        "414" => Some((
            Code::TooLarge,
            "414 URI Too Long",
            "the request's target is too long",
        )),
        "431" => Some((
            Code::TooLarge,
            "431 Request Header Fields Too Large",
            "at most 100 headers, and 64 KiB of them, are read",
        )),
        _ => None,
    }
}

/// A whole answer; the connection ends after it.
pub(super) fn answer(code: Code, status: &str, detail: &str, request: &str) -> Vec<u8> {
    let number = status
        .split(' ')
        .next()
        .and_then(|number| number.parse().ok());
    let body = problem::bare(code, number.unwrap_or(400), detail, request);
    let retry = if code == Code::Unavailable {
        "retry-after: 5\r\n"
    } else {
        ""
    };
    let mut bytes = format!(
        "HTTP/1.1 {status}\r\ncontent-type: {}\r\nx-request-id: {request}\r\ncontent-length: {}\r\n\
         cache-control: no-store\r\n{retry}connection: close\r\n\r\n",
        problem::MEDIA_TYPE,
        body.len()
    )
    .into_bytes();
    bytes.extend_from_slice(&body);
    bytes
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.replace(bytes) {
            return Poll::Ready(Ok(bytes.len()));
        }
        ready!(self.poll_instead(cx))?;
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if let [one] = slices
            && self.replace(one)
        {
            return Poll::Ready(Ok(one.len()));
        }
        ready!(self.poll_instead(cx))?;
        Pin::new(&mut self.stream).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_instead(cx))?;
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_instead(cx))?;
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
