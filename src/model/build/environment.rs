//! Variables in the order of their last assignment, in which BuildKit hands them to a RUN.

use std::{collections::HashMap, rc::Rc};

use crate::model::value::Value;

/// The variables of ENV and ARG together.
#[derive(Debug, Clone, Default)]
pub(super) struct Environment {
    /// What was assigned; what was assigned again later is gone from its place.
    entries: Vec<Option<Entry>>,
    /// The places of a name, of which the last has its value.
    places: HashMap<String, Vec<usize>>,
    live: usize,
    size: usize,
    /// The words, as long as nothing is assigned.
    words: Option<Rc<Vec<Value>>>,
}

/// A variable.
#[derive(Debug, Clone)]
struct Entry {
    name: String,
    value: Value,
    /// It as `name=value`.
    word: Value,
}

impl Environment {
    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        let place = *self.places.get(name)?.last()?;
        self.entries.get(place)?.as_ref().map(|it| &it.value)
    }

    /// Sets a variable, which then stands behind all others. Gives it as `name=value`.
    pub(super) fn assign(&mut self, name: &str, value: Value) -> Value {
        for place in self.places.remove(name).unwrap_or_default() {
            if let Some(gone) = self.entries.get_mut(place).and_then(Option::take) {
                self.live -= 1;
                self.size -= gone.name.len() + gone.value.size();
            }
        }
        let word = self.append(name, value);
        if self.entries.len() > 2 * self.live + 64 {
            self.tidy();
        }
        word
    }

    /// Adds an assignment of which it is not known whether it happens.
    pub(super) fn append(&mut self, name: &str, value: Value) -> Value {
        self.words = None;
        self.live += 1;
        self.size += name.len() + value.size();
        self.places.entry(name.to_owned()).or_default().push(self.entries.len());
        let word = match value.known() {
            Some(text) => Value::plain(format!("{name}={text}")),
            None => Value::joined(&Value::plain(name), "=", &value),
        };
        self.entries.push(Some(Entry { name: name.to_owned(), value, word: word.clone() }));
        word
    }

    fn tidy(&mut self) {
        self.places.clear();
        self.entries.retain(Option::is_some);
        for (place, entry) in self.entries.iter().flatten().enumerate() {
            self.places.entry(entry.name.clone()).or_default().push(place);
        }
    }

    /// About how many bytes a copy takes.
    pub(super) fn size(&self) -> usize {
        self.size + 16 * self.live
    }

    /// About how many bytes `words` will take that it has not taken yet.
    pub(super) fn cost(&self) -> usize {
        if self.words.is_some() { 0 } else { self.size() }
    }

    /// The environment as `name=value`.
    pub(super) fn words(&mut self) -> Rc<Vec<Value>> {
        let entries = &self.entries;
        let words = || entries.iter().flatten().map(|it| it.word.clone()).collect();
        Rc::clone(self.words.get_or_insert_with(|| Rc::new(words())))
    }

    /// Takes the words of an equal environment, which another build has.
    pub(super) fn share(&mut self, words: &Rc<Vec<Value>>) {
        self.words.get_or_insert_with(|| Rc::clone(words));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_assignment_counts() {
        let mut environment = Environment::default();
        for (name, value) in [("a", "1"), ("b", "2"), ("a", "3"), ("c", "4"), ("b", "2")] {
            environment.assign(name, value.into());
        }
        let words = |it: &mut Environment| it.words().iter().map(Value::to_string).collect::<Vec<_>>().join(" ");
        assert_eq!(words(&mut environment), "a=3 c=4 b=2");
        environment.append("a", "5".into());
        assert_eq!(words(&mut environment), "a=3 c=4 b=2 a=5");
        for _ in 0..1000 {
            environment.assign("a", "6".into());
        }
        assert_eq!(words(&mut environment), "c=4 b=2 a=6");
        assert_eq!(environment.get("a").unwrap().known(), Some("6"));
        assert!(environment.entries.len() < 100);
    }
}
