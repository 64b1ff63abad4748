//! Text of which a part may be unknown until the build runs.

use std::{
    fmt,
    hash::{Hash, Hasher},
    rc::Rc,
};

/// A text that a build works with. What the file alone does not tell, as a variable of the base image, is a symbol in
/// it; a symbol is equal to itself and to nothing else. Clones share what they hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Value(Content);

/// What a value holds. Equal texts are held in the same way.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Content {
    #[default]
    Empty,
    /// Known text, not empty.
    Plain(Rc<str>),
    /// Pieces with a symbol among them, never two plain ones side by side, and none that is empty.
    Mixed(Rc<[Piece]>),
}

/// A piece of a [`Value`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Piece {
    /// Known text.
    Plain(String),
    /// What is not known.
    Symbol(Box<Symbol>),
}

/// Something that only the build knows, described by all that it depends on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Symbol {
    /// A field of the base image's config, or a default of the builder: `shell`, `cmd`, …
    Base(&'static str),
    /// A variable in the base image's environment; empty where it has none.
    BaseVariable(String),
    /// A build argument, and what it is where none is given.
    Argument(String, Option<Value>),
    /// An operation on something unknown, as `${x:-y}`: operator, variable, operands.
    Operation(&'static str, Value, Vec<Value>),
    /// The stage that stands at this place among the sources of a step.
    Source(usize),
}

impl Value {
    /// Known text.
    pub fn plain(text: impl AsRef<str>) -> Value {
        match text.as_ref() {
            "" => Value::default(),
            text => Value(Content::Plain(text.into())),
        }
    }

    /// Unknown text.
    pub fn symbol(symbol: Symbol) -> Value {
        Value(Content::Mixed(Rc::new([Piece::Symbol(Box::new(symbol))])))
    }

    /// Two texts with known text between them.
    pub(crate) fn joined(one: &Value, between: &str, other: &Value) -> Value {
        let mut out = ValueBuilder::default();
        out.text.reserve(one.known().map_or(0, str::len) + between.len() + other.known().map_or(0, str::len));
        out.push(one);
        out.push_str(between);
        out.push(other);
        out.finish()
    }

    /// The text with known text behind it.
    pub(crate) fn followed_by(&self, text: &str) -> Value {
        Value::joined(self, text, &Value::default())
    }

    /// The pieces, unless all of it is known.
    pub(super) fn pieces(&self) -> &[Piece] {
        match &self.0 {
            Content::Empty | Content::Plain(_) => &[],
            Content::Mixed(pieces) => pieces,
        }
    }

    /// The text, where all of it is known.
    pub fn known(&self) -> Option<&str> {
        match &self.0 {
            Content::Empty => Some(""),
            Content::Plain(text) => Some(text),
            Content::Mixed(_) => None,
        }
    }

    /// Whether nothing of it is left open by a symbol.
    pub fn is_known(&self) -> bool {
        self.known().is_some()
    }

    /// The known text with which it begins.
    pub fn start(&self) -> &str {
        self.known().unwrap_or_else(|| plain(self.pieces().first()))
    }

    /// The known text with which it ends.
    pub fn end(&self) -> &str {
        self.known().unwrap_or_else(|| plain(self.pieces().last()))
    }

    /// Where what it holds lies, which is the same for clones of it and for no other that lives.
    pub(crate) fn address(&self) -> *const () {
        match &self.0 {
            Content::Empty => std::ptr::null(),
            Content::Plain(text) => Rc::as_ptr(text).cast(),
            Content::Mixed(pieces) => Rc::as_ptr(pieces).cast(),
        }
    }

    /// About how many bytes it takes.
    pub fn size(&self) -> usize {
        let symbol = |it: &Symbol| match it {
            Symbol::Argument(name, default) => name.len() + default.as_ref().map_or(0, Value::size),
            Symbol::Operation(_, value, operands) => value.size() + operands.iter().map(Value::size).sum::<usize>(),
            Symbol::BaseVariable(name) => name.len(),
            Symbol::Base(_) | Symbol::Source(_) => 0,
        };
        let piece = |it: &Piece| match it {
            Piece::Plain(text) => text.len(),
            Piece::Symbol(it) => 16 + symbol(it),
        };
        self.known().map_or_else(|| self.pieces().iter().map(piece).sum(), str::len)
    }

    /// How deep symbols nest in it.
    pub fn depth(&self) -> usize {
        let symbol = |it: &Symbol| match it {
            Symbol::Argument(_, default) => default.as_ref().map_or(0, Value::depth),
            Symbol::Operation(_, value, operands) => {
                operands.iter().map(Value::depth).max().unwrap_or(0).max(value.depth())
            }
            Symbol::Base(_) | Symbol::BaseVariable(_) | Symbol::Source(_) => 0,
        };
        let piece = |it: &Piece| match it {
            Piece::Plain(_) => 0,
            Piece::Symbol(it) => 1 + symbol(it),
        };
        self.pieces().iter().map(piece).max().unwrap_or(0)
    }

    /// What it is where the build is given no arguments, if that is known.
    pub fn by_default(&self) -> Option<String> {
        if let Some(text) = self.known() {
            return Some(text.to_owned());
        }
        let mut out = String::new();
        for piece in self.pieces() {
            match piece {
                Piece::Plain(text) => out.push_str(text),
                Piece::Symbol(symbol) => match &**symbol {
                    Symbol::Argument(_, Some(default)) => out.push_str(&default.by_default()?),
                    _ => return None,
                },
            }
        }
        Some(out)
    }
}

/// The text of a piece, if it is plain.
fn plain(piece: Option<&Piece>) -> &str {
    match piece {
        Some(Piece::Plain(text)) => text,
        _ => "",
    }
}

/// A value in the making.
#[derive(Debug, Default)]
pub(crate) struct ValueBuilder {
    pieces: Vec<Piece>,
    /// The known text behind the pieces.
    text: String,
}

impl ValueBuilder {
    /// Appends known text.
    pub(crate) fn push_str(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Appends a known character.
    pub(crate) fn push_char(&mut self, c: char) {
        self.text.push(c);
    }

    /// Appends another text.
    pub(crate) fn push(&mut self, value: &Value) {
        if let Some(text) = value.known() {
            return self.text.push_str(text);
        }
        for piece in value.pieces() {
            match piece {
                Piece::Plain(text) => self.text.push_str(text),
                Piece::Symbol(_) => {
                    self.end_text();
                    self.pieces.push(piece.clone());
                }
            }
        }
    }

    fn end_text(&mut self) {
        if !self.text.is_empty() {
            self.pieces.push(Piece::Plain(std::mem::take(&mut self.text)));
        }
    }

    /// All of it.
    pub(crate) fn finish(mut self) -> Value {
        if self.pieces.is_empty() {
            return Value::plain(self.text);
        }
        self.end_text();
        Value(Content::Mixed(self.pieces.into()))
    }
}

impl Hash for Value {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self.known() {
            Some(text) => text.hash(state),
            None => self.pieces().hash(state),
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::plain(text)
    }
}

impl From<String> for Value {
    fn from(text: String) -> Value {
        Value::plain(text)
    }
}

/// For people: symbols stand in angle brackets.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.known().unwrap_or_default())?;
        for piece in self.pieces() {
            match piece {
                Piece::Plain(text) => f.write_str(text)?,
                Piece::Symbol(symbol) => write!(f, "<{symbol}>")?,
            }
        }
        Ok(())
    }
}

impl fmt::Display for Symbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Symbol::Base(field) => write!(f, "{field} of the base"),
            Symbol::BaseVariable(name) => write!(f, "{name} of the base"),
            Symbol::Argument(name, None) => write!(f, "ARG {name}"),
            Symbol::Argument(name, Some(default)) => write!(f, "ARG {name}={default}"),
            Symbol::Operation(operator, value, operands) => {
                write!(f, "{value}{operator}")?;
                let operands: Vec<String> = operands.iter().map(Value::to_string).collect();
                f.write_str(&operands.join("/"))
            }
            Symbol::Source(at) => write!(f, "stage source {}", at + 1),
        }
    }
}
