//! The language server: layout on save, findings while typing, fixes by the light bulb.
//!
//! One thread owns the `Session` and takes messages in their order; one `Worker` answers requests, in their order too,
//! each on a `Snapshot` of its document, so that no request sees a document half changed and none keeps the next
//! message waiting. Large documents have workers of their own (`Rooms`). What is asked for is worked out by the same
//! calls of the library that the command line uses, so that both write the same bytes.

mod actions;
mod client;
mod commands;
mod diagnostics;
mod document;
mod edits;
mod effect;
mod fix_workspace;
mod formatting;
mod halves;
mod hover;
mod message;
mod offer;
mod options;
mod parent;
mod position;
mod register;
mod rooms;
mod server;
mod session;
mod snapshot;
mod transport;
mod uri;
mod watched;
mod worker;
mod workspace;

/// Serves the client on standard input and output until it leaves. The exit code is 0 where it said so first, as the
/// protocol asks for, and 1 otherwise.
pub fn serve() -> u8 {
    let (events, outgoing, writer) = transport::stdio();
    let code = server::Server::new(outgoing.clone()).run(&events);
    outgoing.stop();
    writer.wait();
    code
}
