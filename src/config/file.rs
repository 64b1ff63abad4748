//! What a `dockfix.toml` may say, as it is written.

use serde::{Deserialize, Deserializer, de};
use toml::Spanned;

use super::{
    error::{ConfigError, Source},
    suggest,
    tables::Tables,
};
use crate::{
    fix::Effect,
    format::{EndOfLine, Indent, Operators, Options},
};

/// A list of words, each with its place for errors.
pub(super) type Words = Vec<Spanned<String>>;

/// A whole file.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct File {
    pub(super) preset: Option<Spanned<String>>,
    pub(super) select: Option<Words>,
    pub(super) extend_select: Words,
    pub(super) ignore: Words,
    pub(super) unsafe_fixes: Option<bool>,
    #[serde(deserialize_with = "choice")]
    pub(super) max_effect: Option<Effect>,
    pub(super) keep_cache: Option<bool>,
    pub(super) exclude: Option<Words>,
    pub(super) force_exclude: Option<bool>,
    pub(super) include: Option<Words>,
    pub(super) format: Layout,
    pub(super) rules: Tables,
    pub(super) overrides: Vec<Spanned<Override>>,
}

/// Settings for some of the files.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Override {
    pub(super) files: Words,
    pub(super) select: Option<Words>,
    #[serde(default)]
    pub(super) extend_select: Words,
    #[serde(default)]
    pub(super) ignore: Words,
    pub(super) unsafe_fixes: Option<bool>,
    #[serde(default, deserialize_with = "choice")]
    pub(super) max_effect: Option<Effect>,
    pub(super) keep_cache: Option<bool>,
    #[serde(default)]
    pub(super) format: Layout,
    #[serde(default)]
    pub(super) rules: Tables,
}

/// What is said about layout.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Layout {
    #[serde(deserialize_with = "indent")]
    pub(super) indent: Option<Indent>,
    pub(super) line_width: Option<u32>,
    #[serde(deserialize_with = "choice")]
    pub(super) operators: Option<Operators>,
    pub(super) stage_gap: Option<bool>,
    #[serde(deserialize_with = "choice")]
    pub(super) end_of_line: Option<EndOfLine>,
}

/// The options of [`Layout`], which people also write without their table.
const LAYOUT: [&str; 5] = ["indent", "line-width", "operators", "stage-gap", "end-of-line"];

impl Layout {
    /// Sets the options that this says.
    pub(super) fn apply(&self, options: &mut Options) {
        options.indent = self.indent.unwrap_or(options.indent);
        options.line_width = self.line_width.unwrap_or(options.line_width);
        options.operators = self.operators.unwrap_or(options.operators);
        options.stage_gap = self.stage_gap.unwrap_or(options.stage_gap);
        options.end_of_line = self.end_of_line.unwrap_or(options.end_of_line);
    }
}

/// Reads a file, or an argument that is written like one.
pub(super) fn parse(source: &Source<'_>) -> Result<File, ConfigError> {
    toml::from_str(source.text).map_err(|error| explain(source, &error))
}

/// An error with the place and with what was probably meant.
fn explain(source: &Source<'_>, error: &toml::de::Error) -> ConfigError {
    let message = error.message();
    let Some(names) = message.strip_prefix("unknown field ") else {
        let at = source.error(error.span(), message);
        let help = match message.strip_prefix("unknown value ") {
            Some(words) => Some(help(words)),
            None => list_of(message),
        };
        return at.with_help(help);
    };
    let name = quoted(names).next().unwrap_or_default();
    let help = if LAYOUT.contains(&name) && !names.contains("`line-width`") {
        format!("`{name}` belongs to the table `[format]`")
    } else {
        help(names)
    };
    source.error(error.span(), format!("unknown option `{name}`")).with_help(Some(help))
}

/// Help where a word stands for a list of words.
fn list_of(message: &str) -> Option<String> {
    let word = message.strip_prefix("invalid type: string ")?.strip_suffix(", expected a sequence")?;
    Some(format!("write a list: `[{word}]`"))
}

/// Help from a message that quotes the wrong word first and then those that there are.
fn help(message: &str) -> String {
    let mut words = quoted(message);
    let wrong = words.next().unwrap_or_default();
    suggest::help(wrong, words)
}

/// The words between back ticks.
fn quoted(message: &str) -> impl Iterator<Item = &str> + Clone {
    message.split('`').skip(1).step_by(2)
}

/// An option whose value is one of a few words.
pub(super) trait Choice: Copy + 'static {
    const ALL: &'static [Self];

    /// The word for it.
    fn word(self) -> &'static str;
}

impl Choice for Effect {
    const ALL: &'static [Self] = &Effect::ALL;

    fn word(self) -> &'static str {
        self.as_str()
    }
}

impl Choice for Operators {
    const ALL: &'static [Self] = &[Operators::Leading, Operators::Trailing, Operators::Preserve];

    fn word(self) -> &'static str {
        match self {
            Operators::Leading => "leading",
            Operators::Trailing => "trailing",
            Operators::Preserve => "preserve",
        }
    }
}

impl Choice for EndOfLine {
    const ALL: &'static [Self] = &[EndOfLine::Auto, EndOfLine::Lf, EndOfLine::CrLf];

    fn word(self) -> &'static str {
        match self {
            EndOfLine::Auto => "auto",
            EndOfLine::Lf => "lf",
            EndOfLine::CrLf => "crlf",
        }
    }
}

fn choice<'de, D: Deserializer<'de>, T: Choice>(deserializer: D) -> Result<Option<T>, D::Error> {
    let word = String::deserialize(deserializer)?;
    match T::ALL.iter().find(|it| it.word() == word) {
        Some(value) => Ok(Some(*value)),
        None => {
            let words: Vec<_> = T::ALL.iter().map(|it| format!("`{}`", it.word())).collect();
            let words = words.join(", ");
            Err(de::Error::custom(format!("unknown value `{word}`, expected one of {words}")))
        }
    }
}

fn indent<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Indent>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "expected 1 to 16, or \"tab\"")]
    enum Written {
        Number(i64),
        Word(String),
    }
    match Written::deserialize(deserializer)? {
        Written::Number(blanks @ 1..=16) => Ok(Some(Indent::Spaces(blanks as u8))),
        Written::Word(word) if word == "tab" => Ok(Some(Indent::Tab)),
        _ => Err(de::Error::custom("an indent is 1 to 16, or \"tab\"")),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::path::PathBuf;

    use super::*;
    use crate::config::{error::Origin, preset::Preset};

    fn parse(text: &str) -> Result<File, String> {
        let origin = Origin::File(PathBuf::from("dockfix.toml"), None);
        super::parse(&Source { origin, text }).map_err(|error| error.to_string())
    }

    #[test]
    fn the_defaults_are_the_defaults() {
        let file = parse(crate::config::DEFAULT).unwrap();
        let said = file.format;
        let Options { indent, line_width, operators, stage_gap, end_of_line, keep_cache } = Options::default();
        let expected = Layout {
            indent: Some(indent),
            line_width: Some(line_width),
            operators: Some(operators),
            stage_gap: Some(stage_gap),
            end_of_line: Some(end_of_line),
        };
        assert_eq!(said, expected);
        assert_eq!(file.preset.unwrap().as_ref(), Preset::recommended().name);
        assert!(file.rules.is_empty());
        let select = file.select.unwrap();
        assert_eq!(select.iter().map(|it| it.as_ref().as_str()).collect::<Vec<_>>(), ["default"]);
        assert!(file.extend_select.is_empty() && file.ignore.is_empty() && file.overrides.is_empty());
        assert_eq!(file.unsafe_fixes, Some(false));
        assert_eq!(file.max_effect, Some(Effect::Image));
        assert_eq!(file.keep_cache, Some(keep_cache));
        assert_eq!(file.force_exclude, Some(false));
        assert!(file.exclude.unwrap().is_empty() && file.include.unwrap().is_empty());
    }

    #[test]
    fn the_example_in_the_defaults_is_read() {
        let at = crate::config::DEFAULT.find("# [[overrides]]").unwrap();
        let example = crate::config::DEFAULT[at..].replace("# ", "");
        let file = parse(&example).unwrap();
        assert_eq!(file.overrides[0].as_ref().format.indent, Some(Indent::Spaces(2)));
    }

    #[test]
    fn unknown_options() {
        for (text, expected) in [
            ("slect = []", "1:1: unknown option `slect`\nhelp: did you mean `select`?"),
            ("\nindent = 2", "2:1: unknown option `indent`\nhelp: `indent` belongs to the table `[format]`"),
            ("[format]\nindnt = 2", "2:1: unknown option `indnt`\nhelp: did you mean `indent`?"),
            (
                "[format]\nbanana = 2",
                "2:1: unknown option `banana`\n\
                 help: there are `indent`, `line-width`, `operators`, `stage-gap`, `end-of-line`",
            ),
            (
                "[[overrides]]\nfiles = []\nexclud = []\n",
                "3:1: unknown option `exclud`\nhelp: there are `files`, `select`, `extend-select`, `ignore`, \
                 `unsafe-fixes`, `max-effect`, `keep-cache`, `format`, `rules`",
            ),
        ] {
            assert_eq!(parse(text).unwrap_err(), format!("dockfix.toml:{expected}"));
        }
    }

    #[test]
    fn wrong_values() {
        for (text, expected) in [
            (
                "[format]\noperators = \"leeding\"",
                "2:13: unknown value `leeding`, expected one of `leading`, `trailing`, `preserve`\n\
                 help: did you mean `leading`?",
            ),
            ("[format]\nindent = 17", "2:10: an indent is 1 to 16, or \"tab\""),
            ("[format]\nindent = true", "2:10: expected 1 to 16, or \"tab\""),
            ("unsafe-fixes = 1", "1:16: invalid type: integer `1`, expected a boolean"),
            (
                "select = \"default\"",
                "1:10: invalid type: string \"default\", expected a sequence\nhelp: write a list: `[\"default\"]`",
            ),
            ("# ä\nselect = [1]", "2:11: invalid type: integer `1`, expected a string"),
            ("[[overrides]]\nignore = []", "1:1: missing field `files`"),
        ] {
            assert_eq!(parse(text).unwrap_err(), format!("dockfix.toml:{expected}"));
        }
    }
}
