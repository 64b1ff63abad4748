//! One row: what is asked, and the answer. `docs/jsonl.schema.json` describes both.

use std::{fmt, str};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{MapAccess, Visitor},
    ser::SerializeMap,
};
use serde_json::value::RawValue;

use super::stream::{Line, MAX_LINE};
use crate::fix::{Effect, Rule};

/// What is asked.
#[derive(Default)]
pub(super) struct Row<'a> {
    pub(super) path: Option<String>,
    /// The document.
    pub(super) text: Option<String>,
    /// What the row says of settings, as it is written.
    pub(super) config: Option<&'a RawValue>,
    /// What is no business of dockfix, and comes back as it is written.
    others: Vec<(String, &'a RawValue)>,
    /// What is wrong with the row itself.
    pub(super) error: Option<String>,
}

impl<'a> Row<'a> {
    /// Reads a line. Of a bad one, all is kept that can be read. Nothing that is said of it depends on the lines before
    /// it, for other machines have others.
    pub(super) fn read(line: &'a Line) -> Row<'a> {
        let bad = |error: String| Row { error: Some(error), ..Row::default() };
        let Some(bytes) = line else {
            return bad(format!("longer than {} MiB, which is the most that is read", MAX_LINE >> 20));
        };
        let text = match str::from_utf8(bytes) {
            // Some programs begin a file with a byte order mark.
            Ok(text) => text.trim_start_matches('\u{feff}'),
            Err(error) => {
                let near = quoted(&String::from_utf8_lossy(bytes));
                return bad(format!("not UTF-8 at byte {} of {near}", error.valid_up_to() + 1));
            }
        };
        let Members(members) = match serde_json::from_str(text) {
            Ok(members) => members,
            Err(error) => {
                return bad(format!("{} at column {} of {}", reason(&error), error.column().max(1), quoted(text)));
            }
        };
        let mut row = Row::default();
        for (name, value) in members {
            match name.as_str() {
                "path" => row.path = row.string(&name, value),
                "text" => row.text = row.string(&name, value),
                "config" => row.config = Some(value).filter(|it| it.get() != "null"),
                // An answer is a row as well: what it says is said anew.
                it if ANSWERS.contains(&it) => {}
                _ => row.others.push((name, value)),
            }
        }
        if row.text.is_none() && row.error.is_none() {
            row.error = Some("the row has no `text`".to_owned());
        }
        row
    }

    /// The text that a member is; that it is something else is an error of the row.
    fn string(&mut self, name: &str, value: &RawValue) -> Option<String> {
        match serde_json::from_str(value.get()) {
            Ok(text) => text,
            Err(error) => {
                self.error = Some(format!("`{name}` is no text: {}", reason(&error)));
                None
            }
        }
    }

    /// The row's answer, as a line without its end.
    pub(super) fn answered(&self, answer: &Answer, findings: impl Serialize) -> Vec<u8> {
        let write = || -> serde_json::Result<Vec<u8>> {
            let mut out = Vec::with_capacity(answer.text.as_ref().map_or(0, String::len) + 1024);
            let mut json = serde_json::Serializer::new(&mut out);
            let mut map = json.serialize_map(None)?;
            map.serialize_entry("path", &self.path)?;
            map.serialize_entry("text", &answer.text)?;
            map.serialize_entry("changed", &answer.changed)?;
            map.serialize_entry("applied", &Applied(&answer.applied))?;
            map.serialize_entry("findings", &findings)?;
            map.serialize_entry("effect", answer.effect.as_str())?;
            map.serialize_entry("steps_rebuilt", &answer.steps_rebuilt)?;
            map.serialize_entry("passed_over", &answer.passed_over)?;
            map.serialize_entry("error", &answer.error)?;
            for (name, value) in &self.others {
                map.serialize_entry(name, value)?;
            }
            map.end()?;
            Ok(out)
        };
        // Strings, numbers and what was JSON before are always JSON, and a vector takes any bytes.
        write().unwrap_or_default()
    }
}

/// How a line begins, so that it can be found.
fn quoted(line: &str) -> String {
    let mut chars = line.chars();
    let begin: String = chars.by_ref().take(MAX_QUOTED).collect();
    let more = if chars.next().is_some() { "…" } else { "" };
    format!("`{begin}{more}`")
}

/// So many characters of a line are quoted.
const MAX_QUOTED: usize = 60;

/// What an error of the reader says, without the place: a row is one line, and the column is told apart.
pub(super) fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split(" at line ").next().unwrap_or(&text).to_owned()
}

/// The members of an answer beside `path` and `text`.
const ANSWERS: &[&str] = &["changed", "applied", "findings", "effect", "steps_rebuilt", "passed_over", "error"];

/// What became of a row.
pub(super) struct Answer {
    /// The document as it is now; missing only where there was none.
    pub(super) text: Option<String>,
    pub(super) changed: bool,
    /// How often each rule's fixes were applied.
    pub(super) applied: Vec<(&'static Rule, usize)>,
    /// The most that was done to the build.
    pub(super) effect: Effect,
    pub(super) steps_rebuilt: usize,
    /// Why the document was left alone.
    pub(super) passed_over: Option<PassedOver>,
    /// Why nothing came of the row.
    pub(super) error: Option<String>,
}

impl Answer {
    /// The answer of a row to which nothing was done.
    pub(super) fn unchanged(text: Option<String>) -> Answer {
        let effect = Effect::None;
        Answer { text, changed: false, applied: Vec::new(), effect, steps_rebuilt: 0, passed_over: None, error: None }
    }
}

/// Why a document was left alone.
#[derive(Serialize)]
pub(super) struct PassedOver {
    /// The kind of reason.
    pub(super) class: &'static str,
    /// The reason, in a clause.
    pub(super) message: String,
}

/// Counts by the names of rules.
struct Applied<'a>(&'a [(&'static Rule, usize)]);

impl Serialize for Applied<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(rule, count)| (rule.name, count)))
    }
}

/// The members of an object, with their values as they are written.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Vec<(String, &'de RawValue)>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(members)
            }
        }
        deserializer.deserialize_map(Object).map(Members)
    }
}
