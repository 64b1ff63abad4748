//! Messages over standard input and output, each behind a header with its length.
//!
//! The reader of `lsp-server` ends at the first message that is no JSON; this one tells, and goes on.

use std::{
    io::{self, BufRead, Read, Write},
    sync::mpsc::{self, Receiver, Sender},
    thread,
    time::Duration,
};

use lsp_server::{RequestId, ResponseError};
use serde::Serialize;
use serde_json::{Value, value::RawValue};

use super::message::{self, Event, Malformed};

/// The way to the client. Clones lead to the same one.
#[derive(Debug, Clone)]
pub(super) struct Outgoing(Sender<Send>);

#[derive(Debug)]
enum Send {
    /// The body of a message.
    Body(String),
    Stop,
}

/// A message to the client, written as it comes: what it says is put into words once, and into no tree before.
#[derive(Debug, Serialize)]
struct Body<'a, P> {
    jsonrpc: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<Id<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    method: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    params: Option<P>,
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<ResponseError>,
}

/// The id of a request: a right one, or what the client gave for one.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Id<'a> {
    Right(&'a RequestId),
    Given(&'a Value),
}

impl<P> Body<'_, P> {
    const EMPTY: Self = Body { jsonrpc: "2.0", id: None, method: None, params: None, result: None, error: None };
}

impl Outgoing {
    /// Sends a message. Where the client is gone, nobody is left to tell.
    fn send<P: Serialize>(&self, body: &Body<'_, P>) {
        // All that is sent can be put into words: its keys are texts.
        if let Ok(body) = serde_json::to_string(body) {
            let _ = self.0.send(Send::Body(body));
        }
    }

    /// Tells something.
    pub(super) fn notify(&self, method: &str, params: impl Serialize) {
        self.send(&Body { method: Some(method), params: Some(params), ..Body::EMPTY });
    }

    /// Asks something; `params` may be none.
    pub(super) fn ask(&self, id: &RequestId, method: &str, params: Option<impl Serialize>) {
        self.send(&Body { id: Some(Id::Right(id)), method: Some(method), params, ..Body::EMPTY });
    }

    /// Answers a request.
    pub(super) fn answer(&self, id: &RequestId, answer: Result<&RawValue, ResponseError>) {
        let (result, error) = match answer {
            Ok(result) => (Some(result), None),
            Err(error) => (None, Some(error)),
        };
        self.send(&Body::<()> { id: Some(Id::Right(id)), result, error, ..Body::EMPTY });
    }

    /// Answers a message that could not be understood.
    pub(super) fn refuse(&self, malformed: &Malformed) {
        let error = ResponseError { code: malformed.code as i32, message: malformed.why.clone(), data: None };
        self.send(&Body::<()> { id: Some(Id::Given(&malformed.id)), error: Some(error), ..Body::EMPTY });
    }

    /// Ends the writer once all that was sent before is written.
    pub(super) fn stop(&self) {
        let _ = self.0.send(Send::Stop);
    }
}

/// The thread that writes.
pub(super) struct Writer(Receiver<()>);

/// How long a client may take to read what was sent to it before the end. One that hung up but keeps the pipe open
/// would otherwise hold the server for ever.
const PATIENCE: Duration = Duration::from_secs(2);

impl Writer {
    /// Waits until it has ended, or for as long as the client may take.
    pub(super) fn wait(self) {
        // Nothing is ever sent: the thread's end of the channel goes with it.
        let _ = self.0.recv_timeout(PATIENCE);
    }
}

/// Starts to read and write. The receiver is also where other threads of the server may send events to.
pub(super) fn stdio() -> (Events, Outgoing, Writer) {
    let (sender, receiver) = mpsc::channel();
    let events = Events { sender: sender.clone(), receiver };
    thread::spawn(move || {
        let mut input = io::stdin().lock();
        while let Ok(Some(body)) = read(&mut input) {
            if message::read(&body).is_some_and(|event| sender.send(event).is_err()) {
                return;
            }
        }
        let _ = sender.send(Event::Gone);
    });
    let (sender, messages) = mpsc::channel();
    let (end, ended) = mpsc::channel();
    thread::spawn(move || {
        let _end: Sender<()> = end;
        write_all(&messages);
    });
    (events, Outgoing(sender), Writer(ended))
}

/// Where events come in.
pub(super) struct Events {
    pub(super) sender: Sender<Event>,
    pub(super) receiver: Receiver<Event>,
}

fn write_all(messages: &Receiver<Send>) {
    let mut out = io::stdout().lock();
    for message in messages {
        let Send::Body(body) = message else { return };
        let written = write!(out, "Content-Length: {}\r\n\r\n{body}", body.len());
        if written.and_then(|()| out.flush()).is_err() {
            return;
        }
    }
}

/// The next message's body; `None` at the end. Lines that are no header are passed over, so that what was not
/// understood is left behind.
fn read(input: &mut impl BufRead) -> io::Result<Option<Vec<u8>>> {
    let mut length: Option<u64> = None;
    let mut line = Vec::new();
    loop {
        line.clear();
        if input.read_until(b'\n', &mut line)? == 0 {
            return Ok(None);
        }
        let header = String::from_utf8_lossy(&line);
        let header = header.trim();
        match header.split_once(':') {
            Some((name, value)) if name.trim().eq_ignore_ascii_case("content-length") => {
                length = value.trim().parse().ok();
            }
            None if header.is_empty() => {
                let Some(length) = length else { continue };
                // Room is made as the bytes come: what a header says may be a lie.
                let mut body = Vec::new();
                let read = input.take(length).read_to_end(&mut body)?;
                return Ok((read as u64 == length).then_some(body));
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    /// The bodies of all messages in a stream.
    fn bodies(mut stream: &[u8]) -> Vec<String> {
        let mut all = Vec::new();
        while let Some(body) = read(&mut stream).unwrap() {
            all.push(String::from_utf8(body).unwrap());
        }
        all
    }

    #[test]
    fn headers_may_come_in_any_case_and_order() {
        let stream = b"content-length: 2\r\n\r\n{}Content-Type: x\r\nContent-Length:3\r\n\r\n[1]";
        assert_eq!(bodies(stream), ["{}", "[1]"]);
    }

    #[test]
    fn what_is_no_header_is_passed_over() {
        assert_eq!(bodies(b"garbage\r\n\r\n\r\nContent-Length: x\r\n\r\nContent-Length: 2\n\n{}"), ["{}"]);
        assert_eq!(bodies(b"Content-Length: 99999999999999\r\n\r\n{}"), [""; 0]);
        assert_eq!(bodies(b"\xFF\xFE\0"), [""; 0]);
    }
}
