//! Messages over standard input and output, each behind a header with its length.
//!
//! The reader of `lsp-server` ends at the first message that is no JSON; this one tells, and goes on.

use std::{
    io::{self, BufRead, Read, Write},
    sync::mpsc::{self, Receiver, Sender},
    thread,
    time::Duration,
};

use lsp_server::Message;

/// What the server hears.
#[derive(Debug)]
pub(super) enum Event {
    /// A message of the client.
    Message(Message),
    /// A message that could not be understood, and why.
    Malformed(String),
    /// The client or its process is gone.
    Gone,
}

/// The way to the client. Clones lead to the same one.
#[derive(Debug, Clone)]
pub(super) struct Outgoing(Sender<Send>);

#[derive(Debug)]
enum Send {
    Message(Message),
    /// The answer to a request whose id is not known.
    Unreadable(String),
    Stop,
}

impl Outgoing {
    /// Sends a message. Where the client is gone, nobody is left to tell.
    pub(super) fn send(&self, message: impl Into<Message>) {
        let _ = self.0.send(Send::Message(message.into()));
    }

    /// Answers a message that could not be understood.
    pub(super) fn unreadable(&self, why: String) {
        let _ = self.0.send(Send::Unreadable(why));
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
            let event = match serde_json::from_slice(&body) {
                Ok(message) => Event::Message(message),
                Err(error) => Event::Malformed(error.to_string()),
            };
            if sender.send(event).is_err() {
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
        let written = match message {
            Send::Message(message) => message.write(&mut out),
            Send::Unreadable(why) => write_unreadable(&mut out, &why),
            Send::Stop => return,
        };
        if written.is_err() {
            return;
        }
    }
}

fn write_unreadable(out: &mut impl Write, why: &str) -> io::Result<()> {
    let code = lsp_server::ErrorCode::ParseError as i32;
    let body = serde_json::json!({ "jsonrpc": "2.0", "id": null, "error": { "code": code, "message": why } });
    let body = body.to_string();
    write!(out, "Content-Length: {}\r\n\r\n{body}", body.len())?;
    out.flush()
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
