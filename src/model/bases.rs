//! Which earlier stages a FROM may begin with, whose name may be put together of variables.

use std::{cell::OnceCell, collections::HashMap};

use super::{
    Stage, Value,
    expand::{Variables, expand},
};
use crate::syntax::SyntaxKind::ARG;

/// The stages read so far, by their names.
#[derive(Default)]
pub(super) struct Bases {
    names: HashMap<String, usize>,
    defaults: OnceCell<Defaults>,
}

impl Bases {
    /// Notes the name of a stage, in lower case; the last one of a name is meant.
    pub(super) fn name(&mut self, name: &str, stage: usize) {
        self.names.insert(name.to_owned(), stage);
    }

    /// The stages that a FROM may begin with: first that of the arguments' default values, if it is one, then those
    /// that other values may choose. `global` is what stands before the first FROM. A name that is a variable alone
    /// chooses among stages where its default is one of them; else it stands for an image of other builds.
    pub(super) fn of(&self, image: &str, global: Option<&Stage>) -> Vec<usize> {
        // BuildKit looks for the name as it is written, and fails; other builders mind no case.
        let known = |name: &str| self.names.get(&name.to_lowercase()).copied();
        if self.names.is_empty() || !image.contains(['$', '"', '\'', '\\']) {
            return known(image).into_iter().collect();
        }
        let defaults = self.defaults.get_or_init(|| Defaults::of(global));
        let value = |name: &str| defaults.0.get(name).cloned();
        let chosen = known(&filled(image, value));
        let part = |name: &str| value(name).filter(|_| chosen.is_none()).or(Some(ANY.into()));
        let pattern = filled(image, part).to_lowercase();
        let few = self.names.len() <= MAX_NAMES;
        let open = few && pattern.contains(ANY) && (chosen.is_some() || !pattern.trim_matches(ANY).is_empty());
        let mut others: Vec<usize> = match open {
            true => self.names.iter().filter(|it| fits(it.0, &pattern)).map(|it| *it.1).collect(),
            false => Vec::new(),
        };
        others.sort_unstable();
        others.retain(|it| Some(*it) != chosen);
        chosen.into_iter().chain(others).collect()
    }
}

/// Among more stages than these nobody chooses by an argument, and to hold each FROM against all of them takes long.
const MAX_NAMES: usize = 200;

/// What stands in a pattern for a variable. No name has it.
const ANY: char = '\0';

/// Whether a name is made of a pattern.
fn fits(name: &str, pattern: &str) -> bool {
    let mut parts = pattern.split(ANY);
    let (Some(first), Some(last)) = (parts.next(), parts.next_back()) else { return false };
    let Some(mut rest) = name.strip_prefix(first).and_then(|it| it.strip_suffix(last)) else { return false };
    parts.all(|part| match rest.find(part) {
        Some(at) => {
            rest = &rest[at + part.len()..];
            true
        }
        None => false,
    })
}

/// The default values of a file's global arguments.
#[derive(Default)]
pub(super) struct Defaults(HashMap<String, String>);

impl Defaults {
    /// Those of the ARGs before the first FROM, which are in a stage of their own.
    pub(super) fn of(global: Option<&Stage>) -> Defaults {
        let arguments = global.into_iter().flat_map(|it| &it.instructions).filter(|it| it.kind() == ARG);
        let mut defaults = Defaults::default();
        for pair in arguments.flat_map(|it| it.pairs()).filter(|it| it.has_eq()) {
            let value = defaults.fill(&pair.value());
            defaults.0.insert(pair.key(), value);
        }
        defaults
    }

    /// A word with the values put in; a variable without one stays.
    pub(super) fn fill(&self, word: &str) -> String {
        filled(word, |name| Some(self.0.get(name).map_or_else(|| format!("${name}"), Clone::clone)))
    }
}

/// A word with the values of its variables, of which some may be known to be unset.
fn filled(word: &str, value: impl Fn(&str) -> Option<String>) -> String {
    struct Values<F>(F);
    impl<F: Fn(&str) -> Option<String>> Variables for Values<F> {
        fn get(&self, name: &str) -> Option<Value> {
            self.0(name).map(Value::from)
        }
    }
    // The escape character makes no difference to a name that is good for an image.
    let filled = expand(word, '\\', &Values(value)).ok();
    filled.as_ref().and_then(Value::known).unwrap_or(word).to_owned()
}

#[cfg(test)]
mod tests {
    use crate::{model::Model, syntax::parse};

    /// The stages that the last one may begin with; 1 is the first with a FROM.
    fn bases(text: &str) -> Vec<usize> {
        let model = Model::new(&parse(text));
        model.stages.last().map(|it| it.bases.clone()).unwrap_or_default()
    }

    #[test]
    fn of_very_many_stages_only_the_default_is_one() {
        let stages: String = (0..300).map(|it| format!("FROM x AS s{it}\n")).collect();
        assert_eq!(bases(&format!("ARG A=s7\n{stages}FROM $A\n")), [8]);
    }

    #[test]
    fn a_name_may_be_put_together() {
        const STAGES: &str = "FROM x AS img-amd64\nFROM x AS img-arm64\nFROM x AS b\n";
        for (global, image, stages) in [
            ("", "b", vec![3]),
            ("", "B", vec![3]),
            ("", "\"b\"", vec![3]),
            ("ARG A=b\n", "$A", vec![3, 1, 2]),
            ("ARG A=b\n", "${A}", vec![3, 1, 2]),
            ("", "${A:-b}", vec![3, 1, 2]),
            ("", "img-${TARGETARCH}", vec![1, 2]),
            ("ARG A=arm64\n", "img-$A", vec![2, 1]),
            ("ARG A=x\n", "img-$A", vec![]),
            ("ARG A=debian\n", "$A", vec![]),
            ("", "$A", vec![]),
            ("ARG A\n", "debian:$A", vec![]),
            ("ARG A=i\nARG B=${A}mg\n", "$B-$C", vec![1, 2]),
        ] {
            assert_eq!(bases(&format!("{global}{STAGES}FROM {image}\n")), stages, "{global}{image}");
        }
    }
}
