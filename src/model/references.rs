//! Where instructions name the stages that they take from.

use text_size::{TextRange, TextSize};

use crate::syntax::{
    SyntaxKind::{COPY, RUN},
    ast::{Flag, Instruction},
};

/// The name of a stage or an image, or the number of a stage, in a flag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The name as it is written.
    pub name: String,
    /// Where it stands; `None` where quotes, escapes or a line break have a part in the flag.
    pub range: Option<TextRange>,
    /// Whether a number is the place of a stage: to a mount it is a name like any other.
    pub by_index: bool,
}

/// What `--from` of a COPY and `from` of mounts name.
pub fn references(instruction: &Instruction) -> impl Iterator<Item = Reference> {
    let kind = instruction.kind();
    instruction.flags().filter_map(move |flag| {
        let text = flag.text();
        match kind {
            COPY => {
                let name = text.strip_prefix("--from=")?;
                Some(reference(&flag, &text, text.len() - name.len(), name, true))
            }
            RUN => {
                let mut at = "--mount=".len();
                for field in text.strip_prefix("--mount=")?.split(',') {
                    let key = field.get(..5).filter(|it| it.eq_ignore_ascii_case("from="));
                    if let Some(name) = key.and_then(|it| field.get(it.len()..)) {
                        return Some(reference(&flag, &text, at + field.len() - name.len(), name, false));
                    }
                    at += field.len() + 1;
                }
                None
            }
            _ => None,
        }
    })
}

fn reference(flag: &Flag, text: &str, at: usize, name: &str, by_index: bool) -> Reference {
    let range = flag.syntax().text_range();
    // A flag that holds a line break is longer in the file than what BuildKit reads.
    let plain = usize::from(range.len()) == text.len() && !text.contains(['"', '\'', '\\', '`']);
    let start = TextSize::try_from(at).ok().map(|it| range.start() + it);
    let range = start.map(|it| TextRange::at(it, TextSize::of(name))).filter(|_| plain);
    Reference { name: name.to_owned(), range, by_index }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::parse;

    #[test]
    fn names_and_places_are_found() {
        let text = "FROM a\nCOPY --from=b --chown=c d e\nRUN --mount=type=bind,From=f,target=/g --mount=h from=i\nADD --from=j k l\nCOPY --from=\"m\" n o\nCOPY --from=p\\\nq r s\n";
        let all: Vec<Reference> =
            parse(text).file().instructions().flat_map(|it| references(&it).collect::<Vec<_>>()).collect();
        let names: Vec<&str> = all.iter().map(|it| it.name.as_str()).collect();
        assert_eq!(names, ["b", "f", "\"m\"", "pq"]);
        let placed: Vec<&str> = all.iter().filter_map(|it| Some(&text[it.range?])).collect();
        assert_eq!(placed, ["b", "f"]);
        assert_eq!(all.iter().map(|it| it.by_index).collect::<Vec<_>>(), [true, false, true, true]);
    }
}
