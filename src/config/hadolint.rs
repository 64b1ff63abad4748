//! What a `.hadolint.yaml` says, where no `dockfix.toml` stands for a file: people who use both have written down
//! already which findings they don't mind.

use std::path::Path;

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError};

use super::{
    discover::{Found, read},
    error::{ConfigError, Origin},
    layer::Layer,
    selector::{RuleSet, Selection},
};
use crate::fix::Rule;

/// The names of the file; the first that is there counts.
pub(super) const NAMES: [&str; 2] = [".hadolint.yaml", ".hadolint.yml"];

/// What is taken from such a file.
#[derive(Debug)]
pub(super) struct Foreign {
    pub(super) layer: Layer,
    /// A word for people about it, where something is taken.
    pub(super) notice: Option<String>,
}

/// What the file in a folder says, if there is one; `here` is the folder from which its notice speaks of paths. Where
/// it can't be understood, hadolint fails as well.
pub(super) fn look(rules: &[&'static Rule], folder: &Path, here: &Path) -> Found<Foreign> {
    for name in NAMES {
        let path = folder.join(name);
        let Some(text) = read(&path)? else { continue };
        let codes =
            ignored(&text).map_err(|(place, message)| ConfigError::new(Origin::File(path.clone(), place), message))?;
        return Ok(Some(taken(rules, path.strip_prefix(here).unwrap_or(&path), &codes)));
    }
    Ok(None)
}

/// The rules that a file of hadolint in a folder keeps from running, in the order of `rules`; `None` where there is no
/// such file.
///
/// # Errors
/// The file can't be read or understood.
pub fn hadolint_ignores(rules: &[&'static Rule], folder: &Path) -> Result<Option<Vec<&'static Rule>>, ConfigError> {
    let found = look(rules, folder, folder)?.map(|it| it.layer.selection.ignore);
    // The places were found in the same `rules`.
    Ok(found.map(|it| it.into_iter().map(|place| rules[place]).collect()))
}

/// Ignores the rules that answer to the codes. Codes for which there is no rule are no mistake.
fn taken(rules: &[&'static Rule], path: &Path, codes: &[String]) -> Foreign {
    let is_ignored = |rule: &Rule| codes.iter().any(|it| rule.answers_to(it));
    let ignore: RuleSet = (0..).zip(rules).filter(|(_, rule)| is_ignored(rule)).map(|(place, _)| place).collect();
    let names: Vec<&str> = rules.iter().filter(|it| is_ignored(it)).map(|it| it.name).collect();
    let list = names.join(", ");
    let notice = format!("{}: there is no `dockfix.toml`, so its list `ignored` counts: {list}", path.display());
    let selection = Selection { ignore, ..Selection::default() };
    Foreign { layer: Layer { selection, ..Layer::default() }, notice: (!names.is_empty()).then_some(notice) }
}

/// A mistake: line and column where they are known, and what it is.
type Mistake = (Option<(usize, usize)>, String);

/// The codes below the key `ignored` of the first document. Nothing else is looked at.
fn ignored(text: &str) -> Result<Vec<String>, Mistake> {
    let (mut codes, mut depth) = (Vec::new(), 0);
    // In the outermost mapping: whether a key comes next, and whether the last one was ours.
    let (mut is_key, mut is_ours) = (true, false);
    let mut parser = Parser::new_from_str(text.strip_prefix('\u{FEFF}').unwrap_or(text));
    while let Some(next) = parser.next_event() {
        let (event, span) = next.map_err(|error| mistake(&error))?;
        let wrong_as = |message: &str| (Some((span.start.line(), span.start.col() + 1)), message.to_owned());
        let wrong = || wrong_as("`ignored` is not a list of codes");
        match event {
            Event::DocumentEnd | Event::StreamEnd => break,
            Event::SequenceStart(..) | Event::MappingStart(..) => {
                let is_list = matches!(event, Event::SequenceStart(..));
                if (is_ours && depth == 1 && !is_list) || (is_ours && depth == 2) {
                    return Err(wrong());
                }
                if depth == 0 && is_list {
                    return Err((None, "expected keys and values".to_owned()));
                }
                depth += 1;
            }
            Event::SequenceEnd | Event::MappingEnd => {
                depth -= 1;
                if depth == 1 {
                    (is_key, is_ours) = (!is_key, false);
                }
            }
            Event::Scalar(word, style, _, tag) => match depth {
                1 if is_key => (is_key, is_ours) = (false, word == "ignored"),
                1 if is_ours && !is_null(&word, style) => return Err(wrong()),
                1 => (is_key, is_ours) = (true, false),
                2 if is_ours && tag.is_none() && !is_string(&word, style) => {
                    return Err(wrong_as("a code is a string, as DL3009"));
                }
                2 if is_ours => codes.push(word.into_owned()),
                _ => {}
            },
            Event::Alias(_) if is_ours && depth <= 2 => {
                return Err(wrong_as("dockfix looks up no alias in `ignored`: write the codes themselves"));
            }
            Event::Alias(_) if depth == 1 => (is_key, is_ours) = (!is_key, false),
            _ => {}
        }
    }
    Ok(codes)
}

fn is_null(word: &str, style: ScalarStyle) -> bool {
    style == ScalarStyle::Plain && ["", "~", "null"].contains(&word)
}

/// Whether a scalar without a tag is a string, by the core schema of YAML 1.2.
fn is_string(word: &str, style: ScalarStyle) -> bool {
    let is_number =
        || word.starts_with(|it: char| it.is_ascii_digit() || "+-.".contains(it)) && word.parse::<f64>().is_ok();
    style != ScalarStyle::Plain || !(is_null(word, style) || ["true", "false"].contains(&word) || is_number())
}

fn mistake(error: &ScanError) -> Mistake {
    let at = error.marker();
    (Some((at.line(), at.col() + 1)), error.info().to_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::fs;

    use proptest::prelude::*;

    use super::*;
    use crate::config::selector::tests::RULES;

    #[test]
    fn codes_are_read_as_people_write_them() {
        for text in [
            "ignored: [DL3009, SC2086]\n",
            "\u{FEFF}---\n# why\nignored:\n  - DL3009 # lists\n  - 'SC2086'\n...\nignored: [x]\n",
            "override:\n  error: [DL3001]\n  ignored: [x]\nignored:\n- DL3009\n- \"SC2086\"\nfailure-threshold: info\n",
            "ignored: [DL3009, 'SC2086']\nunknown: [1, 2]\n",
            "label-schema: {author: text, x: [a, {ignored: [y]}]}\nignored: [DL3009, SC2086]",
            "? [a, b]\n: c\n? {ignored: [x]}\n: [y]\nignored: [DL3009, SC2086]\n? {a: b}\n: c\n",
            "a: &a [x]\nb: *a\nignored: [DL3009, SC2086]\ntrustedRegistries:\n  - docker.io\n",
        ] {
            assert_eq!(ignored(text).unwrap(), ["DL3009", "SC2086"], "{text}");
        }
        for text in [
            "",
            "# nothing\n",
            "ignored:\n",
            "ignored: ~\noverride:\n  info: [DL3001]\n",
            "ignored: []",
            "no-fail: true",
        ] {
            assert_eq!(ignored(text).unwrap(), [""; 0], "{text}");
        }
    }

    #[test]
    fn mistakes_have_a_place() {
        let (list, string) = ("`ignored` is not a list of codes", "a code is a string, as DL3009");
        for (text, place, expected) in [
            ("a: 1\nignored: DL3009\n", Some((2, 10)), list),
            ("ignored:\n  DL3009: why\n", Some((2, 3)), list),
            ("ignored:\n  - [DL3009]\n", Some((2, 5)), list),
            ("ignored:\n  - DL3009\n  - 4000\n", Some((3, 5)), string),
            ("ignored: [true]\n", Some((1, 11)), string),
            (
                "a: &a [x]\nignored: *a\n",
                Some((2, 10)),
                "dockfix looks up no alias in `ignored`: write the codes themselves",
            ),
            ("- DL3009\n", None, "expected keys and values"),
        ] {
            assert_eq!(ignored(text).unwrap_err(), (place, expected.to_owned()), "{text}");
        }
        let (place, _) = ignored("ignored: [DL3009\nx: y\n").unwrap_err();
        assert!(place.is_some_and(|it| it.0 >= 1));
    }

    #[test]
    fn rules_that_answer_to_codes_are_ignored() {
        let folder = tempfile::tempdir().unwrap();
        let look = || look(RULES, folder.path(), folder.path());
        assert!(look().unwrap().is_none());
        fs::write(folder.path().join(".hadolint.yml"), "ignored: [dl3009, DL3008]\n").unwrap();
        let found = look().unwrap().unwrap();
        assert_eq!(found.layer.selection.ignore, RuleSet::from([2, 3]));
        let notice = ".hadolint.yml: there is no `dockfix.toml`, so its list `ignored` counts: \
                      apt-lists-kept, apk-cache-kept";
        assert_eq!(found.notice.unwrap(), notice);
        fs::write(folder.path().join(".hadolint.yaml"), "ignored: [DL3008]\n").unwrap();
        assert_eq!(look().unwrap().unwrap().notice, None);
        fs::write(folder.path().join(".hadolint.yaml"), "ignored: x\n").unwrap();
        let error = look().unwrap_err().relative_to(folder.path());
        assert_eq!(error.to_string(), ".hadolint.yaml:1:10: `ignored` is not a list of codes");
        fs::write(folder.path().join(".hadolint.yaml"), b"\xFF").unwrap();
        assert!(look().unwrap_err().message().contains("not UTF-8"));
    }

    #[test]
    fn deep_nesting_is_no_trouble() {
        for open in ["[", "{a: ", "- ", "? ", "a:\n "] {
            let _ = ignored(&open.repeat(20_000));
            let _ = ignored(&format!("ignored: {}", open.repeat(20_000)));
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in r"(ignored|[a\[\]{}:,&*!|>%@'\x22#? \n\t\\-]|DL3009|\u{FEFF}|ä){0,40}") {
            let _ = ignored(&text);
        }
    }
}
