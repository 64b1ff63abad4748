//! What the client sends, understood.

use lsp_server::{ErrorCode, Message, Notification, Request, RequestId};
use serde::Deserialize;
use serde_json::Value;

use super::halves;

/// What the server hears.
#[derive(Debug)]
pub(super) enum Event {
    /// A message of the client.
    Message(Message),
    /// A message that is none, or of which too little is understood.
    Malformed(Malformed),
    /// The client or its process is gone.
    Gone,
}

/// A message that could not be understood.
#[derive(Debug)]
pub(super) struct Malformed {
    /// What the protocol calls the mistake.
    pub(super) code: ErrorCode,
    /// The id of the request, as far as it has one that can be given back.
    pub(super) id: Value,
    /// What is wrong.
    pub(super) why: String,
    /// Whether it may have told of a document's change.
    pub(super) may_be_change: bool,
}

/// Understands a message's body; nothing where it is an answer to what was never asked.
pub(super) fn read(body: &[u8]) -> Option<Event> {
    let value = serde_json::from_slice(body).or_else(|error| match halves::kept(body) {
        Some(body) => serde_json::from_slice(&body),
        None => Err(error),
    });
    let malformed = |code, id, why: String| {
        let may_be_change = body.windows(CHANGE.len()).any(|it| it == CHANGE);
        Some(Event::Malformed(Malformed { code, id, why, may_be_change }))
    };
    let mut value: Value = match value {
        Ok(value) => value,
        Err(error) => return malformed(ErrorCode::ParseError, Value::Null, error.to_string()),
    };
    let id = value.get("id").cloned();
    let wrong = |why: &str| {
        let id = id.clone().filter(|it| it.is_number() || it.is_string()).unwrap_or_default();
        malformed(ErrorCode::InvalidRequest, id, why.to_owned())
    };
    if !value.is_object() {
        return wrong("a message is an object");
    }
    let method = match value.get("method") {
        Some(Value::String(method)) => method.clone(),
        Some(_) => return wrong("the method is no text"),
        None if value.get("result").is_none() && value.get("error").is_none() => {
            return wrong("there is no method, and neither result nor error");
        }
        // The server's own ids are of the right kind, and an answer is never answered.
        None => return serde_json::from_value(value).ok().map(|it| Event::Message(Message::Response(it))),
    };
    let params = value.get_mut("params").map(Value::take).unwrap_or_default();
    let id = match &id {
        // Some clients give an id of null to what is no request.
        Some(Value::Null) if is_notification(&method) => None,
        None => None,
        Some(id) => match RequestId::deserialize(id) {
            Ok(id) => Some(id),
            Err(_) => return wrong("an id is a text or a whole number of 32 bits"),
        },
    };
    Some(Event::Message(match id {
        Some(id) => Message::Request(Request { id, method, params }),
        None => Message::Notification(Notification { method, params }),
    }))
}

/// What stands in the name of the method that tells of a document's change.
const CHANGE: &[u8] = b"didChange";

/// Whether a method of the protocol's is one that has no answer.
fn is_notification(method: &str) -> bool {
    let name = method.rsplit('/').next().unwrap_or(method);
    name.starts_with("did") || method.starts_with("$/") || ["initialized", "exit"].contains(&method)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn malformed(body: &str) -> (i32, Value) {
        match read(body.as_bytes()) {
            Some(Event::Malformed(it)) => (it.code as i32, it.id),
            other => panic!("{body}: {other:?}"),
        }
    }

    #[test]
    fn what_is_no_message_is_told_from_what_is_no_json() {
        assert_eq!(malformed("{"), (-32700, Value::Null));
        assert_eq!(malformed("[]"), (-32600, Value::Null));
        assert_eq!(malformed(r#"{"id":7}"#), (-32600, 7.into()));
        assert_eq!(malformed(r#"{"id":7,"method":1}"#), (-32600, 7.into()));
        for (id, given) in [("1.5", 1.5.into()), ("2147483648", 2_147_483_648_i64.into()), ("[1]", Value::Null)] {
            assert_eq!(malformed(&format!(r#"{{"id":{id},"method":"x"}}"#)), (-32600, given));
        }
        assert_eq!(malformed(r#"{"id":null,"method":"shutdown"}"#), (-32600, Value::Null));
    }

    #[test]
    fn answers_are_never_answered() {
        assert!(read(br#"{"id":null,"error":{"code":1,"message":"x"}}"#).is_none());
        assert!(matches!(read(br#"{"id":1,"result":null}"#), Some(Event::Message(Message::Response(_)))));
    }

    #[test]
    fn notifications_may_have_an_id_of_null() {
        let event = read(br#"{"id":null,"method":"textDocument/didClose"}"#);
        assert!(matches!(event, Some(Event::Message(Message::Notification(_)))), "{event:?}");
    }

    #[test]
    fn what_may_be_a_change_is_marked() {
        let is_change = |body: &str| matches!(read(body.as_bytes()), Some(Event::Malformed(it)) if it.may_be_change);
        assert!(is_change(r#"{"method":"textDocument/didChange","#));
        assert!(!is_change(r#"{"method":"textDocument/hover","#));
    }
}
