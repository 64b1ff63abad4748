//! Text of which a part may be unknown until the build runs.

use std::{fmt, rc::Rc};

/// A text that a build works with. What the file alone does not tell, as a variable of the base image, is a symbol in
/// it; a symbol is equal to itself and to nothing else. Clones share what they hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Value {
    /// Never two plain pieces side by side, and none that is empty: equal texts have equal pieces.
    pieces: Rc<Vec<Piece>>,
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
    pub fn plain(text: impl Into<String>) -> Value {
        let text = text.into();
        let piece = (!text.is_empty()).then_some(Piece::Plain(text));
        Value { pieces: Rc::new(piece.into_iter().collect()) }
    }

    /// Unknown text.
    pub fn symbol(symbol: Symbol) -> Value {
        Value { pieces: Rc::new(vec![Piece::Symbol(Box::new(symbol))]) }
    }

    /// Appends known text.
    pub fn push_str(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        let pieces = Rc::make_mut(&mut self.pieces);
        match pieces.last_mut() {
            Some(Piece::Plain(last)) => last.push_str(text),
            _ => pieces.push(Piece::Plain(text.to_owned())),
        }
    }

    /// Appends a known character.
    pub fn push(&mut self, c: char) {
        self.push_str(c.encode_utf8(&mut [0; 4]));
    }

    /// Appends another text.
    pub fn extend(&mut self, other: Value) {
        if self.pieces.is_empty() {
            self.pieces = other.pieces;
            return;
        }
        for piece in other.pieces.iter() {
            match piece {
                Piece::Plain(text) => self.push_str(text),
                Piece::Symbol(_) => Rc::make_mut(&mut self.pieces).push(piece.clone()),
            }
        }
    }

    /// The text, where all of it is known.
    pub fn known(&self) -> Option<&str> {
        match self.pieces.as_slice() {
            [] => Some(""),
            [Piece::Plain(text)] => Some(text),
            _ => None,
        }
    }

    /// Whether nothing of it is left open by a symbol.
    pub fn is_known(&self) -> bool {
        self.known().is_some()
    }

    /// The known text with which it begins.
    pub fn start(&self) -> &str {
        match self.pieces.first() {
            Some(Piece::Plain(text)) => text,
            _ => "",
        }
    }

    /// The known text with which it ends.
    pub fn end(&self) -> &str {
        match self.pieces.last() {
            Some(Piece::Plain(text)) => text,
            _ => "",
        }
    }

    /// Where what it holds lies, which is the same for clones of it and for no other that lives.
    pub(crate) fn address(&self) -> *const () {
        Rc::as_ptr(&self.pieces).cast()
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
        self.pieces.iter().map(piece).sum()
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
        self.pieces.iter().map(piece).max().unwrap_or(0)
    }

    /// What it is where the build is given no arguments, if that is known.
    pub fn by_default(&self) -> Option<String> {
        let mut out = String::new();
        for piece in self.pieces.iter() {
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

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::plain(text)
    }
}

/// For people: symbols stand in angle brackets.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for piece in self.pieces.iter() {
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
